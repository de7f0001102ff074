"""People and their cases: contacts, conversations, tickets, messages, facts, clocks, surveys, threads."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

from store.tables.naming import metadata
from store.types import INSTANT, KEY

contacts = Table(
    "contacts",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("language_chosen", Boolean, nullable=False),
    Column("timezone", Text),
    Column("tier", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("source", Text),
    Column("consent", Boolean, nullable=False),
    Column("tags", JSON, nullable=False),
    Column("created_at", INSTANT, nullable=False),
    Column("version", Integer, nullable=False),
)

conversations = Table(
    "conversations",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("contact_id", ForeignKey("contacts.id"), nullable=False, index=True),
    Column("key", Text, nullable=False, unique=True),
    Column("channel", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("username", Text),
    Column("created_at", INSTANT, nullable=False),
    Column("last_message_at", INSTANT),
    Column("matter_since", INSTANT),
    Column("failed_answers", Integer, nullable=False),
    Column("negative_streak", Integer, nullable=False),
    Column("acknowledged_at", INSTANT),
    Column("acknowledged_ticket", BigInteger),
    Column("blocked_at", INSTANT),
    Column("awaiting_reason", BigInteger),
)

tickets = Table(
    "tickets",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("contact_id", ForeignKey("contacts.id"), nullable=False),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False),
    Column("status", Text, nullable=False),
    Column("priority", Text, nullable=False),
    Column("team", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("intent", Text, nullable=False),
    Column("asked_in", BigInteger),  # the message that the intent was read in; NULL in tickets of before v0006
    Column("confidence", Float),  # what else was read in it; the confidence is NULL once a person said what it is
    Column("sentiment", Text),
    Column("urgent", Boolean),
    Column("created_at", INSTANT, nullable=False),
    Column("handed_over_at", INSTANT),
    Column("handoff_reason", Text),
    Column("policy", Text),
    Column("assignee", Text),
    Column("answered_by", Text),
    Column("waiting_since", INSTANT),
    Column("first_reply_at", INSTANT),
    Column("waits", Integer, nullable=False),
    Column("resolved_at", INSTANT),
    Column("resolutions", Integer, nullable=False),
    Column("reopen_count", Integer, nullable=False),
    Column("follows", BigInteger),
    Column("updated_at", INSTANT, nullable=False),
    Column("version", Integer, nullable=False),
)
Index("ix_tickets_contact_id", tickets.c.contact_id, tickets.c.number)
Index("ix_tickets_updated_at", tickets.c.updated_at, tickets.c.number)
Index(
    "ix_tickets_open",
    tickets.c.status,
    tickets.c.number,
    sqlite_where=text("status NOT IN ('resolved', 'closed')"),
    postgresql_where=text("status NOT IN ('resolved', 'closed')"),
)

messages = Table(
    "messages",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("contact_id", BigInteger, nullable=False),
    Column("conversation_id", BigInteger, nullable=False),
    Column("ticket_id", BigInteger),
    Column("author", Text, nullable=False),
    Column("author_name", Text),
    Column("public", Boolean, nullable=False),
    Column("text", Text, nullable=False),
    Column("attachments", JSON(none_as_null=True)),  # NULL where there are none
    Column("buttons", JSON(none_as_null=True)),  # what it offered, for the channels that draw it themselves
    Column("at", INSTANT, nullable=False),
    Column("delivery", Text, nullable=False),
    Column("delivery_reason", Text),
    Column("external_id", Text),
    Column("reply_to", BigInteger),
    Column("intent", Text),
    Column("confidence", Float),
    Column("sentiment", Text),
    Column("urgent", Boolean),
    Column("language", Text),
    Column("reader", Text),  # the model, and its version, that gave it these five tags
    Column("edited_at", INSTANT),
)
Index("ix_messages_conversation_id", messages.c.conversation_id, messages.c.id)
Index("ix_messages_ticket_id", messages.c.ticket_id, messages.c.id)
# What the customers wrote in words, by time: the figures of how it was read ask for no more than their weeks.
_READ = text("author = 'customer' AND intent IS NOT NULL AND text <> ''")
Index(
    "ix_messages_read",
    messages.c.at,
    messages.c.id,
    sqlite_where=_READ,
    postgresql_where=_READ,
)

#: Every version that an edited message had before (H10).
message_versions = Table(
    "message_versions",
    metadata,
    Column("id", KEY, primary_key=True, autoincrement=True),
    Column("message_id", BigInteger, nullable=False, index=True),
    Column("text", Text, nullable=False),
    Column("replaced_at", INSTANT, nullable=False),
)

#: What the staff say that a message meant, beside what its reader had said; of several the newest counts.
#: The words are those that were judged: a message may be edited later, and they go when the contact's messages go.
corrections = Table(
    "corrections",
    metadata,
    Column("id", KEY, primary_key=True, autoincrement=True),
    Column("contact_id", BigInteger, nullable=False, index=True),
    Column("message_id", BigInteger, nullable=False),
    Column("ticket", BigInteger),  # in whose timeline it stands
    Column("text", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("intent", Text, nullable=False),
    Column("sentiment", Text),  # NULL where nobody said anything of it
    Column("urgent", Boolean),
    Column("read_intent", Text, nullable=False),
    Column("read_confidence", Float, nullable=False),
    Column("read_sentiment", Text, nullable=False),
    Column("read_urgent", Boolean, nullable=False),
    Column("reader", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("by", Text, nullable=False),
)
Index("ix_corrections_message_id", corrections.c.message_id, corrections.c.id)
Index("ix_corrections_at", corrections.c.at, corrections.c.id)

facts = Table(
    "facts",
    metadata,
    Column("id", KEY, primary_key=True, autoincrement=True),
    Column("contact_id", BigInteger, nullable=False),
    Column("ticket", BigInteger),
    Column("kind", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("by", Text, nullable=False),
    Column("data", JSON, nullable=False),
)
Index("ix_facts_contact_id", facts.c.contact_id, facts.c.id)
Index("ix_facts_ticket", facts.c.ticket, facts.c.id)

clocks = Table(
    "clocks",
    metadata,
    Column("ticket", ForeignKey("tickets.number"), nullable=False),
    Column("metric", Text, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("body", Text, nullable=False),  # JSON of desk.sla.Clock; what is asked for by SQL stands beside it
    Column("due_at", INSTANT),
    Column("met_at", INSTANT),
    Column("breached_at", INSTANT),
    Column("ended_at", INSTANT),
    Column("outcome", Text, nullable=False),
    PrimaryKeyConstraint("ticket", "metric", "generation"),
)
Index(
    "ix_clocks_breached_at",
    clocks.c.breached_at,
    sqlite_where=text("breached_at IS NOT NULL"),
    postgresql_where=text("breached_at IS NOT NULL"),
)

#: Alerts that were sent, so that "Acknowledge" silences the right one (S17) and the console lists them.
alerts = Table(
    "alerts",
    metadata,
    Column("key", Text, primary_key=True),
    Column("ticket", BigInteger, nullable=False, index=True),
    Column("metric", Text, nullable=False),
    Column("level", Integer, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("acknowledged_by", Text),
    Column("acknowledged_at", INSTANT),
    Column("room", Text),  # whom it is for beside the ticket's own thread; nobody: null
    Column("text", Text, nullable=False, server_default=text("''")),  # what is to be said there, until it is
    Column("told_at", INSTANT),
)
Index("ix_alerts_room", alerts.c.room, alerts.c.told_at)

surveys = Table(
    "surveys",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("key", Text, nullable=False, unique=True),  # one per ticket and resolution (Q1)
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("contact_id", BigInteger, nullable=False, index=True),
    Column("conversation_id", BigInteger, nullable=False),
    Column("ticket", BigInteger),
    Column("resolution", Integer),
    Column("agent", Text),
    Column("team", Text),
    Column("channel", Text, nullable=False),
    Column("state", Text, nullable=False),  # planned, sent, answered, expired, withdrawn, skipped
    Column("message_id", BigInteger),
    Column("planned_at", INSTANT, nullable=False),
    Column("sent_at", INSTANT),
    Column("answered_at", INSTANT),
    Column("score", Integer),
    Column("first_score", Integer),
    Column("reason", Text),
)

nudges = Table(
    "nudges",
    metadata,
    Column("id", KEY, primary_key=True, autoincrement=True),
    Column("contact_id", BigInteger, nullable=False),
    Column("key", Text, nullable=False, unique=True),  # journey, version, step, run (J4)
    Column("journey", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
)
Index("ix_nudges_contact_id", nudges.c.contact_id, nudges.c.at)

#: A contact's thread in a room of the staff: an address, which nothing in desk/ knows of.
threads = Table(
    "threads",
    metadata,
    Column("room", Text, nullable=False),
    Column("contact_id", BigInteger, nullable=False),
    Column("chat", BigInteger, nullable=False),
    Column("thread", BigInteger),
    Column("state", Text, nullable=False),  # creating, open, closed, lost, none (the room has no threads)
    Column("title", Text, nullable=False, server_default=text("''")),
    Column("titled_at", INSTANT),
    Column("probe_after", BigInteger),  # the highest id known in the chat before a thread was asked for
    PrimaryKeyConstraint("room", "contact_id"),
)
Index("ix_threads_chat", threads.c.chat, threads.c.thread)

#: Where each ticket's live card stands.
cards = Table(
    "cards",
    metadata,
    Column("ticket", BigInteger, nullable=False),
    Column("chat", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    PrimaryKeyConstraint("ticket"),
)

#: Events of contacts, by the API; the id makes each count once (L4).
events = Table(
    "events",
    metadata,
    Column("id", Text, primary_key=True),
    Column("contact_id", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("data", JSON, nullable=False),
)
Index("ix_events_contact_id", events.c.contact_id, events.c.at)
