"""Weeks of customers' messages for the page of readings, written straight into the tables."""

import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
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


#: When this week began in Shanghai.
_MONDAY = datetime(2026, 11, 15, 16, tzinfo=UTC)
#: How often each intent is meant in an ordinary week.
_USUAL = {
    "order_status": 30,
    "product_question": 18,
    "delivery_problem": 14,
    "return_refund": 12,
    "technical_fault": 9,
    "thanks": 8,
    "invoice": 5,
    "how_to": 4,
    "price_promotion": 4,
    "repair_visit": 3,
    "complaint": 2,
    "other": 2,
}
_TEXTS = (
    "上周下的单怎么还没发货？",
    "Where is my parcel? It was due on Friday.",
    "洗衣机脱水的时候声音特别大，正常吗",
    "Can I pay by invoice?",
    "好的，谢谢",
)


def add_season(connection: Connection, a_week: int = 240) -> Sequence[Mapping[str, Any]]:
    """Sixteen weeks of Ann's messages; of late the repairs grow, and another model reads. The ticket is number 2000."""
    draw = random.Random(26)
    add_person(connection, 500, "Ann Lee")
    add_ticket(connection, 2000, 500)
    rows: list[Mapping[str, Any]] = []
    for week in range(16):
        weights = _USUAL | ({"repair_visit": 34} if week >= 14 else {})
        size = a_week if week < 15 else a_week // 2  # the last one is not over
        for place, intent in enumerate(draw.choices(list(weights), list(weights.values()), k=size)):
            at = _MONDAY - timedelta(weeks=15 - week) + timedelta(minutes=place * 7 * 1440 // a_week)
            sure = 1 - draw.betavariate(1, 5)
            values = {
                "text": draw.choice(_TEXTS),
                "reader": "keywords" if week < 11 else "small-2026-10",
                "ticket_id": 2000,
            }
            rows.append(written(len(rows) + 10_000, 500, at, intent, round(sure, 3), **values))
    add_messages(connection, rows)
    for row in draw.sample(rows[-600:], 20):
        correct(connection, row, draw.choice(["complaint", "repair_visit", "how_to"]), NOW)
    return rows
