"""What the API lists, page by page: each list has one order for good, and a page goes on after another's last row."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from desk.facts import Fact
from desk.messages import Message
from desk.tickets import Contact, Conversation, Priority, Status, Ticket
from store.casebook import fact_of
from store.looking import message_of
from store.tables import contacts, conversations, facts, messages, tickets
from store.values import contact_of, conversation_of, ticket_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LATEST = (datetime(9999, 1, 1, tzinfo=UTC) - _EPOCH) // _MICROSECOND


@dataclass(frozen=True, kw_only=True, slots=True)
class Cursor:
    """The last row of a page: its moment, where the list is ordered by one, and its number.

    As text it is 32 hexadecimal digits, every combination of which is a place in the list.
    """

    moment: datetime = _EPOCH
    number: int

    def __str__(self) -> str:
        """The text that a reader hands back."""
        return f"{(self.moment - _EPOCH) // _MICROSECOND:016x}{self.number:016x}"

    @staticmethod
    def of(text: str) -> "Cursor":
        """The place that a text names; one beyond all rows is the end."""
        moment = _EPOCH + min(int(text[:16], 16), _LATEST) * _MICROSECOND
        return Cursor(moment=moment, number=min(int(text[16:], 16), 2**63 - 1))


@dataclass(frozen=True, kw_only=True, slots=True)
class TicketFilter:
    """Which tickets are listed; None does not ask."""

    status: Status | None = None
    team: str | None = None
    assignee: str | None = None
    priority: Priority | None = None
    updated_since: datetime | None = None


def list_contacts(connection: Connection, *, after: Cursor | None, count: int) -> Sequence[Contact]:
    """Contacts in the order of their ids."""
    query = select(contacts).order_by(contacts.c.id).limit(count)
    if after is not None:
        query = query.where(contacts.c.id > after.number)
    return [contact_of(row) for row in connection.execute(query)]


def find_contact(connection: Connection, contact_id: int) -> tuple[Contact, Sequence[Conversation]] | None:
    """A contact with the channels they write on."""
    row = connection.execute(select(contacts).where(contacts.c.id == contact_id)).one_or_none()
    if row is None:
        return None
    query = select(conversations).where(conversations.c.contact_id == contact_id).order_by(conversations.c.id)
    return contact_of(row), [conversation_of(each) for each in connection.execute(query)]


def list_tickets(connection: Connection, wanted: TicketFilter, *, after: Cursor | None, count: int) -> Sequence[Ticket]:
    """Tickets in the order of their last change: whoever reads on misses nothing but what changes while they read."""
    query = select(tickets).where(*_conditions(wanted)).order_by(tickets.c.updated_at, tickets.c.number).limit(count)
    if after is not None:
        # After (moment, number) in that order; spelt out so that both databases use the index on the two columns.
        later = and_(tickets.c.updated_at == after.moment, tickets.c.number > after.number)
        query = query.where(or_(tickets.c.updated_at > after.moment, later))
    return [ticket_of(row) for row in connection.execute(query)]


def _conditions(wanted: TicketFilter) -> list[ColumnElement[bool]]:
    equal = {"status": wanted.status, "team": wanted.team, "assignee": wanted.assignee, "priority": wanted.priority}
    conditions = [tickets.c[name] == value for name, value in equal.items() if value is not None]
    if wanted.updated_since is not None:
        conditions.append(tickets.c.updated_at >= wanted.updated_since)
    return conditions


def list_messages(connection: Connection, ticket: int, *, after: Cursor | None, count: int) -> Sequence[Message]:
    """A ticket's messages in the order in which they were written."""
    query = select(messages).where(messages.c.ticket_id == ticket).order_by(messages.c.at, messages.c.id).limit(count)
    if after is not None:
        # Ids are handed out in blocks, so the moment orders and the id decides between equals.
        later = and_(messages.c.at == after.moment, messages.c.id > after.number)
        query = query.where(or_(messages.c.at > after.moment, later))
    return [message_of(row) for row in connection.execute(query)]


def list_facts(connection: Connection, ticket: int, *, after: Cursor | None, count: int) -> Sequence[tuple[int, Fact]]:
    """A ticket's facts with their ids, in the order in which they were kept."""
    query = select(facts).where(facts.c.ticket == ticket).order_by(facts.c.id).limit(count)
    if after is not None:
        query = query.where(facts.c.id > after.number)
    return [(row.id, fact_of(row)) for row in connection.execute(query)]
