"""People, tickets and what belongs to them."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "v0002"
down_revision = "v0001"

INSTANT = sa.TIMESTAMP(timezone=True).with_variant(sa.Integer(), "sqlite")
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    _contacts()
    _conversations()
    _tickets()
    _messages()
    _message_versions()
    _facts()
    _clocks()
    _alerts()
    _surveys()
    _nudges()
    _threads()
    _cards()
    _events()


def _contacts() -> None:
    op.create_table(
        "contacts",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("language_chosen", sa.Boolean(), nullable=False),
        sa.Column("timezone", sa.Text()),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("source", sa.Text()),
        sa.Column("consent", sa.Boolean(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts")),
    )


def _conversations() -> None:
    op.create_table(
        "conversations",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("username", sa.Text()),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("last_message_at", INSTANT),
        sa.Column("matter_since", INSTANT),
        sa.Column("failed_answers", sa.Integer(), nullable=False),
        sa.Column("negative_streak", sa.Integer(), nullable=False),
        sa.Column("acknowledged_at", INSTANT),
        sa.Column("acknowledged_ticket", sa.BigInteger()),
        sa.Column("blocked_at", INSTANT),
        sa.Column("awaiting_reason", sa.BigInteger()),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_conversations_contact_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversations")),
        sa.UniqueConstraint("key", name=op.f("uq_conversations_key")),
    )
    op.create_index("ix_conversations_contact_id", "conversations", ["contact_id"])


def _tickets() -> None:
    op.create_table(
        "tickets",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("intent", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("handed_over_at", INSTANT),
        sa.Column("handoff_reason", sa.Text()),
        sa.Column("policy", sa.Text()),
        sa.Column("assignee", sa.Text()),
        sa.Column("answered_by", sa.Text()),
        sa.Column("waiting_since", INSTANT),
        sa.Column("first_reply_at", INSTANT),
        sa.Column("waits", sa.Integer(), nullable=False),
        sa.Column("resolved_at", INSTANT),
        sa.Column("resolutions", sa.Integer(), nullable=False),
        sa.Column("reopen_count", sa.Integer(), nullable=False),
        sa.Column("follows", sa.BigInteger()),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_tickets_contact_id")),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name=op.f("fk_tickets_conversation_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_tickets")),
    )
    op.create_index("ix_tickets_contact_id", "tickets", ["contact_id", "number"])
    op.create_index(
        "ix_tickets_open", "tickets", ["status", "number"], **_where("status NOT IN ('resolved', 'closed')")
    )
    op.create_index("ix_tickets_updated_at", "tickets", ["updated_at", "number"])


def _messages() -> None:
    op.create_table(
        "messages",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger()),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("author_name", sa.Text()),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("attachments", sa.JSON()),
        sa.Column("buttons", sa.JSON()),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("delivery", sa.Text(), nullable=False),
        sa.Column("delivery_reason", sa.Text()),
        sa.Column("external_id", sa.Text()),
        sa.Column("reply_to", sa.BigInteger()),
        sa.Column("intent", sa.Text()),
        sa.Column("confidence", sa.Float()),
        sa.Column("sentiment", sa.Text()),
        sa.Column("urgent", sa.Boolean()),
        sa.Column("language", sa.Text()),
        sa.Column("edited_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
    )
    op.create_index("ix_messages_conversation_id", "messages", ["conversation_id", "id"])
    op.create_index("ix_messages_ticket_id", "messages", ["ticket_id", "id"])


def _message_versions() -> None:
    op.create_table(
        "message_versions",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("replaced_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_versions")),
    )
    op.create_index("ix_message_versions_message_id", "message_versions", ["message_id"])


def _facts() -> None:
    op.create_table(
        "facts",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("ticket", sa.BigInteger()),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facts")),
    )
    op.create_index("ix_facts_contact_id", "facts", ["contact_id", "id"])
    op.create_index("ix_facts_ticket", "facts", ["ticket", "id"])


def _clocks() -> None:
    op.create_table(
        "clocks",
        sa.Column("ticket", sa.BigInteger(), nullable=False),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("due_at", INSTANT),
        sa.Column("met_at", INSTANT),
        sa.Column("breached_at", INSTANT),
        sa.Column("ended_at", INSTANT),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["ticket"], ["tickets.number"], name=op.f("fk_clocks_ticket")),
        sa.PrimaryKeyConstraint("ticket", "metric", "generation", name=op.f("pk_clocks")),
    )
    op.create_index("ix_clocks_breached_at", "clocks", ["breached_at"], **_where("breached_at IS NOT NULL"))


def _alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("ticket", sa.BigInteger(), nullable=False),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("acknowledged_by", sa.Text()),
        sa.Column("acknowledged_at", INSTANT),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_alerts")),
    )
    op.create_index("ix_alerts_ticket", "alerts", ["ticket"])


def _surveys() -> None:
    op.create_table(
        "surveys",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("ticket", sa.BigInteger()),
        sa.Column("resolution", sa.Integer()),
        sa.Column("agent", sa.Text()),
        sa.Column("team", sa.Text()),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("message_id", sa.BigInteger()),
        sa.Column("planned_at", INSTANT, nullable=False),
        sa.Column("sent_at", INSTANT),
        sa.Column("answered_at", INSTANT),
        sa.Column("score", sa.Integer()),
        sa.Column("first_score", sa.Integer()),
        sa.Column("reason", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surveys")),
        sa.UniqueConstraint("key", name=op.f("uq_surveys_key")),
    )
    op.create_index("ix_surveys_contact_id", "surveys", ["contact_id"])


def _nudges() -> None:
    op.create_table(
        "nudges",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("journey", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nudges")),
        sa.UniqueConstraint("key", name=op.f("uq_nudges_key")),
    )
    op.create_index("ix_nudges_contact_id", "nudges", ["contact_id", "at"])


def _threads() -> None:
    op.create_table(
        "threads",
        sa.Column("room", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("chat", sa.BigInteger(), nullable=False),
        sa.Column("thread", sa.BigInteger()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("titled_at", INSTANT),
        sa.Column("probe_after", sa.BigInteger()),
        sa.PrimaryKeyConstraint("room", "contact_id", name=op.f("pk_threads")),
    )
    op.create_index("ix_threads_chat", "threads", ["chat", "thread"])


def _cards() -> None:
    op.create_table(
        "cards",
        sa.Column("ticket", sa.BigInteger(), nullable=False),
        sa.Column("chat", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("ticket", name=op.f("pk_cards")),
    )


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    op.create_index("ix_events_contact_id", "events", ["contact_id", "at"])


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}
