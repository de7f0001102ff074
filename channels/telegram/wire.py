"""Telegram's updates and answers as far as this house reads them, decoded by msgspec.

Fields that are not named are skipped unread. A date is Unix seconds.
"""

from datetime import UTC, datetime
from typing import Annotated, Generic, TypeVar

import msgspec
from msgspec import Meta, Struct

Date = Annotated[int, Meta(ge=0, le=253_402_300_799)]
Anything = object | None
T = TypeVar("T")


def moment(date: int) -> datetime:
    """A date of Telegram's as an aware datetime."""
    return datetime.fromtimestamp(date, UTC)


class User(Struct, frozen=True, gc=False):
    """A person or a bot."""

    id: int
    is_bot: bool = False
    first_name: str = ""
    last_name: str | None = None
    username: str | None = None
    language_code: str | None = None


class Chat(Struct, frozen=True, gc=False):
    """`type` is private, group, supergroup or channel."""

    id: int
    type: str = ""

    @property
    def is_private(self) -> bool:
        """Whether a single person is on the other side."""
        return self.type == "private"


class File(Struct, frozen=True, gc=False):
    """Any file: a photo's size, a document, a voice message …"""

    file_id: str
    file_size: int | None = None
    file_name: str | None = None
    mime_type: str | None = None
    width: int = 0
    height: int = 0
    is_animated: bool = False
    is_video: bool = False


class Location(Struct, frozen=True, gc=False):
    """A place; `live_period` is there while it moves."""

    latitude: float
    longitude: float
    live_period: int | None = None


class Venue(Struct, frozen=True, gc=False):
    """A place with a name."""

    location: Location
    title: str = ""
    address: str = ""


class Contact(Struct, frozen=True, gc=False):
    """A visiting card."""

    phone_number: str
    first_name: str = ""
    last_name: str | None = None


class Poll(Struct, frozen=True, gc=False):
    """A question put to a vote."""

    question: str = ""


class Dice(Struct, frozen=True, gc=False):
    """A thrown die."""

    emoji: str = ""
    value: int = 0


class Answered(Struct, frozen=True, gc=False, rename={"sender": "from"}):
    """The message that another one replies to."""

    message_id: int
    sender: User | None = None


class Message(Struct, frozen=True, rename={"sender": "from"}):
    """A message of any kind."""

    message_id: int
    chat: Chat
    date: Date = 0
    sender: User | None = None
    sender_chat: Chat | None = None
    text: str | None = None
    caption: str | None = None
    message_thread_id: int | None = None
    is_topic_message: bool = False
    edit_date: Date | None = None
    media_group_id: str | None = None
    reply_to_message: Answered | None = None
    photo: tuple[File, ...] = ()
    document: File | None = None
    voice: File | None = None
    video: File | None = None
    video_note: File | None = None
    audio: File | None = None
    animation: File | None = None
    sticker: File | None = None
    location: Location | None = None
    venue: Venue | None = None
    contact: Contact | None = None
    poll: Poll | None = None
    dice: Dice | None = None
    story: Anything = None
    game: Anything = None
    checklist: Anything = None
    paid_media: Anything = None
    forum_topic_closed: Anything = None
    migrate_to_chat_id: int | None = None

    @property
    def thread(self) -> int | None:
        """The topic it stands in; a reply thread of a group without topics is none."""
        return self.message_thread_id if self.is_topic_message else None


class CallbackQuery(Struct, frozen=True, rename={"sender": "from"}):
    """A pressed button."""

    id: str
    sender: User
    message: Message | None = None
    data: str | None = None


class Reaction(Struct, frozen=True, gc=False):
    """`type` is emoji, custom_emoji or paid."""

    type: str
    emoji: str | None = None


class MessageReaction(Struct, frozen=True):
    """Somebody changed their reactions to a message."""

    chat: Chat
    message_id: int
    date: Date
    user: User | None = None
    new_reaction: tuple[Reaction, ...] = ()


class Member(Struct, frozen=True, gc=False):
    """`status` is member, administrator, restricted, left, kicked …"""

    status: str


class MemberUpdated(Struct, frozen=True, rename={"sender": "from"}):
    """Our own standing in a chat changed."""

    chat: Chat
    sender: User
    date: Date
    new_chat_member: Member


class Update(Struct, frozen=True):
    """An update; at most one of its kinds is there, none where it concerns nobody here."""

    message: Message | None = None
    edited_message: Message | None = None
    callback_query: CallbackQuery | None = None
    message_reaction: MessageReaction | None = None
    my_chat_member: MemberUpdated | None = None


#: The kinds of update we ask Telegram for; the others are never sent.
ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "message_reaction", "my_chat_member")


class Posted(Struct, frozen=True, gc=False):
    """A message of ours as Telegram answers a send."""

    message_id: int
    date: Date = 0


class StoredFile(Struct, frozen=True, gc=False):
    """Where a file can be downloaded."""

    file_path: str | None = None


class Topic(Struct, frozen=True, gc=False):
    """A new forum topic."""

    message_thread_id: int


class Parameters(Struct, frozen=True, gc=False):
    """What an error answer adds."""

    retry_after: float | None = None
    migrate_to_chat_id: int | None = None


class Answer(Struct, Generic[T], frozen=True):
    """Every answer of the Bot API: a result, or a refusal."""

    ok: bool
    result: T | None = None
    error_code: int = 0
    description: str = ""
    parameters: Parameters | None = None


Decoder = msgspec.json.Decoder
UPDATE = Decoder(Update)
POSTED = Decoder(Answer[Posted])
ALBUM = Decoder(Answer[list[Posted]])
DONE = Decoder(Answer[object])
UPDATES = Decoder(Answer[list[msgspec.Raw]])
FILE = Decoder(Answer[StoredFile])
TOPIC = Decoder(Answer[Topic])
ME = Decoder(Answer[User])
