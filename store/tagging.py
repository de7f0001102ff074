"""How well the customers' messages are read: their mix by time, what was corrected, what was least sure.

All of it is about messages with words: what stands under a picture without any says nothing of a reader.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, Row, Select, and_, case, func, literal_column, select

from desk.messages import Author, Message
from desk.tickets import Ticket
from store.corrections import is_in_force
from store.dialects import constant
from store.looking import message_of
from store.tables import contacts, corrections, messages, tickets
from store.values import ticket_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Mix:
    """The messages of a stretch of time, by intent; `confidence` is their mean, `unsure` those below the bound.

    `reader` read the last of them; None where there is none, or where it was read before readings knew their reader.
    """

    counts: Mapping[str, int]
    confidence: float | None
    unsure: int
    reader: str | None

    @property
    def messages(self) -> int:
        """How many there are."""
        return sum(self.counts.values())


@dataclass(frozen=True, kw_only=True, slots=True)
class Misreading:
    """So many messages were read as one intent and are another; `now` is what their reading says today.

    `now` differs from `read` where a message was read anew since it was corrected.
    """

    read: str
    meant: str
    now: str
    messages: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Doubtful:
    """A message whose reading is not sure. `ticket` is the newest one of its conversation."""

    message: Message
    contact_name: str
    ticket: Ticket | None


def mixes(connection: Connection, starts: Sequence[datetime], below: float) -> Sequence[Mix]:
    """The mix of each stretch of time: from its start up to the next one's, of the last up to now."""
    found: list[list[Row[Any]]] = [[] for _ in starts]
    for row in connection.execute(_by_place(starts, below)):
        found[row.place].append(row)
    stretches = zip(found, starts, [*starts[1:], None], strict=True)
    return [_mix(rows, _last_reader(connection, start, end) if rows else None) for rows, start, end in stretches]


def misreadings(connection: Connection, since: datetime) -> Sequence[Misreading]:
    """What the staff corrected of the messages since then, also where they left the intent as it was."""
    pair = (corrections.c.read_intent, corrections.c.intent, messages.c.intent.label("now"))
    query = (
        select(*pair, func.count().label("messages"))
        .join(messages, messages.c.id == corrections.c.message_id)
        # A message is corrected after it was written, so the index on the corrections' time finds all of them.
        .where(corrections.c.at >= since, messages.c.at >= since, _is_read(), is_in_force())
        .group_by(*pair)
    )
    return [
        Misreading(read=row.read_intent, meant=row.intent, now=row.now, messages=row.messages)
        for row in connection.execute(query)
    ]


def least_sure(connection: Connection, since: datetime, *, count: int, skip: int = 0) -> Sequence[Doubtful]:
    """The messages since then that nobody corrected, the least sure first, of equals the newest."""
    order = (messages.c.confidence, messages.c.at.desc(), messages.c.id.desc())
    # A message is corrected after it was written: the time bounds what is looked through.
    corrected = select(corrections.c.id).where(corrections.c.message_id == messages.c.id, corrections.c.at >= since)
    # Chosen first, so that words and people are read of one page alone.
    chosen = select(messages.c.id).where(_is_read(), messages.c.at >= since, ~corrected.exists()).order_by(*order)
    page = chosen.limit(count).offset(skip).subquery()
    query = (
        select(messages, contacts.c.name, _newest_ticket().label("newest"))
        .join(page, page.c.id == messages.c.id)
        .join(contacts, contacts.c.id == messages.c.contact_id)
    )
    rows = connection.execute(query.order_by(*order)).all()
    numbers = [row.newest for row in rows if row.newest is not None]
    found = connection.execute(select(tickets).where(tickets.c.number.in_(numbers)))
    by_number = {row.number: ticket_of(row) for row in found}
    return [Doubtful(message=message_of(row), contact_name=row.name, ticket=by_number.get(row.newest)) for row in rows]


def _is_read() -> ColumnElement[bool]:
    """The condition of the index on these messages, word for word."""
    written = messages.c.author == constant(Author.CUSTOMER.value)
    return and_(written, messages.c.intent.is_not(None), messages.c.text != constant(""))


def _by_place(starts: Sequence[datetime], below: float) -> Select[Any]:
    ends = [(messages.c.at < end, place) for place, end in enumerate(starts[1:])]
    place = case(*ends, else_=len(ends)) if ends else literal_column("0", Integer)
    wanted = select(place.label("place"), messages.c.intent, messages.c.confidence)
    # From the first start on, by the index: what was before costs nothing.
    of = wanted.where(_is_read(), messages.c.at >= starts[0]).subquery().c
    figures = (
        func.count().label("messages"),
        func.sum(of.confidence).label("confidence"),
        func.sum(case((of.confidence < below, 1), else_=0)).label("unsure"),
    )
    return select(of.place, of.intent, *figures).group_by(of.place, of.intent)


def _last_reader(connection: Connection, start: datetime, end: datetime | None) -> str | None:
    within = (messages.c.at >= start,) if end is None else (messages.c.at >= start, messages.c.at < end)
    query = select(messages.c.reader).where(_is_read(), *within).order_by(messages.c.at.desc(), messages.c.id.desc())
    return connection.execute(query.limit(1)).scalar_one_or_none()


def _mix(rows: Sequence[Row[Any]], reader: str | None) -> Mix:
    counts = {row.intent: row.messages for row in rows}
    total = sum(counts.values())
    return Mix(
        counts=counts,
        confidence=sum(row.confidence for row in rows) / total if total else None,
        unsure=sum(row.unsure for row in rows),
        reader=reader,
    )


def _newest_ticket() -> Any:
    # The conversation's own, since a reading is corrected at a ticket of its thread (by the index on the contact).
    of_thread = (tickets.c.contact_id == messages.c.contact_id, tickets.c.conversation_id == messages.c.conversation_id)
    return select(func.max(tickets.c.number)).where(*of_thread).correlate(messages).scalar_subquery()
