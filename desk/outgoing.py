"""What the desk sends: contents and recipients, in words that every channel understands.

Handlers put these into the outbox, and nowhere else; the sender hands them to a channel.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import IntEnum

from desk.messages import Attachment
from desk.tickets import Priority, Status
from desk.values import Value


class Rank(IntEnum):
    """Who goes first where a budget is short; within one recipient rows go by rank, then in order."""

    REPAIR = 0
    REPLY = 1
    ALERT = 2
    CARD = 3
    NUDGE = 4
    TITLE = 5


class Button(Value, frozen=True, kw_only=True):
    """A button; `action` comes back as the press's action, at most 64 bytes of UTF-8."""

    label: str
    action: str


Buttons = tuple[tuple[Button, ...], ...]

# ---- to a customer ---------------------------------------------------------------------------------------------------


class CustomerMessage(Value, frozen=True, kw_only=True):
    """A message to a customer. `reply_to` is the id of the message of ours or theirs that it answers."""

    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    buttons: Buttons = ()
    reply_to: int | None = None


class CustomerEdit(Value, frozen=True, kw_only=True):
    """A message of ours gets another text and other buttons."""

    message: int
    text: str
    buttons: Buttons = ()


class CustomerDelete(Value, frozen=True, kw_only=True):
    """A message of ours is taken back."""

    message: int


class PressAnswer(Value, frozen=True, kw_only=True):
    """The answer to a pressed button, shown once to whoever pressed it."""

    press: str
    text: str = ""


# ---- to the staff ----------------------------------------------------------------------------------------------------


class Relay(Value, frozen=True, kw_only=True):
    """A customer's message, shown to the staff: copied, never forwarded (H7).

    `origin` is the conversation's key and `external_id` the message's id there, so that a channel can copy its own.
    """

    author: str
    text: str
    attachments: tuple[Attachment, ...] = ()
    origin: str = ""
    external_id: str | None = None


class Line(Value, frozen=True, kw_only=True):
    """A line of the house's own in a thread or a room: what happened, a refusal, a failure, a transcript."""

    text: str
    buttons: Buttons = ()
    reply_to_external: str | None = None


class RelayEdit(Value, frozen=True, kw_only=True):
    """A customer changed a message that the staff have seen (H10)."""

    message: int
    author: str
    text: str


class Mark(Value, frozen=True, kw_only=True):
    """The fate of a staff message, shown on it (H8). An empty emoji takes the mark away."""

    chat: int
    external_id: str
    emoji: str


class Card(Value, frozen=True, kw_only=True):
    """The live card of a ticket (H5): posted once, edited after. Labels are in the room's language already."""

    ticket: int
    version: int
    headline: str
    rows: tuple[tuple[str, str], ...]
    buttons: Buttons
    status: Status
    priority: Priority


class ThreadTitle(Value, frozen=True, kw_only=True):
    """A thread is called something else (H4)."""

    title: str


Content = (
    CustomerMessage | CustomerEdit | CustomerDelete | PressAnswer | Relay | Line | RelayEdit | Mark | Card | ThreadTitle
)

#: The name each kind of content is stored under.
CONTENTS: Mapping[str, type[Content]] = {
    kind.__name__: kind
    for kind in (
        CustomerMessage,
        CustomerEdit,
        CustomerDelete,
        PressAnswer,
        Relay,
        Line,
        RelayEdit,
        Mark,
        Card,
        ThreadTitle,
    )
}

# ---- recipients ------------------------------------------------------------------------------------------------------


class ToConversation(Value, frozen=True, kw_only=True):
    """A customer, on one channel."""

    channel: str
    address: str

    @property
    def lane(self) -> str:
        """What is sent in order."""
        return f"{self.channel}:{self.address}"


class ToThread(Value, frozen=True, kw_only=True):
    """A contact's thread in a room of the staff: a forum topic, or the group itself where it has no topics."""

    room: str
    contact_id: int

    @property
    def lane(self) -> str:
        """What is sent in order."""
        return f"thread:{self.contact_id}:{self.room}"


class ToRoom(Value, frozen=True, kw_only=True):
    """A whole room (the General topic)."""

    room: str

    @property
    def lane(self) -> str:
        """What is sent in order."""
        return f"room:{self.room}"


Recipient = ToConversation | ToThread | ToRoom


def recipient_of(lane: str) -> Recipient:
    """The recipient whose lane this is."""
    door, _, rest = lane.partition(":")
    match door:
        case "room":
            return ToRoom(room=rest)
        case "thread":
            contact_id, _, room = rest.partition(":")
            return ToThread(room=room, contact_id=int(contact_id))
        case _:
            return ToConversation(channel=door, address=rest)


class Outgoing(Value, frozen=True, kw_only=True):
    """One row of the outbox, as a handler writes it.

    `message` is the id of the kept message whose fate this is; `report` asks for a DeliveryReported about it.
    `key` makes a send unique for good (J4); `replaces` names what a newer row of the same name takes the place of, as
    long as it waits (card edits). `again` is whether a send that may have happened is repeated once (a service message)
    or not (a nudge).
    """

    to: Recipient
    content: Content
    rank: Rank
    contact_id: int | None = None
    message: int | None = None
    report: bool = False
    key: str | None = None
    replaces: str | None = None
    due_at: datetime | None = None
    again: bool = True
