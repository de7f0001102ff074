"""A house around the web chat: a real database and file store, an intake that stores, and pens for staff and bot."""

import asyncio
import base64
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Boolean, Connection, Integer, Table, Text, func, insert, select, update

from channels.base import Raw
from channels.webchat.channel import WebChatChannel
from channels.webchat.chat import Limits, WebChat
from desk.commands import Command, CustomerPressed, CustomerRead, CustomerWrote, Sender
from desk.messages import Attachment
from desk.values import replace
from store.database import Database, open_database
from store.files import FileStore
from store.tables import contacts, conversations, inbox, messages, metadata
from store.transcript import DatabaseTranscript

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)


class Bells:
    """Topics that ring, within the process."""

    def __init__(self) -> None:
        self.listeners: dict[str, list[asyncio.Event]] = defaultdict(list)

    async def ring(self, topic: str) -> None:
        for bell in self.listeners[topic]:
            bell.set()

    @asynccontextmanager
    async def listen(self, topic: str) -> AsyncIterator[asyncio.Event]:
        bell = asyncio.Event()
        self.listeners[topic].append(bell)
        try:
            yield bell
        finally:
            self.listeners[topic].remove(bell)


@dataclass
class House:
    """What the rest of Guanxi does for the web chat, as far as the chat can see."""

    database: Database
    folder: Path
    bells: Bells = field(default_factory=Bells)
    commands: list[Command] = field(default_factory=list)
    telegram: dict[str, bytes] = field(default_factory=dict)
    is_down: bool = False

    def __post_init__(self) -> None:
        self.transcript = DatabaseTranscript(self.database)
        self.files = FileStore(database=self.database, folder=self.folder)
        self.channel = WebChatChannel(ring=self.bells.ring, now=self.now)

    def now(self) -> datetime:
        return datetime.now(UTC)

    def chat(self, **changes: Any) -> WebChat:
        chat = WebChat(
            accept=self.accept,
            listen=self.bells.listen,
            transcript=self.transcript,
            files=self.files,
            open_attachment=self.open_attachment,
            now=self.now,
            secret=b"a secret of the tests",
            company="Shanhai Appliances",
            limits=Limits(),
        )
        return replace(chat, **changes)

    async def accept(self, updates: Sequence[Raw]) -> None:
        if self.is_down:
            raise ConnectionError("the database is away")
        for raw in updates:
            if await self.database.transaction(lambda connection, raw=raw: _add_raw(connection, raw)):  # type: ignore[misc]
                for command in self.channel.parse(raw.payload, raw.received_at):
                    await self.handle(command)

    async def handle(self, command: Command) -> None:
        self.commands.append(command)
        match command:
            case CustomerWrote(sender=sender, text=text, at=at, attachments=attachments, external_id=external_id):
                await self.write(sender, "customer", text, at=at, attachments=attachments, external_id=external_id)
            case CustomerRead(message=message):
                await self.change(message, delivery="read")
            case _:
                pass

    async def write(self, sender: Sender | str, author: str, text: str, **columns: Any) -> int:
        """Put a message into a conversation (a sender, or the key of one that is there) and ring."""
        key = sender if isinstance(sender, str) else sender.key
        number = await self.database.transaction(lambda connection: _write(connection, key, author, text, columns))
        await self.bells.ring(f"conversation:{key}")
        return number

    async def change(self, message: int, **columns: Any) -> None:
        """Change a message's row, and ring."""

        def work(connection: Connection) -> str:
            connection.execute(update(messages).where(messages.c.id == message).values(**columns))
            joined = select(conversations.c.key).join(messages, messages.c.conversation_id == conversations.c.id)
            return str(connection.execute(joined.where(messages.c.id == message)).scalar_one())

        await self.bells.ring(f"conversation:{await self.database.transaction(work)}")

    async def open_attachment(self, attachment: Attachment) -> AsyncIterator[bytes]:
        scheme, _, key = (attachment.file or "").partition(":")
        if scheme == "local":
            return await self.files.read(key)
        return _once(self.telegram[key])

    async def raws(self) -> list[str]:
        """The keys of what was stored."""
        return await self.database.read(lambda connection: list(connection.execute(select(inbox.c.key)).scalars()))

    def wrote(self) -> list[CustomerWrote]:
        return [command for command in self.commands if isinstance(command, CustomerWrote)]

    def pressed(self) -> list[str]:
        return [command.action for command in self.commands if isinstance(command, CustomerPressed)]


@asynccontextmanager
async def open_house(folder: Path) -> AsyncIterator[House]:
    """A house on a database of its own."""
    database = open_database(f"sqlite:///{folder}/guanxi.db")
    await database.transaction(metadata.create_all)
    try:
        yield House(database=database, folder=folder / "files")
    finally:
        await database.close()


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


def _add_raw(connection: Connection, raw: Raw) -> bool:
    if connection.execute(select(inbox.c.id).where(inbox.c.key == raw.key)).first() is not None:
        return False
    connection.execute(insert(inbox).values(**_columns(raw), state="done"))
    return True


def _columns(raw: Raw) -> dict[str, Any]:
    return {name: getattr(raw, name) for name in ("key", "lane", "channel", "payload", "received_at")}


def _write(connection: Connection, key: str, author: str, text: str, columns: dict[str, Any]) -> int:
    conversation = _conversation(connection, key)
    number = (connection.execute(select(func.max(messages.c.id))).scalar() or 0) + 1
    attachments = columns.pop("attachments", ())
    row = {
        "id": number,
        "contact_id": 1,
        "conversation_id": conversation,
        "author": author,
        "public": True,
        "text": text,
        "attachments": msgspec.to_builtins(attachments) or None,
        "at": datetime.now(UTC),
        "delivery": "received" if author == "customer" else "sent",
        **columns,
    }
    connection.execute(insert(messages).values(**_filled(messages, row)))
    return number


def _conversation(connection: Connection, key: str) -> int:
    known = connection.execute(select(conversations.c.id).where(conversations.c.key == key)).scalar()
    if known is not None:
        return int(known)
    number = (connection.execute(select(func.max(conversations.c.id))).scalar() or 0) + 1
    _contact(connection)
    channel, _, address = key.partition(":")
    row = {"id": number, "contact_id": 1, "key": key, "channel": channel, "address": address}
    connection.execute(insert(conversations).values(**_filled(conversations, row)))
    return number


def _contact(connection: Connection) -> None:
    if connection.execute(select(contacts.c.id)).first() is None:
        connection.execute(insert(contacts).values(**_filled(contacts, {"id": 1, "name": "Web", "tags": []})))


def _filled(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    """The row with something in every column that wants it and does not matter to the chat."""
    plain: dict[type[Any], Any] = {Text: "", Boolean: False, BigInteger: 0, Integer: 0}
    wanted = [column for column in table.columns if not column.nullable and column.name not in row]
    return {**{column.name: plain.get(type(column.type), datetime.now(UTC)) for column in wanted}, **row}
