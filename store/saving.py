"""Saving a round: what its case files changed, in one statement for each kind of change."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from functools import cache
from itertools import chain, islice
from typing import Any

import msgspec
from sqlalchemy import Connection, Table, bindparam, case, delete, func, insert, select, update

from desk.commands import EventRecorded
from desk.facts import Fact
from desk.outgoing import Outgoing
from desk.sla import Clock
from desk.tickets import Contact, Conversation, Ticket
from store import corrections, outbox, threads
from store.bulk import Bulk, Values, flush, ignoring, insert_all, inserting, replacing
from store.casefile import Alert, CaseFile, Deadline, KeptMessage, MessageChange, NudgeRecord, SurveyRecord
from store.dialects import among, listed
from store.lanes import Claim
from store.outbox import ClaimedRow
from store.tables import (
    alerts,
    clocks,
    contacts,
    conversations,
    deadlines,
    events,
    facts,
    links,
    message_versions,
    messages,
    nudges,
    presence,
    surveys,
    tickets,
)
from store.types import INSTANT
from store.values import CONTACT_COLUMNS, CONVERSATION_COLUMNS, TICKET_COLUMNS


@dataclass(frozen=True, kw_only=True, slots=True)
class Handing:
    """A sender who is there to take over what it `suits`."""

    claim: Claim
    suits: Callable[[Outgoing], bool]

    def chosen(self, outgoing: Sequence[Outgoing]) -> set[str]:
        """The lanes whose first row it takes over: of none of their rows it is open whether it goes in."""
        first: dict[str, Outgoing | None] = {}
        for item in outgoing:
            known = first.get(item.to.lane, item)
            is_first = known is item or (known is not None and item.rank < known.rank)
            first[item.to.lane] = None if known is None or item.key is not None else item if is_first else known
        suited = (lane for lane, item in first.items() if item is not None and self.suits(item))
        return set(islice(suited, self.claim.limit))


@dataclass(frozen=True, kw_only=True, slots=True)
class Posted:
    """What is handed over, and whether there are rows that the sender has to look for."""

    handed: Sequence[ClaimedRow]
    has_others: bool


def save(connection: Connection, files: Sequence[CaseFile], now: datetime) -> None:
    """Write every decision of these case files but what is to be sent; the caller commits."""
    _save_people(connection, files)
    _save_clocks(connection, files)
    _save_messages(connection, files)
    _save_rest(connection, files, now)


def post(connection: Connection, files: Sequence[CaseFile], now: datetime, handing: Handing | None) -> Posted:
    """Put everything that is to be sent into the outbox; what is to be handed over, marked as begun."""
    outgoing = [item for file in files for item in file.effects.outgoing]
    blocked = list(chain.from_iterable(file.effects.blocked_lanes for file in files))
    wanted = set() if handing is None or blocked else handing.chosen(outgoing)
    handed: list[ClaimedRow] = []
    if handing is not None and wanted:
        handed = outbox.add_for(connection, outgoing, wanted, handing.claim, now)
    elif outgoing:
        outbox.add(connection, outgoing, now)
    for lane, reason in blocked:
        outbox.stop_lane(connection, lane, reason, now)
    return Posted(handed=handed, has_others=len(outgoing) > len(handed))


def _save_people(connection: Connection, files: Sequence[CaseFile]) -> None:
    _write(connection, contacts, CONTACT_COLUMNS, (_contact_changes(file) for file in files))
    _write(
        connection,
        conversations,
        (*CONVERSATION_COLUMNS, "key"),
        (_changes(file.conversations, file.before.conversations, _conversation_row) for file in files),
    )
    _write(
        connection,
        tickets,
        TICKET_COLUMNS,
        (_changes(file.tickets, file.before.tickets, _ticket_row) for file in files),
    )


Rows = list[dict[str, Any]]
Changes = tuple[Rows, Rows]
"""(rows to insert, rows to update)."""


def _contact_changes(file: CaseFile) -> Changes:
    now, before = file.contact, file.before.contact
    if now is None or now is before:
        return [], []
    return ([_contact_row(now)], []) if before is None else ([], [_contact_row(now)])


def _changes(now: dict[Any, Any], before: dict[Any, Any], row: Any) -> Changes:
    changed = [(key, value) for key, value in now.items() if before.get(key) is not value]
    return (
        [row(value) for key, value in changed if key not in before],
        [row(value) for key, value in changed if key in before],
    )


def _contact_row(contact: Contact) -> dict[str, Any]:
    return {name: getattr(contact, name) for name in CONTACT_COLUMNS}


def _conversation_row(conversation: Conversation) -> dict[str, Any]:
    return {name: getattr(conversation, name) for name in CONVERSATION_COLUMNS} | {"key": conversation.key}


def _ticket_row(ticket: Ticket) -> dict[str, Any]:
    return {name: getattr(ticket, name) for name in TICKET_COLUMNS}


def _write(connection: Connection, table: Table, columns: tuple[str, ...], changes: Iterable[Changes]) -> None:
    added: Rows = []
    changed: Rows = []
    for new, old in changes:
        added += new
        changed += old
    insert_all(connection, table, added)
    if changed:
        _update(connection.dialect.name, table, columns).run(connection, [tuple(row.values()) for row in changed])


@cache
def _update(dialect: str, table: Table, columns: tuple[str, ...]) -> Bulk:
    key, *rest = columns

    def build(given: Values) -> Any:
        return update(table).where(table.c[key] == given[key]).values({name: given[name] for name in rest})

    return Bulk(dialect, table, {name: table.c[name].type for name in columns}, build)


def _save_clocks(connection: Connection, files: Sequence[CaseFile]) -> None:
    changed = [
        clock for file in files for key, clock in file.clocks.items() if file.before.clocks.get(key) is not clock
    ]
    _put_all(connection, clocks, ("ticket", "metric", "generation"), [_clock_row(clock) for clock in changed])


def _clock_row(clock: Clock) -> dict[str, Any]:
    return {
        "ticket": clock.ticket,
        "metric": clock.metric.value,
        "generation": clock.generation,
        "body": msgspec.json.encode(clock).decode(),
        "due_at": clock.due_at,
        "met_at": clock.met_at,
        "breached_at": clock.breached_at,
        "ended_at": clock.ended_at,
        "outcome": clock.outcome.value,
    }


def _save_messages(connection: Connection, files: Sequence[CaseFile]) -> None:
    insert_all(connection, messages, [_message_row(kept) for file in files for kept in file.effects.messages])
    changes = [change for file in files for change in file.effects.message_changes]
    if changes:
        flush(connection)  # a message may be changed in the round that brought it
    edited = [change for change in changes if change.text is not None]
    if edited:
        connection.execute(_keep_versions(connection.dialect.name), _version_values(connection, edited))
    if changes:
        connection.execute(_change_messages(), [_change_row(change) for change in changes])


def _message_row(kept: KeptMessage) -> dict[str, Any]:
    message, reading = kept.message, kept.message.reading
    return {
        "id": message.id,
        "contact_id": message.contact_id,
        "conversation_id": message.conversation_id,
        "ticket_id": message.ticket_id,
        "author": message.author.value,
        "author_name": message.author_name,
        "public": message.public,
        "text": message.text,
        "attachments": msgspec.to_builtins(message.attachments) if message.attachments else None,
        "buttons": msgspec.to_builtins(kept.buttons) if kept.buttons else None,
        "at": message.at,
        "delivery": message.delivery.value,
        "external_id": message.external_id,
        "reply_to": message.reply_to,
        "intent": reading and reading.intent,
        "confidence": reading and reading.confidence,
        "sentiment": reading and reading.sentiment.value,
        "urgent": reading and reading.urgent,
        "language": reading and reading.language,
        "reader": reading and reading.reader,
    }


@cache
def _keep_versions(dialect: str) -> Any:
    # What a message said before it is overwritten (H10).
    old = select(messages.c.id, messages.c.text, bindparam("now", type_=INSTANT)).where(
        among(dialect, messages.c.id, "ids", numbers=True)
    )
    return insert(message_versions).from_select(["message_id", "text", "replaced_at"], old)


def _version_values(connection: Connection, edited: Sequence[MessageChange]) -> dict[str, Any]:
    return {"ids": listed(connection, [each.message_id for each in edited]), "now": max(each.at for each in edited)}


@cache
def _change_messages() -> Any:
    def given(name: str) -> Any:
        return func.coalesce(bindparam(f"new_{name}", type_=messages.c[name].type), messages.c[name])

    replaced = bindparam("new_buttons", type_=messages.c.buttons.type)
    return (
        update(messages)
        .where(messages.c.id == bindparam("of_id"))
        .values(
            delivery=given("delivery"),
            delivery_reason=given("delivery_reason"),
            text=given("text"),
            public=given("public"),
            external_id=given("external_id"),
            edited_at=given("edited_at"),
            buttons=case((bindparam("sets_buttons", type_=messages.c.public.type), replaced), else_=messages.c.buttons),
        )
    )


def _change_row(change: MessageChange) -> dict[str, Any]:
    visible = change.text is not None or change.buttons is not None or change.public is not None
    return {
        "of_id": change.message_id,
        "new_delivery": change.delivery and change.delivery.value,
        "new_delivery_reason": change.reason,
        "new_text": change.text,
        "new_public": change.public,
        "new_external_id": change.external_id,
        "new_edited_at": change.at if visible else None,
        "sets_buttons": change.buttons is not None,
        "new_buttons": msgspec.to_builtins(change.buttons) if change.buttons else None,
    }


def _save_rest(connection: Connection, files: Sequence[CaseFile], now: datetime) -> None:
    insert_all(connection, facts, [_fact_row(each) for file in files for each in file.effects.facts])
    corrections.add(connection, [each for file in files for each in file.effects.corrections])
    insert_all(connection, nudges, [_nudge_row(each) for file in files for each in file.effects.nudges])
    _put_all(connection, surveys, ("id",), [_record_row(each) for f in files for each in f.effects.surveys.values()])
    _save_alerts(connection, files, now)
    _save_deadlines(connection, files)
    present = [
        {"name": name, "online": online, "since": now}
        for file in files
        for name, online in file.effects.presences.items()
    ]
    _put_all(connection, presence, ("name",), present)
    linked = [
        {"place": place, "external_id": external_id, "message_id": message, "shared": False}
        for file in files
        for place, external_id, message in file.effects.links
    ]
    add_links(connection, linked)
    _save_outside(connection, files)


def _save_outside(connection: Connection, files: Sequence[CaseFile]) -> None:
    threads.set_titles(connection, [titled for file in files for titled in file.effects.titles])
    _put_all(connection, events, ("id",), [_event_row(each) for file in files for each in file.effects.events])
    for file in files:
        for change in file.effects.thread_changes:
            threads.set_state(connection, change)
        for old, new in file.effects.moved_chats.items():
            threads.move_chat(connection, old, new)


def _event_row(event: EventRecorded) -> dict[str, Any]:
    return asdict(event)


def _put_all(connection: Connection, table: Table, keys: tuple[str, ...], rows: Rows) -> None:
    """Of rows with the same key the last one counts: a statement cannot change a row twice."""
    if rows:
        last = {tuple(row[key] for key in keys): tuple(row.values()) for row in rows}
        _put(connection.dialect.name, table, keys, tuple(rows[0])).run(connection, list(last.values()))


@cache
def _put(dialect: str, table: Table, keys: tuple[str, ...], names: tuple[str, ...]) -> Bulk:
    return inserting(dialect, table, names, replacing(keys, [name for name in names if name not in keys]))


def _fact_row(fact: Fact) -> dict[str, Any]:
    return {
        "contact_id": fact.contact_id,
        "ticket": fact.ticket,
        "kind": fact.kind.value,
        "at": fact.at,
        "by": fact.by,
        "data": dict(fact.data),
    }


def _nudge_row(nudge: NudgeRecord) -> dict[str, Any]:
    return asdict(nudge)


def _record_row(record: SurveyRecord | Alert) -> dict[str, Any]:
    return asdict(record)


def _save_alerts(connection: Connection, files: Sequence[CaseFile], now: datetime) -> None:
    fired = {key: _record_row(alert) for file in files for key, alert in file.effects.alerts.items()}
    if fired:
        _put_alerts(connection.dialect.name).run(connection, [tuple(row.values()) for row in fired.values()])
    told = [key for file in files for key in file.effects.told_alerts]
    if told:
        connection.execute(_tell_alerts(connection.dialect.name), {"keys": listed(connection, told), "now": now})


@cache
def _put_alerts(dialect: str) -> Bulk:
    # An alert that is known was acknowledged; whether its room was told is decided in the room's own lane.
    names = tuple(each.name for each in fields(Alert))
    return inserting(dialect, alerts, names, replacing(("key",), ["acknowledged_by", "acknowledged_at"]))


@cache
def _tell_alerts(dialect: str) -> Any:
    # By their keys, as they were read in the same transaction.
    told = update(alerts).where(among(dialect, alerts.c.key, "keys"))
    return told.values(text="", told_at=bindparam("now", type_=INSTANT))


def _save_deadlines(connection: Connection, files: Sequence[CaseFile]) -> None:
    changed = {key: each for file in files for key, each in file.effects.deadlines.items()}
    gone = [key for key, each in changed.items() if each is None]
    if gone:
        connection.execute(_cancel(connection.dialect.name), {"keys": listed(connection, gone)})
    put_deadlines(connection, [each for each in changed.values() if each is not None])


@cache
def _cancel(dialect: str) -> Any:
    # A deadline's key names one thing for good, so what is called off here is what was scheduled.
    return delete(deadlines).where(among(dialect, deadlines.c.key, "keys"))


def put_deadlines(connection: Connection, items: Sequence[Deadline]) -> None:
    """Let things fall due; a later one of the same key takes the earlier one's place."""
    _put_all(connection, deadlines, ("key",), [asdict(each) | {"kind": each.kind.value} for each in items])


@cache
def _link(dialect: str) -> Bulk:
    return inserting(dialect, links, ("place", "external_id", "message_id", "shared"), ignoring)


def add_links(connection: Connection, rows: Rows) -> None:
    """Keep where messages stand outside; a place and id that are known stay as they are."""
    values = [(row["place"], row["external_id"], row["message_id"], row.get("shared", False)) for row in rows]
    _link(connection.dialect.name).run(connection, values)
