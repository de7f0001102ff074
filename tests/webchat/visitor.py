"""A visitor's browser, reduced to its frames."""

import io
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import ClientResponse, ClientWebSocketResponse, FormData, web
from aiohttp.test_utils import TestClient

from channels.webchat.visitors import COOKIE

Client = TestClient[web.Request, web.Application]


def origin(client: Client) -> dict[str, str]:
    return {"Origin": f"http://{client.host}:{client.port}"}


def visitor_of(client: Client) -> str:
    """The id in the client's cookie."""
    return next(cookie.value for cookie in client.session.cookie_jar if cookie.key == COOKIE).partition(".")[0]


class Line:
    """One WebSocket."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket

    async def say(self, **frame: Any) -> None:
        await self.socket.send_json(frame)

    async def write(self, text: str, client_id: str | None = None, files: list[str] | None = None) -> str:
        client_id = client_id or str(uuid.uuid4())
        await self.say(type="message", client_id=client_id, text=text, files=files or [])
        return client_id

    async def hear(self, kind: str) -> dict[str, Any]:
        """The next frame of a kind; those of other kinds before it are left."""
        while True:
            frame: dict[str, Any] = await self.socket.receive_json(timeout=5)
            if frame["type"] == kind:
                return frame


@asynccontextmanager
async def connect(client: Client, **hello: Any) -> AsyncIterator[Line]:
    """Open the page where there is no cookie yet, then the socket, and say hello."""
    if not any(cookie.key == COOKIE for cookie in client.session.cookie_jar):
        assert (await client.get("/chat")).status == 200
    async with client.ws_connect("/chat/ws", headers=origin(client)) as socket:
        line = Line(socket)
        await line.say(type="hello", version=1, **{"language": "en", **hello})
        yield line


async def upload(client: Client, name: str, content: bytes, media_type: str = "image/png") -> ClientResponse:
    form = FormData(quote_fields=False)  # browsers write names as they are
    form.add_field("file", io.BytesIO(content), filename=name, content_type=media_type)
    return await client.post("/chat/files", data=form, headers=origin(client))
