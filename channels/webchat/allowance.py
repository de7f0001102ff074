"""How much may be asked for at a time: buckets of tokens that fill again, one for a socket, one for each address."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_network

_SWEEP_SECONDS = 60.0


class Allowance:
    """`burst` at once, then `per_second`. Times are monotonic seconds."""

    def __init__(self, *, burst: int, per_second: float) -> None:
        """Start full."""
        self._burst = burst
        self._per_second = per_second
        self._tokens = float(burst)
        self._at: float | None = None

    def spend(self, now: float) -> float:
        """Take a token and return 0.0, or return the seconds until there is one."""
        self._fill(now)
        if self._tokens < 1:
            return (1 - self._tokens) / self._per_second
        self._tokens -= 1
        return 0.0

    def is_full(self, now: float) -> bool:
        """Whether it is as if nothing had ever been asked for."""
        self._fill(now)
        return self._tokens >= self._burst

    def _fill(self, now: float) -> None:
        if self._at is not None:
            self._tokens = min(self._burst, self._tokens + (now - self._at) * self._per_second)
        self._at = now


class Allowances:
    """An allowance for each address of the internet.

    Those of one's own network have none: they are the house's people, or a proxy that nobody told us of, behind which
    stands everybody.
    """

    def __init__(self, *, burst: int, per_second: float) -> None:
        """Nobody has asked for anything."""
        self._burst = burst
        self._per_second = per_second
        self._kept: dict[str, Allowance] = {}
        self._swept_at = 0.0

    def spend(self, address: str, now: float) -> float:
        """Take a token of the address and return 0.0, or return the seconds until there is one."""
        if not is_public(address):
            return 0.0
        self._sweep(now)
        kept = self._kept.setdefault(address, Allowance(burst=self._burst, per_second=self._per_second))
        return kept.spend(now)

    def _sweep(self, now: float) -> None:
        if now - self._swept_at < _SWEEP_SECONDS:
            return
        self._swept_at = now
        self._kept = {address: kept for address, kept in self._kept.items() if not kept.is_full(now)}


class Seats:
    """How many sockets each address of the internet has open."""

    def __init__(self, most: int) -> None:
        """All are free."""
        self._most = most
        self._taken: Counter[str] = Counter()

    @contextmanager
    def take(self, address: str) -> Iterator[bool]:
        """A seat for the time of the block; False where the address has as many as it may."""
        if not is_public(address):
            yield True
            return
        if self._taken[address] >= self._most:
            yield False
            return
        self._taken[address] += 1
        try:
            yield True
        finally:
            self._taken[address] -= 1
            if not self._taken[address]:
                del self._taken[address]


def is_public(address: str) -> bool:
    """Whether an address, or a network, is one of the internet's."""
    try:
        return ip_network(address, strict=False).is_global
    except ValueError:
        return False
