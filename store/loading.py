"""Which contacts a round concerns, and their case files, in a fixed number of statements."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, func, or_, select

from desk.commands import AtMessage, AtThread, AtTicket
from desk.sla import Clock, Metric, Outcome
from desk.tickets import Status
from store.casefile import CaseFile, Look, Numbers, key_of
from store.dialects import among, listed
from store.looking import message_of
from store.tables import clocks, contacts, conversations, links, messages, threads, tickets
from store.types import INSTANT
from store.values import (
    CONTACT_COLUMNS,
    CONVERSATION_COLUMNS,
    TICKET_COLUMNS,
    contact_from,
    conversation_from,
    ticket_from,
)

#: What a database's integers hold: a forged button may name more.
_GREATEST = 2**63 - 1


@dataclass(frozen=True, kw_only=True, slots=True)
class ByConversation:
    """The contact of a conversation, by its key."""

    key: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ByContact:
    """The contact itself."""

    contact_id: int


Reference = ByConversation | ByContact | AtTicket | AtThread | AtMessage
"""How a command says whose case it is about."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """Whose case a reference means, the ticket where it names one, and the room where it names a thread."""

    contact_id: int
    ticket: int | None = None
    room: str | None = None


def find(connection: Connection, references: Iterable[Reference]) -> dict[Reference, Found]:
    """Whose cases these are; one that is unknown is left out. A statement for each kind of reference that occurs."""
    by_kind: dict[type, list[Any]] = {}
    for reference in references:
        by_kind.setdefault(type(reference), []).append(reference)
    found: dict[Reference, Found] = {}
    for kind, of_kind in by_kind.items():
        found |= _FINDERS[kind](connection, of_kind)
    return found


@cache
def _conversation_contacts(dialect: str) -> Any:
    # A conversation's key is unique, so each names one contact.
    return select(conversations.c.key, conversations.c.contact_id).where(among(dialect, conversations.c.key, "keys"))


def _by_conversation(connection: Connection, wanted: Sequence[ByConversation]) -> dict[Reference, Found]:
    keys = listed(connection, {each.key for each in wanted})
    rows = connection.execute(_conversation_contacts(connection.dialect.name), {"keys": keys})
    return {ByConversation(key=key): Found(contact_id=contact_id) for key, contact_id in rows}


def _by_contact(_connection: Connection, wanted: Sequence[ByContact]) -> dict[Reference, Found]:
    return {each: Found(contact_id=each.contact_id) for each in wanted}


@cache
def _ticket_contacts(dialect: str) -> Any:
    # A ticket belongs to one contact for good.
    return select(tickets.c.number, tickets.c.contact_id).where(among(dialect, tickets.c.number, "ids", numbers=True))


def _by_ticket(connection: Connection, wanted: Sequence[AtTicket]) -> dict[Reference, Found]:
    numbers = listed(connection, {each.number for each in wanted if each.number <= _GREATEST})
    rows = connection.execute(_ticket_contacts(connection.dialect.name), {"ids": numbers})
    return {AtTicket(number=number): Found(contact_id=contact_id, ticket=number) for number, contact_id in rows}


@cache
def _thread_contacts(dialect: str) -> Any:
    # A thread's id is unique within its chat; the chat is compared again below.
    return select(threads.c.chat, threads.c.thread, threads.c.contact_id, threads.c.room).where(
        among(dialect, threads.c.thread, "ids", numbers=True)
    )


def _by_thread(connection: Connection, wanted: Sequence[AtThread]) -> dict[Reference, Found]:
    ids = listed(connection, {each.thread for each in wanted})
    rows = connection.execute(_thread_contacts(connection.dialect.name), {"ids": ids})
    known = {AtThread(chat=chat, thread=thread): Found(contact_id=who, room=room) for chat, thread, who, room in rows}
    return {each: known[each] for each in wanted if each in known}


@cache
def _linked(dialect: str) -> Any:
    # An external id is unique within its place; the place is compared again below.
    return (
        select(links.c.place, links.c.external_id, messages.c.contact_id, messages.c.ticket_id)
        .join(messages, messages.c.id == links.c.message_id)
        .where(among(dialect, links.c.place, "places"), among(dialect, links.c.external_id, "ids"))
    )


def _by_message(connection: Connection, wanted: Sequence[AtMessage]) -> dict[Reference, Found]:
    names = {(f"telegram:{each.chat}", str(each.message)): each for each in wanted}
    places, ids = {place for place, _ in names}, {external_id for _, external_id in names}
    rows = connection.execute(
        _linked(connection.dialect.name), {"places": listed(connection, places), "ids": listed(connection, ids)}
    )
    return {
        names[place, external_id]: Found(contact_id=contact_id, ticket=ticket)
        for place, external_id, contact_id, ticket in rows
        if (place, external_id) in names
    }


_FINDERS: dict[type, Any] = {
    ByConversation: _by_conversation,
    ByContact: _by_contact,
    AtTicket: _by_ticket,
    AtThread: _by_thread,
    AtMessage: _by_message,
}


def load(
    connection: Connection, contact_ids: Iterable[int], *, numbers: Numbers, look: Look, settled_after: datetime
) -> dict[int, CaseFile]:
    """The case files of these contacts, locked until the commit.

    A ticket is loaded while it is open, and after that as long as it may be opened again (resolved since
    `settled_after`); a contact's newest ticket always.
    """
    ids = listed(connection, sorted(set(contact_ids)))
    dialect = connection.dialect.name
    files = {
        row.id: CaseFile(numbers=numbers, look=look, contact=contact_from(row))
        for row in connection.execute(_contacts(dialect), {"ids": ids})
    }
    for row in connection.execute(_conversations(dialect), {"ids": ids}):
        files[row.contact_id].put_conversation(conversation_from(row))
    for row in connection.execute(_tickets(dialect), {"ids": ids, "settled_after": settled_after}):
        files[row.contact_id].put_ticket(ticket_from(row))
    _load_clocks(connection, files)
    _load_dialogue(connection, files)
    for file in files.values():
        file.remember()
    return files


def _load_clocks(connection: Connection, files: dict[int, CaseFile]) -> None:
    owners = {number: file for file in files.values() for number in file.tickets}
    if not owners:
        return
    rows = connection.execute(_clocks(connection.dialect.name), {"ids": listed(connection, owners)})
    for ticket, body in rows:
        clock = msgspec.json.decode(body, type=Clock)
        owners[ticket].clocks[key_of(clock)] = clock


def _load_dialogue(connection: Connection, files: dict[int, CaseFile]) -> None:
    owners = {
        conversation.id: file
        for file in files.values()
        if not file.open_tickets()
        for conversation in file.conversations.values()
        if conversation.matter_since is not None
    }
    if not owners:
        return
    rows = connection.execute(_dialogue(connection.dialect.name), {"ids": listed(connection, owners)})
    for row in rows:
        owners[row.conversation_id].dialogue.setdefault(row.conversation_id, []).append(message_of(row))


@cache
def _dialogue(dialect: str) -> Any:
    # What the bot and the customer said last is what a person who takes over wants to read.
    place = func.row_number().over(partition_by=messages.c.conversation_id, order_by=messages.c.id.desc())
    last = (
        select(messages, place.label("place"))
        .where(among(dialect, messages.c.conversation_id, "ids", numbers=True))
        .subquery()
    )
    return select(last).where(last.c.place <= DIALOGUE).order_by(last.c.id)


#: How many messages of a conversation with the bot are kept at hand.
DIALOGUE = 20


@cache
def _contacts(dialect: str) -> Any:
    # The contact is the root of its case: who holds its row holds all that hangs on it.
    columns = [contacts.c[name] for name in CONTACT_COLUMNS]
    chosen = select(*columns).where(among(dialect, contacts.c.id, "ids", numbers=True))
    return chosen.order_by(contacts.c.id).with_for_update()


@cache
def _conversations(dialect: str) -> Any:
    # All channels of the contact, since a ticket may have begun on another one.
    columns = [conversations.c[name] for name in CONVERSATION_COLUMNS]
    return select(*columns).where(among(dialect, conversations.c.contact_id, "ids", numbers=True))


@cache
def _tickets(dialect: str) -> Any:
    # What is over for longer than it may be opened again cannot change any more; the newest is what the next one
    # follows, found by the index on the contact.
    columns = [tickets.c[name] for name in TICKET_COLUMNS]
    of_contact = tickets.alias()
    newest = select(func.max(of_contact.c.number)).where(of_contact.c.contact_id == tickets.c.contact_id)
    may_change = or_(
        tickets.c.status.not_in([Status.RESOLVED.value, Status.CLOSED.value]),
        tickets.c.resolved_at > bindparam("settled_after", type_=INSTANT),
        tickets.c.number == newest.correlate(tickets).scalar_subquery(),
    )
    return select(*columns).where(among(dialect, tickets.c.contact_id, "ids", numbers=True), may_change)


@cache
def _clocks(dialect: str) -> Any:
    # A clock that has come to an end stays so, but for resolve, which a reopening continues (S11), and for a first
    # reply that was on its way when its ticket was resolved (S5).
    may_run = or_(
        clocks.c.ended_at.is_(None),
        clocks.c.metric == Metric.RESOLVE.value,
        clocks.c.outcome == Outcome.CLOSED_NO_REPLY.value,
    )
    return select(clocks.c.ticket, clocks.c.body).where(among(dialect, clocks.c.ticket, "ids", numbers=True), may_run)
