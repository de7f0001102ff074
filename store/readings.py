"""Readings that are made anew: the customers' messages since a day, and what a newer model reads in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, select, update

from desk.messages import Author
from desk.readings import Reading
from store.tables import messages


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """A customer's message, by its number."""

    id: int
    text: str


def count_to_read(connection: Connection, since: datetime, reader: str) -> int:
    """How many messages of customers since then were not read by this reader."""
    return connection.execute(select(func.count()).where(_to_read(since, reader))).scalar_one()


def to_read(connection: Connection, *, since: datetime, reader: str, after: int, count: int) -> Sequence[Written]:
    """The next of them, by their numbers."""
    query = select(messages.c.id, messages.c.text).where(_to_read(since, reader), messages.c.id > after)
    return [Written(id=row.id, text=row.text) for row in connection.execute(query.order_by(messages.c.id).limit(count))]


def keep_readings(connection: Connection, read: Sequence[tuple[Written, Reading]]) -> None:
    """Keep the new readings; a message that was edited meanwhile is left for the next time."""
    changes = update(messages).where(messages.c.id == bindparam("of"), messages.c.text == bindparam("written"))
    tags = ("intent", "confidence", "sentiment", "urgent", "language", "reader")
    connection.execute(
        changes.values({name: bindparam(f"new_{name}") for name in tags}),
        [
            {"of": written.id, "written": written.text, **{f"new_{name}": getattr(reading, name) for name in tags}}
            for written, reading in read
        ],
    )


def _to_read(since: datetime, reader: str) -> ColumnElement[bool]:
    return and_(
        messages.c.author == Author.CUSTOMER.value,
        messages.c.intent.is_not(None),
        messages.c.at >= since,
        func.coalesce(messages.c.reader, "") != reader,
    )
