"""The one Telegram that all parts share: who exists, what was posted, which updates the bot is due."""

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.emulator.clock import Clock
from tests.emulator.errors import ApiError, bad_request, forbidden, too_many_requests
from tests.emulator.ledger import Ledger
from tests.emulator.limits import Limiter
from tests.emulator.media import Files
from tests.emulator.state import Chat, ChatKind, Json, Message, Topic, User
from tests.emulator.updates import Updates

CALLBACK_LIFETIME = 60.0


@dataclass(kw_only=True, slots=True)
class Callback:
    """A button press; `answer` is what the person saw, None while the bot has not answered."""

    id: str
    user: User
    message: Message
    data: str
    pressed_at: float
    answer: Json | None = None

    @property
    def notice(self) -> str | None:
        """The text shown to the person who pressed."""
        return None if self.answer is None else str(self.answer.get("text", ""))


@dataclass(kw_only=True, slots=True)
class World:
    bot: User
    token: str
    clock: Clock
    limiter: Limiter
    ledger: Ledger
    files: Files = field(default_factory=Files)
    updates: Updates = field(default_factory=Updates)
    chats: dict[int, Chat] = field(default_factory=dict)
    callbacks: dict[str, Callback] = field(default_factory=dict)
    commands: dict[str, object] = field(default_factory=dict)
    reads_all_messages: bool = True
    chat_actions: list[tuple[int, str]] = field(default_factory=list)
    _waiters: "list[asyncio.Future[None]]" = field(default_factory=list)
    _shared_ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _callback_ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(4_000_000_000_000_000_001))

    _album_ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(13_000_000_000_000_001))

    def now(self) -> int:
        return int(self.clock.now())

    def new_album(self) -> str:
        """A media_group_id."""
        return str(next(self._album_ids))

    def changed(self) -> None:
        """Something became visible: let those who wait look again."""
        if self._waiters:
            for waiter in self._waiters:
                if not waiter.done():
                    waiter.set_result(None)
            self._waiters.clear()

    async def until(self, condition: Callable[[], object], within: float) -> None:
        async with asyncio.timeout(within):
            while not condition():
                waiter = asyncio.get_running_loop().create_future()
                self._waiters.append(waiter)
                await waiter

    def chat_for(self, chat_id: int) -> Chat:
        """A chat the bot may see and write to, or the error the real server gives."""
        chat = self.chats.get(chat_id)
        if chat is None:
            bad_request("chat not found")
        if chat.user is not None:
            _check_private(chat, chat.user)
        else:
            _check_group(chat)
        return chat

    def charge(self, chat: Chat, cost: int = 1) -> None:
        """Take from the allowances, or 429."""
        wait = self.limiter.take(chat.id, is_group=chat.is_group, cost=cost)
        if wait:
            raise too_many_requests(wait)

    def post(
        self,
        chat: Chat,
        sender: User,
        content: Json,
        *,
        topic: Topic | None = None,
        reply_to: Message | None = None,
        markup: Json | None = None,
        copied_from: tuple[int, int] | None = None,
    ) -> Message:
        """A message appears in the chat; whose it is decides whether the bot hears of it (see `announce`)."""
        message = Message(
            id=self._next_id(chat), chat=chat, sender=sender, date=self.now(), content=content,
            topic=topic or chat.general, reply_to=reply_to, markup=markup, copied_from=copied_from,
        )  # fmt: skip
        chat.messages[message.id] = message
        if message.topic is not None:
            message.topic.messages.append(message)
        self.changed()
        return message

    def announce(self, message: Message, kind: str = "message") -> None:
        """Tell the bot of somebody else's message or edit."""
        self.updates.add(kind, message.wire(), lane=message.chat.id)
        self.changed()

    def press(self, user: User, message: Message, data: str) -> Callback:
        callback = Callback(
            id=str(next(self._callback_ids)), user=user, message=message, data=data, pressed_at=self.clock.now()
        )
        self.callbacks[callback.id] = callback
        self.updates.add(
            "callback_query",
            {
                "id": callback.id,
                "from": user.wire,
                "message": message.wire(),
                "chat_instance": str(abs(message.chat.id) * 7919),
                "data": data,
            },
            lane=message.chat.id,
        )
        self.changed()
        return callback

    def bot_membership(self, chat: Chat, by: User, status: str, rights: set[str] | None = None) -> None:
        """The bot's place in a chat changes, and it is told."""
        before = self.bot_member(chat)
        chat.bot_status = status
        chat.bot_rights = set(rights or ())
        payload = {
            "chat": chat.wire, "from": by.wire, "date": self.now(),
            "old_chat_member": before, "new_chat_member": self.bot_member(chat),
        }  # fmt: skip
        self.updates.add("my_chat_member", payload, lane=chat.id)
        self.changed()

    def bot_member(self, chat: Chat) -> Json:
        """A ChatMember object for the bot itself."""
        member: Json = {"user": self.bot.wire, "status": chat.bot_status}
        match chat.bot_status:
            case "kicked":
                member["until_date"] = 0
            case "administrator":
                member |= {"can_be_edited": False, "is_anonymous": False}
                member |= {right: right in chat.bot_rights for right in ADMINISTRATOR_RIGHTS}
            case _:
                pass
        return member

    def _next_id(self, chat: Chat) -> int:
        if chat.kind is ChatKind.SUPERGROUP:
            chat.last_id += 1
            return chat.last_id
        return next(self._shared_ids)


ADMINISTRATOR_RIGHTS = (
    "can_manage_chat",
    "can_change_info",
    "can_delete_messages",
    "can_invite_users",
    "can_restrict_members",
    "can_pin_messages",
    "can_manage_topics",
    "can_promote_members",
    "can_manage_video_chats",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_send_welcome_messages",
)


def _check_private(chat: Chat, user: User) -> None:
    if user.deactivated:
        forbidden("user is deactivated")
    if chat.blocked:
        forbidden("bot was blocked by the user")
    if not chat.started:
        forbidden("bot can't initiate conversation with a user")


def _check_group(chat: Chat) -> None:
    if chat.migrated_to is not None:
        reason = "Bad Request: group chat was upgraded to a supergroup chat"
        raise ApiError(400, reason, migrate_to_chat_id=chat.migrated_to)
    name = "supergroup" if chat.kind is ChatKind.SUPERGROUP else "group"
    match chat.bot_status:
        case "kicked":
            forbidden(f"bot was kicked from the {name} chat")
        case "left":
            forbidden(f"bot is not a member of the {name} chat")
        case _:
            pass
