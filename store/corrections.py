"""What the staff said of readings that were wrong."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, select

from desk.messages import Author
from desk.readings import Correction, Reading, Sentiment
from store.bulk import insert_all
from store.casefile import KeptCorrection
from store.tables import corrections, messages, tickets

#: From how many of the last ones it is told what is likely.
_LATELY = 500


def add(connection: Connection, kept: Sequence[KeptCorrection]) -> None:
    """Keep new corrections beside those that there are."""
    insert_all(connection, corrections, [_row(each) for each in kept])


def _row(kept: KeptCorrection) -> dict[str, Any]:
    said, read = kept.correction, kept.correction.read
    return {
        "contact_id": kept.contact_id,
        "message_id": kept.message_id,
        "ticket": kept.ticket,
        "text": said.text,
        "language": read.language,
        "intent": said.intent,
        "sentiment": said.sentiment and said.sentiment.value,
        "urgent": said.urgent,
        "read_intent": read.intent,
        "read_confidence": read.confidence,
        "read_sentiment": read.sentiment.value,
        "read_urgent": read.urgent,
        "reader": read.reader,
        "at": said.at,
        "by": said.by,
    }


def newest(connection: Connection, intents: Collection[str], limit: int) -> Sequence[Correction]:
    """The last corrections to one of these intents, newest first; of several of one message the newest counts."""
    query = _in_force().where(corrections.c.intent.in_(intents)).order_by(corrections.c.id.desc()).limit(limit)
    return [_correction(row) for row in connection.execute(query)]


def since(connection: Connection, moment: datetime | None) -> Sequence[Correction]:
    """Those since a moment, or all, oldest first; of several of one message the newest counts."""
    query = _in_force() if moment is None else _in_force().where(corrections.c.at >= moment)
    return [_correction(row) for row in connection.execute(query.order_by(corrections.c.id))]


def of_messages(connection: Connection, ids: Collection[int]) -> Mapping[int, Correction]:
    """What the staff said last of these messages, by message (by the index on the message)."""
    query = select(corrections).where(corrections.c.message_id.in_(ids)).order_by(corrections.c.id)
    return {row.message_id: _correction(row) for row in connection.execute(query)}


def likely_intents(connection: Connection, read: str) -> Sequence[str]:
    """What the staff made of this reading before, then what tickets were about lately; most often first."""
    made = select(corrections.c.intent, corrections.c.read_intent).order_by(corrections.c.id.desc()).limit(_LATELY)
    of_reading = made.subquery()
    lately = select(tickets.c.intent).order_by(tickets.c.number.desc()).limit(_LATELY).subquery()
    found = [
        *connection.execute(_counted(of_reading.c.intent).where(of_reading.c.read_intent == read)).scalars(),
        *connection.execute(_counted(lately.c.intent)).scalars(),
    ]
    return list(dict.fromkeys(found))


def opening_message(ticket: int) -> Select[Any]:
    """A ticket's first message of the customer's that was read (by the index on the ticket)."""
    read = (messages.c.author == Author.CUSTOMER.value, messages.c.intent.is_not(None))
    return select(messages).where(messages.c.ticket_id == ticket, *read).order_by(messages.c.at, messages.c.id).limit(1)


def _counted(intent: Any) -> Select[Any]:
    return select(intent).group_by(intent).order_by(func.count().desc(), intent)


def is_in_force() -> ColumnElement[bool]:
    """Whether a correction holds: whoever corrects a message again takes back what was said of it before."""
    later = corrections.alias()
    replaced = select(later.c.id).where(later.c.message_id == corrections.c.message_id, later.c.id > corrections.c.id)
    return ~replaced.exists()


def _in_force() -> Select[Any]:
    return select(corrections).where(is_in_force())


def _correction(row: Row[Any]) -> Correction:
    return Correction(
        text=row.text,
        intent=row.intent,
        sentiment=None if row.sentiment is None else Sentiment(row.sentiment),
        urgent=row.urgent,
        at=row.at,
        by=row.by,
        read=Reading(
            intent=row.read_intent,
            confidence=row.read_confidence,
            sentiment=Sentiment(row.read_sentiment),
            urgent=row.read_urgent,
            language=row.language,
            reader=row.reader,
        ),
    )
