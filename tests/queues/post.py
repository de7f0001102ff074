"""Senders on one database and the channel they share, which takes everything unless it is told otherwise."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Table, func, insert, select

from bot.doorbell import Bell
from bot.sender import Sender, SendLimits
from bot.threads import Threads
from channels.base import Parcel, SendError, Sent, ThreadMissing
from desk.company import Company
from desk.outgoing import (
    Card,
    Content,
    CustomerMessage,
    Line,
    Mark,
    Outgoing,
    Rank,
    Recipient,
    Relay,
    ToConversation,
    ToThread,
)
from store import outbox, saving, tables
from store.casefile import ThreadState
from store.database import Connection, Database
from store.outbox import ClaimedRow
from tests.handlers.desk_driver import ROOMS, shanhai

Result = TypeVar("Result")

LEASE = timedelta(seconds=60)
WANG = ToConversation(channel="telegram", address="501")
ANNA = ToConversation(channel="telegram", address="502")
TOPIC = ToThread(room="agents", contact_id=1)
Call = Callable[[Parcel], None]


def text_of(content: Content) -> str:
    """The text of a message or a line; what a card begins with, or a mark is."""
    if isinstance(content, Card | Mark):
        return content.headline if isinstance(content, Card) else content.emoji
    assert isinstance(content, CustomerMessage | Line | Relay)
    return content.text


@dataclass(kw_only=True)
class Post:
    """`now` is the moment of everything that is done next; `sent` what the channel took.

    `topics` are the threads that are there, `at` where each thing went. The channel has a bug while `bug` is set.
    """

    database: Database
    now: datetime = datetime(2026, 11, 23, 2, tzinfo=UTC)
    sent: list[str] = field(default_factory=list)
    refusals: list[SendError] = field(default_factory=list)
    wait: float = 0.0
    held_up: asyncio.Event | None = None
    errors: list[str] = field(default_factory=list)
    sweep: timedelta = timedelta(seconds=0.05)
    company: Company = field(default_factory=lambda: shanhai().company)
    topics: set[int] = field(default_factory=set)
    at: list[int | None] = field(default_factory=list)
    bug: str = ""

    def __post_init__(self) -> None:
        self.bell = Bell()
        self.sender = self.new_sender()

    def new_sender(self) -> Sender:
        """One more sender on the same outbox."""
        channel: Any = FakeChannel(self)
        return Sender(
            database=self.database,
            channels={"telegram": channel},
            threads=Threads(self.database, channel),
            company=lambda: self.company,
            say_failed=lambda reason: reason,
            on_moved=lambda _old, _new: None,
            now=lambda: self.now,
            monotonic=self._monotonic,
            ring=lambda _topic: None,
            listen=self._listen,
            metrics=_Notes(self.errors),
            limits=SendLimits(lease=LEASE, sweep=self.sweep),
        )

    def _monotonic(self) -> float:
        return self.now.timestamp()

    def _listen(self, topic: str) -> AbstractAsyncContextManager[Bell]:
        del topic
        return nullcontext(self.bell)

    async def put(self, *texts: str, to: Recipient = WANG, **more: Any) -> None:
        """Messages that are to go out, in this order."""
        items = outgoing(*texts, to=to, **more)
        await self.database.transaction(lambda connection: outbox.add(connection, items, self.now))

    async def commit(self, *items: Outgoing, sender: Sender | None = None) -> Sequence[ClaimedRow]:
        """What a round does with what is to go out, up to its commit; returns what is the sender's now."""
        one = sender or self.sender
        claim = one.offer(1)
        if claim is None:
            await self.database.transaction(lambda connection: outbox.add(connection, items, self.now))
            return []
        wanted = saving.Handing(claim=claim, suits=one._claims.suits).chosen(items)
        return await self.database.transaction(
            lambda connection: outbox.add_for(connection, items, wanted, claim, self.now)
        )

    async def hand(self, *texts: str, to: Recipient = WANG, sender: Sender | None = None, **more: Any) -> int:
        """The same, and the sender takes it; returns how many rows were handed over."""
        handed = await self.commit(*outgoing(*texts, to=to, **more), sender=sender)
        (sender or self.sender).take(handed)
        return len(handed)

    async def open_topic(self, thread: int = 7, state: ThreadState = ThreadState.OPEN) -> None:
        """The contact's thread is there."""
        self.topics.add(thread)
        row = {
            "room": TOPIC.room, "contact_id": TOPIC.contact_id, "chat": ROOMS[TOPIC.room], "thread": thread,
            "state": state.value, "title": "Wang #1",
        }  # fmt: skip
        await self.database.transaction(lambda connection: connection.execute(insert(tables.threads), row))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The sender runs, and is stopped at the end."""
        running = asyncio.create_task(self.sender.run())
        await until(lambda: self.sender._bell is self.bell)
        try:
            yield
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running

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

    async def rows(self, *names: str) -> list[tuple[Any, ...]]:
        """These columns of the outbox's rows, in order."""
        columns = [tables.outbox.c[name] for name in names]
        query = select(*columns).order_by(tables.outbox.c.id)
        return await self.database.read(lambda connection: [tuple(row) for row in connection.execute(query)])

    async def leased(self) -> list[str]:
        """The lanes that somebody holds."""
        lanes = tables.outbox_lanes.c
        held = select(lanes.lane).where(lanes.owner.is_not(None))
        return await self.database.read(lambda connection: list(connection.execute(held).scalars()))

    async def states(self) -> list[str]:
        """The states of the outbox's rows, in order."""
        rows = tables.outbox
        return await self.database.read(
            lambda connection: list(connection.execute(select(rows.c.state).order_by(rows.c.id)).scalars())
        )


def outgoing(*texts: str, to: Recipient = WANG, rank: Rank = Rank.REPLY, **more: Any) -> list[Outgoing]:
    """Messages to a customer, or lines to the staff."""
    kind = CustomerMessage if isinstance(to, ToConversation) else Line
    return [Outgoing(to=to, content=kind(text=each), rank=rank, **more) for each in texts]


async def until(condition: Callable[[], object], within: float = 10.0) -> None:
    """Wait until something has come about on the event loop."""
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110 - whatever it is, nobody rings for it
            await asyncio.sleep(0.001)


class FakeChannel:
    """A channel with rooms, as the post office tells it to be."""

    def __init__(self, post: Post) -> None:
        self._post = post

    async def send(self, parcel: Parcel) -> Sent:
        """Take it, or refuse it for the next reason there is."""
        if self._post.held_up is not None:
            await self._post.held_up.wait()
        if self._post.refusals:
            raise self._post.refusals.pop(0)
        if parcel.address.thread is not None and parcel.address.thread not in self._post.topics:
            raise ThreadMissing("the topic was deleted")
        self._post.at.append(parcel.address.thread)
        self._post.sent.append(text_of(parcel.content))
        return Sent(external_ids=(str(len(self._post.sent)),), at=self._post.now)

    def pause(self, parcel: Parcel, now: float) -> float:
        """As long as the test says."""
        del now
        if self._post.bug and self._post.bug in text_of(parcel.content):
            raise LookupError(self._post.bug)
        return self._post.wait

    def merge(self, contents: Sequence[Content]) -> Content | None:
        """All as one message of several lines."""
        return CustomerMessage(text="\n".join(text_of(each) for each in contents))

    async def open_thread(self, chat: int, title: str) -> int:
        """The next number."""
        del chat, title
        thread = max(self._post.topics, default=100) + 1
        self._post.topics.add(thread)
        return thread

    async def rename_thread(self, chat: int, thread: int, title: str) -> None:
        """Whoever made it."""
        del chat, title
        if thread not in self._post.topics:
            raise ThreadMissing("the topic was deleted")


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
