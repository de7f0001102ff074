"""Weeks of customers' messages for the page of readings, written straight into the tables."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert

from store.tables import contacts, conversations, corrections, messages, tickets
from tests.console.seed import NOW

_PERSON = {
    "language": "en",
    "language_chosen": False,
    "tier": "member",
    "stage": "lead",
    "consent": True,
    "tags": [],
    "version": 1,
}
_MESSAGE = {
    "author": "customer",
    "public": True,
    "delivery": "received",
    "sentiment": "neutral",
    "urgent": False,
    "language": "en",
}


def add_person(connection: Connection, number: int, name: str) -> None:
    """Somebody with one conversation of the same number."""
    row = _PERSON | {"id": number, "name": name, "created_at": NOW - timedelta(days=200)}
    connection.execute(insert(contacts), [row])
    place = {"id": number, "contact_id": number, "key": f"webchat:{number}", "channel": "webchat", "address": "x"}
    counted = {"created_at": NOW, "failed_answers": 0, "negative_streak": 0}
    connection.execute(insert(conversations), [place | counted])


def add_ticket(connection: Connection, number: int, person: int, **values: object) -> None:
    """A ticket of somebody's, open unless it is said otherwise."""
    plain = {"status": "open", "priority": "normal", "team": "support", "subject": "x", "intent": "other"}
    counted = {"waits": 0, "resolutions": 0, "reopen_count": 0, "version": 1, "created_at": NOW, "updated_at": NOW}
    key = {"number": number, "contact_id": person, "conversation_id": person}
    connection.execute(insert(tickets), [plain | counted | key | values])


def written(
    number: int, person: int, at: datetime, intent: str, confidence: float = 0.9, **values: Any
) -> Mapping[str, Any]:
    """A customer's message as it stands in the table."""
    key = {"id": number, "contact_id": person, "conversation_id": person, "ticket_id": None, "at": at}
    read = {"intent": intent, "confidence": confidence, "reader": "keywords", "text": f"message {number}"}
    return _MESSAGE | key | read | values


def add_messages(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep them."""
    connection.execute(insert(messages), [dict(row) for row in rows])


def correct(connection: Connection, message: Mapping[str, Any], intent: str, at: datetime, by: str = "Lin") -> None:
    """Somebody says what a message means."""
    read = {"read_intent": message["intent"], "read_confidence": message["confidence"], "read_sentiment": "neutral"}
    kept = {"contact_id": message["contact_id"], "message_id": message["id"], "text": message["text"], "language": "en"}
    rest = {"intent": intent, "read_urgent": False, "reader": message["reader"], "at": at, "by": by}
    connection.execute(insert(corrections), [read | kept | rest])
