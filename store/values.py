"""Rows as the values that everybody speaks of; a query selects the columns in this order."""

from typing import Any

from sqlalchemy import ColumnElement, Row

from desk.tickets import Contact, Conversation, Priority, Status, Ticket
from store.dialects import constant
from store.tables import tickets

CONTACT_COLUMNS = (
    "id", "name", "language", "language_chosen", "created_at", "timezone", "tier", "stage", "source", "consent", "tags",
    "version",
)  # fmt: skip
CONVERSATION_COLUMNS = (
    "id", "contact_id", "channel", "address", "created_at", "username", "last_message_at", "matter_since",
    "failed_answers", "negative_streak", "acknowledged_at", "acknowledged_ticket", "blocked_at", "awaiting_reason",
)  # fmt: skip
TICKET_COLUMNS = (
    "number", "contact_id", "conversation_id", "status", "priority", "team", "subject", "intent", "created_at",
    "handed_over_at", "handoff_reason", "policy", "assignee", "answered_by", "waiting_since", "first_reply_at", "waits",
    "resolved_at", "resolutions", "reopen_count", "follows", "updated_at", "version",
)  # fmt: skip


def is_open() -> ColumnElement[bool]:
    """Of tickets: neither resolved nor closed, in the words of the partial index, so that the past costs nothing."""
    return tickets.c.status.not_in([constant(Status.RESOLVED), constant(Status.CLOSED)])


def _kept(row: Row[Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def ticket_of(row: Row[Any]) -> Ticket:
    """A row of `tickets`."""
    return Ticket(**_kept(row, TICKET_COLUMNS) | {"status": Status(row.status), "priority": Priority(row.priority)})


def contact_of(row: Row[Any]) -> Contact:
    """A row of `contacts`."""
    return Contact(**_kept(row, CONTACT_COLUMNS) | {"tags": tuple(row.tags)})


def conversation_of(row: Row[Any]) -> Conversation:
    """A row of `conversations`."""
    return Conversation(**_kept(row, CONVERSATION_COLUMNS))
