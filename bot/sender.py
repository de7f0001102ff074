"""The sender: the only caller of Channel.send. Takes one row of each free lane, calls, and keeps what became of it.

Results and new claims share one commit, so that a crash finds no more rows in doubt than calls were in flight.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import uuid4

from bot.clock import Clock
from bot.doorbell import heard
from bot.jobs import Claims, Job, Taken
from bot.results import ChatMoved, Done, Failed, Later, Ledger, NoThreads, Result, ThreadGone, ThreadMade
from bot.threads import Threads
from bot.unbroken import unbroken
from channels.base import (
    Channel,
    Rejected,
    RetryLater,
    RoomMoved,
    SendError,
    ThreadClosed,
    ThreadMissing,
    ThreadsForbidden,
    Uncertain,
    Unreachable,
)
from desk.company import Company
from store import lanes
from store.bulk import gathered
from store.database import Connection, Database
from store.lanes import Lease
from store.outbox import OutboxState
from store.tables import outbox_lanes

log = logging.getLogger(__name__)

#: After a call that may have happened the row waits so long before it goes once more.
_SECOND_TRY = timedelta(seconds=1)
_LONGEST_WAIT = timedelta(hours=1)


class SendMetrics(Protocol):
    """What the sender tells of itself."""

    def sent(self, seconds: float, kind: str, outcome: str) -> None:
        """A call ended, after so many seconds."""

    def error(self, kind: str) -> None:
        """Something went wrong."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SendLimits:
    """How many calls at once, how long a lane is held, how often the outbox is looked at without a ring."""

    calls: int = 64
    lease: timedelta = timedelta(seconds=60)
    sweep: timedelta = timedelta(seconds=1)


class Sender:
    """Empties the outbox. Several may run in many processes: a lane is sent by one of them at a time."""

    def __init__(
        self,
        *,
        database: Database,
        channels: Mapping[str, Channel],
        threads: Threads | None,
        company: Callable[[], Company],
        say_failed: Callable[[str], str],
        on_moved: Callable[[int, int], None],
        now: Clock,
        monotonic: Callable[[], float],
        ring: Callable[[str], None],
        listen: Callable[[str], AbstractAsyncContextManager[asyncio.Event]],
        metrics: SendMetrics,
        limits: SendLimits,
    ) -> None:
        """Wire the parts together; `on_moved` learns that a room's group has another id. No room, no `threads`."""
        self._database = database
        self._channels = channels
        self._threads = threads
        self._claims = Claims(channels=channels, company=company, monotonic=monotonic, lease=limits.lease)
        self._say_failed = say_failed
        self._on_moved = on_moved
        self._now = now
        self._monotonic = monotonic
        self._ring = ring
        self._listen = listen
        self._metrics = metrics
        self._limits = limits
        self._name = f"sender-{uuid4().hex[:12]}"
        self._steps = 0
        self._results: list[Result] = []
        self._calls: dict[asyncio.Task[None], Job] = {}
        self._extended_at = now()
        self._next_ready: datetime | None = None

    async def run(self) -> None:
        """Send until cancelled; the calls in flight are then waited for, and their results kept."""
        async with self._listen("outbox") as bell:
            try:
                while True:
                    bell.clear()
                    await heard(bell, await unbroken(self._step_safely(bell)))
            finally:
                await self._finish()

    async def _step_safely(self, bell: asyncio.Event) -> timedelta:
        try:
            return await self.step(bell)
        except Exception:  # the database may be away: nothing is lost, the rows wait
            log.exception("the outbox could not be worked on")
            self._metrics.error("sender")
            return self._limits.sweep

    async def step(self, bell: asyncio.Event) -> timedelta:
        """Keep the results there are, take new work. Returns how long there is nothing to do without a ring."""
        results, self._results = self._results, []
        held = [job.lease for job in self._calls.values()]
        free = self._limits.calls - len(held)
        self._steps += 1
        owner, now = f"{self._name}:{self._steps}", self._now()
        try:
            taken, ledger = await self._database.transaction(
                lambda connection: self._keep_and_take(connection, results, owner=owner, now=now, free=free, held=held)
            )
        except BaseException:
            self._results = results + self._results
            raise
        if not held or self._is_time_to_extend(now):
            self._extended_at = now
        for old, new in ledger.moves:
            self._on_moved(old, new)
        if ledger.tells_desk:
            self._ring("inbox")
        if results:
            self._ring("desk")
        for job in taken.jobs:
            self._start(job, bell)
        return self._patience([taken.earliest, ledger.earliest], now, all_busy=len(taken.jobs) == free)

    def _keep_and_take(
        self,
        connection: Connection,
        results: list[Result],
        *,
        owner: str,
        now: datetime,
        free: int,
        held: Sequence[Lease] = (),
    ) -> tuple[Taken, Ledger]:
        ledger = Ledger(now, self._say_failed)
        for result in self._still_ours(connection, results, now):
            ledger.enter(result)
        with gathered(connection):
            ledger.write(connection)
        if held and self._is_time_to_extend(now):
            lanes.extend(connection, outbox_lanes, held, now + self._limits.lease)
        taken = self._claims.take(connection, owner=owner, now=now, limit=free) if free else Taken()
        if taken.given_up:
            doubtful = Ledger(now, self._say_failed)
            for lease, row in taken.given_up:
                doubtful.give_up(lease, [row], OutboxState.UNKNOWN, "the connection or the program ended in mid-call")
            doubtful.write(connection)
        return taken, ledger

    def _is_time_to_extend(self, now: datetime) -> bool:
        """A call that takes long (an upload, a pause within a split text) keeps its lane."""
        return now - self._extended_at >= self._limits.lease / 3

    def _still_ours(self, connection: Connection, results: list[Result], now: datetime) -> list[Result]:
        """Without those whose lease ran out while we were away, if somebody took it: their rows are that one's now."""
        if not results or now - self._extended_at < self._limits.lease:
            return results
        ours = lanes.held(connection, outbox_lanes, [result.job.lease for result in results])
        for result in results:
            if result.job.lease not in ours:
                log.warning("outbox row %s: the lease was lost, somebody else sends it", result.job.rows[0].id)
        return [result for result in results if result.job.lease in ours]

    def _patience(self, moments: Iterable[datetime | None], now: datetime, *, all_busy: bool) -> timedelta:
        """Until the first deferred lane is ready, whichever step deferred it; free hands come with a ring."""
        known = (self._next_ready, *moments)
        self._next_ready = min((each for each in known if each is not None and each > now), default=None)
        if all_busy or self._next_ready is None:
            return self._limits.sweep
        return min(max(self._next_ready - now, timedelta(milliseconds=5)), self._limits.sweep)

    def _start(self, job: Job, bell: asyncio.Event) -> None:
        task = asyncio.get_running_loop().create_task(self._perform(job, bell))
        self._calls[task] = job
        task.add_done_callback(self._ended)

    async def _perform(self, job: Job, bell: asyncio.Event) -> None:
        began = self._monotonic()
        try:
            result = await self._call(job)
        except Exception as error:  # a bug in an adapter parks its row with the reason, and stops nobody else
            log.exception("outbox row %s could not be sent", job.rows[0].id)
            self._metrics.error("send")
            result = Failed(job=job, reason=f"{type(error).__name__}: {error}")
        kind = type(job.parcel.content).__name__
        self._metrics.sent(self._monotonic() - began, kind, type(result).__name__.lower())
        self._results.append(result)
        bell.set()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._calls.pop(task, None)

    async def _call(self, job: Job) -> Result:
        try:
            if job.creates and self._threads is not None:
                return ThreadMade(job=job, thread=await self._threads.make(job))
            return Done(job=job, sent=await self._channels[job.channel].send(job.parcel))
        except SendError as error:
            return await self._failed(job, error)

    async def _failed(self, job: Job, error: SendError) -> Result:
        log.info("outbox row %s: %s: %s", job.rows[0].id, type(error).__name__, error)
        match error:
            case RetryLater(after=after):
                pause = min(timedelta(seconds=after), _LONGEST_WAIT)
                return Later(job=job, after=pause, happened=False, reason=str(error))
            case Uncertain():
                return Later(job=job, after=_SECOND_TRY, happened=True, reason=str(error))
            case Unreachable():
                return Failed(job=job, reason=str(error), blocked=True)
            case ThreadMissing() if job.thread is not None:
                return ThreadGone(job=job)
            case ThreadClosed() if job.thread is not None:
                return await self._reopen(job)
            case ThreadsForbidden() if job.thread is not None:
                return NoThreads(job=job, reason=str(error))
            case RoomMoved(moved_to=moved_to):
                return ChatMoved(job=job, moved_to=moved_to)
            case Rejected() | _:
                return Failed(job=job, reason=str(error))

    async def _reopen(self, job: Job) -> Result:
        """The thread was closed by hand: it is opened again, and the row goes next (H3)."""
        try:
            if self._threads is not None:
                await self._threads.reopen(job)
        except SendError as error:
            if isinstance(error, ThreadClosed):
                return Failed(job=job, reason=str(error))
            return await self._failed(job, error)
        return Later(job=job, after=timedelta(0), happened=False, reason="the thread was closed")

    async def _finish(self) -> None:
        """Wait for the calls in flight, then keep their results; nothing new is begun."""
        if self._calls:
            await asyncio.wait(self._calls, timeout=self._limits.lease.total_seconds())
        results, self._results = self._results, []
        if results:
            owner, now = f"{self._name}:last", self._now()
            await self._database.transaction(
                lambda connection: self._keep_and_take(connection, results, owner=owner, now=now, free=0)
            )
