"""The web chat's routes: the page, the widget, the WebSocket, files in and out."""

import asyncio
from weakref import WeakSet

from aiohttp import WSCloseCode, web

from channels.webchat.chat import WebChat
from channels.webchat.pages import Pages
from channels.webchat.sockets import open_socket
from channels.webchat.uploads import message_file, own_file, upload
from channels.webchat.visitors import is_same_origin


def add_routes(app: web.Application, chat: WebChat) -> None:
    """Let `app` serve the chat under /chat."""
    pages = Pages(chat)
    sockets: WeakSet[web.WebSocketResponse] = WeakSet()

    async def talk(request: web.Request) -> web.StreamResponse:
        if not is_same_origin(request, chat.public_url):
            raise web.HTTPForbidden
        return await open_socket(chat, request, sockets)

    async def take(request: web.Request) -> web.StreamResponse:
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
