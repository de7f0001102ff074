"""What went out long ago is forgotten, but not that it did."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from store.dialects import among, listed
from store.outbox import OutboxState
from store.tables import outbox

_HANDLED = frozenset({OutboxState.SENT, OutboxState.REPLACED, OutboxState.UNKNOWN})


@dataclass(frozen=True, kw_only=True, slots=True)
class Forgotten:
    """How many rows were dealt with, the last one that was looked at, and whether there may be more that are old."""

    rows: int
    last: int
    has_more: bool


def forget_sent(connection: Connection, before: datetime, after: int, limit: int) -> Forgotten:
    """Forget what was dealt with of the next `limit` rows of the outbox after an id, if they are from before then.

    Of a row with a key only the words go: the key stays for good, since a nudge that comes again is known by it (J4).
    What failed stays, as long as somebody may want to try it again.
    """
    of = outbox.c
    # By the primary key, which goes with the time: each row is looked at once, however many stay.
    looked = select(of.id, of.state, of.key, of.created_at).where(of.id > after).order_by(of.id).limit(limit)
    old = [row for row in connection.execute(looked) if row.created_at < before]
    handled = [row for row in old if row.state in _HANDLED]
    chosen = among(connection.dialect.name, of.id, "ids", numbers=True)
    gone = listed(connection, [row.id for row in handled if row.key is None])
    connection.execute(delete(outbox).where(chosen), {"ids": gone})
    kept = listed(connection, [row.id for row in handled if row.key is not None])
    connection.execute(update(outbox).where(chosen).values(content=""), {"ids": kept})
    return Forgotten(rows=len(handled), last=old[-1].id if old else after, has_more=len(old) == limit)
