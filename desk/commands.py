"""Commands: what customers, staff and the clock ask of the desk, whatever door they came through.

A command is a value without behaviour. Adapters make them from what their channel sends; handlers/ carries them out.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from desk.messages import Attachment
from desk.readings import Sentiment


@dataclass(frozen=True, kw_only=True, slots=True)
class Sender:
    """A customer as their channel names them: enough to know the contact again, or to make one."""

    channel: str
    address: str
    name: str
    username: str | None = None
    language: str | None = None
    timezone: str | None = None

    @property
    def key(self) -> str:
        """The conversation's key."""
        return f"{self.channel}:{self.address}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Actor:
    """A member of staff, as the door that let them in knows them.

    `name` is the staff member's name in desk.yaml where the door knows it (the console), else `telegram` tells.
    """

    name: str | None = None
    telegram: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AtTicket:
    """The case is named by its ticket's number (a button, the console, the API)."""

    number: int


@dataclass(frozen=True, kw_only=True, slots=True)
class AtThread:
    """The case is named by the place where the staff wrote: a topic of a room's group."""

    chat: int
    thread: int


@dataclass(frozen=True, kw_only=True, slots=True)
class AtMessage:
    """The case is named by a message of ours in a group that was replied to (a group without topics)."""

    chat: int
    message: int


Place = AtTicket | AtThread | AtMessage


# ---- customers -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerWrote:
    """A message of a customer; `group` binds the parts of an album."""

    sender: Sender
    external_id: str
    text: str
    at: datetime
    attachments: tuple[Attachment, ...] = ()
    reply_to: str | None = None
    group: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerStarted:
    """/start, or the first opening of the web chat; `code` is the deep link's, the contact's source."""

    sender: Sender
    at: datetime
    code: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerEdited:
    """A customer changed a message."""

    sender: Sender
    external_id: str
    text: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerReacted:
    """A customer put a reaction on a message of ours; no emoji means it was taken back."""

    sender: Sender
    external_id: str
    emoji: str | None
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerPressed:
    """A customer pressed a button of ours. `press` is the channel's id of the press, which wants an answer."""

    sender: Sender
    action: str
    at: datetime
    press: str | None = None
    external_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerBlocked:
    """The customer closed the channel to us (H12)."""

    sender: Sender
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerUnblocked:
    """The customer opened the channel again."""

    sender: Sender
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerRead:
    """The customer has seen everything up to this message of ours (web chat)."""

    sender: Sender
    message: int
    at: datetime


# ---- staff -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class StaffWrote:
    """Plain text or media that a member of staff put where a case is discussed (H6 decides what it is).

    `chat` and `external_id` name the staff's own message, so that its fate can be shown on it (H8).
    """

    by: Actor
    place: Place
    text: str
    at: datetime
    attachments: tuple[Attachment, ...] = ()
    chat: int | None = None
    external_id: str | None = None
    group: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class StaffEdited:
    """A member of staff changed a message that may stand with the customer already (H10).

    `is_note` says that they wrote it as a note this time, `text` being what the note says.
    """

    by: Actor
    place: Place
    text: str
    at: datetime
    chat: int
    external_id: str
    is_note: bool = False


class Action(StrEnum):
    """What the staff can do with a ticket or with themselves, by command or button; see H15."""

    TAKE = "take"
    RELEASE = "release"
    NOTE = "note"
    REPLY = "reply"
    WAITING = "waiting"
    RESOLVE = "resolve"
    REOPEN = "reopen"
    WHO = "who"
    ONLINE = "online"
    AWAY = "away"
    HELP = "help"
    SEND_NOTE = "send_note"
    TAKE_AND_SEND = "take_and_send"
    KEEP_NOTE = "keep_note"
    ACKNOWLEDGE = "acknowledge"
    RETAG = "retag"
    KEEP_TAG = "keep_tag"


@dataclass(frozen=True, kw_only=True, slots=True)
class StaffActed:
    """A slash command, a button or a console action.

    `place` is None where the action needs no ticket (/online). `argument` is what followed the command: the note's or
    reply's text, the note's message id for "Take and send", the alert's key for "Acknowledge", the right intent for
    RETAG (none asks for the choice). `seen` is the ticket's version that the presser looked at, where the door knows
    it: a stale button says so (H5). The last three are RETAG's: which message was read wrong, where it is not the one
    that the ticket's intent was read in, and its right tone and urgency, where somebody says so.
    """

    by: Actor
    action: Action
    at: datetime
    place: Place | None = None
    argument: str = ""
    attachments: tuple[Attachment, ...] = ()
    seen: int | None = None
    press: str | None = None
    chat: int | None = None
    external_id: str | None = None
    message: int | None = None
    sentiment: Sentiment | None = None
    urgent: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ThreadClosed:
    """A topic of a room was closed by hand, or found closed (H3)."""

    place: AtThread
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class RoomMoved:
    """A room's group became a supergroup with another id."""

    chat: int
    moved_to: int
    at: datetime


# ---- the house itself ------------------------------------------------------------------------------------------------


class DueKind(StrEnum):
    """What falls due."""

    SLA = "sla"
    ALERTS = "alerts"
    CALENDAR = "calendar"
    TITLE = "title"
    SURVEY = "survey"
    SURVEY_EXPIRY = "survey_expiry"
    NUDGE = "nudge"
    IDLE_NUDGE = "idle_nudge"
    IDLE_RESOLVE = "idle_resolve"


@dataclass(frozen=True, kw_only=True, slots=True)
class DeadlineReached:
    """A due row was claimed. `key` names it for good; `contact_id` says whose case it is; `data` is what was kept."""

    kind: DueKind
    key: str
    contact_id: int
    due_at: datetime
    ticket: int | None = None
    data: dict[str, str | int] = field(default_factory=dict)


class Outcome(StrEnum):
    """What became of something we sent."""

    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveryReported:
    """The sender tells the desk what became of a message that somebody waits to hear of (S5, H8).

    `is_change` says that it is not about the message itself, but about new words for it (H10).
    """

    contact_id: int
    message: int
    outcome: Outcome
    at: datetime
    reason: str | None = None
    blocked: bool = False
    is_change: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ThreadLost:
    """The sender found that a contact's thread in a room was deleted (H3)."""

    contact_id: int
    room: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class ThreadsRefused:
    """The sender may not make threads in a room: its group is used without them (H3)."""

    room: str
    reason: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class EventRecorded:
    """Something a contact did elsewhere (a payment, a page view), by the API; `id` makes it count once (L4)."""

    contact_id: int
    id: str
    name: str
    at: datetime
    data: dict[str, str | int | float | bool] = field(default_factory=dict)


CustomerCommand = (
    CustomerWrote
    | CustomerStarted
    | CustomerEdited
    | CustomerReacted
    | CustomerPressed
    | CustomerBlocked
    | CustomerUnblocked
    | CustomerRead
)
StaffCommand = StaffWrote | StaffEdited | StaffActed | ThreadClosed | RoomMoved
HouseCommand = DeadlineReached | DeliveryReported | EventRecorded | ThreadLost | ThreadsRefused
Command = CustomerCommand | StaffCommand | HouseCommand
