"""A message and what hangs on it: who wrote it, who may see it, what became of it on its way."""

from datetime import datetime
from enum import StrEnum

from desk.readings import Reading
from desk.values import Value


class AttachmentKind(StrEnum):
    """What a message can carry beside its text."""

    PHOTO = "photo"
    DOCUMENT = "document"
    VOICE = "voice"
    VIDEO = "video"
    AUDIO = "audio"
    ANIMATION = "animation"
    STICKER = "sticker"
    LOCATION = "location"
    CONTACT = "contact"


class Attachment(Value, frozen=True, kw_only=True):
    """A file, a place or a visiting card.

    `file` says where the bytes are, as "SCHEME:KEY": "telegram:FILE_ID" on Telegram's servers, "local:KEY" in our own
    file store; None for a location or a contact. `size` is in bytes.
    """

    kind: AttachmentKind
    file: str | None = None
    name: str | None = None
    media_type: str | None = None
    size: int | None = None
    latitude: float | None = None
    longitude: float | None = None
    phone: str | None = None
    person: str | None = None


class Author(StrEnum):
    """Who wrote a message."""

    CUSTOMER = "customer"
    BOT = "bot"
    AGENT = "agent"


class Delivery(StrEnum):
    """What became of a message: received from outside, or on its way to the customer."""

    RECEIVED = "received"
    QUEUED = "queued"
    SENT = "sent"
    READ = "read"
    FAILED = "failed"
    UNKNOWN = "unknown"
    DELETED = "deleted"
    INTERNAL = "internal"


class Message(Value, frozen=True, kw_only=True):
    """One message of a conversation, as it is kept.

    `at` is the channel's own timestamp (UTC) for a received message, the moment of writing for ours. `public` is False
    for a note, which never leaves the house. `external_id` is the id on the customer's channel, when there is one.
    """

    id: int
    contact_id: int
    conversation_id: int
    ticket_id: int | None
    author: Author
    author_name: str | None
    public: bool
    text: str
    attachments: tuple[Attachment, ...]
    at: datetime
    delivery: Delivery
    external_id: str | None = None
    reply_to: int | None = None
    reading: Reading | None = None
