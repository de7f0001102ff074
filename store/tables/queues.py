"""What comes in, what goes out, what falls due, and who works on it."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    false,
    text,
)

from store.tables.naming import metadata
from store.types import INSTANT, KEY

#: Blocks of numbers handed to the processes (contacts, conversations, messages) and the tickets' own count.
counters = Table(
    "counters", metadata, Column("name", Text, primary_key=True), Column("value", BigInteger, nullable=False)
)


inbox = Table(
    "inbox",
    metadata,
    Column("id", KEY, primary_key=True, autoincrement=True),
    Column("key", Text, nullable=False, unique=True),
    Column("lane", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("received_at", INSTANT, nullable=False),
    Column("state", Text, nullable=False),  # waiting, done, ignored, parked
    Column("handled_at", INSTANT),
    Column("result", Text),  # what whoever waits for it is told: a refusal, or why it was parked
)
Index(
    "ix_inbox_waiting",
    inbox.c.lane,
    inbox.c.id,
    sqlite_where=text("state = 'waiting'"),
    postgresql_where=text("state = 'waiting'"),
)
Index("ix_inbox_parked", inbox.c.id, sqlite_where=text("state = 'parked'"), postgresql_where=text("state = 'parked'"))


def _lanes(name: str) -> Table:
    """Who works on which lane: `waiting` rows, leased to `owner` until then, not to be touched before `ready_at`."""
    return Table(
        name,
        metadata,
        Column("lane", Text, primary_key=True),
        Column("waiting", Integer, nullable=False),
        Column("ready_at", INSTANT, nullable=False),
        Column("owner", Text),
        Column("leased_until", INSTANT),
        Column("rank", Integer, nullable=False, server_default=text("0")),
        Column("attempts", Integer, nullable=False, server_default=text("0")),
    )


inbox_lanes = _lanes("inbox_lanes")
outbox_lanes = _lanes("outbox_lanes")
for _table in (inbox_lanes, outbox_lanes):
    Index(
        f"ix_{_table.name}_ready",
        _table.c.ready_at,
        sqlite_where=text("waiting > 0"),
        postgresql_where=text("waiting > 0"),
    )

outbox = Table(
    "outbox",
    metadata,
    Column("id", KEY, primary_key=True, autoincrement=True),
    Column("lane", Text, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("contact_id", BigInteger),
    Column("message_id", BigInteger),
    Column("report", Boolean, nullable=False),
    Column("again", Boolean, nullable=False),
    Column("key", Text, unique=True),
    Column("replaces", Text),
    Column("state", Text, nullable=False),  # waiting, sending, sent, failed, unknown, replaced
    Column("created_at", INSTANT, nullable=False),
    Column("done_at", INSTANT),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("reason", Text),
)
Index(
    "ix_outbox_waiting",
    outbox.c.lane,
    outbox.c.rank,
    outbox.c.id,
    sqlite_where=text("state IN ('waiting', 'sending')"),
    postgresql_where=text("state IN ('waiting', 'sending')"),
)
Index("ix_outbox_failed", outbox.c.id, sqlite_where=text("state = 'failed'"), postgresql_where=text("state = 'failed'"))
Index(
    "ix_outbox_replaces",
    outbox.c.replaces,
    sqlite_where=text("state = 'waiting' AND replaces IS NOT NULL"),
    postgresql_where=text("state = 'waiting' AND replaces IS NOT NULL"),
)

#: Where a message of ours stands outside: its ids in a place ("telegram:-100…", a conversation's key), for good (H9).
links = Table(
    "links",
    metadata,
    Column("place", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("message_id", BigInteger, nullable=False),
    Column("shared", Boolean, nullable=False, server_default=false()),  # it stands there together with other messages
    PrimaryKeyConstraint("place", "external_id"),
)
Index("ix_links_message_id", links.c.message_id)

#: Everything that falls due, one row a thing: SLA alerts, surveys, nudges.
deadlines = Table(
    "deadlines",
    metadata,
    Column("key", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("due_at", INSTANT, nullable=False),
    Column("lane", Text, nullable=False),
    Column("contact_id", BigInteger, nullable=False),
    Column("ticket", BigInteger),
    Column("data", JSON, nullable=False),
)
Index("ix_deadlines_due_at", deadlines.c.due_at)
