"""What the web chat is made of: everything that its routes need, given once by the composition root."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from channels.base import Accept, Raw
from channels.webchat import payloads
from channels.webchat.channel import NAME, conversation_key
from channels.webchat.visitors import VisitorCookie
from desk.messages import Attachment
from desk.transcript import Entry


class Transcript(Protocol):
    """The public messages of a conversation."""

    async def tail(self, conversation: str, count: int, before: int | None = None) -> Sequence[Entry]:
        """The last `count` entries (before a message), oldest first."""

    async def entry(self, conversation: str, message: int) -> Entry | None:
        """One entry, None where that conversation does not show it."""


class Files(Protocol):
    """Where uploaded files are kept."""

    async def keep(
        self, content: AsyncIterator[bytes], *, name: str, media_type: str, owner: str, at: datetime
    ) -> Attachment:
        """Keep a file for good; `owner` is a conversation's key."""

    async def find(self, key: str, *, owner: str) -> Attachment | None:
        """A file of that conversation."""

    async def count(self, *, owner: str, since: datetime) -> int:
        """How many files came through a conversation since then."""

    def path(self, key: str) -> Path:
        """Where a file lies on the disk. Raises FileNotFoundError for what is no key."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What one visitor may do, and all visitors of one address. Sizes in bytes, lengths in characters."""

    file_size: int = 10 * 1024 * 1024
    files_per_message: int = 10
    files_per_hour: int = 60
    text_length: int = 4000
    frame_size: int = 64 * 1024
    burst: int = 20
    burst_seconds: float = 10.0
    history: int = 50
    address_burst: int = 200
    address_per_second: float = 10.0
    address_sockets: int = 200
    address_files_per_hour: int = 300


@dataclass(frozen=True, kw_only=True, slots=True)
class WebChat:
    """The web chat's door.

    `accept` returns when the updates are on the disk. `listen(topic)` gives an event that is set at each ring of that
    topic, whatever process rang. `open_attachment` gives the bytes of a file of any scheme; it raises FileNotFoundError
    or SendError. `now` gives aware UTC. `embed_origins` are the other sites whose pages may show the chat
    ("https://shop.example"); `languages` are codes with a file in languages/, the first the default. `sweep` is after
    how many seconds a socket looks for news without a ring, since a ring may be lost.
    """

    accept: Accept
    listen: Callable[[str], AbstractAsyncContextManager[asyncio.Event]]
    transcript: Transcript
    files: Files
    open_attachment: Callable[[Attachment], Awaitable[AsyncIterator[bytes]]]
    now: Callable[[], datetime]
    secret: bytes = field(repr=False)
    company: str
    languages: Sequence[str] = ("zh", "en")
    public_url: str | None = None
    embed_origins: Sequence[str] = ()
    limits: Limits = field(default_factory=Limits)
    sweep: float = 15.0

    @property
    def cookie(self) -> VisitorCookie:
        """The visitor's cookie, as safe as the public address allows."""
        is_secure = self.public_url is not None and self.public_url.startswith("https://")
        return VisitorCookie(secret=self.secret, secure=is_secure, embedded=bool(self.embed_origins))

    async def store(self, name: str, payload: payloads.Payload) -> None:
        """Put a visitor's update into the inbox; one of the same name is there at most once, for good."""
        lane = conversation_key(payload.visitor.id)
        await self.accept(
            [
                Raw(
                    key=f"{lane}:{name}",
                    lane=lane,
                    channel=NAME,
                    payload=payloads.dumps(payload),
                    received_at=self.now(),
                )
            ]
        )
