"""A conversation as its customer may see it: what the desk keeps, without what never leaves the house."""

from dataclasses import dataclass
from datetime import datetime

from desk.messages import Attachment, Author, Delivery
from desk.outgoing import Buttons


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One public message of a conversation.

    `external_id` is the channel's id of it, for a customer's own message the id that their browser gave it.
    `edited_at` is the moment of the last change, None where there was none.
    """

    id: int
    author: Author
    author_name: str | None
    text: str
    attachments: tuple[Attachment, ...]
    buttons: Buttons
    at: datetime
    delivery: Delivery
    external_id: str | None = None
    reply_to: int | None = None
    edited_at: datetime | None = None
