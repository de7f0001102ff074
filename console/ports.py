"""What console and API ask of the running program: to carry out a command, to hear of changes, to hold files."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from desk.commands import Command
from desk.messages import Attachment
from lifecycle.configuration import Configuration
from store.database import Database


class Submit(Protocol):
    """The way of every command: stored in the inbox, handled by a worker, its outcome told to whoever gave it."""

    async def __call__(self, command: Command, *, key: str, lane: str) -> str | None:
        """Store the command once for all times of `key`, and wait until it is handled.

        Returns None, or the refusal as a sentence in the actor's language ("Already taken by Chen"). Raises
        TimeoutError when the command is stored for good and not handled yet.
        """


class Listen(Protocol):
    """The doorbell's other end."""

    def __call__(self, topic: str) -> AbstractAsyncContextManager[asyncio.Event]:
        """An event that is set whenever the topic rings; whoever waits clears it. A ring may be lost or doubled."""


class Now(Protocol):
    """The clock."""

    def __call__(self) -> datetime:
        """This moment, aware, in UTC."""


class CompanyFile(Protocol):
    """The company's file as it is now."""

    def __call__(self) -> Configuration:
        """The configuration in force."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenedFile:
    """A file being read. `size` is in bytes, None where the channel does not tell."""

    chunks: AsyncIterator[bytes]
    media_type: str | None = None
    size: int | None = None


class OpenAttachment(Protocol):
    """Files wherever they are kept: in our own store or on a channel's servers."""

    async def __call__(self, file: str) -> OpenedFile | Path:
        """Open `Attachment.file` ("telegram:FILE_ID"), or say where on our own disk it lies ("local:KEY").

        Raises FileNotFoundError where it is gone.
        """


class KeepFile(Protocol):
    """The file store (`store.files.FileStore.keep`)."""

    async def __call__(
        self, content: AsyncIterator[bytes], *, name: str, media_type: str, owner: str, at: datetime
    ) -> Attachment:
        """Keep a file for good. `owner` is the key of the conversation that it belongs to."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Console:
    """All that the web console needs.

    `secure_cookies` is for a public address with https. Whoever serves the console puts the client's own address into
    `request.remote`.
    """

    database: Database
    company: CompanyFile
    submit: Submit
    listen: Listen
    now: Now
    open_attachment: OpenAttachment
    keep_file: KeepFile
    secure_cookies: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Api:
    """All that the REST API needs; without a token nobody may use it."""

    database: Database
    company: CompanyFile
    submit: Submit
    now: Now
    token: str | None
    version: str
