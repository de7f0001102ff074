"""Due rows: claimed when their time has come, and turned into commands in the lane they belong to."""

from datetime import datetime
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, delete, select

from desk.commands import DeadlineReached, DueKind
from store import inbox
from store.dialects import chosen
from store.tables import deadlines
from store.types import INSTANT

#: The door through which the house's own commands come.
HOUSE = "house"


@cache
def _claim(dialect: str) -> Any:
    # By the index on due_at: the cost grows with what is due, not with what is open (S19).
    due = (
        select(deadlines.c.key)
        .where(deadlines.c.due_at <= bindparam("now", type_=INSTANT))
        .order_by(deadlines.c.due_at)
        .limit(bindparam("limit"))
    )
    return delete(deadlines).where(chosen(dialect, deadlines.c.key, due)).returning(*deadlines.c)


def sweep(connection: Connection, now: datetime, limit: int) -> int:
    """Move what is due into the inbox, each in its lane; twice at once does no harm. Returns how many."""
    rows = connection.execute(_claim(connection.dialect.name), {"now": now, "limit": limit}).all()
    commands = [
        (
            row.lane,
            DeadlineReached(
                kind=DueKind(row.kind),
                key=row.key,
                contact_id=row.contact_id,
                due_at=row.due_at,
                ticket=row.ticket,
                data=row.data,
            ),
        )
        for row in sorted(rows, key=lambda row: row.due_at)
    ]
    if commands:
        inbox.add(connection, [_arrival(lane, command, now) for lane, command in commands], now)
    return len(commands)


def _arrival(lane: str, command: DeadlineReached, now: datetime) -> inbox.Arrival:
    key = f"due:{command.key}:{command.due_at.isoformat()}"
    return house_command(command, key=key, lane=lane, now=now)


def house_command(command: Any, *, key: str, lane: str, now: datetime) -> inbox.Arrival:
    """A command of our own as a row for the inbox; bot/parsing.py reads it back."""
    payload = msgspec.json.encode({"command": type(command).__name__, "body": command}).decode()
    return inbox.Arrival(key=key, lane=lane, channel=HOUSE, payload=payload, received_at=now)


@cache
def _next_due() -> Any:
    return select(deadlines.c.due_at).order_by(deadlines.c.due_at).limit(1)


def next_due(connection: Connection) -> datetime | None:
    """When the next thing falls due."""
    moment: datetime | None = connection.execute(_next_due()).scalar()
    return moment
