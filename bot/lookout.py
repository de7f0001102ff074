"""When the sender has to look into the outbox although nobody rang.

A look costs a statement, so there is none after a call whose lane is known to be empty.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from heapq import heappop, heappush

from bot.results import Done, Result, lease_of
from store.lanes import Lease

_SHORTEST_WAIT = timedelta(milliseconds=5)


class Lookout:
    """Remembers what the last looks did not see: lanes that were ours, lanes beyond our hands, moments to come."""

    def __init__(self, sweep: timedelta) -> None:
        """`sweep` is how long it goes without a look at the most."""
        self._sweep = sweep
        self._looked_at = 0.0
        self._crowded: set[str] = set()
        self._moments: list[datetime] = []  # a heap
        self._looks_since_offer = False
        self.has_more = False

    def offers(self) -> None:
        """From now on lanes may become ours that are not among those held."""
        self._looks_since_offer = False

    def looks(self) -> None:
        """A look begins, whoever rang for it."""
        self._looks_since_offer = True

    def takes(self, leases: Iterable[Lease]) -> None:
        """These were offered for. Who rang for one of them meanwhile may have been told that it is somebody's."""
        if self._looks_since_offer:
            self._crowded |= {lease.lane for lease in leases}

    def is_due(self, results: Iterable[Result], now: datetime, at: float) -> bool:
        """Whether something may wait that nobody rings for; `at` is the event loop's time."""
        return (
            self.has_more
            or at - self._looked_at >= self._sweep.total_seconds()
            or self._is_somebody_ready(now)
            or not all(self._is_last(result) for result in results)
        )

    def _is_somebody_ready(self, now: datetime) -> bool:
        return bool(self._moments) and self._moments[0] <= now

    def _is_last(self, result: Result) -> bool:
        """Whether its lane is empty now, as far as we know."""
        return isinstance(result, Done) and not result.job.has_more and result.job.lease.lane not in self._crowded

    def kept(self, results: Sequence[Result]) -> None:
        """These lanes are no longer ours: who rings for them from now on is heard."""
        self._crowded -= {lease_of(result).lane for result in results}

    def looked(self, held: Collection[Lease], *, found: int, free: int, at: float) -> None:
        """So many lanes were found for so many free hands, while these leases were held."""
        self._looked_at = at
        self._crowded |= {lease.lane for lease in held}
        self.has_more = found >= free

    def patience(self, moments: Iterable[datetime], now: datetime) -> timedelta:
        """Until the next deferred lane is ready, whichever step deferred it; free hands come with a ring."""
        for moment in moments:
            if moment > now:
                heappush(self._moments, moment)
        while self._is_somebody_ready(now):
            heappop(self._moments)
        if self.has_more or not self._moments:
            return self._sweep
        return min(max(self._moments[0] - now, _SHORTEST_WAIT), self._sweep)
