"""Files that were uploaded and never sent: found once they are old, each looked at once."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Text, cast, delete, literal_column, or_, select, tuple_

from store import keepsakes
from store.tables import conversations, files, inbox, messages

_MARK = "files_looked_at"

_Found = tuple[str, datetime]


def forget(connection: Connection, before: datetime, count: int) -> tuple[Sequence[str], bool]:
    """Look at the next `count` files from before then, and forget those that nothing carries.

    Returns their keys, whose bytes may go, and whether there may be more to look at.
    """
    rows = _next(connection, before, count)
    if not rows:
        return (), False
    carried = _on_messages(connection, rows) | _on_the_way(connection, rows)
    gone = [key for key, _ in rows if key not in carried]
    connection.execute(delete(files).where(files.c.key.in_(gone)))
    last, moment = rows[-1]
    keepsakes.keep(connection, _MARK, f"{moment.isoformat()} {last}")
    return gone, len(rows) == count


def _next(connection: Connection, before: datetime, count: int) -> Sequence[_Found]:
    """In the order of their time and key, after the last that was looked at: so each is looked at once."""
    place = tuple_(files.c.created_at, files.c.key)
    query = select(files.c.key, files.c.created_at).where(files.c.created_at < before).order_by(*place).limit(count)
    mark = keepsakes.find(connection, _MARK)
    if mark is not None:
        moment, _, key = mark.partition(" ")
        after = datetime.fromisoformat(moment)
        query = query.where(or_(files.c.created_at > after, (files.c.created_at == after) & (files.c.key > key)))
    return [(row.key, row.created_at) for row in connection.execute(query)]


def _on_messages(connection: Connection, rows: Sequence[_Found]) -> set[str]:
    # A file belongs to one conversation, so only that conversation's messages can carry it.
    query = (
        select(files.c.key)
        .join(conversations, conversations.c.key == files.c.conversation_key)
        .join(messages, messages.c.conversation_id == conversations.c.id)
        .where(files.c.key.in_([key for key, _ in rows]))
        .where(messages.c.attachments.is_not(None), cast(messages.c.attachments, Text).contains(files.c.key))
    )
    return set(connection.execute(query).scalars())


def _on_the_way(connection: Connection, rows: Sequence[_Found]) -> set[str]:
    """Those in rows of the inbox that are not handled yet, or parked and may be replayed."""
    found: set[str] = set()
    for state in ("waiting", "parked"):  # written out, as the indexes on these few rows have it
        query = select(inbox.c.payload).where(
            inbox.c.state == literal_column(f"'{state}'"), inbox.c.payload.contains("local:")
        )
        for payload in connection.execute(query).scalars():
            found.update(key for key, _ in rows if key in payload)
    return found
