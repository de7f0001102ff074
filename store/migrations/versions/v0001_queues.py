"""What comes in, what goes out, what falls due."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "v0001"
down_revision = None

INSTANT = sa.TIMESTAMP(timezone=True).with_variant(sa.Integer(), "sqlite")
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    _counters()
    _inbox()
    _inbox_lanes()
    _outbox_lanes()
    _outbox()
    _links()
    _deadlines()


def _counters() -> None:
    op.create_table(
        "counters",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counters")),
    )


def _inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("handled_at", INSTANT),
        sa.Column("result", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
        sa.UniqueConstraint("key", name=op.f("uq_inbox_key")),
    )
    op.create_index("ix_inbox_parked", "inbox", ["id"], **_where("state = 'parked'"))
    op.create_index("ix_inbox_waiting", "inbox", ["lane", "id"], **_where("state = 'waiting'"))


def _inbox_lanes() -> None:
    op.create_table(
        "inbox_lanes",
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("ready_at", INSTANT, nullable=False),
        sa.Column("owner", sa.Text()),
        sa.Column("leased_until", INSTANT),
        sa.Column("rank", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.PrimaryKeyConstraint("lane", name=op.f("pk_inbox_lanes")),
    )
    op.create_index("ix_inbox_lanes_ready", "inbox_lanes", ["ready_at"], **_where("waiting > 0"))


def _outbox_lanes() -> None:
    op.create_table(
        "outbox_lanes",
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("ready_at", INSTANT, nullable=False),
        sa.Column("owner", sa.Text()),
        sa.Column("leased_until", INSTANT),
        sa.Column("rank", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.PrimaryKeyConstraint("lane", name=op.f("pk_outbox_lanes")),
    )
    op.create_index("ix_outbox_lanes_ready", "outbox_lanes", ["ready_at"], **_where("waiting > 0"))


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.BigInteger()),
        sa.Column("message_id", sa.BigInteger()),
        sa.Column("report", sa.Boolean(), nullable=False),
        sa.Column("again", sa.Boolean(), nullable=False),
        sa.Column("key", sa.Text()),
        sa.Column("replaces", sa.Text()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("done_at", INSTANT),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("reason", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_key")),
    )
    op.create_index("ix_outbox_failed", "outbox", ["id"], **_where("state = 'failed'"))
    op.create_index(
        "ix_outbox_replaces", "outbox", ["replaces"], **_where("state = 'waiting' AND replaces IS NOT NULL")
    )
    op.create_index("ix_outbox_waiting", "outbox", ["lane", "rank", "id"], **_where("state IN ('waiting', 'sending')"))


def _links() -> None:
    op.create_table(
        "links",
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("shared", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("place", "external_id", name=op.f("pk_links")),
    )
    op.create_index("ix_links_message_id", "links", ["message_id"])


def _deadlines() -> None:
    op.create_table(
        "deadlines",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("ticket", sa.BigInteger()),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_deadlines")),
    )
    op.create_index("ix_deadlines_due_at", "deadlines", ["due_at"])


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}
