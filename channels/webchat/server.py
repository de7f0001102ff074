"""The web chat's routes: the page, the widget, the WebSocket, files in and out."""

import asyncio
import time
from contextlib import AbstractContextManager
from functools import partial
from weakref import WeakSet

from aiohttp import WSCloseCode, web

from channels.webchat.allowance import Allowances, Seats
from channels.webchat.chat import Limits, WebChat
from channels.webchat.pages import Pages
from channels.webchat.sockets import open_socket
from channels.webchat.uploads import message_file, own_file, refused, upload
from channels.webchat.visitors import is_same_origin


class Crowd:
    """What all visitors of one address ask for together; `request.remote` is their address."""

    def __init__(self, limits: Limits) -> None:
        """Nobody is there."""
        self._seats = Seats(limits.address_sockets)
        self._frames = Allowances(burst=limits.address_burst, per_second=limits.address_per_second)
        hourly = limits.address_files_per_hour
        self._files = Allowances(burst=hourly, per_second=hourly / 3600)

    def seat(self, request: web.Request) -> AbstractContextManager[bool]:
        """Room for a socket, for the time of the block; False where there is none."""
        return self._seats.take(request.remote or "")

    def frame(self, request: web.Request) -> float:
        """Count something said; 0.0, or the seconds until there may be more."""
        return self._frames.spend(request.remote or "", time.monotonic())

    def file(self, request: web.Request) -> float:
        """Count a file, in the same way."""
        return self._files.spend(request.remote or "", time.monotonic())


def add_routes(app: web.Application, chat: WebChat) -> None:
    """Let `app` serve the chat under /chat."""
    pages = Pages(chat)
    sockets: WeakSet[web.WebSocketResponse] = WeakSet()
    crowd = Crowd(chat.limits)

    async def talk(request: web.Request) -> web.StreamResponse:
        return await _talk(chat, request, sockets, crowd)

    async def take(request: web.Request) -> web.StreamResponse:
        if crowd.file(request):
            return refused(429, "too_many_files")
        return await upload(chat, request)

    async def give_own(request: web.Request) -> web.StreamResponse:
        return await own_file(chat, request)

    async def give(request: web.Request) -> web.StreamResponse:
        return await message_file(chat, request)

    async def hang_up(_app: web.Application) -> None:
        # Browsers come back by themselves; a server that waited for them would never stop.
        await asyncio.gather(*(socket.close(code=WSCloseCode.GOING_AWAY) for socket in sockets))

    app.on_shutdown.append(hang_up)
    app.add_routes(
        [
            web.get("/chat", pages.page),
            web.get("/chat/widget.js", pages.widget),
            web.get("/chat/assets/{version}/{name}", pages.asset),
            web.get("/chat/ws", talk),
            web.post("/chat/files", take),
            web.get("/chat/files/{key:[0-9a-f]{32}}", give_own),
            web.get(r"/chat/messages/{message:\d{1,18}}/files/{place:\d{1,2}}", give),
        ]
    )


async def _talk(
    chat: WebChat, request: web.Request, sockets: WeakSet[web.WebSocketResponse], crowd: Crowd
) -> web.StreamResponse:
    if not is_same_origin(request, chat.public_url):
        raise web.HTTPForbidden
    with crowd.seat(request) as is_free:
        if not is_free or crowd.frame(request):
            raise web.HTTPTooManyRequests
        return await open_socket(chat, request, sockets, partial(crowd.frame, request))
