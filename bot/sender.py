"""The sender: the only caller of Channel.send. Takes one row of each free lane, calls, and keeps what became of it.

Results and new claims share one commit, so that a crash finds no more rows in doubt than calls were in flight.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Protocol
from uuid import uuid4

from bot.clock import Clock
from bot.doorbell import Bell, heard
from bot.hatch import SenderHatch
from bot.jobs import Claims, GivenUp, Job, Taken
from bot.lookout import Lookout
from bot.results import (
    ChatMoved,
    Done,
    Failed,
    Later,
    Ledger,
    NoThreads,
    Result,
    ThreadGone,
    ThreadMade,
    Unsent,
    is_plain,
    lease_of,
)
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
from store.lanes import Claim, Lease
from store.outbox import ClaimedRow
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
        listen: Callable[[str], AbstractAsyncContextManager[Bell]],
        metrics: SendMetrics,
        limits: SendLimits,
        from_worker: SenderHatch | None = None,
    ) -> None:
        """Wire the parts together; `on_moved` learns that a group has another id. Without rooms, no `threads`."""
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
        self._owners = (f"sender-{name}:{claim}" for name in [uuid4().hex[:12]] for claim in count())
        self._results: list[Result] = []
        self._calls: dict[asyncio.Task[None], Job] = {}
        self._extended_at = now()
        self._from_worker = SenderHatch() if from_worker is None else from_worker
        self._offered = 0
        self._bell = Bell()
        self._lookout = Lookout(limits.sweep)

    async def run(self) -> None:
        """Send until cancelled; the calls in flight are then waited for, and their results kept."""
        looks = True
        async with self._listen("outbox") as self._bell:
            try:
                with self._from_worker.opened_for(self, self._claims.suits):
                    while True:
                        self._bell.clear()
                        patience = await unbroken(self._step_safely(looks=looks))
                        looks = not await heard(self._bell, patience) or self._bell.is_rung
            finally:
                await self._finish()

    def offer(self, wanted: int) -> Claim | None:
        """In whose name a worker may lease lanes, and begin what is first in them (see Hatch)."""
        free = self._limits.calls - len(self._calls)
        if free < 4 * wanted:  # a quarter of them is kept for what waits in the database
            return None
        self._offered = free - free // 4
        self._lookout.offers()
        return Claim(owner=next(self._owners), until=self._now() + self._limits.lease, limit=self._offered)

    def take(self, items: Sequence[ClaimedRow]) -> None:
        """Send what a worker put into the outbox for this sender."""
        self._offered = 0
        self._lookout.takes([lease for lease, _ in items])
        if self._lookout.has_more:
            self._bell.set()
        for lease, row in items:
            job = self._claims.recall(lease, row)
            match job:
                case Job():
                    self._start(job)
                case GivenUp():
                    self._metrics.error("send")
                    self._ended_with(job)
                case timedelta():
                    self._ended_with(Unsent(lease=lease, rows=(row,), after=job))

    async def _step_safely(self, *, looks: bool) -> timedelta:
        try:
            return await self.step(looks=looks)
        except Exception:  # the database may be away: nothing is lost, the rows wait
            log.exception("the outbox could not be worked on")
            self._metrics.error("sender")
            return self._limits.sweep

    async def step(self, *, looks: bool = True) -> timedelta:
        """Keep the results there are, and where it `looks`, take new work.

        Returns how long there is nothing to do without a ring.
        """
        results, self._results = self._results, []
        held = [job.lease for job in self._calls.values()]
        owner, now = next(self._owners), self._now()
        looks = looks or self._lookout.is_due(results, now, asyncio.get_running_loop().time())
        free = max(0, self._limits.calls - len(held) - self._offered) if looks else 0
        if looks:
            self._lookout.looks()
        keep = self._database.at_once if self._is_plain(results, now, looks=looks) else self._database.transaction
        try:
            taken, ledger = await keep(
                lambda connection: self._keep_and_take(connection, results, owner=owner, now=now, free=free, held=held)
            )
        except BaseException:
            self._results = results + self._results
            self._lookout.has_more = True
            raise
        self._lookout.kept(results)
        if looks:
            self._looked(held, taken, free)
        if not held or self._is_time_to_extend(now):
            self._extended_at = now
        self._tell(results, taken, ledger)
        for job in taken.jobs:
            self._start(job)
        return self._lookout.patience([*taken.moments, *ledger.moments], now)

    def _looked(self, held: Sequence[Lease], taken: Taken, free: int) -> None:
        self._lookout.looked(held, found=taken.lanes, free=free, at=asyncio.get_running_loop().time())
        if taken.given_up or (self._lookout.has_more and taken.lanes > len(taken.jobs)):
            # Hands are free, and there are lanes that were not seen, or have more behind what was given up.
            self._lookout.has_more = True
            self._bell.set()

    def _tell(self, results: Sequence[Result], taken: Taken, ledger: Ledger) -> None:
        for _ in taken.given_up:
            self._metrics.error("send")
        for old, new in ledger.moves:
            self._on_moved(old, new)
        if ledger.tells_desk or taken.tells_desk:
            self._ring("inbox")
        if results:
            self._ring("desk")

    def _is_plain(self, results: Sequence[Result], now: datetime, *, looks: bool) -> bool:
        """Whether a single statement keeps what is to be kept: several lanes would have to be locked in their order."""
        is_ours = not self._is_time_to_extend(now)
        return not looks and is_ours and len(results) < 2 and all(is_plain(result) for result in results)

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
            lost = Ledger(now, self._say_failed)
            for given_up in taken.given_up:
                lost.enter(given_up)
            lost.write(connection)
            taken.tells_desk = lost.tells_desk
        return taken, ledger

    def _is_time_to_extend(self, now: datetime) -> bool:
        """A call that takes long (an upload, a pause within a split text) keeps its lane."""
        return now - self._extended_at >= self._limits.lease / 3

    def _still_ours(self, connection: Connection, results: list[Result], now: datetime) -> list[Result]:
        """Without those whose lease ran out while we were away, if somebody took it: their rows are that one's now."""
        if not results or now - self._extended_at < self._limits.lease:
            return results
        ours = lanes.held(connection, outbox_lanes, [lease_of(result) for result in results])
        for lane in {lease_of(result).lane for result in results if lease_of(result) not in ours}:
            log.warning("lane %s: the lease was lost, somebody else sends what is in it", lane)
        return [result for result in results if lease_of(result) in ours]

    def _start(self, job: Job) -> None:
        task = asyncio.get_running_loop().create_task(self._perform(job))
        self._calls[task] = job
        task.add_done_callback(self._ended)

    async def _perform(self, job: Job) -> None:
        began = self._monotonic()
        try:
            result = await self._call(job)
        except Exception as error:  # a bug in an adapter parks its row with the reason, and stops nobody else
            log.exception("outbox row %s could not be sent", job.rows[0].id)
            self._metrics.error("send")
            result = Failed(job=job, reason=f"{type(error).__name__}: {error}")
        kind = type(job.parcel.content).__name__
        self._metrics.sent(self._monotonic() - began, kind, type(result).__name__.lower())
        self._ended_with(result)

    def _ended_with(self, result: Result) -> None:
        self._results.append(result)
        self._bell.set()

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
            case RoomMoved(moved_to=moved_to):
                return ChatMoved(job=job, moved_to=moved_to)
            case ThreadMissing() | ThreadClosed() | ThreadsForbidden() if job.thread is not None:
                return await self._failed_in_thread(job, error)
            case Rejected() | _:
                return Failed(job=job, reason=str(error))

    async def _failed_in_thread(self, job: Job, error: ThreadMissing | ThreadClosed | ThreadsForbidden) -> Result:
        self._claims.forget(job.thread)
        match error:
            case ThreadClosed():
                return await self._reopen(job)
            case _ if job.is_recalled:  # we only remembered the thread: another process may know better
                return Unsent(lease=job.lease, rows=job.rows, after=timedelta(0))
            case ThreadMissing():
                return ThreadGone(job=job)
            case ThreadsForbidden():
                return NoThreads(job=job, reason=str(error))

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
        if not results:
            return
        owner, now = next(self._owners), self._now()
        try:
            await self._database.transaction(
                lambda connection: self._keep_and_take(connection, results, owner=owner, now=now, free=0)
            )
        except Exception:  # the database may be away: what was called is in doubt
            log.exception("the results of the last calls could not be kept")
