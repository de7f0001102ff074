"""Contacts, conversations and tickets: the values that the rules decide on."""

from datetime import datetime
from enum import StrEnum

from desk.readings import Sentiment
from desk.values import Value


class Priority(StrEnum):
    """How pressing a ticket is, lowest first."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"

    def raised(self, levels: int = 1) -> "Priority":
        """The priority `levels` steps up, never beyond urgent."""
        order = list(Priority)
        return order[min(order.index(self) + levels, len(order) - 1)]


class Status(StrEnum):
    """Where a ticket stands."""

    NEW = "new"
    OPEN = "open"
    WAITING_ON_CUSTOMER = "waiting_on_customer"
    ON_HOLD = "on_hold"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"
    CLOSED = "closed"

    @property
    def is_over(self) -> bool:
        """Whether the ticket has left the desk."""
        return self in (Status.RESOLVED, Status.CLOSED)


class Contact(Value, frozen=True, kw_only=True):
    """A person.

    `language_chosen` is whether they said so themselves, `consent` is their word on nudges and news; service messages
    are always sent.
    """

    id: int
    name: str
    language: str
    created_at: datetime
    language_chosen: bool = False
    timezone: str | None = None
    tier: str = "member"
    stage: str = "lead"
    source: str | None = None
    consent: bool = True
    tags: tuple[str, ...] = ()
    version: int = 1


class Conversation(Value, frozen=True, kw_only=True):
    """A contact on one channel.

    `address` is the channel's own (a chat id, a visitor id). `matter_since` is the first message of what the customer
    is on about now, None once it is settled. `awaiting_reason` is the survey whose free-text question
    stands open. `acknowledged_at` is when the customer was last told that a person will come (H16).
    """

    id: int
    contact_id: int
    channel: str
    address: str
    created_at: datetime
    username: str | None = None
    last_message_at: datetime | None = None
    matter_since: datetime | None = None
    failed_answers: int = 0
    negative_streak: int = 0
    acknowledged_at: datetime | None = None
    acknowledged_ticket: int | None = None
    blocked_at: datetime | None = None
    awaiting_reason: int | None = None

    @property
    def key(self) -> str:
        """The conversation's lane, unique across channels."""
        return f"{self.channel}:{self.address}"


class Ticket(Value, frozen=True, kw_only=True):
    """One case of a contact; `number` is what people call it by.

    `handed_over_at` is None while the bot is still in front (H13). `waiting_since` is the oldest customer message that
    no person has answered (S4); `waits` counts its next_reply clocks. `answered_by` is the last person whose reply
    reached the customer.

    `asked_in` is the message that the intent was read in; `sentiment` and `urgent` are the tone of what was said with
    it. `confidence` is None where a person said what it is about.
    """

    number: int
    contact_id: int
    conversation_id: int
    status: Status
    priority: Priority
    team: str
    subject: str
    intent: str
    created_at: datetime
    asked_in: int | None = None
    confidence: float | None = None
    sentiment: Sentiment | None = None
    urgent: bool | None = None
    handed_over_at: datetime | None = None
    handoff_reason: str | None = None
    policy: str | None = None
    assignee: str | None = None
    answered_by: str | None = None
    waiting_since: datetime | None = None
    first_reply_at: datetime | None = None
    waits: int = 0
    resolved_at: datetime | None = None
    resolutions: int = 0
    reopen_count: int = 0
    follows: int | None = None
    updated_at: datetime | None = None
    version: int = 1

    @property
    def is_open(self) -> bool:
        """Whether the ticket is still on the desk."""
        return not self.status.is_over
