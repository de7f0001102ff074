"""Rows as the values that everybody speaks of."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row

from desk.readings import Sentiment
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
    "asked_in", "confidence", "sentiment", "urgent", "handed_over_at", "handoff_reason", "policy", "assignee",
    "answered_by", "waiting_since", "first_reply_at", "waits", "resolved_at", "resolutions", "reopen_count", "follows",
    "updated_at", "version",
)  # fmt: skip


def is_open() -> ColumnElement[bool]:
    """Of tickets: neither resolved nor closed, in the words of the partial index, so that the past costs nothing."""
    return tickets.c.status.not_in([constant(Status.RESOLVED), constant(Status.CLOSED)])


def ticket_of(row: Row[Any]) -> Ticket:
    """A row of `tickets`, whatever else was selected."""
    return ticket_from([getattr(row, name) for name in TICKET_COLUMNS])


def contact_of(row: Row[Any]) -> Contact:
    """A row of `contacts`, whatever else was selected."""
    return contact_from([getattr(row, name) for name in CONTACT_COLUMNS])


def conversation_of(row: Row[Any]) -> Conversation:
    """A row of `conversations`, whatever else was selected."""
    return conversation_from([getattr(row, name) for name in CONVERSATION_COLUMNS])


# By place instead of by name, which costs a row eight times as much: for the rounds.


def ticket_from(columns: Sequence[Any]) -> Ticket:
    """The values of `TICKET_COLUMNS`, in that order."""
    values = dict(zip(TICKET_COLUMNS, columns, strict=True))
    words = {"status": Status(values["status"]), "priority": Priority(values["priority"])}
    if values["sentiment"] is not None:
        values["sentiment"] = Sentiment(values["sentiment"])
    return Ticket(**values | words)


def contact_from(columns: Sequence[Any]) -> Contact:
    """The values of `CONTACT_COLUMNS`, in that order."""
    values = dict(zip(CONTACT_COLUMNS, columns, strict=True))
    return Contact(**values | {"tags": tuple(values["tags"])})


def conversation_from(columns: Sequence[Any]) -> Conversation:
    """The values of `CONVERSATION_COLUMNS`, in that order."""
    return Conversation(**dict(zip(CONVERSATION_COLUMNS, columns, strict=True)))
