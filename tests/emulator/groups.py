"""Groups where the staff work: forums with topics, and plain ones; the bot's rights in them."""

from tests.emulator.people import Member
from tests.emulator.state import Chat, ChatKind, Message, Topic, User
from tests.emulator.world import World

ALL_RIGHTS = frozenset({"can_manage_chat", "can_delete_messages", "can_pin_messages", "can_manage_topics"})


class Group:
    """Made with an owner and with the bot as an administrator."""

    def __init__(self, world: World, chat: Chat) -> None:
        self._world = world
        self.chat = chat

    @property
    def id(self) -> int:
        return self.chat.id

    @property
    def general(self) -> Topic:
        """The General topic, or the whole chat where there are no topics."""
        if self.chat.general is None:
            raise LookupError("a private chat has no topics")
        return self.chat.general

    @property
    def topics(self) -> list[Topic]:
        """Topics still there, oldest first, General aside."""
        return [topic for topic in self.chat.topics.values() if not topic.deleted]

    @property
    def messages(self) -> list[Message]:
        return list(self.chat.messages.values())

    @property
    def texts(self) -> list[str]:
        """All the bot's texts that stand in the group, wherever."""
        return [message.text for message in self.messages if message.from_bot and not message.deleted and message.text]

    def topic(self, part_of_name: str) -> Topic:
        """The one topic whose name holds this; none or several are the test's mistake."""
        found = [topic for topic in self.topics if part_of_name in topic.name]
        if len(found) != 1:
            raise LookupError(
                f"{len(found)} topics called {part_of_name!r} among {[topic.name for topic in self.topics]}"
            )
        return found[0]

    def member(self, user_id: int, name: str, *, username: str | None = None, language_code: str = "en") -> Member:
        """A person of the group, made on first mention."""
        user = self.chat.members.get(user_id)
        if user is None:
            user = User(id=user_id, first_name=name, username=username, language_code=language_code)
            self.chat.members[user_id] = user
        return Member(self._world, user, self.chat)

    def loses(self, user_id: int) -> None:
        """A person leaves; Telegram still knows who they were."""
        self.chat.left.add(user_id)

    def disguises(self, user_id: int) -> None:
        """A person is an administrator who remains anonymous."""
        self.chat.anonymous.add(user_id)

    def grants(self, *rights: str) -> None:
        """The bot is an administrator with these rights more."""
        self._membership("administrator", self.chat.bot_rights | set(rights))

    def takes(self, *rights: str) -> None:
        """The bot loses these rights, and stays an administrator."""
        self._membership("administrator", self.chat.bot_rights - set(rights))

    def dismisses_bot(self) -> None:
        """The bot is a plain member."""
        self._membership("member", set())

    def kicks_bot(self) -> None:
        self._membership("kicked", set())

    def readmits_bot(self) -> None:
        self._membership("administrator", set(ALL_RIGHTS))

    def migrates(self, new_id: int | None = None, *, is_forum: bool = False) -> "Group":
        """A plain group becomes a supergroup with another id; both chats get their service message."""
        target = new_id or -1_000_000_000_000 - abs(self.chat.id)
        chat = new_group(self._world, target, self.chat.title, ChatKind.SUPERGROUP, is_forum=is_forum)
        chat.members = dict(self.chat.members)
        owner = self.chat.owner or self._world.bot
        chat.owner = owner
        left = self._world.post(self.chat, owner, {"migrate_to_chat_id": target})
        self.chat.migrated_to = target
        self._world.announce(left)
        self._world.announce(self._world.post(chat, owner, {"migrate_from_chat_id": self.chat.id}))
        return Group(self._world, chat)

    def _membership(self, status: str, rights: set[str]) -> None:
        self._world.bot_membership(self.chat, self.chat.owner or self._world.bot, status, rights)


def new_group(world: World, chat_id: int, title: str, kind: ChatKind, *, is_forum: bool) -> Chat:
    owner = User(id=99_000_001, first_name="Owner")
    chat = Chat(
        id=chat_id, kind=kind, title=title, is_forum=is_forum, owner=owner,
        bot_status="administrator", bot_rights=set(ALL_RIGHTS), members={owner.id: owner}, started=True,
    )  # fmt: skip
    chat.last_id = 1  # the first message of a supergroup tells that it was made, and is the root of General
    chat.general = Topic(thread_id=None, name="General" if is_forum else title, chat=chat, creator=owner)
    world.chats[chat_id] = chat
    return chat
