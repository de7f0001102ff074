"""Conversations as their customers may see them: the web chat's reading of `messages`."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping, Select, and_, or_, select

from desk.messages import Attachment, Author, Delivery
from desk.outgoing import Button, Buttons
from desk.transcript import Entry
from store.database import Database
from store.tables import conversations, messages

#: A customer never learns of a message that did not reach them, nor of one that was taken back.
_HIDDEN = (Delivery.FAILED, Delivery.DELETED, Delivery.INTERNAL)

_COLUMNS = (
    messages.c.id,
    messages.c.author,
    messages.c.author_name,
    messages.c.text,
    messages.c.attachments,
    messages.c.buttons,
    messages.c.at,
    messages.c.delivery,
    messages.c.external_id,
    messages.c.reply_to,
    messages.c.edited_at,
)


class DatabaseTranscript:
    """The public messages of one conversation at a time."""

    def __init__(self, database: Database) -> None:
        """Read from `database`, beside its writer."""
        self._database = database

    async def tail(self, conversation: str, count: int, before: int | None = None) -> Sequence[Entry]:
        """The last `count` entries of the conversation with that key, oldest first.

        `before` names the message that the reader has already; None is the end.
        """

        def read(connection: Connection) -> Sequence[RowMapping]:
            return connection.execute(_tail(conversation, count, before)).mappings().all()

        return [_entry(row) for row in reversed(await self._database.read(read))]

    async def entry(self, conversation: str, message: int) -> Entry | None:
        """One entry, None where that conversation does not show such a message."""

        def read(connection: Connection) -> RowMapping | None:
            # The key is the visitor's own, so a number out of somebody else's conversation finds nothing.
            return connection.execute(_shown(conversation).where(messages.c.id == message)).mappings().first()

        row = await self._database.read(read)
        return None if row is None else _entry(row)


def _shown(conversation: str) -> Select[Any]:
    # Public rows alone: notes never leave the house; the conversation's key is unique, and an index leads to its rows.
    return (
        select(*_COLUMNS)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where(conversations.c.key == conversation, messages.c.public, messages.c.delivery.not_in(_HIDDEN))
    )


def _tail(conversation: str, count: int, before: int | None) -> Select[Any]:
    # Processes hand out ids in blocks, so the ids of one conversation need not rise; the moment orders, the id decides.
    query = _shown(conversation).order_by(messages.c.at.desc(), messages.c.id.desc()).limit(count)
    if before is None:
        return query
    edge = messages.alias()
    moment = select(edge.c.at).where(edge.c.id == before).scalar_subquery()
    return query.where(or_(messages.c.at < moment, and_(messages.c.at == moment, messages.c.id < before)))


def _entry(row: RowMapping) -> Entry:
    return Entry(
        id=row["id"],
        author=Author(row["author"]),
        author_name=row["author_name"],
        text=row["text"],
        attachments=msgspec.convert(row["attachments"] or [], tuple[Attachment, ...]),
        buttons=_buttons(row["buttons"]),
        at=row["at"],
        delivery=Delivery(row["delivery"]),
        external_id=row["external_id"],
        reply_to=row["reply_to"],
        edited_at=row["edited_at"],
    )


def _buttons(kept: list[list[dict[str, str]]] | None) -> Buttons:
    return tuple(tuple(Button(label=each["label"], action=each["action"]) for each in row) for row in kept or ())
