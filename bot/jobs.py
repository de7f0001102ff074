"""What the sender takes in hand: one row of each free lane, addressed, within the limits, marked before its call."""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from channels.base import Address, Channel, Parcel
from desk.company import Company
from desk.outgoing import (
    Card,
    Content,
    CustomerDelete,
    CustomerEdit,
    CustomerMessage,
    Outgoing,
    Recipient,
    RelayEdit,
    ToConversation,
    ToRoom,
    ToThread,
    recipient_of,
)
from desk.values import Value, replace
from store import lanes, outbox, threads
from store.casefile import ThreadState
from store.database import Connection
from store.lanes import Deferral, Lease
from store.outbox import BrokenRow, OutboxRow, OutboxState
from store.tables import outbox_lanes
from store.threads import Thread

log = logging.getLogger(__name__)

#: The channel in which the staff's rooms are.
ROOMS = "telegram"
#: A thread that is being repaired, or a channel that is not set up: its lane is looked at again after so long.
_NOT_NOW = timedelta(seconds=0.5)
_NO_CHANNEL = timedelta(minutes=1)
#: So many calls that may have happened are made for one row (J4).
_CALLS = 2
_DOUBTFUL = "the connection or the program ended in mid-call"
#: So many threads are known by heart.
_REMEMBERED = 10_000


class Job(Value, frozen=True, kw_only=True):
    """A send that is marked as begun. Of merged rows all are `rows`; `creates` is the thread that has to be made first.

    `place` is where the message will stand: a conversation's key, or "telegram:CHAT". `has_more` says that more waits
    in the lane, `is_recalled` that the thread is one we remember, without having asked.
    """

    lease: Lease
    rows: tuple[OutboxRow, ...]
    channel: str
    parcel: Parcel
    place: str
    thread: Thread | None = None
    creates: bool = False
    may_exist: bool = False
    title: str = ""
    has_more: bool = False
    is_recalled: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class GivenUp:
    """A row for which no call is made, or none any more, and why."""

    lease: Lease
    row: OutboxRow | BrokenRow
    state: OutboxState
    reason: str


@dataclass(kw_only=True, slots=True)
class Taken:
    """What a claim of so many lanes led to: sends to make, lanes to come back to, rows given up without a call.

    `tells_desk` says that the desk has to handle something of it.
    """

    lanes: int = 0
    tells_desk: bool = False
    jobs: list[Job] = field(default_factory=list)
    given_up: list[GivenUp] = field(default_factory=list)
    deferrals: list[Deferral] = field(default_factory=list)
    emptied: list[Lease] = field(default_factory=list)

    @property
    def moments(self) -> list[datetime]:
        """When the deferred lanes are ready again."""
        return [each.ready_at for each in self.deferrals]


class Claims:
    """Turns free lanes into jobs, within one transaction."""

    def __init__(
        self,
        *,
        channels: Mapping[str, Channel],
        company: Callable[[], Company],
        monotonic: Callable[[], float],
        lease: timedelta,
    ) -> None:
        """`monotonic` is the clock of the limits."""
        self._channels = channels
        self._company = company
        self._monotonic = monotonic
        self._lease = lease
        self._threads: dict[tuple[str, int], Thread] = {}

    def take(self, connection: Connection, *, owner: str, now: datetime, limit: int) -> Taken:
        """Claim up to `limit` lanes, and take the first row of each that may go now."""
        leases = lanes.claim(connection, outbox_lanes, owner=owner, now=now, lease=self._lease, limit=limit)
        taken = Taken(lanes=len(leases))
        if not leases:
            return taken
        desk = _Desk(connection, [lease.lane for lease in leases], now)
        for lease in leases:
            try:
                self._take_lane(desk, lease, taken)
            except Exception as error:  # noqa: BLE001 - a bug in an adapter fails its row, and stops nobody else
                taken.given_up.append(_at_fault(lease, desk.fresh(lease.lane)[0], error))
        desk.save(taken)
        self._remember(job.thread for job in taken.jobs if job.thread is not None)
        return taken

    def suits(self, item: Outgoing) -> bool:
        """Whether `recall` can address this: to a thread that we know, or to none, and about no other message.

        What something newer may take the place of is better off waiting.
        """
        if isinstance(item.content, Card) or item.replaces is not None or _referred(item.content):
            return False
        match item.to:
            case ToConversation(channel=channel):
                return channel in self._channels
            case ToThread(room=room, contact_id=contact):
                return self._is_known(room, contact)
            case ToRoom():
                return ROOMS in self._channels

    def _is_known(self, room: str, contact: int) -> bool:
        thread, configured = self._threads.get((room, contact)), self._company().rooms.get(room)
        return thread is not None and configured is not None and configured.telegram_chat == thread.chat

    def recall(self, lease: Lease, row: OutboxRow) -> Job | timedelta | GivenUp:
        """The job for a row that is marked already, addressed by what we remember, or how long it has to wait."""
        try:
            return self._recalled(lease, row)
        except Exception as error:  # noqa: BLE001 - as above
            return _at_fault(lease, row, error)

    def _recalled(self, lease: Lease, row: OutboxRow) -> Job | timedelta:
        job = self._address(_Memory(self._threads), lease, (row,))
        if isinstance(job, timedelta):
            return job
        if job.creates:
            return timedelta(0)
        wait = self._channels[job.channel].pause(job.parcel, self._monotonic())
        return timedelta(seconds=wait) if wait > 0.0 else replace(job, is_recalled=True)

    def _remember(self, known: Iterable[Thread]) -> None:
        for thread in known:
            key = (thread.room, thread.contact_id)
            self._threads.pop(key, None)
            if thread.state is ThreadState.OPEN:
                self._threads[key] = thread
        for key in list(islice(self._threads, max(0, len(self._threads) - _REMEMBERED))):
            del self._threads[key]

    def forget(self, thread: Thread | None) -> None:
        """Something is not as we remember it."""
        if thread is not None:
            self._threads.pop((thread.room, thread.contact_id), None)

    def _take_lane(self, desk: "_Desk", lease: Lease, taken: Taken) -> None:
        rows, broken = desk.fresh(lease.lane), desk.broken(lease.lane)
        if not rows and broken is not None:
            taken.given_up.append(GivenUp(lease=lease, row=broken, state=OutboxState.FAILED, reason=broken.reason))
            return
        if not rows:
            taken.emptied.append(lease)
            return
        if rows[0].state is OutboxState.SENDING and not may_go_again(rows[0], rows[0].attempts):
            taken.given_up.append(GivenUp(lease=lease, row=rows[0], state=OutboxState.UNKNOWN, reason=_DOUBTFUL))
            return
        job = self._address(desk, lease, rows)
        if isinstance(job, timedelta):
            taken.deferrals.append(desk.deferral(lease, job, attempts=lease.attempts))
            return
        wait = self._channels[job.channel].pause(job.parcel, self._monotonic())
        if wait > 0.0:
            taken.deferrals.append(desk.deferral(lease, timedelta(seconds=wait), attempts=1))
            return
        job = self._merged(job, rows) if lease.attempts and not job.creates else job
        # Of many that were merged not all may have been looked at.
        has_more = job.creates or len(job.rows) > 1 or len(rows) > 1 or broken is not None
        taken.jobs.append(replace(job, has_more=has_more))

    def _merged(self, job: Job, rows: Sequence[OutboxRow]) -> Job:
        """Where the budget made the lane wait, lines that came meanwhile go in one message.

        What may have been sent goes alone: it has fewer tries left than the others (J4).
        """
        channel, whole = self._channels[job.channel], job
        for count in range(2, len(rows) + 1):
            content = channel.merge([row.content for row in rows[:count]])
            if content is None or any(row.attempts for row in rows[:count]):
                break
            whole = replace(job, rows=tuple(rows[:count]), parcel=replace(job.parcel, content=content))
        return whole

    def _address(self, desk: "_Desk | _Memory", lease: Lease, rows: Sequence[OutboxRow]) -> Job | timedelta:
        """The job for a lane's first row, or how long it cannot be sent."""
        to = recipient_of(lease.lane)
        name = to.channel if isinstance(to, ToConversation) else ROOMS
        if name not in self._channels:
            return _NO_CHANNEL
        if isinstance(to, ToConversation):
            place = to.lane
            parcel = desk.parcel(rows[0], Address(chat=to.address), place)
            return Job(lease=lease, rows=(rows[0],), channel=name, parcel=parcel, place=place)
        return self._in_room(desk, lease, rows[0], to)

    def _in_room(self, desk: "_Desk | _Memory", lease: Lease, row: OutboxRow, to: Recipient) -> Job | timedelta:
        room = self._company().rooms.get(to.room) if isinstance(to, ToThread | ToRoom) else None
        if room is None or room.telegram_chat is None:
            return _NO_CHANNEL
        thread = desk.thread(to, room.telegram_chat) if isinstance(to, ToThread) else None
        chat = room.telegram_chat if thread is None else thread.chat
        place = f"{ROOMS}:{chat}"
        if thread is not None and thread.state is ThreadState.LOST:
            return _NOT_NOW
        needs_thread = thread is not None and thread.state in (ThreadState.WANTED, ThreadState.CREATING)
        address = Address(chat=str(chat), thread=None if thread is None or needs_thread else thread.thread)
        job = Job(
            lease=lease,
            rows=(row,),
            channel=ROOMS,
            parcel=desk.parcel(row, address, place),
            place=place,
            thread=thread,
            creates=needs_thread,
            may_exist=thread is not None and thread.state is ThreadState.CREATING,
        )
        return job if not needs_thread else replace(job, title=desk.title(to))


def may_go_again(row: OutboxRow, calls: int) -> bool:
    """After so many calls that may have happened: a nudge is not sent again, a service message once more (J4)."""
    return row.again and calls < _CALLS


def _at_fault(lease: Lease, row: OutboxRow, error: Exception) -> GivenUp:
    log.error("outbox row %s cannot be sent", row.id, exc_info=error)
    return GivenUp(lease=lease, row=row, state=OutboxState.FAILED, reason=f"{type(error).__name__}: {error}")


class _Memory:
    """What a row that refers to nothing needs to know, without asking."""

    def __init__(self, known: Mapping[tuple[str, int], Thread]) -> None:
        self._threads = known

    def thread(self, to: ToThread, chat: int) -> Thread:
        """The contact's thread, as we remember it."""
        return self._threads.get((to.room, to.contact_id)) or _wanted(to, chat)

    def title(self, to: Recipient) -> str:
        """Nothing: no thread is made from memory."""
        del to
        return ""

    def parcel(self, row: OutboxRow, address: Address, place: str) -> Parcel:
        """A row as the channel needs it."""
        del place
        return Parcel(address=address, content=row.content)


def _wanted(to: ToThread, chat: int) -> Thread:
    return Thread(room=to.room, contact_id=to.contact_id, chat=chat, thread=None, state=ThreadState.WANTED)


class _Desk:
    """What the claimed rows need to know, fetched once for all of them."""

    def __init__(self, connection: Connection, of: Collection[str], now: datetime) -> None:
        self._connection = connection
        self._now = now
        rows, self._broken = outbox.next_rows(connection, of)
        self._fresh = {lane: _without_replaced(of_lane) for lane, of_lane in rows.items()}
        kept = {row.id for of_lane in self._fresh.values() for row in of_lane}
        self._replaced = {lane: [row.id for row in of_lane if row.id not in kept] for lane, of_lane in rows.items()}
        firsts = {lane: of_lane[0] for lane, of_lane in self._fresh.items() if of_lane}
        owners = {to.contact_id for lane in firsts if isinstance(to := _recipient(lane), ToThread)}
        self._threads = threads.of_contacts(connection, owners) if owners else {}
        referred = {message for row in firsts.values() for message in _referred(row.content)}
        self._externals = threads.externals(connection, referred) if referred else {}
        numbers = {row.content.ticket for row in firsts.values() if isinstance(row.content, Card)}
        self._cards = threads.card_places(connection, numbers) if numbers else {}
        strangers = owners - {thread.contact_id for thread in self._threads.values() if thread.thread is not None}
        self._titles = threads.titles(connection, strangers) if strangers else {}

    def fresh(self, lane: str) -> Sequence[OutboxRow]:
        """The lane's rows that nothing newer takes the place of."""
        return self._fresh.get(lane, ())

    def broken(self, lane: str) -> BrokenRow | None:
        """The lane's row that nobody can read, after those that come before it."""
        return self._broken.get(lane)

    def thread(self, to: ToThread, chat: int) -> Thread:
        """The contact's thread in a room, wanted where there is none yet (H1), or only in a group it was before."""
        known = self._threads.get((to.room, to.contact_id))
        if known is None or (known.chat != chat and threads.moved_chats(self._connection).get(chat) != known.chat):
            return _wanted(to, chat)
        return known

    def title(self, to: Recipient) -> str:
        """What a new thread is called (H4)."""
        if isinstance(to, ToThread) and to.contact_id not in self._titles:
            self._titles |= threads.titles(self._connection, {to.contact_id})
        return self._titles.get(to.contact_id, "…") if isinstance(to, ToThread) else ""

    def parcel(self, row: OutboxRow, address: Address, place: str) -> Parcel:
        """A row as the channel needs it."""
        referred = {
            message: self._externals[message, place]
            for message in _referred(row.content)
            if (message, place) in self._externals
        }
        posted = None
        if isinstance(row.content, Card) and row.content.ticket in self._cards:
            chat, at = self._cards[row.content.ticket]
            posted = at if chat == address.chat else None
        return Parcel(address=address, content=row.content, external_ids=referred, posted=posted)

    def deferral(self, lease: Lease, pause: timedelta, *, attempts: int) -> Deferral:
        """The lane given back for later."""
        return Deferral(lease=lease, ready_at=self._now + pause, attempts=attempts)

    def save(self, taken: Taken) -> None:
        """Mark what is about to be called, and give back what is not."""
        if taken.jobs:
            # Of a call that makes a thread the thread itself bears the doubt: its row has not been tried yet.
            outbox.mark_sending(self._connection, [row.id for job in taken.jobs if not job.creates for row in job.rows])
            self._ask_for(
                [job.thread for job in taken.jobs if job.creates and not job.may_exist and job.thread is not None]
            )
        stale = [(row, OutboxState.REPLACED, None) for of_lane in self._replaced.values() for row in of_lane]
        if stale:
            outbox.settle(self._connection, stale, self._now)
            gone = {lane: len(of_lane) for lane, of_lane in self._replaced.items() if of_lane}
            lanes.leave(self._connection, outbox_lanes, gone)
        if taken.deferrals:
            lanes.defer(self._connection, outbox_lanes, taken.deferrals)
        if taken.emptied:
            lanes.clear(self._connection, outbox_lanes, taken.emptied)

    def _ask_for(self, new: Sequence[Thread]) -> None:
        """Say, before the calls, that these threads may exist from now on, newer than all that are known."""
        if new:
            before = threads.newest(self._connection, {thread.chat for thread in new})
            creating = [
                replace(thread, state=ThreadState.CREATING, probe_after=before.get(thread.chat)) for thread in new
            ]
            threads.put(self._connection, creating)


def _recipient(lane: str) -> Recipient | None:
    try:
        return recipient_of(lane)
    except ValueError:
        return None


def _without_replaced(rows: Sequence[OutboxRow]) -> list[OutboxRow]:
    """Of rows that take each other's place only the last; a call that was begun is not taken back."""
    last = {row.replaces: row.id for row in rows if row.replaces is not None}
    return [
        row for row in rows if row.replaces is None or last[row.replaces] == row.id or row.state is OutboxState.SENDING
    ]


def _referred(content: Content) -> tuple[int, ...]:
    match content:
        case CustomerEdit() | CustomerDelete() | RelayEdit():
            return (content.message,)
        case CustomerMessage(reply_to=int(message)):
            return (message,)
        case _:
            return ()
