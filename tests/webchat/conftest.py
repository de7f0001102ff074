"""The web chat served for real, and Chromium where a test wants it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from aiohttp import CookieJar, web
from aiohttp.test_utils import TestClient

from channels.webchat.server import add_routes
from tests.browser import browser, browser_page
from tests.server import Server
from tests.webchat.house import House, open_house

__all__ = ["browser", "browser_page"]

Client = TestClient[web.Request, web.Application]
Serve = Callable[..., Awaitable[Client]]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as opened:
        yield opened


@pytest.fixture
async def serve(house: House) -> AsyncIterator[Serve]:
    """Serve the chat with some of its parts changed; gives a client with a cookie jar of its own."""
    async with AsyncExitStack() as stack:

        async def start(**changes: Any) -> Client:
            app = web.Application()
            add_routes(app, house.chat(**changes))
            client: Client = TestClient(Server(app), cookie_jar=CookieJar(unsafe=True))
            await stack.enter_async_context(client)
            return client

        yield start


@pytest.fixture
async def client(serve: Serve) -> Client:
    return await serve()
