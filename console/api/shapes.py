"""What goes over the wire: the shapes of questions and answers, which are the schemas of the OpenAPI document too."""

from datetime import UTC, datetime
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from desk.facts import Fact as DeskFact
from desk.facts import FactKind
from desk.messages import Attachment as DeskAttachment
from desk.messages import AttachmentKind, Author, Delivery
from desk.messages import Message as DeskMessage
from desk.readings import Reading as DeskReading
from desk.readings import Sentiment
from desk.sla import Clock as DeskClock
from desk.sla import Metric, Outcome
from desk.tickets import Contact as DeskContact
from desk.tickets import Conversation, Priority, Status
from desk.tickets import Ticket as DeskTicket

#: No NUL, which PostgreSQL does not keep.
_PLAIN = "^[^\\u0000]*$"
_WORD = "^[A-Za-z0-9_.:-]*$"

Word = Annotated[str, Meta(min_length=1, max_length=100, pattern=_PLAIN)]
Moment = Annotated[datetime, Meta(tz=True)]
Limit = Annotated[int, Meta(ge=1, le=100, description="How many rows a page has at most.")]
Place = Annotated[
    str, Meta(pattern="^[0-9a-f]{32}$", description="`next` of the page before: the list goes on after it.")
]
Name = Annotated[str, Meta(min_length=1, max_length=64, pattern=_WORD)]
Number = Annotated[int, Meta(ge=-(2**53), le=2**53)]
#: JSON knows no whole numbers: 7.0 is as good as 7, which an int would refuse.
MessageId = Annotated[
    float,
    Meta(ge=1, le=2**53, multiple_of=1, description="A message of the thread; else what gave the ticket its intent."),
]
Value = Annotated[str, Meta(max_length=1000, pattern=_PLAIN)] | Number | float | bool

# ---- questions -------------------------------------------------------------------------------------------------------


class PageQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which page of a list."""

    cursor: Place | UnsetType = UNSET
    limit: Limit = 50


class TicketQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which tickets."""

    status: Status | UnsetType = UNSET
    team: Word | UnsetType = UNSET
    assignee: Word | UnsetType = UNSET
    priority: Priority | UnsetType = UNSET
    updated_since: Moment | UnsetType = UNSET


class NewMessage(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A reply to the customer, or a note that stays in the house, in the name of a member of the staff."""

    author: Annotated[Word, Meta(description="A name of `staff` in the company's file.")]
    text: Annotated[str, Meta(min_length=1, max_length=20_000, pattern="^\\s*[^\\s\\u0000][^\\u0000]*$")]
    public: Annotated[bool, Meta(description="true: a reply, which the customer gets; false: a note.")] = True


class NewCorrection(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a customer's message means, where it was read wrong, in the name of a member of the staff."""

    author: Annotated[Word, Meta(description="A name of `staff` in the company's file.")]
    intent: Annotated[Word, Meta(description="A built-in intent, or one of `intents` in the company's file.")]
    message: MessageId | UnsetType = UNSET
    sentiment: Sentiment | UnsetType = UNSET
    urgent: bool | UnsetType = UNSET


class NewEvent(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that a contact did elsewhere."""

    id: Annotated[
        str, Meta(min_length=1, max_length=200, pattern=_WORD, description="Unique for good: each id counts once.")
    ]
    name: Annotated[Name, Meta(description="What the company's file calls the event, like `order_paid`.")]
    at: Moment | UnsetType = UNSET
    data: Annotated[dict[Name, Value], Meta(max_length=50)] = {}

    def __post_init__(self) -> None:
        """`$` lets a last newline pass, which no id has."""
        if self.id.endswith("\n") or self.name.endswith("\n"):
            raise ValueError("Expected no newline")


# ---- answers ---------------------------------------------------------------------------------------------------------


class Contact(Struct, frozen=True, kw_only=True):
    """A person."""

    id: int
    name: str
    language: str
    timezone: str | None
    tier: str
    stage: str
    source: str | None
    consent: bool
    tags: list[str]
    created_at: datetime


class Channel(Struct, frozen=True, kw_only=True):
    """A channel that a contact writes on."""

    channel: str
    username: str | None
    last_message_at: datetime | None
    blocked_at: datetime | None


class ContactDetail(Contact, frozen=True, kw_only=True):
    """A person with their channels."""

    channels: list[Channel]


class Ticket(Struct, frozen=True, kw_only=True):
    """A case."""

    number: int
    contact_id: int
    status: Status
    priority: Priority
    team: str
    subject: str
    intent: str
    assignee: str | None
    answered_by: str | None
    created_at: datetime
    updated_at: datetime
    handed_over_at: datetime | None
    handoff_reason: str | None
    waiting_since: datetime | None
    first_reply_at: datetime | None
    resolved_at: datetime | None
    reopen_count: int
    follows: int | None
    version: int


class Clock(Struct, frozen=True, kw_only=True):
    """A promise of the ticket's SLA policy."""

    metric: Metric
    generation: int
    outcome: Outcome
    started_at: datetime
    due_at: datetime | None
    met_at: datetime | None
    breached_at: datetime | None


class TicketDetail(Ticket, frozen=True, kw_only=True):
    """A case with its clocks."""

    clocks: list[Clock]


class Reading(Struct, frozen=True, kw_only=True):
    """The tags of a customer's message."""

    intent: str
    confidence: float
    sentiment: Sentiment
    urgent: bool
    language: str


class Attachment(Struct, frozen=True, kw_only=True):
    """What hangs on a message."""

    kind: AttachmentKind
    name: str | None
    media_type: str | None
    size: int | None


class Message(Struct, frozen=True, kw_only=True):
    """A message of a ticket; one that is not public is a note."""

    id: int
    author: Author
    author_name: str | None
    public: bool
    text: str
    at: datetime
    delivery: Delivery
    attachments: list[Attachment]
    reading: Reading | None


class Fact(Struct, frozen=True, kw_only=True):
    """Something that happened to a ticket."""

    id: int
    kind: FactKind
    at: datetime
    by: str
    data: dict[str, Any]


class ContactPage(Struct, frozen=True, kw_only=True):
    """Contacts; `next` is null on the last page."""

    items: list[Contact]
    next: str | None


class TicketPage(Struct, frozen=True, kw_only=True):
    """Tickets; `next` is null on the last page."""

    items: list[Ticket]
    next: str | None


class MessagePage(Struct, frozen=True, kw_only=True):
    """Messages; `next` is null on the last page."""

    items: list[Message]
    next: str | None


class FactPage(Struct, frozen=True, kw_only=True):
    """Facts; `next` is null on the last page."""

    items: list[Fact]
    next: str | None


class Accepted(Struct, frozen=True, kw_only=True):
    """Stored for good. `handled` says whether it is carried out already, or will be in a moment."""

    handled: bool


class Problem(Struct, frozen=True, kw_only=True):
    """What is wrong (RFC 9457)."""

    title: str
    status: int
    detail: str
    type: str = "about:blank"


# ---- from the desk's values ------------------------------------------------------------------------------------------


def utc(moment: datetime) -> datetime:
    """The moment in UTC; what lies beyond the calendar's ends is at its end."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC) if moment.year == 1 else datetime.max.replace(tzinfo=UTC)


def _taken(shape: type[Struct], value: object) -> dict[str, Any]:
    return {name: getattr(value, name) for name in shape.__struct_fields__}


def contact_shape(contact: DeskContact) -> Contact:
    """A contact without what is only the program's."""
    return Contact(**_taken(Contact, contact) | {"tags": list(contact.tags)})


def contact_detail(contact: DeskContact, places: list[Conversation]) -> ContactDetail:
    """A contact with their channels."""
    channels = [Channel(**_taken(Channel, place)) for place in places]
    return ContactDetail(**_taken(Contact, contact) | {"tags": list(contact.tags)}, channels=channels)


def ticket_shape(ticket: DeskTicket) -> Ticket:
    """A ticket."""
    return Ticket(**_taken(Ticket, ticket))


def ticket_detail(ticket: DeskTicket, clocks: tuple[DeskClock, ...]) -> TicketDetail:
    """A ticket with its clocks."""
    return TicketDetail(**_taken(Ticket, ticket), clocks=[Clock(**_taken(Clock, clock)) for clock in clocks])


def message_shape(message: DeskMessage) -> Message:
    """A message."""
    attachments = [_attachment(each) for each in message.attachments]
    reading = None if message.reading is None else _reading(message.reading)
    return Message(**_taken(Message, message) | {"attachments": attachments, "reading": reading})


def _attachment(attachment: DeskAttachment) -> Attachment:
    return Attachment(**_taken(Attachment, attachment))


def _reading(reading: DeskReading) -> Reading:
    return Reading(**_taken(Reading, reading))


def fact_shape(number: int, fact: DeskFact) -> Fact:
    """A fact."""
    return Fact(id=number, kind=fact.kind, at=fact.at, by=fact.by, data=dict(fact.data))
