"""The records of a round's contacts. On PostgreSQL in two statements, as JSON that msgspec reads.

There the way there and back takes longer than the rows do, and a typed decoder is faster than a driver's columns. They
are two, since what is read beside a lock may be older than what the lock waited for.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, get_type_hints

import msgspec
from sqlalchemy import JSON, ColumnElement, Connection, Select, Text, bindparam, cast, func, literal_column, or_, select

from desk.sla import Clock, Metric, Outcome
from desk.tickets import Contact, Conversation, Ticket
from store.dialects import among, among_or, constant, listed
from store.lanes import owners_of
from store.tables import clocks, contacts, conversations, inbox_lanes, tickets
from store.types import INSTANT
from store.values import CONTACT_COLUMNS, CONVERSATION_COLUMNS, TICKET_COLUMNS, is_open


@dataclass(frozen=True, kw_only=True, slots=True)
class Locked:
    """Whose the lanes are, and the values of `CONTACT_COLUMNS`, in that order."""

    owners: Sequence[tuple[str, str | None]]
    contacts: Sequence[Sequence[Any]]


def lock(connection: Connection, lanes: Collection[str], ids: Collection[int], keys: Collection[str]) -> Locked:
    """Lock these lanes of the inbox, and the contacts with these ids or these conversations, until the commit.

    The contact is the root of its case: who holds its row holds all that hangs on it.
    """
    values = {
        "lanes": listed(connection, lanes),
        "ids": listed(connection, sorted(ids)),
        "keys": listed(connection, sorted(keys)),
    }
    if connection.dialect.name == "postgresql":
        kinds = connection.execute(_locked_together(), values).one()
        owners, locked = (decoder.decode(kind) for decoder, kind in zip(_LOCKED_DECODERS, kinds, strict=True))
        return Locked(owners=owners, contacts=locked)
    of_lanes = connection.execute(owners_of("sqlite", inbox_lanes), {"lanes": values.pop("lanes")})
    return Locked(
        owners=[(lane, owner) for lane, owner in of_lanes],
        contacts=connection.execute(_contacts("sqlite"), values).all(),
    )


@cache
def _contacts(dialect: str) -> Select[Any]:
    columns = [contacts.c[name] for name in CONTACT_COLUMNS]
    # A conversation's key is unique, so each names one contact.
    who_writes = select(conversations.c.contact_id).where(among(dialect, conversations.c.key, "keys"))
    chosen = select(*columns).where(among_or(dialect, contacts.c.id, "ids", who_writes))
    return chosen.order_by(contacts.c.id).with_for_update()


@cache
def _locked_together() -> Any:
    return select(_json(owners_of("postgresql", inbox_lanes)), _json(_contacts("postgresql")))


@dataclass(frozen=True, kw_only=True, slots=True)
class Records:
    """The values of `CONVERSATION_COLUMNS` and `TICKET_COLUMNS`, in that order, and (ticket, clock)."""

    conversations: Sequence[Sequence[Any]]
    tickets: Sequence[Sequence[Any]]
    clocks: Sequence[tuple[int, Clock]]


def read(connection: Connection, contact_ids: Collection[int], settled_after: datetime) -> Records:
    """The records of these contacts.

    A ticket is read while it is open, and after that as long as it may be opened again (resolved since
    `settled_after`); a contact's newest ticket always.
    """
    values = {"ids": listed(connection, contact_ids), "settled_after": settled_after}
    if connection.dialect.name == "postgresql":
        kinds = connection.execute(_together(), values).one()
        own, of_contacts, running = (decoder.decode(kind) for decoder, kind in zip(_DECODERS, kinds, strict=True))
        return Records(conversations=own, tickets=of_contacts, clocks=running)
    found = connection.execute(_tickets("sqlite"), values).all()
    numbers = listed(connection, [row.number for row in found])
    bodies = connection.execute(_clocks("sqlite"), {"numbers": numbers}) if found else ()
    return Records(
        conversations=connection.execute(_conversations("sqlite"), {"ids": values["ids"]}).all(),
        tickets=found,
        clocks=[(ticket, msgspec.json.decode(body, type=Clock)) for ticket, body in bodies],
    )


@cache
def _conversations(dialect: str) -> Select[Any]:
    # All channels of the contact, since a ticket may have begun on another one.
    columns = [conversations.c[name] for name in CONVERSATION_COLUMNS]
    return select(*columns).where(among(dialect, conversations.c.contact_id, "ids", numbers=True))


@cache
def _tickets(dialect: str) -> Select[Any]:
    # What is over for longer than it may be opened again cannot change any more; the newest is what the next one
    # follows, found by the index on the contact.
    of_contact = tickets.alias()
    newest = select(func.max(of_contact.c.number)).where(of_contact.c.contact_id == tickets.c.contact_id)
    may_change = or_(
        is_open(),
        tickets.c.resolved_at > bindparam("settled_after", type_=INSTANT),
        tickets.c.number == newest.correlate(tickets).scalar_subquery(),
    )
    columns = [tickets.c[name] for name in TICKET_COLUMNS]
    return select(*columns).where(among(dialect, tickets.c.contact_id, "ids", numbers=True), may_change)


def _may_run() -> ColumnElement[bool]:
    # A clock that has come to an end stays so, but for resolve, which a reopening continues (S11), and for a first
    # reply that was on its way when its ticket was resolved (S5).
    return or_(
        clocks.c.ended_at.is_(None),
        clocks.c.metric == constant(Metric.RESOLVE),
        clocks.c.outcome == constant(Outcome.CLOSED_NO_REPLY),
    )


@cache
def _clocks(dialect: str) -> Select[Any]:
    wanted = among(dialect, clocks.c.ticket, "numbers", numbers=True)
    return select(clocks.c.ticket, clocks.c.body).where(wanted, _may_run())


@cache
def _together() -> Any:
    of_contacts = _tickets("postgresql").cte("of_contacts")
    running = select(clocks.c.ticket, cast(clocks.c.body, JSON))
    running = running.where(clocks.c.ticket.in_(select(of_contacts.c.number)), _may_run())
    return select(_json(_conversations("postgresql")), _json(select(of_contacts)), _json(running))


def _json(rows: Select[Any]) -> ColumnElement[str]:
    """All rows as one JSON array of arrays."""
    table = rows.subquery()
    whole = func.coalesce(func.json_agg(func.json_build_array(*table.c)), literal_column("'[]'::json"))
    return cast(select(whole).select_from(table).scalar_subquery(), Text)


def _rows_of(kind: type, names: Sequence[str]) -> Any:
    hints = get_type_hints(kind)
    return list[tuple[*(hints[name] for name in names)]]  # type: ignore[misc]


_LOCKED_DECODERS: tuple[msgspec.json.Decoder[Any], ...] = (
    msgspec.json.Decoder(list[tuple[str, str | None]]),
    msgspec.json.Decoder(_rows_of(Contact, CONTACT_COLUMNS)),
)
_DECODERS: tuple[msgspec.json.Decoder[Any], ...] = (
    msgspec.json.Decoder(_rows_of(Conversation, CONVERSATION_COLUMNS)),
    msgspec.json.Decoder(_rows_of(Ticket, TICKET_COLUMNS)),
    msgspec.json.Decoder(list[tuple[int, Clock]]),
)
