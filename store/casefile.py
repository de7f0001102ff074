"""A contact's case file: what is known when the rules decide, and what they decided, until it is saved.

The handlers read and change it in memory alone; store/cases.py loads the files of a whole round and saves them in one
commit. What is not needed for every message stands behind `look`, and costs a statement only where it is asked for.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from desk.commands import DueKind, EventRecorded
from desk.facts import Fact
from desk.messages import Delivery, Message
from desk.outgoing import Buttons, Outgoing
from desk.readings import Correction
from desk.sla import Clock, Metric
from desk.tickets import Contact, Conversation, Ticket
from desk.values import replace

ClockKey = tuple[int, Metric, int]
"""(ticket, metric, generation)."""


def key_of(clock: Clock) -> ClockKey:
    """What a clock is known by."""
    return clock.ticket, clock.metric, clock.generation


@dataclass(frozen=True, kw_only=True, slots=True)
class Deadline:
    """Something that falls due; `key` names it for good, a later one of the same key takes its place."""

    key: str
    kind: DueKind
    due_at: datetime
    contact_id: int
    lane: str
    ticket: int | None = None
    data: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Alert:
    """An SLA alert as it fired: at `level` per cent of a clock's target.

    `room` is who hears of it beside the ticket's own thread: `text` waits for them until `told_at` (S17).
    """

    key: str
    ticket: int
    metric: Metric
    level: int
    at: datetime
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    room: str | None = None
    text: str = ""
    told_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SurveyRecord:
    """A survey of one contact: planned, sent, answered, expired, withdrawn or skipped.

    `score` is the answer that counts, `first_score` the one before it was changed (Q5).
    """

    id: int
    key: str
    name: str
    kind: str
    contact_id: int
    conversation_id: int
    channel: str
    state: str
    planned_at: datetime
    ticket: int | None = None
    resolution: int | None = None
    agent: str | None = None
    team: str | None = None
    message_id: int | None = None
    sent_at: datetime | None = None
    answered_at: datetime | None = None
    score: int | None = None
    first_score: int | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Presence:
    """Whether a member of the staff is at work, since when, how many open tickets they hold, how heavy (R2)."""

    name: str
    online: bool
    since: datetime
    tickets: int
    load: float = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class NudgeRecord:
    """A nudge that was put on its way; `key` makes it unique for good (J4)."""

    contact_id: int
    key: str
    journey: str
    at: datetime


class ThreadState(StrEnum):
    """Where a contact's thread in a room stands (H2)."""

    WANTED = "wanted"
    CREATING = "creating"
    OPEN = "open"
    CLOSED = "closed"
    LOST = "lost"
    NONE = "none"


@dataclass(frozen=True, kw_only=True, slots=True)
class ThreadChange:
    """What was learned of a thread."""

    room: str
    contact_id: int
    state: ThreadState


@dataclass(frozen=True, kw_only=True, slots=True)
class ThreadTitled:
    """A thread was given a title; none and never where nobody knows what it is called."""

    room: str
    contact_id: int
    title: str
    at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownThread:
    """A contact's thread in a room: how it stands, the last title it was given, and when."""

    state: ThreadState
    title: str
    titled_at: datetime | None


class Look(Protocol):
    """Questions that only some commands ask; each costs one statement."""

    def message(self, message_id: int) -> Message | None:
        """A message by its id."""

    def message_at(self, place: str, external_id: str) -> Message | None:
        """A message by where it stands outside: its sender's own id there, or our copy's."""

    def customer_message(self, conversation_id: int, external_id: str) -> Message | None:
        """A customer's own message by their channel's id of it, or of its part in an album."""

    def recent_messages(self, conversation_id: int, limit: int) -> Sequence[Message]:
        """A conversation's last messages, oldest first."""

    def opening_message(self, ticket: int) -> Message | None:
        """A ticket's first message of the customer's that was read."""

    def correction(self, message_id: int) -> Correction | None:
        """What the staff said last of a message."""

    def likely_intents(self, read: str) -> Sequence[str]:
        """What the staff made of this reading before, then what tickets were about lately; most often first."""

    def survey(self, survey_id: int) -> SurveyRecord | None:
        """A survey by its id."""

    def surveys_of(self, contact_id: int) -> Sequence[SurveyRecord]:
        """A contact's surveys, newest first, at most 50."""

    def alert(self, key: str) -> Alert | None:
        """An alert by its key."""

    def alerts_for(self, room: str, since: datetime) -> Sequence[Alert]:
        """What a room has yet to be told, and what it was told after a moment, in order; asked once a round."""

    def told_alerts(self, room: str, keys: Collection[str], at: datetime) -> None:
        """A room was told of these in this round, which counts in `alerts_for` from now on."""

    def presences(self) -> Sequence[Presence]:
        """Whoever of the staff has ever said that they are there or away; asked of the database once a round."""

    def gave_ticket(self, name: str) -> None:
        """Somebody was given a ticket in this round, which weighs in `presences` from now on."""

    def nudges_since(self, contact_id: int, since: datetime) -> Sequence[NudgeRecord]:
        """A contact's nudges after a moment, oldest first."""

    def knows_event(self, event_id: str) -> bool:
        """Whether an event of this id was recorded before (L4)."""

    def thread(self, room: str, contact_id: int) -> KnownThread | None:
        """A contact's thread in a room, where one was ever wanted."""

    def staff_message(self, message_id: int) -> tuple[int, str] | None:
        """(chat, external id) of the staff's own message that became this one, if it came from a chat."""


class Numbers(Protocol):
    """Where new ids come from."""

    def next_id(self) -> int:
        """A fresh id for a contact, a conversation, a message or a survey."""

    def next_ticket(self) -> int:
        """The next ticket's number, without gaps."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageChange:
    """What changes on a message that is kept already; None leaves a thing as it is."""

    message_id: int
    at: datetime
    delivery: Delivery | None = None
    reason: str | None = None
    text: str | None = None
    public: bool | None = None
    buttons: Buttons | None = None
    external_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptMessage:
    """A new message with the buttons it offers."""

    message: Message
    buttons: Buttons = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptCorrection:
    """A new correction: of which message, and in which ticket's timeline it stands."""

    contact_id: int
    message_id: int
    ticket: int
    correction: Correction


@dataclass(kw_only=True, slots=True)
class Effects:
    """What was decided, beside the changed values of the case file."""

    messages: list[KeptMessage] = field(default_factory=list)
    message_changes: list[MessageChange] = field(default_factory=list)
    corrections: list[KeptCorrection] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    outgoing: list[Outgoing] = field(default_factory=list)
    deadlines: dict[str, Deadline | None] = field(default_factory=dict)
    alerts: dict[str, Alert] = field(default_factory=dict)
    told_alerts: list[str] = field(default_factory=list)
    surveys: dict[int, SurveyRecord] = field(default_factory=dict)
    nudges: list[NudgeRecord] = field(default_factory=list)
    presences: dict[str, bool] = field(default_factory=dict)
    links: list[tuple[str, str, int]] = field(default_factory=list)
    blocked_lanes: list[tuple[str, str]] = field(default_factory=list)
    thread_changes: list[ThreadChange] = field(default_factory=list)
    titles: list[ThreadTitled] = field(default_factory=list)
    moved_chats: dict[int, int] = field(default_factory=dict)
    events: list[EventRecorded] = field(default_factory=list)


@dataclass(kw_only=True, slots=True)
class Before:
    """The values as they were loaded: what differs from them is saved."""

    contact: Contact | None = None
    conversations: dict[str, Conversation] = field(default_factory=dict)
    tickets: dict[int, Ticket] = field(default_factory=dict)
    clocks: dict[ClockKey, Clock] = field(default_factory=dict)


@dataclass(kw_only=True, slots=True)
class CaseFile:
    """All that concerns one contact now; `contact` is None for a stranger, and for what concerns no contact.

    `dialogue` is what customer and bot said last, by conversation, where no person has the case yet.
    """

    numbers: Numbers
    look: Look
    contact: Contact | None = None
    conversations: dict[str, Conversation] = field(default_factory=dict)
    tickets: dict[int, Ticket] = field(default_factory=dict)
    clocks: dict[ClockKey, Clock] = field(default_factory=dict)
    dialogue: dict[int, list[Message]] = field(default_factory=dict)
    effects: Effects = field(default_factory=Effects)
    before: Before = field(default_factory=Before)

    def remember(self) -> None:
        """Take what is in the file now as what is kept."""
        self.before = Before(
            contact=self.contact,
            conversations=dict(self.conversations),
            tickets=dict(self.tickets),
            clocks=dict(self.clocks),
        )

    @property
    def known(self) -> Contact:
        """The contact; it is an error to ask before there is one."""
        if self.contact is None:
            raise LookupError("this case file has no contact")
        return self.contact

    def conversation(self, conversation_id: int) -> Conversation:
        """A conversation by its id. Raises LookupError."""
        for each in self.conversations.values():
            if each.id == conversation_id:
                return each
        raise LookupError(f"conversation {conversation_id} is not in this case file")

    def put_conversation(self, conversation: Conversation) -> Conversation:
        """Keep a new or changed conversation."""
        self.conversations[conversation.key] = conversation
        return conversation

    def put_ticket(self, ticket: Ticket) -> Ticket:
        """Keep a new or changed ticket."""
        self.tickets[ticket.number] = ticket
        return ticket

    def put_clock(self, clock: Clock) -> Clock:
        """Keep a new or changed clock."""
        self.clocks[key_of(clock)] = clock
        return clock

    def running(self, ticket: int) -> list[Clock]:
        """The clocks of a ticket that have not come to an end."""
        return [clock for clock in self.clocks.values() if clock.ticket == ticket and not clock.is_over]

    def open_tickets(self) -> list[Ticket]:
        """The contact's tickets that are on the desk, oldest first."""
        return sorted((each for each in self.tickets.values() if each.is_open), key=lambda each: each.number)

    def record(self, fact: Fact) -> None:
        """Add a line to the timeline."""
        self.effects.facts.append(fact)

    def keep(self, message: Message, buttons: Buttons = ()) -> Message:
        """Keep a new message."""
        self.effects.messages.append(KeptMessage(message=message, buttons=buttons))
        return message

    def assign(self, message: Message, ticket: int) -> None:
        """A message that was just kept turns out to be about this ticket."""
        kept = self.effects.messages
        kept[:] = [
            replace(each, message=replace(each.message, ticket_id=ticket)) if each.message.id == message.id else each
            for each in kept
        ]

    def heard(self, conversation_id: int, external_id: str) -> Message | None:
        """A customer's own message by their channel's id of it, or of its part in an album, also one of this round."""
        for kept in self.effects.messages:
            parts = (kept.message.external_id or "").split(",")
            if kept.message.conversation_id == conversation_id and external_id in parts:
                return kept.message
        return self.look.customer_message(conversation_id, external_id)

    def message(self, message_id: int) -> Message | None:
        """A message by its id, also one of this round."""
        of_round = (kept.message for kept in self.effects.messages if kept.message.id == message_id)
        return next(of_round, None) or self.look.message(message_id)

    def correction(self, message_id: int) -> Correction | None:
        """What the staff said last of a message, also in this round."""
        of_round = [kept.correction for kept in self.effects.corrections if kept.message_id == message_id]
        return of_round[-1] if of_round else self.look.correction(message_id)

    def standing_at(self, place: str, external_id: str) -> Message | None:
        """A message by where it stands outside, also one of this round."""
        linked = {message for where, known, message in self.effects.links if (where, known) == (place, external_id)}
        for kept in self.effects.messages:
            if kept.message.id in linked:
                return kept.message
        return self.look.message_at(place, external_id)

    def send(self, item: Outgoing) -> None:
        """Put something into the outbox."""
        self.effects.outgoing.append(item)

    def schedule(self, deadline: Deadline) -> None:
        """Let something fall due."""
        self.effects.deadlines[deadline.key] = deadline

    def cancel(self, key: str) -> None:
        """Let nothing of this key fall due."""
        self.effects.deadlines[key] = None
