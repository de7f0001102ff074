"""The staff's list of tickets: one line each with what is due, what was said last, and how many wait in each queue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, Select, case, func, or_, select

from desk.messages import Author, Message
from desk.sla import BREACH, Clock
from desk.tickets import Status, Ticket
from store.looking import message_of
from store.tables import alerts, clocks, contacts, conversations, messages, presence, tickets
from store.values import is_open, ticket_of

_OVER = tuple(status for status in Status if status.is_over)
_WAITING = (Status.WAITING_ON_CUSTOMER, Status.ON_HOLD, Status.SNOOZED)


class Queue(StrEnum):
    """A part of the list."""

    OPEN = "open"
    UNASSIGNED = "unassigned"
    MINE = "mine"
    WAITING = "waiting"
    RESOLVED = "resolved"
    ALL = "all"


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One ticket in the list. `due` is the clock that runs out first, `said` the customer's last message."""

    ticket: Ticket
    contact_name: str
    channel: str
    due: Clock | None
    last: Message | None
    said: Message | None


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenAlert:
    """An alert that nobody has acknowledged, of a ticket that is still on the desk. `level` is in per cent."""

    key: str
    ticket: int
    contact_name: str
    subject: str
    assignee: str | None
    metric: str
    level: int
    at: datetime


def lines(connection: Connection, *, queue: Queue, staff: str, search: str = "", count: int = 50) -> Sequence[Line]:
    """The first `count` tickets of a queue, the most pressing first; `search` is a number or a part of a name."""
    query = (
        select(tickets, contacts.c.name.label("contact_name"), conversations.c.channel)
        .join(contacts, contacts.c.id == tickets.c.contact_id)
        .join(conversations, conversations.c.id == tickets.c.conversation_id)
        .where(_in_queue(queue, staff), _found(search))
    )
    rows = connection.execute(_ordered(query, queue).limit(count)).all()
    numbers = [row.number for row in rows]
    due, said = _due(connection, numbers), _last_messages(connection, numbers)
    return [_line(row, due.get(row.number), said.get(row.number, ())) for row in rows]


def _in_queue(queue: Queue, staff: str) -> ColumnElement[bool]:
    match queue:
        case Queue.OPEN:
            # Everything on the desk that does not wait for somebody else.
            return is_open() & tickets.c.status.not_in(_WAITING)
        case Queue.UNASSIGNED:
            return is_open() & tickets.c.assignee.is_(None)
        case Queue.MINE:
            return is_open() & (tickets.c.assignee == staff)
        case Queue.WAITING:
            return is_open() & tickets.c.status.in_(_WAITING)
        case Queue.RESOLVED:
            return tickets.c.status.in_(_OVER)
        case Queue.ALL:
            return tickets.c.number.is_not(None)


def _found(search: str) -> ColumnElement[bool]:
    wanted = search.strip()
    # A number is meant exactly; a name may be given in part, and its % and _ are letters.
    named = contacts.c.name.icontains(wanted, autoescape=True)
    digits = wanted.removeprefix("#")
    if digits.isdecimal() and digits.isascii() and len(digits) < 19:
        return or_(tickets.c.number == int(digits), named)
    return named


def _ordered(query: Select[Any], queue: Queue) -> Select[Any]:
    if queue in (Queue.RESOLVED, Queue.ALL):
        return query.order_by(tickets.c.updated_at.desc(), tickets.c.number.desc())
    # R3: what is due first, then who has waited longest; a clock that stands still has no due time.
    due_at = (
        select(func.min(clocks.c.due_at))
        .where(clocks.c.ticket == tickets.c.number, clocks.c.ended_at.is_(None))
        .scalar_subquery()
    )
    waiting = tickets.c.waiting_since
    return query.order_by(
        case((due_at.is_(None), 1), else_=0), due_at, case((waiting.is_(None), 1), else_=0), waiting, tickets.c.number
    )


def _due(connection: Connection, numbers: Sequence[int]) -> Mapping[int, Clock]:
    query = (
        select(clocks.c.ticket, clocks.c.body)
        # A clock that has ended, or stands still, has nothing due any more.
        .where(clocks.c.ticket.in_(numbers), clocks.c.ended_at.is_(None), clocks.c.due_at.is_not(None))
        .order_by(clocks.c.due_at.desc())
    )
    # The earliest comes last and stays.
    return {row.ticket: msgspec.json.decode(row.body, type=Clock) for row in connection.execute(query)}


def _last_messages(connection: Connection, numbers: Sequence[int]) -> Mapping[int, Sequence[Message]]:
    """The last message of each kind of author, oldest first."""
    place = func.row_number().over(
        partition_by=(messages.c.ticket_id, messages.c.author), order_by=(messages.c.at.desc(), messages.c.id.desc())
    )
    ranked = select(messages, place.label("place")).where(messages.c.ticket_id.in_(numbers)).subquery()
    query = select(ranked).where(ranked.c.place == 1).order_by(ranked.c.at, ranked.c.id)
    found: dict[int, list[Message]] = {}
    for row in connection.execute(query):
        found.setdefault(row.ticket_id, []).append(message_of(row))
    return found


def _line(row: Row[Any], due: Clock | None, said: Sequence[Message]) -> Line:
    return Line(
        ticket=ticket_of(row),
        contact_name=row.contact_name,
        channel=row.channel,
        due=due,
        last=said[-1] if said else None,
        said=next((message for message in said if message.author is Author.CUSTOMER), None),
    )


def counts(connection: Connection, staff: str) -> Mapping[Queue, int]:
    """How many tickets stand in each queue of what is on the desk."""
    shown = (Queue.OPEN, Queue.UNASSIGNED, Queue.MINE, Queue.WAITING)
    sums = [func.coalesce(func.sum(case((_in_queue(queue, staff), 1), else_=0)), 0) for queue in shown]
    # The index holds the tickets on the desk alone, so resolved ones cost nothing here.
    row = connection.execute(select(*sums).where(is_open())).one()
    return dict(zip(shown, row, strict=True))


def changed_since(connection: Connection, since: datetime) -> Sequence[tuple[int, int, datetime]]:
    """Number, version and moment of every ticket that changed at `since` or later, oldest first."""
    query = select(tickets.c.number, tickets.c.version, tickets.c.updated_at)
    rows = connection.execute(query.where(tickets.c.updated_at >= since).order_by(tickets.c.updated_at).limit(500))
    return [(row.number, row.version, row.updated_at) for row in rows]


def open_alerts(connection: Connection) -> Sequence[OpenAlert]:
    """Breaches whose last alert nobody has acknowledged, oldest first: one line for each clock."""
    query = (
        select(alerts, contacts.c.name, tickets.c.subject, tickets.c.assignee)
        .join(tickets, tickets.c.number == alerts.c.ticket)
        .join(contacts, contacts.c.id == tickets.c.contact_id)
        # Below 100 per cent an alert is a warning to the assignee; of tickets that are over nothing is left to do.
        .where(alerts.c.level >= BREACH, is_open())
        .order_by(alerts.c.at, alerts.c.level)
    )
    # An acknowledged repeat settles the alerts before it, so the newest of each clock decides.
    newest = {(row.ticket, row.metric): row for row in connection.execute(query)}
    waiting = [_alert(row) for row in newest.values() if row.acknowledged_at is None]
    return sorted(waiting, key=lambda alert: (alert.at, alert.key))


def _alert(row: Row[Any]) -> OpenAlert:
    return OpenAlert(
        key=row.key,
        ticket=row.ticket,
        contact_name=row.name,
        subject=row.subject,
        assignee=row.assignee,
        metric=row.metric,
        level=row.level,
        at=row.at,
    )


def staff_online(connection: Connection) -> Mapping[str, bool]:
    """Who of the staff said that they are there; whoever never said is not in it."""
    return {row.name: row.online for row in connection.execute(select(presence))}
