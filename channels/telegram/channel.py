"""Telegram as a channel: stored updates become commands, contents become calls of the Bot API, rooms have topics."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Container, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from channels.base import Parcel, RetryLater, Sent
from channels.limits import Budget
from channels.telegram import calls, customers, wire
from channels.telegram.api import Api
from channels.telegram.carrier import Carrier
from channels.telegram.changes import Changes, ids_of, topic_name
from channels.telegram.contents import ROUND
from channels.telegram.front import NAME
from channels.telegram.room import Rooms
from channels.telegram.texts import TEXT_LIMIT, utf16_length
from channels.telegram.wire import Chat, Posted, Update, moment
from desk.commands import Command
from desk.outgoing import (
    Card,
    Content,
    CustomerDelete,
    CustomerEdit,
    CustomerMessage,
    Line,
    Mark,
    PressAnswer,
    Relay,
    RelayEdit,
    ThreadTitle,
)


class TelegramChannel:
    """The adapter of one bot; implements channels.base.Channel and Threaded.

    `rooms` are the chat ids of the staff's groups (it may change while we run), `now` is UTC, `monotonic` the clock of
    the sender's `pause`, `open_file` says where a file of our own store lies.
    """

    def __init__(
        self,
        api: Api,
        *,
        username: str,
        rooms: Container[int],
        budget: Budget,
        open_file: Callable[[str], Path],
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Wire the parts together."""
        self._api = api
        self._room_ids = rooms
        self._rooms = Rooms(bot_id=api.bot_id, username=username)
        self._budget = budget
        self._now = now
        self._monotonic = monotonic
        self._carrier = Carrier(api, open_file=open_file, sleep=sleep)
        self._changes = Changes(api, self._carrier)

    @property
    def name(self) -> str:
        """The first part of a conversation's key."""
        return NAME

    def parse(self, payload: str, received_at: datetime) -> Sequence[Command]:
        """The commands of a stored update. Raises ValueError where it cannot be read."""
        try:
            update = wire.UPDATE.decode(payload)
        except RecursionError:
            raise ValueError("the update is nested too deeply") from None
        chat = _chat_of(update)
        if chat is None:
            return ()
        if chat.is_private:
            return customers.read(update, received_at)
        return self._rooms.read(update, received_at) if chat.id in self._room_ids else ()

    async def send(self, parcel: Parcel) -> Sent:
        """Send one thing, once. Raises SendError."""
        with self._watched(parcel.address.chat):
            posted = await self._deliver(parcel, parcel.content)
        first = posted[0].date if posted else 0
        return Sent(external_ids=ids_of(posted), at=moment(first) if first else self._now())

    def pause(self, parcel: Parcel, now: float) -> float:
        """Seconds until the limits allow it; reactions and answers to presses cost a chat nothing."""
        chat = parcel.address.chat if _is_message(parcel.content) else None
        is_group = parcel.address.chat.startswith("-")
        return self._budget.pause(chat, now, is_group=is_group, cost=_cost(parcel.content))

    def merge(self, contents: Sequence[Content]) -> Content | None:
        """Several lines of one customer as one message, as long as they fit into it."""
        relays = [content for content in contents if isinstance(content, Relay) and _is_line(content)]
        if len(relays) != len(contents) or len({(relay.author, relay.origin) for relay in relays}) != 1:
            return None
        text = "\n".join(relay.text for relay in relays)
        if utf16_length(text) > TEXT_LIMIT:
            return None
        ids = ",".join(relay.external_id for relay in relays if relay.external_id)
        first = relays[0]
        return Relay(author=first.author, text=text, origin=first.origin, external_id=ids or None)

    async def fetch(self, file: str) -> AsyncIterator[bytes]:
        """The bytes of a file on Telegram's servers. Raises SendError."""
        return await self._api.download(file.removeprefix(ROUND))

    async def open_thread(self, chat: int, title: str) -> int:
        """Make a topic and return its id; the parcel that needs it has paid for it by its pause. Raises SendError."""
        with self._watched(str(chat)):
            topic = await self._api.call("createForumTopic", {"chat_id": chat, "name": topic_name(title)}, wire.TOPIC)
        return topic.message_thread_id

    async def reopen_thread(self, chat: int, thread: int) -> None:
        """Open a closed topic again. Raises SendError."""
        with self._watched(str(chat)):
            await self._changes.topic("reopenForumTopic", chat, thread)

    async def rename_thread(self, chat: int, thread: int, title: str) -> None:
        """Give a topic its title. Raises SendError."""
        with self._watched(str(chat)):
            await self._changes.rename(chat, thread, title)

    async def _deliver(self, parcel: Parcel, content: Content) -> Sequence[Posted]:
        match content:
            case CustomerMessage():
                answered = calls.first_id(parcel.external_ids, content.reply_to)
                return await self._carrier.perform(
                    calls.customer_message(content, calls.spot(parcel.address), answered)
                )
            case Relay():
                return await self._carrier.perform(calls.relay(content, calls.spot(parcel.address)))
            case Line():
                return await self._carrier.perform(calls.line(content, calls.spot(parcel.address)))
            case Card():
                return await self._changes.card(parcel, content)
            case CustomerEdit():
                return await self._changes.customer_edit(parcel, content)
            case RelayEdit():
                return await self._changes.relay_edit(parcel, content)
            case CustomerDelete() | PressAnswer() | Mark() | ThreadTitle():
                await self._change(parcel, content)
                return ()

    async def _change(self, parcel: Parcel, content: CustomerDelete | PressAnswer | Mark | ThreadTitle) -> None:
        match content:
            case CustomerDelete():
                await self._changes.customer_delete(parcel, content)
            case PressAnswer():
                await self._changes.press_answer(content)
            case Mark():
                await self._changes.mark(content)
            case ThreadTitle():
                await self._changes.thread_title(parcel, content)

    @contextmanager
    def _watched(self, chat: str) -> Iterator[None]:
        """A pause that Telegram asks for holds for everything else that waits for the chat."""
        try:
            yield
        except RetryLater as busy:
            self._budget.block(None if busy.whole_bot else chat, self._monotonic() + busy.after)
            raise


def _chat_of(update: Update) -> Chat | None:
    for message in (update.message, update.edited_message):
        if message is not None:
            return message.chat
    if update.callback_query is not None:
        pressed = update.callback_query.message
        return pressed.chat if pressed else None
    changed = update.message_reaction or update.my_chat_member
    return changed.chat if changed else None


def _is_line(content: Relay) -> bool:
    return bool(content.text) and not content.attachments


def _is_message(content: Content) -> bool:
    return not isinstance(content, Mark | PressAnswer | CustomerDelete)


def _cost(content: Content) -> int:
    """How many messages it becomes, as far as Telegram's limits count them."""
    match content:
        case CustomerMessage() | Relay():
            return max(1, len(content.attachments) + (utf16_length(content.text) > TEXT_LIMIT))
        case _:
            return 1
