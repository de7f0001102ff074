"""One visitor's WebSocket: frames in become stored updates, news of the transcript goes out."""

import asyncio
import re
import time
from collections.abc import Callable, MutableSet
from contextlib import suppress
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from aiohttp import WSMsgType, web

from channels.webchat import frames
from channels.webchat.allowance import Allowance
from channels.webchat.channel import conversation_key, topic
from channels.webchat.chat import WebChat
from channels.webchat.feed import Feed
from channels.webchat.frames import Code, Hello, Messages, Older, Ping, Pong, Press, Refusal, Seen, SentMessage, Stored
from channels.webchat.payloads import Pressed, Read, Started, Visitor, Wrote
from desk.messages import Attachment

_HEARTBEAT_SECONDS = 25.0
_ACTION_BYTES = 64
_LANGUAGE = "lang:"
_START_CODE = re.compile(r"[A-Za-z0-9_-]{1,64}")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class Refused(Exception):
    """The frame is not taken; the visitor's browser is told the code."""

    def __init__(self, code: Code, retry_after: float | None = None) -> None:
        """Keep what goes into the error frame."""
        super().__init__(code)
        self.code: Code = code
        self.retry_after = retry_after


class VisitorSocket:
    """The conversation of one socket, from hello to goodbye."""

    def __init__(self, chat: WebChat, socket: web.WebSocketResponse, visitor: str, share: Callable[[], float]) -> None:
        """Nothing is said until the browser says hello; `share` takes of what all visitors of the address may ask."""
        self._chat = chat
        self._socket = socket
        self._key = conversation_key(visitor)
        self._visitor = Visitor(id=visitor, language=chat.languages[0])
        self._feed = Feed(chat.transcript, self._key, chat.limits.history)
        limits = chat.limits
        self._allowance = Allowance(burst=limits.burst, per_second=limits.burst / limits.burst_seconds)
        self._share = share
        self._greeted = asyncio.Event()

    async def talk(self) -> None:
        """Until the browser hangs up, or the line is cut."""
        async with self._chat.listen(topic(self._visitor.id)) as bell:
            tasks = [asyncio.create_task(self._hear()), asyncio.create_task(self._tell_news(bell))]
            try:
                # Whichever ends first ends both: a socket without news would look alive and be deaf.
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _hear(self) -> None:
        async for message in self._socket:
            if message.type is not WSMsgType.TEXT:
                return
            await self._answer(message.data)

    async def _tell_news(self, bell: asyncio.Event) -> None:
        await self._greeted.wait()
        while True:
            bell.clear()
            for frame in await self._feed.news():
                await self._say(frame)
            with suppress(TimeoutError):
                # Python 3.11's wait_for would lose the cancelling that comes together with a ring.
                async with asyncio.timeout(self._chat.sweep):
                    await bell.wait()

    async def _answer(self, text: str) -> None:
        client_id = None
        try:
            frame = _read(text)
            client_id = getattr(frame, "client_id", None)
            self._check_manners(frame)
            await self._handle(frame)
        except Refused as refusal:
            await self._say(Refusal(code=refusal.code, client_id=client_id, retry_after=refusal.retry_after))

    def _check_manners(self, frame: frames.ClientFrame) -> None:
        """The first hello was paid for by opening the socket, and a ping costs nothing."""
        is_greeted = self._greeted.is_set()
        if isinstance(frame, Ping) or (isinstance(frame, Hello) and not is_greeted):
            return
        if not is_greeted:
            raise Refused("hello")
        if wait := self._allowance.spend(time.monotonic()) or self._share():
            raise Refused("slow", retry_after=wait)

    async def _handle(self, frame: frames.ClientFrame) -> None:
        match frame:
            case Hello():
                await self._greet(frame)
            case SentMessage():
                await self._take_message(frame)
            case Press():
                await self._take_press(frame)
            case Seen(message=message):
                await self._take_read(message)
            case Older(before=before):
                items, more = await self._feed.older(before)
                await self._say(Messages(items=items, span="older", more=more))
            case Ping():
                await self._say(Pong())

    async def _greet(self, hello: Hello) -> None:
        if hello.version != frames.VERSION:
            raise Refused("version")
        language = hello.language if hello.language in self._chat.languages else self._chat.languages[0]
        zone = hello.timezone if _is_timezone(hello.timezone) else None
        self._visitor = Visitor(id=self._visitor.id, language=language, timezone=zone)
        if _START_CODE.fullmatch(hello.code):
            await self._chat.store(f"started:{hello.code}", Started(visitor=self._visitor, code=hello.code))
        elif not await self._chat.transcript.tail(self._key, 1):
            await self._chat.store("started", Started(visitor=self._visitor))
        self._greeted.set()

    async def _take_message(self, frame: SentMessage) -> None:
        client_id = _client_id(frame.client_id)
        text = _UNSTORABLE.sub("", frame.text).strip()
        if not text and not frame.files:
            raise Refused("empty")
        if len(text) > self._chat.limits.text_length:
            raise Refused("too_long")
        attachments = await self._uploaded(frame.files)
        update = Wrote(visitor=self._visitor, client_id=client_id, text=text, attachments=attachments)
        await self._chat.store(client_id, update)
        await self._say(Stored(client_id=frame.client_id))

    async def _uploaded(self, keys: tuple[str, ...]) -> tuple[Attachment, ...]:
        if len(keys) > self._chat.limits.files_per_message:
            raise Refused("too_many_files")
        found = [await self._chat.files.find(key, owner=self._key) for key in keys]
        attachments = tuple(attachment for attachment in found if attachment is not None)
        if len(attachments) < len(keys):
            raise Refused("unknown_file")
        return attachments

    async def _take_press(self, frame: Press) -> None:
        client_id = _client_id(frame.client_id)
        if not await self._is_offered(frame):
            raise Refused("stale")
        if frame.message is None and frame.action.startswith(_LANGUAGE):
            self._visitor = msgspec.structs.replace(self._visitor, language=frame.action.removeprefix(_LANGUAGE))
        update = Pressed(visitor=self._visitor, action=frame.action, message=frame.message)
        await self._chat.store(client_id, update)
        await self._say(Stored(client_id=frame.client_id))

    async def _is_offered(self, frame: Press) -> bool:
        if len(frame.action.encode()) > _ACTION_BYTES:
            return False
        if frame.message is None:
            return frame.action in {"human", *(f"{_LANGUAGE}{language}" for language in self._chat.languages)}
        entry = await self._chat.transcript.entry(self._key, frame.message)
        return entry is not None and any(button.action == frame.action for row in entry.buttons for button in row)

    async def _take_read(self, message: int) -> None:
        if await self._feed.is_unread(message):
            await self._chat.store(f"read:{message}", Read(visitor=self._visitor, message=message))

    async def _say(self, frame: frames.ServerFrame) -> None:
        with suppress(ConnectionError):  # the reading side notices that the browser is gone
            await self._socket.send_str(frames.dumps(frame))


async def open_socket(
    chat: WebChat, request: web.Request, sockets: MutableSet[web.WebSocketResponse], share: Callable[[], float]
) -> web.WebSocketResponse:
    """Answer a WebSocket request, stand in `sockets`, and stay until it ends."""
    socket = web.WebSocketResponse(heartbeat=_HEARTBEAT_SECONDS, max_msg_size=chat.limits.frame_size)
    await socket.prepare(request)
    visitor = chat.cookie.visitor(request)
    if visitor is None:
        await socket.close(code=frames.NO_COOKIE)
        return socket
    sockets.add(socket)
    await VisitorSocket(chat, socket, visitor, share).talk()
    return socket


def _read(text: str) -> frames.ClientFrame:
    try:
        return frames.loads(text)
    except ValueError:
        raise Refused("frame") from None


def _client_id(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise Refused("frame") from None


def _is_timezone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True
