"""The emulator as tests hold it: start it, make people and groups, script faults, wait, look."""

from collections.abc import Callable
from types import TracebackType
from typing import Self

from tests.emulator import invariants
from tests.emulator.clock import Clock
from tests.emulator.control import Control
from tests.emulator.faults import Faults
from tests.emulator.groups import Group, new_group
from tests.emulator.ledger import Ledger
from tests.emulator.limits import Limiter, Limits
from tests.emulator.people import Customer
from tests.emulator.server import Server
from tests.emulator.state import Chat, ChatKind, Message, User
from tests.emulator.updates import Updates
from tests.emulator.webhook import Webhook
from tests.emulator.world import Callback, World

TOKEN = "42000:AAE-emulator-token-of-35-characters"


class Emulator:
    """A Bot API server for one bot, in this event loop, over real HTTP on 127.0.0.1.

    The bot may run here too, or in another process with GUANXI_TELEGRAM_API_URL=emulator.url.
    """

    def __init__(
        self,
        *,
        token: str = TOKEN,
        username: str = "guanxi_bot",
        limits: Limits | None = None,
        clock: Clock | None = None,
        api_delay: float = 0.0,
        keep_calls: bool = True,
        webhook_first_pause: float = 0.05,
    ) -> None:
        self.token = token
        self.clock = clock or Clock()
        self.ledger = Ledger(keep=keep_calls)
        self.limiter = Limiter(limits or Limits.off(), self.clock)
        self.faults = Faults()
        bot = User(id=int(token.split(":", maxsplit=1)[0]), first_name="Guanxi", username=username, is_bot=True)
        self.world = World(bot=bot, token=token, clock=self.clock, limiter=self.limiter, ledger=self.ledger)
        self.webhook = Webhook(self.world, first_pause=webhook_first_pause)
        control = Control(self.world, self.faults, self.customer)
        self.server = Server(self.world, self.faults, self.webhook, control.order, api_delay)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self, port: int = 0) -> None:
        await self.server.start(port)

    async def stop(self) -> None:
        self.faults.clear()
        await self.webhook.stop()
        await self.server.stop()

    @property
    def url(self) -> str:
        """The base address, as a local Bot API server's: `<url>/bot<token>/<method>`."""
        return f"http://127.0.0.1:{self.server.port}"

    @property
    def bot(self) -> User:
        return self.world.bot

    @property
    def updates(self) -> Updates:
        """The queue the bot polls; `pending` is what it has not confirmed."""
        return self.world.updates

    @property
    def callbacks(self) -> list[Callback]:
        return list(self.world.callbacks.values())

    @property
    def customers(self) -> list[Chat]:
        """Private chats in which somebody has written."""
        return [chat for chat in self.world.chats.values() if chat.user is not None and chat.started]

    def customer(
        self, user_id: int, name: str = "", *, username: str | None = None, language_code: str | None = "en"
    ) -> Customer:
        """A person who may write to the bot, made on first mention."""
        chat = self.world.chats.get(user_id)
        if chat is None or chat.user is None:
            person = User(id=user_id, first_name=name or f"C{user_id}", username=username, language_code=language_code)
            chat = self.world.chats[user_id] = Chat(id=user_id, kind=ChatKind.PRIVATE, user=person)
            return Customer(self.world, person, chat)
        return Customer(self.world, chat.user, chat)

    def forum(self, title: str = "Desk", *, chat_id: int = -1_001_000_000_001) -> Group:
        """A supergroup with topics; the bot is an administrator with all rights it needs."""
        return Group(self.world, new_group(self.world, chat_id, title, ChatKind.SUPERGROUP, is_forum=True))

    def plain_group(self, title: str = "Desk", *, chat_id: int = -4_000_001) -> Group:
        """A basic group without topics; see `Group.migrates`."""
        return Group(self.world, new_group(self.world, chat_id, title, ChatKind.GROUP, is_forum=False))

    async def until(self, condition: Callable[[], object], *, within: float = 20.0, what: str = "") -> None:
        """Wait until the condition holds; it is asked again after each visible change. No luck, no sleeping."""
        try:
            await self.world.until(condition, within)
        except TimeoutError:
            calls = [f"{call.method} {call.chat_id} {call.code} {call.description}" for call in self.ledger.calls[-8:]]
            raise AssertionError(f"not within {within} s: {what or condition}; last calls: {calls}") from None

    def assert_each_once(
        self,
        room: Group,
        *,
        repeats_allowed: int = 0,
        extra_topics_allowed: int = 0,
        counts: Callable[[Message], bool] = invariants.plain,
    ) -> None:
        """Each line of each customer stands in one topic of the room, once, in order; see `invariants`."""
        invariants.assert_each_once(
            self.customers,
            room.chat,
            repeats_allowed=repeats_allowed,
            extra_topics_allowed=extra_topics_allowed,
            counts=counts,
        )

    def share_used(self, room: Group) -> float:
        """How much of the group's allowance the bot used between its first and last message there (1.0 is all)."""
        return self.limiter.share_used(room.id)
