"""A hatch between two of one process: what the one commits, already leased to the other, is passed on in memory.

So nobody asks the database for what was written a moment ago. It is a short cut and no promise: what nobody takes is
claimed as ever.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Generic, Protocol, TypeVar

from desk.outgoing import Outgoing
from store.lanes import Claim
from store.outbox import ClaimedRow

Item = TypeVar("Item")
Item_contra = TypeVar("Item_contra", contravariant=True)


class Taker(Protocol[Item_contra]):
    """Who stands behind the hatch."""

    def offer(self, lanes: int) -> Claim | None:
        """In whose name so many lanes may be leased; None where they are too many now."""

    def take(self, items: Sequence[Item_contra]) -> None:
        """What was committed as this taker's."""


class Hatch(Generic[Item]):
    """Open as long as somebody stands behind it. All calls come from the event loop's thread."""

    def __init__(self) -> None:
        """Closed at first."""
        self._taker: Taker[Item] | None = None

    @contextmanager
    def opened(self, taker: Taker[Item]) -> Iterator[None]:
        """Stand behind it."""
        self._taker = taker
        try:
            yield
        finally:
            if self._taker is taker:  # and no other has come meanwhile
                self._taker = None

    def offer(self, lanes: int) -> Claim | None:
        """In whose name so many lanes may be leased, if anybody is there."""
        return None if self._taker is None else self._taker.offer(lanes)

    def pass_on(self, items: Sequence[Item]) -> bool:
        """Pass on what was committed; False where the taker has gone meanwhile."""
        if self._taker is not None:
            self._taker.take(items)
        return self._taker is not None


class SenderHatch(Hatch[ClaimedRow]):
    """The hatch between a worker and the sender, who knows what it can send without asking the database."""

    def __init__(self) -> None:
        """Closed at first."""
        super().__init__()
        self._suits: Callable[[Outgoing], bool] = _nothing

    @contextmanager
    def opened_for(self, taker: Taker[ClaimedRow], suits: Callable[[Outgoing], bool]) -> Iterator[None]:
        """Stand behind it; `suits` is called from whatever thread a round runs in."""
        self._suits = suits
        with self.opened(taker):
            yield

    def suits(self, item: Outgoing) -> bool:
        """Whether the sender can send this at once."""
        return self._suits(item)


def _nothing(_item: Outgoing) -> bool:
    return False
