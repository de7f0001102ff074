"""Where contacts have their threads in the staff's rooms: addresses, kept apart from what the desk decides."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from desk.tickets import Status
from desk.titles import title
from store.casefile import ThreadChange, ThreadState, ThreadTitled
from store.dialects import among, listed, upsert
from store.tables import cards, contacts, inbox_lanes, keepsakes, links, threads, tickets
from store.types import INSTANT

_MOVED = "moved_chat:"


@dataclass(frozen=True, kw_only=True, slots=True)
class Thread:
    """A contact's thread in a room. `probe_after` is the newest thread that the chat had before it was asked for."""

    room: str
    contact_id: int
    chat: int
    thread: int | None
    state: ThreadState
    probe_after: int | None = None


@cache
def _of_contacts(dialect: str) -> Any:
    # One row for each room in which the contact ever had a case.
    return select(threads).where(among(dialect, threads.c.contact_id, "ids", numbers=True))


def of_contacts(connection: Connection, contact_ids: Collection[int]) -> dict[tuple[str, int], Thread]:
    """The threads of these contacts, by room and contact."""
    rows = connection.execute(_of_contacts(connection.dialect.name), {"ids": listed(connection, contact_ids)})
    return {
        (row.room, row.contact_id): Thread(
            room=row.room,
            contact_id=row.contact_id,
            chat=row.chat,
            thread=row.thread,
            state=ThreadState(row.state),
            probe_after=row.probe_after,
        )
        for row in rows
    }


@cache
def _put(dialect: str) -> Any:
    statement = upsert(dialect, threads)
    return statement.on_conflict_do_update(
        index_elements=[threads.c.room, threads.c.contact_id],
        set_={name: statement.excluded[name] for name in ("chat", "thread", "state", "probe_after")},
    )


def put(connection: Connection, items: Sequence[Thread]) -> None:
    """Keep threads as they are now."""
    if items:
        connection.execute(
            _put(connection.dialect.name),
            [
                {
                    "room": each.room,
                    "contact_id": each.contact_id,
                    "chat": each.chat,
                    "thread": each.thread,
                    "state": each.state.value,
                    "title": "",
                    "probe_after": each.probe_after,
                }
                for each in items
            ],
        )


def set_state(connection: Connection, change: ThreadChange) -> None:
    """Keep what was learned of a thread."""
    connection.execute(
        update(threads)
        .where(threads.c.room == change.room, threads.c.contact_id == change.contact_id)
        .values(state=change.state.value)
    )


@cache
def _set_titles() -> Any:
    # By the table's key.
    one = update(threads).where(threads.c.room == bindparam("of_room"), threads.c.contact_id == bindparam("of_contact"))
    return one.values(title=bindparam("name"), titled_at=bindparam("at", type_=INSTANT))


def set_titles(connection: Connection, titled: Sequence[ThreadTitled]) -> None:
    """Keep what threads are called, and since when."""
    if titled:
        connection.execute(
            _set_titles(),
            [
                {"of_room": each.room, "of_contact": each.contact_id, "name": each.title, "at": each.at}
                for each in titled
            ],
        )


def titles(connection: Connection, contact_ids: Collection[int]) -> dict[int, str]:
    """What new threads of contacts are called: after their newest tickets (H4)."""
    newest = select(func.max(tickets.c.number)).where(tickets.c.contact_id.in_(contact_ids))
    rows = connection.execute(
        select(contacts.c.id, contacts.c.name, tickets.c.number, tickets.c.status)
        .join(tickets, tickets.c.contact_id == contacts.c.id)
        .where(tickets.c.number.in_(newest.group_by(tickets.c.contact_id)))
    )
    return {contact_id: title(name, number, Status(status)) for contact_id, name, number, status in rows}


def owned(connection: Connection, chat: int) -> set[int]:
    """The threads of a chat that belong to contacts."""
    found = connection.execute(select(threads.c.thread).where(threads.c.chat == chat, threads.c.thread.is_not(None)))
    return {thread for (thread,) in found if thread is not None}


def newest(connection: Connection, chats: Collection[int]) -> dict[int, int]:
    """The newest thread of each chat that belongs to a contact (by the index on chat and thread)."""
    of_chats = select(threads.c.chat, func.max(threads.c.thread)).where(threads.c.chat.in_(chats))
    return {chat: thread for chat, thread in connection.execute(of_chats.group_by(threads.c.chat)) if thread}


def known_ids(connection: Connection, chat: int, limit: int) -> set[int]:
    """The newest message ids that we know of in a chat: no topic begins with them."""
    newest = (
        select(links.c.external_id)
        .where(links.c.place == f"telegram:{chat}")
        .order_by(func.length(links.c.external_id).desc(), links.c.external_id.desc())
        .limit(limit)
    )
    return {int(external_id) for (external_id,) in connection.execute(newest) if external_id.isdecimal()}


def heard_of(connection: Connection, chat: int, ids: Collection[int]) -> set[int]:
    """Those topics of a chat from which an update came (by the key of the lanes): people made them, or write there."""
    of_lane = {f"telegram:{chat}:{each}": each for each in ids}
    known = select(inbox_lanes.c.lane).where(among(connection.dialect.name, inbox_lanes.c.lane, "lanes"))
    return {of_lane[lane] for lane in connection.execute(known, {"lanes": listed(connection, list(of_lane))}).scalars()}


def move_chat(connection: Connection, old: int, new: int) -> None:
    """A room's group has another id now; its messages keep theirs only in the old one."""
    connection.execute(update(threads).where(threads.c.chat == old).values(chat=new))
    statement = upsert(connection.dialect.name, keepsakes)
    connection.execute(
        statement.on_conflict_do_update(index_elements=[keepsakes.c.name], set_={"value": statement.excluded.value}),
        {"name": f"{_MOVED}{old}", "value": str(new)},
    )


def moved_chats(connection: Connection) -> dict[int, int]:
    """Every chat that moved, with where it went."""
    rows = connection.execute(select(keepsakes.c.name, keepsakes.c.value).where(keepsakes.c.name.like(f"{_MOVED}%")))
    return {int(name.removeprefix(_MOVED)): int(value) for name, value in rows}


@cache
def _externals(dialect: str) -> Any:
    # By the index on the message; what it shares with other messages cannot be changed for its sake.
    return (
        select(links.c.message_id, links.c.place, links.c.external_id)
        .where(among(dialect, links.c.message_id, "ids", numbers=True), links.c.shared.is_(False))
        .order_by(links.c.external_id)
    )


def externals(connection: Connection, message_ids: Collection[int]) -> dict[tuple[int, str], tuple[str, ...]]:
    """Where messages stand outside: their ids by (message, place)."""
    found: dict[tuple[int, str], list[str]] = {}
    rows = connection.execute(_externals(connection.dialect.name), {"ids": listed(connection, message_ids)})
    for message, place, external_id in rows:
        found.setdefault((message, place), []).append(external_id)
    return {key: tuple(sorted(ids, key=lambda each: (len(each), each))) for key, ids in found.items()}


@cache
def _cards(dialect: str) -> Any:
    # One live card for each ticket.
    return select(cards).where(among(dialect, cards.c.ticket, "ids", numbers=True))


def card_places(connection: Connection, numbers: Collection[int]) -> dict[int, tuple[str, str]]:
    """(chat, message id) of tickets' cards."""
    rows = connection.execute(_cards(connection.dialect.name), {"ids": listed(connection, numbers)})
    return {row.ticket: (row.chat, row.external_id) for row in rows}


@cache
def _put_card(dialect: str) -> Any:
    statement = upsert(dialect, cards)
    return statement.on_conflict_do_update(
        index_elements=[cards.c.ticket],
        set_={"chat": statement.excluded.chat, "external_id": statement.excluded.external_id},
    )


def put_cards(connection: Connection, placed: dict[int, tuple[str, str]]) -> None:
    """Keep where cards stand."""
    if placed:
        connection.execute(
            _put_card(connection.dialect.name),
            [{"ticket": number, "chat": chat, "external_id": at} for number, (chat, at) in placed.items()],
        )


def forget_cards(connection: Connection, contact_id: int) -> None:
    """The cards of a contact went with their thread."""
    of_contact = select(tickets.c.number).where(tickets.c.contact_id == contact_id)
    connection.execute(cards.delete().where(cards.c.ticket.in_(of_contact)))
