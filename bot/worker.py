"""The worker: claims free lanes, understands what was written, and handles it round by round.

A lane that fails leaves the round; it is tried again alone after a pause, and after so many tries the row that cannot
be handled is parked with its reason, so that it blocks nobody but its lane, and that for no longer than the tries take.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto
from typing import Protocol
from uuid import uuid4

from bot.clock import Clock
from bot.doorbell import Bell, heard
from bot.hatch import Hatch, SenderHatch
from bot.parsing import Parser
from bot.rounds import LaneFailed, LaneWork, ReadRow, Round, RoundDone
from bot.unbroken import unbroken
from channels.base import Forged
from desk.commands import Command, CustomerWrote
from desk.readings import Understanding
from handlers.scene import Rules
from store import inbox, lanes, numbers, outbox
from store.database import Connection, Database, is_conflict
from store.deadlines import HOUSE
from store.failures import cause_of, is_away
from store.inbox import ClaimedRows, InboxRow
from store.lanes import Claim, Deferral, Lease
from store.outbox import ClaimedRow
from store.saving import Handing
from store.tables import inbox_lanes, outbox_lanes

log = logging.getLogger(__name__)

_ROWS = 512
#: A round takes far less, also where it runs again.
_IDS = 12_000
_IDS_LOW = 6_000


class Understander(Protocol):
    """What reads the customers' words (see nlp/)."""

    async def understand(self, texts: Sequence[str]) -> list[Understanding]:
        """The understanding of each text, in order."""


class WorkMetrics(Protocol):
    """What the worker tells of itself."""

    def handled(self, seconds: float, command: str) -> None:
        """A command was handled, so long after it came in."""

    def error(self, kind: str) -> None:
        """Something went wrong."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkLimits:
    """How much a worker takes at once, for how long, and how often it tries."""

    lanes: int = 64
    lease: timedelta = timedelta(seconds=30)
    pauses: tuple[timedelta, ...] = (timedelta(seconds=0.5), timedelta(seconds=2), timedelta(seconds=8))
    sweep: timedelta = timedelta(seconds=1)


class _Found(Enum):
    """What a claim found. After ALL the next ring tells of more: the bell was cleared before the claim."""

    NOTHING = auto()
    ALL = auto()
    MORE = auto()


class Worker:
    """Handles the inbox. Several may run, in one process or in many."""

    def __init__(
        self,
        *,
        database: Database,
        parser: Parser,
        understander: Understander,
        rules: Callable[[], Rules],
        now: Clock,
        ring: Callable[[str], None],
        listen: Callable[[str], AbstractAsyncContextManager[Bell]],
        metrics: WorkMetrics,
        limits: WorkLimits,
        from_intake: Hatch[ClaimedRows] | None = None,
        to_sender: SenderHatch | None = None,
        on_moved: Callable[[int, int], None] = lambda _old, _new: None,
    ) -> None:
        """Wire the parts together; the hatches lead to this process's intake and sender, `on_moved` is as there."""
        self._database = database
        self._parser = parser
        self._understander = understander
        self._rules = rules
        self._now = now
        self._ring = ring
        self._listen = listen
        self._metrics = metrics
        self._limits = limits
        self._from_intake: Hatch[ClaimedRows] = Hatch() if from_intake is None else from_intake
        self._to_sender = SenderHatch() if to_sender is None else to_sender
        self._on_moved = on_moved
        self._handed: list[ClaimedRows] = []
        self._bell = Bell()
        self._looked_at = self._offered_at = 0.0
        self._name = f"worker-{uuid4().hex[:12]}"
        self._claims = 0
        self._ids: list[int] = []

    async def run(self) -> None:
        """Work until cancelled."""
        looks = True
        async with self._listen("inbox") as self._bell:
            try:
                with self._from_intake.opened(self):
                    while True:
                        self._bell.clear()
                        # What was claimed is handled before the end: else it would wait for the leases to run out.
                        found = await unbroken(self._work_safely(looks=looks))
                        looks = found is _Found.MORE or not await self._is_only_handed() or self._is_time_to_look()
            finally:
                await self._give_back()

    async def _is_only_handed(self) -> bool:
        """Wait for work. False where there may be some that only the database knows of."""
        return await heard(self._bell, self._limits.sweep) and not self._bell.is_rung

    def _is_time_to_look(self) -> bool:
        """However much is handed over: what was deferred, or rung for in vain, is not to wait for a quiet moment."""
        return asyncio.get_running_loop().time() - self._looked_at >= self._limits.sweep.total_seconds()

    def offer(self, wanted: int) -> Claim | None:
        """In whose name the intake may lease so many lanes (see Hatch)."""
        if len(self._handed) + wanted > self._limits.lanes:
            return None
        self._offered_at = asyncio.get_running_loop().time()
        return Claim(owner=self._next_owner(), until=self._now() + self._limits.lease, limit=wanted)

    def take(self, items: Sequence[ClaimedRows]) -> None:
        """Lanes that the intake leased to this worker, with all that waits in them."""
        self._handed += items
        if self._looked_at >= self._offered_at:
            self._bell.ring()  # who rang for one of these lanes meanwhile found it leased
        self._bell.set()

    async def _give_back(self) -> None:
        """What was handed over at the very end is free for the next worker."""
        now, leases = self._now(), [lease for lease, _ in self._handed]

        def work(connection: Connection) -> None:
            ours = lanes.held(connection, inbox_lanes, leases)
            lanes.release(connection, inbox_lanes, dict.fromkeys(ours, 0), now)

        try:
            if leases:
                await self._database.transaction(work)
        except Exception:  # the database may be away: the leases run out
            log.exception("lanes could not be given back")

    async def _work_safely(self, *, looks: bool) -> "_Found":
        try:
            return await self._work(looks=looks)
        except Exception:  # the database may be away: nothing is lost, the rows wait
            log.exception("the inbox could not be worked on")
            self._metrics.error("worker")
            return _Found.NOTHING

    async def work_once(self) -> bool:
        """One round; False where nothing was waiting."""
        return await self._work() is not _Found.NOTHING

    async def _work(self, *, looks: bool = True) -> "_Found":
        await self._stock_ids()
        handed, self._handed = self._handed, []
        try:
            claimed = [*handed, *(await self._look(self._limits.lanes - len(handed)) if looks else ())]
        except BaseException:
            self._handed = handed + self._handed
            raise
        if not claimed:
            return _Found.NOTHING
        works = [work for lease, rows in claimed if (work := await self._read(lease, rows)) is not None]
        if works:
            await self._handle(works)
        handled, waited = sum(len(work.rows) for work in works), sum(len(rows) for _, rows in claimed)
        # What came into a handed lane meanwhile was not to be claimed when we looked.
        is_all = handled == waited < _ROWS and len(claimed) < self._limits.lanes and not (looks and handed)
        return _Found.ALL if is_all else _Found.MORE

    async def _stock_ids(self) -> None:
        if len(self._ids) < _IDS_LOW:
            block = await self._database.transaction(lambda connection: numbers.take_ids(connection, _IDS))
            self._ids = [*reversed(block), *self._ids]

    def _next_owner(self) -> str:
        """A lease's owner is another one for each claim."""
        self._claims += 1
        return f"{self._name}:{self._claims}"

    async def _look(self, limit: int) -> Sequence[ClaimedRows]:
        self._looked_at = asyncio.get_running_loop().time()
        return await self._claim(limit)

    async def _claim(self, limit: int) -> Sequence[ClaimedRows]:
        owner, now, lease = self._next_owner(), self._now(), self._limits.lease

        def work(connection: Connection) -> Sequence[ClaimedRows]:
            leases = lanes.claim(connection, inbox_lanes, owner=owner, now=now, lease=lease, limit=limit)
            if not leases:
                return []
            of_lane: dict[str, list[InboxRow]] = {lease.lane: [] for lease in leases}
            rows = inbox.waiting(connection, list(of_lane), _ROWS)
            for row in rows:
                of_lane[row.lane].append(row)
            without = [lease for lease in leases if not of_lane[lease.lane]]
            if len(rows) < _ROWS:
                lanes.clear(connection, inbox_lanes, without)
            elif without:  # their turn comes when the others' rows are handled
                lanes.release(connection, inbox_lanes, dict.fromkeys(without, 0), now)
            return [(lease, of_lane[lease.lane]) for lease in leases if of_lane[lease.lane]]

        return await self._database.transaction(work)

    async def _read(self, lease: Lease, rows: Sequence[InboxRow]) -> LaneWork | None:
        """What the rows ask for, up to the first that cannot be read; that one is parked when its turn comes."""
        read: list[ReadRow] = []
        for row in rows:
            try:
                read.append(ReadRow(row=row, commands=self._commands(row)))
            except Exception as error:  # noqa: BLE001 - a parser's bug parks its row, and stops nobody else
                if not read:
                    await self._park(lease, row, f"cannot be read: {error}")
                    return None
                break
        return LaneWork(lease=lease, rows=tuple(read))

    def _commands(self, row: InboxRow) -> tuple[Command, ...]:
        try:
            return tuple(self._parser.commands(row))
        except Forged:
            log.warning("inbox row %s (%s) is forged, and left alone", row.id, row.key)
            self._metrics.error("forged")
            return ()

    async def _park(self, lease: Lease, row: InboxRow, reason: str) -> None:
        now = self._now()

        def work(connection: Connection) -> bool:
            if lease not in lanes.held(connection, inbox_lanes, [lease]):
                return False  # somebody else has the row in hand, and may know better
            inbox.park(connection, row.id, reason, now)
            lanes.release(connection, inbox_lanes, {lease: 1}, now)
            return True

        if await self._database.transaction(work):
            log.error("inbox row %s (%s) is parked: %s", row.id, row.key, reason)
            self._metrics.error("parked")
            self._ring("answers")

    async def _handle(self, works: Sequence[LaneWork]) -> None:
        understood, understandings = await self._understand_all(works)
        waiting = [understood] if understood else []
        while waiting:
            part = waiting.pop()
            try:
                done = await self._save(part, understandings)
            except LaneFailed as failure:
                failed = [work for work in part if work.lease.lane == failure.lane]
                rest = [work for work in part if work.lease.lane != failure.lane]
                await self._retry_alone(failed[0], failure)
                if rest:
                    waiting.append(rest)
            except Exception as error:
                if is_away(error) and not is_conflict(error):
                    raise
                waiting += _halves(part)
            else:
                self._announce(part, done)

    async def _understand_all(self, works: Sequence[LaneWork]) -> tuple[list[LaneWork], dict[str, Understanding]]:
        """The lanes whose words could be understood, and how; the others leave the round."""
        try:
            return list(works), await self._understand(works)
        except Exception:  # one text may be too much for the understander: it holds up its own lane alone
            log.warning("a round could not be understood as a whole", exc_info=True)
        understood: list[LaneWork] = []
        understandings: dict[str, Understanding] = {}
        for work in works:
            try:
                understandings |= await self._understand([work])
            except Exception as error:  # noqa: BLE001 - the lane is tried again, then its row parked with the reason
                await self._retry_alone(work, LaneFailed(work.lease.lane, error))
            else:
                understood.append(work)
        return understood, understandings

    async def _understand(self, works: Sequence[LaneWork]) -> dict[str, Understanding]:
        texts = list(
            dict.fromkeys(
                command.text for work in works for command in work.commands if isinstance(command, CustomerWrote)
            )
        )
        if not texts:
            return {}
        return dict(zip(texts, await self._understander.understand(texts), strict=True))

    async def _save(self, works: Sequence[LaneWork], understandings: dict[str, Understanding]) -> RoundDone:
        """Raises LaneFailed also for a lane alone whose rows the database does not take."""
        await self._stock_ids()
        claim = self._to_sender.offer(1)
        handing = None if claim is None else Handing(claim=claim, suits=self._to_sender.suits)
        handed: Sequence[ClaimedRow] = ()
        try:
            rules, now = self._rules(), self._now()
            one = Round(works, understandings, rules=rules, now=now, next_id=self._ids.pop, handing=handing)
            done = await self._database.transaction(one.run)
            handed = done.posted.handed
        except LaneFailed:
            raise
        except Exception as error:
            if len(works) > 1 or is_conflict(error) or is_away(error):
                raise
            cause = cause_of(error)
            raise LaneFailed(works[0].lease.lane, cause) from cause
        finally:
            if claim is not None and not self._to_sender.pass_on(handed):
                await self._put_back(handed)
        return done

    async def _put_back(self, handed: Sequence[ClaimedRow]) -> None:
        """The sender went away meanwhile: the next one finds the rows as if nothing had been begun."""
        now, leases = self._now(), [lease for lease, _ in handed]

        def work(connection: Connection) -> None:
            ours = lanes.held(connection, outbox_lanes, leases)
            outbox.back(connection, [(row.id, True) for lease, row in handed if lease in ours])
            lanes.release(connection, outbox_lanes, dict.fromkeys(ours, 0), now)

        if handed:
            await self._database.transaction(work)
            self._ring("outbox")

    async def _retry_alone(self, work: LaneWork, failure: LaneFailed) -> None:
        """Give the lane back for later; after the last try, handle its first row by itself or park it."""
        tried = work.lease.attempts
        log.warning("lane %s failed (try %s): %s", failure.lane, tried + 1, failure, exc_info=failure.__cause__)
        self._metrics.error("lane")
        if tried < len(self._limits.pauses):
            later = self._now() + self._limits.pauses[tried]
            deferral = Deferral(lease=work.lease, ready_at=later, attempts=tried + 1)
            await self._database.transaction(lambda connection: lanes.defer(connection, inbox_lanes, [deferral]))
            return
        try:
            await self._try_alone(LaneWork(lease=work.lease, rows=work.rows[:1]))
        except LaneFailed as last:
            await self._park(work.lease, work.rows[0].row, str(last))

    async def _try_alone(self, work: LaneWork) -> None:
        try:
            understandings = await self._understand([work])
        except Exception as error:
            raise LaneFailed(work.lease.lane, error) from error
        self._announce([work], await self._save([work], understandings))

    def _announce(self, works: Sequence[LaneWork], done: RoundDone) -> None:
        now = self._now()
        for work in works:
            for read in work.rows:
                for command in read.commands:
                    self._metrics.handled((now - read.row.received_at).total_seconds(), type(command).__name__)
            if work.rows and work.rows[0].row.channel == "webchat":
                self._ring(f"conversation:{work.lease.lane}")
        for old, new in done.moves:
            self._on_moved(old, new)
        if done.posted.has_others:
            self._ring("outbox")
        self._ring("desk")
        if any(read.row.channel == HOUSE for work in works for read in work.rows):
            self._ring("answers")


def _halves(works: list[LaneWork]) -> list[list[LaneWork]]:
    """A conflict, or what the database does not take, splits the round; a single lane is simply tried again."""
    if len(works) < 2:
        return [works]
    middle = len(works) // 2
    return [works[:middle], works[middle:]]
