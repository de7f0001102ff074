"""What every channel is to the rest of the house: something that reads what came in, and sends what is to go out.

SendError
├── RetryLater      nothing was sent; try again after a while (limits, 5xx, connection refused)
├── Unreachable     the recipient closed the channel to us (blocked, deactivated, kicked)
├── Rejected        the channel says no for good; the reason goes to whoever wrote the message
├── Uncertain       the request left, no answer came: it may have happened (rules.md J4)
├── ThreadMissing   the thread was deleted (H3)
├── ThreadClosed    the thread is closed (H3)
├── ThreadsForbidden  no right to manage threads (H3)
└── RoomMoved       the group has another id now

Forged              a press that no button of ours makes; it is left alone (a ValueError)
NotStored           the intake could not keep what came; the door acknowledges nothing and is given it again
"""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from desk.commands import Command
from desk.outgoing import Content
from desk.values import Value


class Raw(Value, frozen=True, kw_only=True):
    """One raw update at the door, before it is stored.

    `key` is unique for good ("telegram:BOT:UPDATE_ID"), `lane` is what is handled in order ("telegram:CHAT"),
    `payload` is JSON text exactly as it came, `received_at` is UTC.
    """

    key: str
    lane: str
    channel: str
    payload: str
    received_at: datetime


class NotStored(Exception):
    """The updates could not be stored; `str()` says why."""


class Forged(ValueError):
    """A stored update says what only a changed client can say: nobody is told, and nothing waits for a person."""


class Accept(Protocol):
    """The intake: when it returns, the updates are stored for good and may be acknowledged."""

    async def __call__(self, updates: Sequence[Raw]) -> None:
        """Store the updates; those whose key is known already are left out. Raises NotStored."""


class Address(Value, frozen=True, kw_only=True):
    """Where a parcel goes, in the channel's own terms.

    `chat` is the customer's address or the room's chat. `thread` is a thread of that chat, None for the chat itself.
    """

    chat: str
    thread: int | None = None


class Parcel(Value, frozen=True, kw_only=True):
    """One thing to send.

    `external_ids` maps ids of our messages that the content refers to (an edit, a reply) to their ids in this very
    chat; a text that was split has several. `posted` is the chat's id of the card that is already there.
    """

    address: Address
    content: Content
    external_ids: dict[int, tuple[str, ...]] = msgspec.field(default_factory=dict)
    posted: str | None = None


class Sent(Value, frozen=True, kw_only=True):
    """The channel took it. `external_ids` are the new messages' ids, in order; empty for edits and marks."""

    external_ids: tuple[str, ...]
    at: datetime


class SendError(Exception):
    """Whatever keeps a parcel from arriving; `str()` says why in a sentence fit for an agent."""


class RetryLater(SendError):
    """Nothing was sent; worth another try after `after` seconds.

    `whole_bot` says that the limit is the bot's, not the chat's.
    """

    def __init__(self, reason: str, *, after: float, whole_bot: bool = False) -> None:
        """Keep the pause beside the reason."""
        super().__init__(reason)
        self.after = after
        self.whole_bot = whole_bot


class Unreachable(SendError):
    """The recipient closed the channel to us."""


class Rejected(SendError):
    """The channel refuses this content for good."""


class Uncertain(SendError):
    """The request left and no answer came back."""


class ThreadMissing(SendError):
    """The thread does not exist any more."""


class ThreadClosed(SendError):
    """The thread is closed."""


class ThreadsForbidden(SendError):
    """We may not make or change threads in this chat, or it has none."""


class RoomMoved(SendError):
    """The group has become another chat."""

    def __init__(self, reason: str, *, moved_to: int) -> None:
        """Keep the new chat id beside the reason."""
        super().__init__(reason)
        self.moved_to = moved_to


class Channel(Protocol):
    """An adapter."""

    @property
    def name(self) -> str:
        """The channel's name, the first part of a conversation's key."""

    def parse(self, payload: str, received_at: datetime) -> Sequence[Command]:
        """What a stored update asks for; empty where it is a kind that concerns nobody.

        Raises ValueError when the update cannot be read; the row is then parked with that reason. Raises Forged.
        """

    async def send(self, parcel: Parcel) -> Sent:
        """Send one thing, once. Raises SendError."""

    def pause(self, parcel: Parcel, now: float) -> float:
        """Seconds until the limits allow this parcel, 0.0 for now; what is allowed is counted as spent.

        `now` is monotonic seconds.
        """

    def merge(self, contents: Sequence[Content]) -> Content | None:
        """One content that says what these say in order, or None where they cannot be merged."""

    async def fetch(self, file: str) -> AsyncIterator[bytes]:
        """The bytes of a file that the channel keeps, by the part of Attachment.file after the scheme."""


class Threaded(Protocol):
    """A channel in which the staff work in threads, one a contact."""

    async def open_thread(self, chat: int, title: str) -> int:
        """Make a thread and return its id. Raises SendError; Uncertain where it may have been made."""

    async def reopen_thread(self, chat: int, thread: int) -> None:
        """Open a closed thread again. Raises SendError."""

    async def rename_thread(self, chat: int, thread: int, title: str) -> None:
        """Give a thread its title. Raises SendError."""
