"""Files that customers and staff sent: bytes in a folder outside the web root, one row each in `files`.

A file's key is random and is its only name on the disk: what its sender called it is data, and never part of a path.
"""

import asyncio
import os
import re
import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Connection, func, insert, select

from desk.messages import Attachment, AttachmentKind
from store import unsent
from store.database import Database
from store.tables import files

_KEY = re.compile(r"[0-9a-f]{32}")
_CHUNK = 64 * 1024
_SCHEME = "local"
_AT_ONCE = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class FileStore:
    """The file store. `folder` is made when the first file is kept; nobody but the program can read it."""

    database: Database
    folder: Path

    async def keep(
        self, content: AsyncIterator[bytes], *, name: str, media_type: str, owner: str, at: datetime
    ) -> Attachment:
        """Keep a file for good: bytes and row are on the disk when this returns.

        `owner` is the key of the conversation it came through. An exception out of `content` leaves nothing behind.
        """
        key = secrets.token_hex(16)
        size = await self._write(self.path(key), content)
        row = {"key": key, "name": name, "media_type": media_type, "size": size, "conversation_key": owner}

        def add(connection: Connection) -> None:
            connection.execute(insert(files).values(**row, created_at=at))

        await self.database.transaction(add)
        return _attachment(key, name=name, media_type=media_type, size=size)

    async def find(self, key: str, *, owner: str) -> Attachment | None:
        """A file by its key, None where it is not that conversation's."""
        # Key and owner together: knowing a key is not enough to see somebody else's file.
        query = select(files).where(files.c.key == key, files.c.conversation_key == owner)
        row = await self.database.read(lambda connection: connection.execute(query).mappings().first())
        if row is None:
            return None
        return _attachment(key, name=row["name"], media_type=row["media_type"], size=row["size"])

    async def count(self, *, owner: str, since: datetime) -> int:
        """How many files came through a conversation since then."""
        # The index on the owner leads to a handful of rows; the moment is compared on those alone.
        query = select(func.count()).where(files.c.conversation_key == owner, files.c.created_at >= since)
        return await self.database.read(lambda connection: connection.execute(query).scalar_one())

    async def forget_unsent(self, before: datetime) -> int:
        """Remove what was uploaded before then and never sent, its row first. Returns how many files."""
        count, has_more = 0, True
        while has_more:
            keys, has_more = await self.database.transaction(lambda c: unsent.forget(c, before, _AT_ONCE))
            for key in keys:
                await asyncio.to_thread(self.path(key).unlink, missing_ok=True)
            count += len(keys)
        return count

    async def read(self, key: str) -> AsyncIterator[bytes]:
        """The bytes of a file. Raises FileNotFoundError."""
        path = self.path(key)
        return _chunks(await _opened(lambda: path.open("rb"), leave=_close))

    def path(self, key: str) -> Path:
        """Where a file of ours lies. Raises FileNotFoundError for what is no key."""
        if not _KEY.fullmatch(key):
            raise FileNotFoundError(key)
        return self.folder / key[:2] / key

    async def _write(self, path: Path, content: AsyncIterator[bytes]) -> int:
        unfinished = path.with_suffix(".part")
        target = await _opened(lambda: _create(unfinished), leave=_discard)
        try:
            async for chunk in content:
                await asyncio.to_thread(target.write, chunk)
            return await asyncio.to_thread(_finish, target, path)
        except BaseException:  # the sender hung up, or the content was refused half-way
            _discard(target)
            raise


async def _opened(opens: Callable[[], BinaryIO], *, leave: Callable[[BinaryIO], None]) -> BinaryIO:
    """An open file. A thread cannot be called back: what it opens for who was cancelled meanwhile goes to `leave`."""

    def leaves(done: asyncio.Future[BinaryIO]) -> None:
        if not done.cancelled() and done.exception() is None:
            leave(done.result())

    opening = asyncio.get_running_loop().run_in_executor(None, opens)
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:
        opening.add_done_callback(leaves)
        raise


def _close(source: BinaryIO) -> None:
    source.close()


def _discard(target: BinaryIO) -> None:
    target.close()
    Path(target.name).unlink(missing_ok=True)


def _create(path: Path) -> BinaryIO:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path.open("xb")


def _finish(target: BinaryIO, path: Path) -> int:
    target.flush()
    os.fsync(target.fileno())
    size = target.tell()
    target.close()
    path.with_suffix(".part").rename(path)
    _keep_name(path.parent)
    return size


def _keep_name(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


async def _chunks(source: BinaryIO) -> AsyncIterator[bytes]:
    try:
        while chunk := await asyncio.to_thread(source.read, _CHUNK):
            yield chunk
    finally:
        source.close()


def _attachment(key: str, *, name: str, media_type: str, size: int) -> Attachment:
    return Attachment(kind=_kind(media_type), file=f"{_SCHEME}:{key}", name=name, media_type=media_type, size=size)


def _kind(media_type: str) -> AttachmentKind:
    match media_type.split("/"):
        case ["image", "jpeg" | "png" | "webp"]:
            return AttachmentKind.PHOTO
        case ["image", "gif"]:
            return AttachmentKind.ANIMATION
        case ["video", _]:
            return AttachmentKind.VIDEO
        case ["audio", _]:
            return AttachmentKind.AUDIO
        case _:
            return AttachmentKind.DOCUMENT
