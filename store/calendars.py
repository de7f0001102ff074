"""Every version of a calendar that a clock was ever computed with, and whose clocks a new version concerns (S13)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Connection, select

from desk.commands import DueKind
from desk.hours import Calendar, Hours
from desk.sla import Clock
from store import keepsakes
from store.casefile import Deadline
from store.saving import put_deadlines
from store.tables import clocks, conversations, tickets
from store.tables import keepsakes as kept

_ONE = "calendar:"
_IN_FORCE = "calendars_in_force"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Written:
    """A calendar as JSON."""

    name: str
    timezone: str
    weekly: dict[int, Hours]
    closed: frozenset[date]
    extra: dict[date, Hours]
    make_up_workdays: frozenset[date]
    stands_in_for: dict[date, date]


def enforce(
    connection: Connection, calendars: Mapping[str, Calendar], versions: Mapping[str, str], now: datetime
) -> Mapping[str, Calendar]:
    """The company's calendars are these from now on; returns every calendar there ever was, by its version.

    Tickets whose clocks run by another version of one of them are due to be computed again, each in its lane.
    """
    for name, version in versions.items():
        keepsakes.find_or_make(connection, _ONE + version, partial(_text, calendars[name]))
    before = msgspec.json.decode(keepsakes.find(connection, _IN_FORCE) or "{}", type=dict[str, str])
    changed = {name: version for name, version in versions.items() if before.get(name) != version}
    if changed:
        put_deadlines(connection, _concerned(connection, changed, now))
        keepsakes.keep(connection, _IN_FORCE, msgspec.json.encode(dict(versions)).decode())
    rows = connection.execute(select(kept.c.name, kept.c.value).where(kept.c.name.like(f"{_ONE}%")))
    return {name.removeprefix(_ONE): _calendar(text) for name, text in rows}


def _concerned(connection: Connection, changed: Mapping[str, str], now: datetime) -> list[Deadline]:
    # Asked once after a change of the file; a clock that has ended keeps its version.
    running = (
        select(clocks.c.body, tickets.c.contact_id, conversations.c.key)
        .join(tickets, tickets.c.number == clocks.c.ticket)
        .join(conversations, conversations.c.id == tickets.c.conversation_id)
        .where(clocks.c.ended_at.is_(None))
    )
    due: dict[int, Deadline] = {}
    for body, contact_id, lane in connection.execute(running):
        clock = msgspec.json.decode(body, type=Clock)
        if changed.get(clock.calendar, clock.calendar_version) != clock.calendar_version:
            due[clock.ticket] = Deadline(
                key=f"{DueKind.CALENDAR.value}:{clock.ticket}",
                kind=DueKind.CALENDAR,
                due_at=now,
                contact_id=contact_id,
                lane=lane,
                ticket=clock.ticket,
            )
    return list(due.values())


def _text(calendar: Calendar) -> str:
    written = _Written(
        name=calendar.name,
        timezone=calendar.timezone.key,
        weekly=dict(calendar.weekly),
        closed=calendar.closed,
        extra=dict(calendar.extra),
        make_up_workdays=calendar.make_up_workdays,
        stands_in_for=dict(calendar.stands_in_for),
    )
    return msgspec.json.encode(written).decode()


def _calendar(text: str) -> Calendar:
    written = msgspec.json.decode(text, type=_Written)
    return Calendar(
        name=written.name,
        timezone=ZoneInfo(written.timezone),
        weekly=written.weekly,
        closed=written.closed,
        extra=written.extra,
        make_up_workdays=written.make_up_workdays,
        stands_in_for=written.stands_in_for,
    )
