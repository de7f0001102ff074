"""One ticket as the staff see it: the person, everything that was said, what happened, what is due, ratings."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select

from desk.facts import Fact, FactKind
from desk.messages import Attachment, Message
from desk.readings import Correction
from desk.sla import Clock
from desk.tickets import Contact, Conversation, Ticket
from store import corrections
from store.casefile import Alert
from store.looking import alert_of, message_of
from store.tables import alerts, clocks, contacts, conversations, facts, messages, surveys, tickets
from store.values import contact_of, conversation_of, ticket_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """A message with what the staff are told of its way."""

    message: Message
    delivery_reason: str | None
    edited_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Rating:
    """A survey that concerns the ticket."""

    kind: str
    state: str
    score: int | None
    reason: str | None
    answered_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """A ticket's whole thread. `said` is the conversation's end, oldest first; `earlier`: whether more came before.

    `corrections` is what the staff said last of what these messages mean, by message.
    """

    ticket: Ticket
    contact: Contact
    conversation: Conversation
    conversations: tuple[Conversation, ...]
    other_tickets: tuple[Ticket, ...]
    said: tuple[Said, ...]
    earlier: bool
    facts: tuple[Fact, ...]
    clocks: tuple[Clock, ...]
    alerts: tuple[Alert, ...]
    ratings: tuple[Rating, ...]
    corrections: Mapping[int, Correction]


def find_case(connection: Connection, number: int, *, messages_shown: int = 100) -> Case | None:
    """The case with that ticket number."""
    ticket = find_ticket(connection, number)
    if ticket is None:
        return None
    contact = connection.execute(select(contacts).where(contacts.c.id == ticket.contact_id)).one()
    places = _conversations(connection, ticket.contact_id)
    said = _said(connection, ticket.conversation_id, messages_shown + 1)
    return Case(
        ticket=ticket,
        contact=contact_of(contact),
        conversation=next(place for place in places if place.id == ticket.conversation_id),
        conversations=places,
        other_tickets=_other_tickets(connection, ticket),
        said=said[-messages_shown:],
        earlier=len(said) > messages_shown,
        facts=ticket_facts(connection, number),
        clocks=ticket_clocks(connection, number),
        alerts=_alerts(connection, number),
        ratings=_ratings(connection, number),
        corrections=corrections.of_messages(connection, [each.message.id for each in said if each.message.reading]),
    )


def find_ticket(connection: Connection, number: int) -> Ticket | None:
    """The ticket with that number."""
    row = connection.execute(select(tickets).where(tickets.c.number == number)).one_or_none()
    return None if row is None else ticket_of(row)


def conversation_key(connection: Connection, number: int) -> str | None:
    """The key of the conversation that a ticket belongs to: the owner of the files that are sent in it."""
    query = select(conversations.c.key).join(tickets, tickets.c.conversation_id == conversations.c.id)
    key: str | None = connection.execute(query.where(tickets.c.number == number)).scalar_one_or_none()
    return key


def find_attachment(connection: Connection, message: int, place: int) -> Attachment | None:
    """What hangs on a message at that place, counted from 0."""
    kept = connection.execute(select(messages.c.attachments).where(messages.c.id == message)).scalar_one_or_none() or ()
    return msgspec.convert(kept[place], Attachment) if 0 <= place < len(kept) else None


def _conversations(connection: Connection, contact: int) -> tuple[Conversation, ...]:
    query = select(conversations).where(conversations.c.contact_id == contact).order_by(conversations.c.id)
    return tuple(conversation_of(row) for row in connection.execute(query))


def _other_tickets(connection: Connection, ticket: Ticket) -> tuple[Ticket, ...]:
    # The contact's own, newest first; more than these nobody reads beside a thread.
    query = select(tickets).where(tickets.c.contact_id == ticket.contact_id, tickets.c.number != ticket.number)
    rows = connection.execute(query.order_by(tickets.c.number.desc()).limit(10))
    return tuple(ticket_of(row) for row in rows)


def _said(connection: Connection, conversation: int, count: int) -> tuple[Said, ...]:
    # The whole conversation and not the ticket's part alone: what the bot said before is part of the story.
    query = select(messages).where(messages.c.conversation_id == conversation)
    newest = query.order_by(messages.c.at.desc(), messages.c.id.desc()).limit(count)
    rows = connection.execute(newest).all()
    return tuple(_said_of(row) for row in reversed(rows))


def _said_of(row: Row[Any]) -> Said:
    return Said(message=message_of(row), delivery_reason=row.delivery_reason, edited_at=row.edited_at)


def ticket_facts(connection: Connection, number: int) -> tuple[Fact, ...]:
    """What happened to a ticket, oldest first."""
    rows = connection.execute(select(facts).where(facts.c.ticket == number).order_by(facts.c.at, facts.c.id))
    return tuple(fact_of(row) for row in rows)


def fact_of(row: Row[Any]) -> Fact:
    """A row of `facts`."""
    data: Mapping[str, Any] = row.data
    return Fact(
        kind=FactKind(row.kind),
        at=row.at,
        contact_id=row.contact_id,
        by=row.by,
        ticket=row.ticket,
        data=data,
    )


def ticket_clocks(connection: Connection, number: int) -> tuple[Clock, ...]:
    """The clocks of a ticket, those that have ended too."""
    query = select(clocks.c.body).where(clocks.c.ticket == number).order_by(clocks.c.metric, clocks.c.generation)
    return tuple(msgspec.json.decode(body, type=Clock) for body in connection.execute(query).scalars())


def _alerts(connection: Connection, number: int) -> tuple[Alert, ...]:
    query = select(alerts).where(alerts.c.ticket == number).order_by(alerts.c.at, alerts.c.key)
    return tuple(alert_of(row) for row in connection.execute(query))


def _ratings(connection: Connection, number: int) -> tuple[Rating, ...]:
    query = select(surveys).where(surveys.c.ticket == number).order_by(surveys.c.planned_at)
    return tuple(_rating(row) for row in connection.execute(query))


def _rating(row: Row[Any]) -> Rating:
    return Rating(
        kind=row.kind,
        state=row.state,
        score=row.score,
        reason=row.reason,
        answered_at=row.answered_at,
    )
