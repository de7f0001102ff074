"""Senders on one database and the channel they share, which takes everything unless it is told otherwise."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Table, func, select

from bot.doorbell import Bell
from bot.sender import Sender, SendLimits
from channels.base import Parcel, SendError, Sent
from desk.outgoing import Content, CustomerMessage, Line, Outgoing, Rank, ToConversation
from store import outbox, tables
from store.database import Connection, Database
from tests.handlers.desk_driver import shanhai

Result = TypeVar("Result")

LEASE = timedelta(seconds=60)
WANG = ToConversation(channel="telegram", address="501")
ANNA = ToConversation(channel="telegram", address="502")
Call = Callable[[Parcel], None]


def text_of(content: Content) -> str:
    """The text of a message or a line."""
    assert isinstance(content, CustomerMessage | Line)
    return content.text


@dataclass(kw_only=True)
class Post:
    """`now` is the moment of everything that is done next; `sent` what the channel took."""

    database: Database
    now: datetime = datetime(2026, 11, 23, 2, tzinfo=UTC)
    sent: list[str] = field(default_factory=list)
    refusals: list[SendError] = field(default_factory=list)
    wait: float = 0.0
    held_up: asyncio.Event | None = None
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.bell = Bell()
        self.sender = self.new_sender()

    def new_sender(self) -> Sender:
        """One more sender on the same outbox."""
        channel: Any = _Channel(self)
        return Sender(
            database=self.database,
            channels={"telegram": channel},
            threads=None,
            company=lambda: shanhai().company,
            say_failed=lambda reason: reason,
            on_moved=lambda _old, _new: None,
            now=lambda: self.now,
            monotonic=self._monotonic,
            ring=lambda _topic: None,
            listen=self._listen,
            metrics=_Notes(self.errors),
            limits=SendLimits(lease=LEASE, sweep=timedelta(seconds=0.05)),
        )

    def _monotonic(self) -> float:
        return self.now.timestamp()

    def _listen(self, topic: str) -> AbstractAsyncContextManager[Bell]:
        del topic
        return nullcontext(self.bell)

    async def put(self, *texts: str, to: ToConversation = WANG, **more: Any) -> None:
        """Messages that are to go out, in this order."""
        items = [Outgoing(to=to, content=CustomerMessage(text=each), rank=Rank.REPLY, **more) for each in texts]
        await self.database.transaction(lambda connection: outbox.add(connection, items, self.now))

    async def step(self, sender: Sender | None = None) -> None:
        """One step of a sender, and the end of the calls it began, unless they are held up."""
        one = sender or self.sender
        await one.step()
        await asyncio.sleep(0)
        if self.held_up is None:
            await asyncio.gather(*one._calls)

    async def settle(self, steps: int = 5) -> None:
        """A few steps, so that everything that can go has gone."""
        for _ in range(steps):
            await self.step()
            self.now += timedelta(seconds=2)

    async def states(self) -> list[str]:
        """The states of the outbox's rows, in order."""
        rows = tables.outbox
        return await self.database.read(
            lambda connection: list(connection.execute(select(rows.c.state).order_by(rows.c.id)).scalars())
        )


class _Channel:
    def __init__(self, post: Post) -> None:
        self._post = post

    async def send(self, parcel: Parcel) -> Sent:
        """Take it, or refuse it for the next reason there is."""
        if self._post.held_up is not None:
            await self._post.held_up.wait()
        if self._post.refusals:
            raise self._post.refusals.pop(0)
        self._post.sent.append(text_of(parcel.content))
        return Sent(external_ids=(str(len(self._post.sent)),), at=self._post.now)

    def pause(self, parcel: Parcel, now: float) -> float:
        """As long as the test says."""
        del parcel, now
        return self._post.wait

    def merge(self, contents: Sequence[Content]) -> Content | None:
        """All as one message of several lines."""
        return CustomerMessage(text="\n".join(text_of(each) for each in contents))


class _Notes:
    def __init__(self, errors: list[str]) -> None:
        self._errors = errors

    def sent(self, seconds: float, kind: str, outcome: str) -> None:
        """A call ended."""

    def error(self, kind: str) -> None:
        """Remember it."""
        self._errors.append(kind)


async def drift(database: Database) -> dict[str, tuple[int, int]]:
    """Lanes whose count differs from their rows: (counted, there)."""
    found = await _drift(database, tables.outbox, tables.outbox_lanes, ("waiting", "sending"))
    return found | await _drift(database, tables.inbox, tables.inbox_lanes, ("waiting",))


async def _drift(database: Database, rows: Table, lanes: Table, pending: Sequence[str]) -> dict[str, tuple[int, int]]:
    there = (
        select(rows.c.lane, func.count().label("there"))
        .where(rows.c.state.in_(pending))
        .group_by(rows.c.lane)
        .subquery()
    )
    counted = select(lanes.c.lane, lanes.c.waiting, func.coalesce(there.c.there, 0)).join(
        there, there.c.lane == lanes.c.lane, isouter=True
    )
    found = await database.read(lambda connection: connection.execute(counted).all())
    return {lane: (waiting, count) for lane, waiting, count in found if waiting != count}


@dataclass(kw_only=True)
class Faulty:
    """A database whose answer to a commit comes late, or not at all."""

    inner: Database
    url: str = ""
    late: float = 0.0
    lost: int = 0
    committed: asyncio.Event = field(default_factory=asyncio.Event)

    async def transaction(self, work: Callable[[Connection], Result]) -> Result:
        """Commit, and then the trouble."""
        result = await self.inner.transaction(work)
        self.committed.set()
        await asyncio.sleep(self.late)
        if self.lost:
            self.lost -= 1
            raise ConnectionError("the connection was lost after COMMIT")
        return result

    async def at_once(self, work: Callable[[Connection], Result]) -> Result:
        """As ever."""
        return await self.inner.at_once(work)

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        """As ever."""
        return await self.inner.read(work)

    async def close(self) -> None:
        """Nothing of its own."""
