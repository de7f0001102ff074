"""Rows as the values that the staff's pages and the API speak of."""

from typing import Any

from sqlalchemy import Row

from desk.tickets import Contact, Conversation, Priority, Status, Ticket
from store.loading import CONTACT_COLUMNS, CONVERSATION_COLUMNS, TICKET_COLUMNS


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
