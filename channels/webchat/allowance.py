"""How much a socket may ask for: a bucket of tokens that fills again with time."""


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
        if self._at is not None:
            self._tokens = min(self._burst, self._tokens + (now - self._at) * self._per_second)
        self._at = now
        if self._tokens < 1:
            return (1 - self._tokens) / self._per_second
        self._tokens -= 1
        return 0.0
