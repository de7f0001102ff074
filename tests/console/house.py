"""A console in a house of its own: what the program would inject stands here, and can be looked into."""

import asyncio
import re
import struct
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from aiohttp import ClientResponse, ClientSession, CookieJar, web
from aiohttp.test_utils import TestClient

from console.app import add_console
from console.passwords import hash_password
from console.ports import Console, OpenedFile
from desk.commands import Command
from desk.company import Role
from lifecycle.configuration import Configuration
from store import users
from store.database import Database
from store.files import FileStore
from tests.console.seed import NOW
from tests.server import Server

PASSWORD = "correct horse battery"


def picture(width: int = 280, height: int = 180) -> bytes:
    """A PNG of a wet floor, as far as two colours go."""
    rows = b"".join(
        b"\x00" + b"".join(bytes((60 + y // 2, 120 + x // 5, 150 + (x + y) // 6)) for x in range(width))
        for y in range(height)
    )
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    chunks = (struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d)) for n, d in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


PNG = picture()

#: Hashing is slow on purpose; the tests' few passwords are hashed once each.
hashed = cache(hash_password)

Browser = TestClient[web.Request, web.Application]


@dataclass(kw_only=True, slots=True)
class Handled:
    """What was submitted, and what the submitter is to be told."""

    commands: list[tuple[Command, str, str]] = field(default_factory=list)
    refusal: str | None = None
    is_late: bool = False
    meanwhile: Callable[[], Awaitable[object]] | None = None

    async def __call__(self, command: Command, *, key: str, lane: str) -> str | None:
        self.commands.append((command, key, lane))
        if self.meanwhile is not None:  # what happens before the answer
            await self.meanwhile()
        if self.is_late:
            raise TimeoutError
        return self.refusal


@dataclass(kw_only=True, slots=True)
class Bell:
    """A doorbell within the process."""

    listening: list[asyncio.Event] = field(default_factory=list)

    @asynccontextmanager
    async def __call__(self, topic: str) -> AsyncIterator[asyncio.Event]:
        assert topic == "desk"
        event = asyncio.Event()
        self.listening.append(event)
        try:
            yield event
        finally:
            self.listening.remove(event)

    def ring(self) -> None:
        """A ticket changed."""
        for event in self.listening:
            event.set()


@dataclass(kw_only=True, slots=True)
class House:
    """The console with all its doors."""

    database: Database
    configuration: Configuration
    folder: Path
    now: datetime = NOW
    handled: Handled = field(default_factory=Handled)
    on_disk: dict[str, Path] = field(default_factory=dict)
    bell: Bell = field(default_factory=Bell)
    opened: list[str] = field(default_factory=list)

    def console(self, **changes: Any) -> Console:
        """The console's wiring."""
        store = FileStore(database=self.database, folder=self.folder)
        plain: dict[str, Any] = {
            "database": self.database,
            "company": lambda: self.configuration,
            "submit": self.handled,
            "listen": self.bell,
            "now": lambda: self.now,
            "open_attachment": self.open_attachment,
            "keep_file": store.keep,
            "secure_cookies": False,
        }
        return Console(**plain | changes)

    async def open_attachment(self, file: str) -> OpenedFile | Path:
        """Every file is one picture, but for those that are gone, and those that lie on the disk."""
        self.opened.append(file)
        if file == "local:gone":
            raise FileNotFoundError(file)

        if file in self.on_disk:
            return self.on_disk[file]

        async def chunks() -> AsyncIterator[bytes]:
            yield PNG

        return OpenedFile(chunks=chunks(), size=len(PNG))

    async def add_user(self, login: str, staff: str, role: Role = Role.AGENT, password: str = PASSWORD) -> None:
        """Somebody who may log in."""
        kept = hashed(password)
        await self.database.transaction(
            lambda connection: users.add_user(
                connection, login=login, staff_name=staff, role=role, password_hash=kept, at=self.now
            )
        )

    def app(self, **changes: Any) -> web.Application:
        """An application with nothing but the console."""
        app = web.Application()
        add_console(app, self.console(**changes))
        return app

    @asynccontextmanager
    async def browser(self, **changes: Any) -> AsyncIterator[Browser]:
        """A browser at the door."""
        async with TestClient(Server(self.app(**changes)), cookie_jar=CookieJar(unsafe=True)) as client:
            yield client


def hidden(page: str, name: str) -> str:
    """The value of the first hidden field of that name."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None, f"no field {name}"
    return found[1]


async def log_in(browser: Browser | ClientSession, login: str, password: str = PASSWORD, **more: str) -> ClientResponse:
    """Fill in the login page as a person would."""
    async with browser.get("/console/login") as response:
        page = await response.text()
    data = {"login": login, "password": password, "csrf": hidden(page, "csrf"), "next": ""} | more
    return await browser.post("/console/login", data=data, allow_redirects=False)


async def csrf_of(browser: Browser) -> str:
    """The token of the session's forms."""
    async with browser.get("/console") as response:
        return hidden(await response.text(), "csrf")


async def act(browser: Browser, number: int, action: str, **fields: str) -> ClientResponse:
    """Press a button of a ticket, as the page's script does."""
    headers = {"Accept": "application/json", "X-CSRF-Token": await csrf_of(browser)}
    data = {"action": action, **fields}
    return await browser.post(f"/console/tickets/{number}/actions", data=data, headers=headers)
