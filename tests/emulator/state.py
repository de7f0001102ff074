"""What stands in Telegram: users, chats, topics, messages and files, with their shapes on the wire."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

Json = dict[str, Any]


class ChatKind(Enum):
    PRIVATE = "private"
    GROUP = "group"
    SUPERGROUP = "supergroup"


@dataclass(kw_only=True, slots=True, eq=False)
class User:
    id: int
    first_name: str
    last_name: str | None = None
    username: str | None = None
    language_code: str | None = None
    is_bot: bool = False
    deactivated: bool = False
    wire: Json = field(init=False)

    def __post_init__(self) -> None:
        given = {"last_name": self.last_name, "username": self.username, "language_code": self.language_code}
        self.wire = {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name}
        self.wire.update({name: value for name, value in given.items() if value})


@dataclass(frozen=True, kw_only=True, slots=True)
class Version:
    """What a message said before an edit."""

    content: Json
    markup: Json | None
    until: int


@dataclass(kw_only=True, slots=True, eq=False)
class Message:
    """`content` holds the fields that differ by kind (text, entities, photo, forum_topic_created ...)."""

    id: int
    chat: "Chat"
    sender: User
    date: int
    content: Json
    topic: "Topic | None" = None
    reply_to: "Message | None" = None
    markup: Json | None = None
    edit_date: int | None = None
    edits: list[Version] = field(default_factory=list)
    deleted: bool = False
    pinned: bool = False
    reactions: dict[int, list[Json]] = field(default_factory=dict)
    copied_from: tuple[int, int] | None = None

    @property
    def text(self) -> str:
        """The text, or the caption of a medium, or nothing."""
        return str(self.content.get("text") or self.content.get("caption") or "")

    @property
    def entities(self) -> list[Json]:
        found: list[Json] = self.content.get("entities") or self.content.get("caption_entities") or []
        return found

    @property
    def kind(self) -> str:
        """The field that makes it what it is: text, photo, forum_topic_created ..."""
        return next((name for name in self.content if name not in _BESIDE), "unknown")

    @property
    def buttons(self) -> list[Json]:
        """Inline buttons in reading order."""
        rows = (self.markup or {}).get("inline_keyboard", [])
        return [button for row in rows for button in row]

    @property
    def from_bot(self) -> bool:
        return self.sender.is_bot

    def emoji_of(self, user_id: int) -> list[str]:
        return [reaction.get("emoji", "") for reaction in self.reactions.get(user_id, [])]

    def wire(self, *, depth: int = 1) -> Json:
        shape: Json = {"message_id": self.id, "from": self.sender.wire, "chat": self.chat.wire, "date": self.date}
        answered = self.reply_to
        if self.topic is not None and self.topic.thread_id is not None:
            shape["message_thread_id"] = self.topic.thread_id
            shape["is_topic_message"] = True
            answered = answered or self.topic.created
        if answered is not None and answered is not self and depth and not answered.deleted:
            shape["reply_to_message"] = answered.wire(depth=depth - 1)
        shape.update(self.content)
        if self.edit_date is not None:
            shape["edit_date"] = self.edit_date
        if self.markup is not None and "inline_keyboard" in self.markup:
            shape["reply_markup"] = self.markup
        return shape


_BESIDE = frozenset({"entities", "caption", "caption_entities", "media_group_id"})


@dataclass(kw_only=True, slots=True, eq=False)
class Topic:
    """`thread_id` is None for General, and for the whole of a chat without topics."""

    thread_id: int | None
    name: str
    chat: "Chat"
    creator: User
    icon_color: int = 7322096
    icon_custom_emoji_id: str | None = None
    closed: bool = False
    deleted: bool = False
    created: Message | None = None
    messages: list[Message] = field(default_factory=list)

    @property
    def from_bot(self) -> list[Message]:
        """What the bot wrote here and is still there, without service messages."""
        return [message for message in self.messages if message.from_bot and not message.deleted and message.text]

    @property
    def texts(self) -> list[str]:
        """All that stands here to be read, whoever wrote it."""
        return [message.text for message in self.messages if message.text and not message.deleted]


@dataclass(kw_only=True, slots=True, eq=False)
class Chat:
    id: int
    kind: ChatKind
    title: str = ""
    user: User | None = None
    is_forum: bool = False
    owner: User | None = None
    messages: dict[int, Message] = field(default_factory=dict)
    topics: dict[int, Topic] = field(default_factory=dict)
    members: dict[int, User] = field(default_factory=dict)
    left: set[int] = field(default_factory=set)
    anonymous: set[int] = field(default_factory=set)
    general: Topic | None = None
    bot_status: str = "member"
    bot_rights: set[str] = field(default_factory=set)
    admins_write_in_closed_topics: bool = False
    migrated_to: int | None = None
    started: bool = False
    blocked: bool = False
    last_id: int = 0
    wire: Json = field(init=False)

    def __post_init__(self) -> None:
        self.wire = {"id": self.id, "type": self.kind.value}
        if self.user is not None:
            names = ("first_name", "last_name", "username")
            self.wire.update({name: self.user.wire[name] for name in names if name in self.user.wire})
        else:
            self.wire["title"] = self.title
        if self.is_forum:
            self.wire["is_forum"] = True

    @property
    def is_group(self) -> bool:
        return self.kind is not ChatKind.PRIVATE

    def bot_may(self, right: str) -> bool:
        return self.bot_status == "administrator" and right in self.bot_rights

    def standing(self, message_id: int) -> Message | None:
        message = self.messages.get(message_id)
        return message if message is not None and not message.deleted else None


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredFile:
    """An upload; `kind` is the field it was sent as. `declared_size` may exceed the bytes held, to play a big file."""

    file_id: str
    kind: str
    data: bytes
    name: str
    mime_type: str
    declared_size: int
    shape: Json

    @property
    def path(self) -> str:
        return f"{self.kind}s/{self.file_id}-{self.name}"
