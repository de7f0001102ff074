"""What became of the sender's calls, kept in one commit for all that ended meanwhile."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.jobs import GivenUp, Job, may_go_again
from channels.base import Sent
from desk.commands import DeliveryReported, Outcome, ThreadLost, ThreadsRefused
from desk.messages import Delivery
from desk.outgoing import Card, CustomerEdit, CustomerMessage, Line, Outgoing, Rank, Relay, ToThread, recipient_of
from desk.values import Value, replace
from store import delivery, inbox, lanes, outbox, saving, threads
from store.casefile import ThreadState
from store.database import Connection
from store.deadlines import house_command
from store.inbox import Arrival
from store.lanes import Deferral, Lease
from store.outbox import BrokenRow, OutboxRow, OutboxState
from store.tables import outbox_lanes

_SAID_TO_CUSTOMERS = frozenset({CustomerMessage.__name__, CustomerEdit.__name__})


class Done(Value, frozen=True, kw_only=True):
    """The channel took it."""

    job: Job
    sent: Sent


@dataclass(frozen=True, kw_only=True, slots=True)
class Later:
    """It goes again after a while; `happened` where the call may have had its effect."""

    job: Job
    after: timedelta
    happened: bool
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Failed:
    """It will not arrive; `blocked` where the recipient closed the channel."""

    job: Job
    reason: str
    blocked: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ThreadMade:
    """The thread that the row needs is there now; the row itself goes next."""

    job: Job
    thread: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ThreadGone:
    """The thread was deleted: it is repaired before anything else goes there."""

    job: Job


@dataclass(frozen=True, kw_only=True, slots=True)
class NoThreads:
    """The room's group does without threads from now on."""

    job: Job
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Unsent:
    """No call was made: the rows wait again, their lane for so long."""

    lease: Lease
    rows: tuple[OutboxRow, ...]
    after: timedelta


@dataclass(frozen=True, kw_only=True, slots=True)
class ChatMoved:
    """The room's group has another id."""

    job: Job
    moved_to: int


Result = Done | Later | Failed | ThreadMade | ThreadGone | NoThreads | ChatMoved | Unsent | GivenUp


def lease_of(result: Result) -> Lease:
    """The lane that a result is about."""
    return result.lease if isinstance(result, Unsent | GivenUp) else result.job.lease


def is_plain(result: Result) -> bool:
    """Whether keeping the result is a single statement on PostgreSQL, so that it needs no transaction."""
    return isinstance(result, Done) and not any(
        isinstance(row.content, Card) or (row.report and row.message_id is not None) for row in result.job.rows
    )


class Ledger:
    """Collects what results mean for the store, and writes it kind by kind."""

    def __init__(self, now: datetime, say_failed: Callable[[str], str]) -> None:
        """`say_failed` words a line for the staff about something that could not be shown to them."""
        self._now = now
        self._say_failed = say_failed
        self._sent: list[Done] = []
        self._settled: list[tuple[int, OutboxState, str | None]] = []
        self._deferred: list[Deferral] = []
        self._back: list[tuple[int, bool]] = []
        self._reports: list[Arrival] = []
        self._lines: list[Outgoing] = []
        self._threads: list[threads.Thread] = []
        self._lost: list[Job] = []
        self._moves: list[tuple[int, int]] = []

    def enter(self, result: Result) -> None:
        """Take a result in."""
        match result:
            case Done():
                self._done(result)
            case Later():
                self._later(result)
            case Failed():
                self._release(result.job.lease, len(result.job.rows))
                for row in result.job.rows:
                    self._give_up(row, OutboxState.FAILED, result.reason, blocked=result.blocked)
            case GivenUp():
                self._release(result.lease, 1)
                self._give_up(result.row, result.state, result.reason)
            case Unsent():
                self._back += [(row.id, True) for row in result.rows]
                tries = 1 if result.after else 0
                self._deferred.append(Deferral(lease=result.lease, ready_at=self._now + result.after, attempts=tries))
            case _:
                self._enter_place(result)

    def _enter_place(self, result: ThreadMade | ThreadGone | NoThreads | ChatMoved) -> None:
        """The row's place is another one, or none."""
        match result:
            case ThreadMade():
                self._go_again(result.job)
                self._keep_thread(result.job, ThreadState.OPEN, result.thread)
            case ThreadGone():
                self._thread_gone(result.job)
            case NoThreads():
                self._no_threads(result)
            case ChatMoved():
                self._go_again(result.job)
                self._moves.append((int(result.job.parcel.address.chat), result.moved_to))

    @property
    def moves(self) -> Sequence[tuple[int, int]]:
        """The chats that moved: (old, new)."""
        return self._moves

    @property
    def moments(self) -> list[datetime]:
        """When the lanes are ready again."""
        return [each.ready_at for each in self._deferred]

    @property
    def tells_desk(self) -> bool:
        """Whether the desk has something to handle."""
        return bool(self._reports)

    def _done(self, result: Done) -> None:
        self._sent.append(result)
        self._release(result.job.lease, len(result.job.rows))
        for row in result.job.rows:
            if row.report and row.message_id is not None:
                self._report(row, Outcome.SENT, result.sent.at, None)

    def _release(self, lease: Lease, handled: int) -> None:
        self._deferred.append(Deferral(lease=lease, ready_at=self._now, attempts=0, handled=handled))

    def _later(self, result: Later) -> None:
        job = result.job
        if result.happened and not job.creates and not all(may_go_again(row, row.attempts + 1) for row in job.rows):
            self._release(job.lease, len(job.rows))
            for row in job.rows:
                self._give_up(row, OutboxState.UNKNOWN, result.reason)
            return
        self._wait_again(job, unsent=not result.happened)
        self._deferred.append(Deferral(lease=job.lease, ready_at=self._now + result.after, attempts=1))

    def _give_up(self, row: OutboxRow | BrokenRow, state: OutboxState, reason: str, *, blocked: bool = False) -> None:
        """It will not be sent (again); whoever wrote it learns that."""
        self._settled.append((row.id, state, reason))
        outcome = Outcome.FAILED if state is OutboxState.FAILED else Outcome.UNKNOWN
        if row.message_id is not None and row.kind in _SAID_TO_CUSTOMERS:
            self._report(row, outcome, self._now, reason, blocked=blocked)
        elif row.kind == Relay.__name__:
            self._tell_thread(row, reason)

    def _report(
        self, row: OutboxRow | BrokenRow, outcome: Outcome, at: datetime, reason: str | None, *, blocked: bool = False
    ) -> None:
        command = DeliveryReported(
            contact_id=row.contact_id or 0,
            message=row.message_id or 0,
            outcome=outcome,
            at=at,
            reason=reason,
            blocked=blocked,
            is_change=row.kind == CustomerEdit.__name__,
        )
        key = f"delivery:{row.id}:{outcome.value}:{row.attempts}"
        self._reports.append(house_command(command, key=key, lane=row.lane, now=self._now))

    def _tell_thread(self, row: OutboxRow | BrokenRow, reason: str) -> None:
        """An agent always learns what the customer said and they cannot see (H7)."""
        try:
            to = recipient_of(row.lane)
        except ValueError:  # it has no thread where anybody could be told
            return
        line = Line(text=self._say_failed(reason))
        self._lines.append(Outgoing(to=to, content=line, rank=Rank.REPLY, contact_id=row.contact_id))

    def _go_again(self, job: Job) -> None:
        """Nothing was sent: the row waits again, first in its lane."""
        self._wait_again(job, unsent=True)
        self._release(job.lease, 0)

    def _wait_again(self, job: Job, *, unsent: bool) -> None:
        """A row whose thread was to be made first is waiting still."""
        if not job.creates:
            self._back += [(row.id, unsent) for row in job.rows]

    def _keep_thread(self, job: Job, state: ThreadState, thread: int | None) -> None:
        if job.thread is not None:
            self._threads.append(replace(job.thread, state=state, thread=thread))

    def _thread_gone(self, job: Job) -> None:
        self._go_again(job)
        self._keep_thread(job, ThreadState.LOST, None)
        to = recipient_of(job.lease.lane)
        if not isinstance(to, ToThread):
            return
        self._lost.append(job)
        command = ThreadLost(contact_id=to.contact_id, room=to.room, at=self._now)
        key = f"lost:{job.lease.lane}:{job.rows[0].id}:{self._now.isoformat()}"
        self._reports.append(house_command(command, key=key, lane=f"contact:{to.contact_id}", now=self._now))

    def _no_threads(self, result: NoThreads) -> None:
        self._go_again(result.job)
        self._keep_thread(result.job, ThreadState.NONE, None)
        to = recipient_of(result.job.lease.lane)
        if isinstance(to, ToThread):
            command = ThreadsRefused(room=to.room, reason=result.reason, at=self._now)
            key = f"no-threads:{to.room}:{self._now:%Y-%m-%d}"
            self._reports.append(house_command(command, key=key, lane=f"room:{to.room}", now=self._now))

    def write(self, connection: Connection) -> None:
        """Everything that was taken in, in a statement for each kind; lanes are locked in their order (see lanes)."""
        if self._reports:
            inbox.add(connection, self._reports, self._now)
        self._write_sent(connection)
        if self._settled:
            outbox.settle(connection, self._settled, self._now)
        if self._back:
            outbox.back(connection, self._back)
        self._write_threads(connection)
        if len(self._deferred) > 1:
            lanes.held(connection, outbox_lanes, [each.lease for each in self._deferred])
        if self._deferred:
            lanes.defer(connection, outbox_lanes, self._deferred)
        if self._lines:
            outbox.add(connection, self._lines, self._now)

    def _write_threads(self, connection: Connection) -> None:
        threads.put(connection, self._threads)
        for job in self._lost:
            threads.forget_cards(connection, job.rows[0].contact_id or 0)
        for old, new in self._moves:
            threads.move_chat(connection, old, new)

    def _write_sent(self, connection: Connection) -> None:
        if not self._sent:
            return
        outbox.settle_sent(connection, [row.id for done in self._sent for row in done.job.rows], self._now)
        placed = [
            {
                "place": done.job.place,
                "external_id": external_id,
                "message_id": row.message_id,
                "shared": len(done.job.rows) > 1,
            }
            for done in self._sent
            for row in done.job.rows[:1]
            for external_id in done.sent.external_ids
            if row.message_id is not None and not isinstance(row.content, CustomerEdit)
        ]
        saving.add_links(connection, placed)
        to_customers = [
            row.message_id
            for done in self._sent
            for row in done.job.rows
            if row.message_id is not None and isinstance(row.content, CustomerMessage)
        ]
        if to_customers:
            delivery.mark(connection, to_customers, Delivery.SENT)
        cards = {
            done.job.rows[0].content.ticket: (done.job.parcel.address.chat, done.sent.external_ids[0])
            for done in self._sent
            if isinstance(done.job.rows[0].content, Card) and done.sent.external_ids
        }
        threads.put_cards(connection, cards)
