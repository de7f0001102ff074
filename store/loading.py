"""Which contacts a round concerns, and their case files, in a fixed number of statements."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, func, select

from desk.commands import AtMessage, AtThread, AtTicket
from desk.values import Value
from store import records
from store.casefile import CaseFile, Look, Numbers
from store.dialects import among, listed
from store.lanes import Lease, still_held
from store.looking import message_of
from store.tables import links, messages, threads, tickets
from store.values import contact_from, conversation_from, ticket_from

#: What a database's integers hold: a forged button may name more.
_GREATEST = 2**63 - 1


class ByConversation(Value, frozen=True, kw_only=True):
    """The contact of a conversation, by its key."""

    key: str


class ByContact(Value, frozen=True, kw_only=True):
    """The contact itself."""

    contact_id: int


Reference = ByConversation | ByContact | AtTicket | AtThread | AtMessage
"""How a command says whose case it is about."""


class Found(Value, frozen=True, kw_only=True):
    """Whose case a reference means, the ticket where it names one, and the room where it names a thread."""

    contact_id: int
    ticket: int | None = None
    room: str | None = None


class Loaded(Value, frozen=True, kw_only=True):
    """Whose cases are meant, but for what is unknown; the case files by contact; the leases that still hold."""

    found: dict[Reference, Found]
    files: dict[int, CaseFile]
    held: set[Lease]


def load(
    connection: Connection,
    references: Iterable[Reference],
    leases: Collection[Lease],
    *,
    numbers: Numbers,
    look: Look,
    settled_after: datetime,
) -> Loaded:
    """The case files that references mean; they and the leases' lanes are locked until the commit.

    A statement for each kind of reference that occurs, but for conversations: their contacts are found while loading.
    """
    by_kind: dict[type, list[Any]] = {}
    for reference in references:
        by_kind.setdefault(type(reference), []).append(reference)
    keys = {reference.key for reference in by_kind.pop(ByConversation, ())}
    found: dict[Reference, Found] = {}
    for kind, of_kind in by_kind.items():
        found |= _FINDERS[kind](connection, of_kind)
    ids = {each.contact_id for each in found.values()}
    locked = records.lock(connection, [lease.lane for lease in leases], ids, keys)
    known = [contact_from(columns) for columns in locked.contacts]
    files = {contact.id: CaseFile(numbers=numbers, look=look, contact=contact) for contact in known}
    if files:
        _fill(connection, files, settled_after)
    by_key = {key: contact_id for contact_id, file in files.items() for key in file.conversations}
    found |= {ByConversation(key=key): Found(contact_id=by_key[key]) for key in keys if key in by_key}
    return Loaded(found=found, files=files, held=still_held(leases, locked.owners))


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
    ByContact: _by_contact,
    AtTicket: _by_ticket,
    AtThread: _by_thread,
    AtMessage: _by_message,
}


def _fill(connection: Connection, files: dict[int, CaseFile], settled_after: datetime) -> None:
    found = records.read(connection, files, settled_after)
    for columns in found.conversations:
        conversation = conversation_from(columns)
        files[conversation.contact_id].put_conversation(conversation)
    owners: dict[int, CaseFile] = {}
    for columns in found.tickets:
        ticket = ticket_from(columns)
        owners[ticket.number] = files[ticket.contact_id]
        owners[ticket.number].put_ticket(ticket)
    for number, clock in found.clocks:
        owners[number].put_clock(clock)
    _load_dialogue(connection, files)
    for file in files.values():
        file.remember()


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
