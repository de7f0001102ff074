"""How the house stands in figures, for /metrics: each asked of an index, so that a scrape costs little."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Select, func, select

from store import inbox, outbox
from store.tables import clocks, tickets
from store.values import is_open

_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """Rows that wait and the age of the oldest in seconds, rows set aside, and what is open, by status and metric.

    `breaches` are those of the last 24 hours, `overdue` the promises broken and still not kept.
    """

    inbox_waiting: int
    inbox_age: float
    parked: int
    outbox_waiting: int
    outbox_age: float
    failed: int
    tickets: Mapping[str, int]
    breaches: Mapping[str, int]
    overdue: Mapping[str, int]


def ping(connection: Connection) -> None:
    """Whether the database answers."""
    connection.execute(select(1))


def collect(connection: Connection, now: datetime) -> Figures:
    """The figures of this moment."""
    inbox_waiting, inbox_oldest, parked = inbox.depth(connection)
    outbox_waiting, outbox_oldest, failed = outbox.depth(connection)
    # The open tickets and the breaches have partial indexes: the past costs nothing.
    by_status = select(tickets.c.status, func.count()).where(is_open()).group_by(tickets.c.status)
    by_metric = select(clocks.c.metric, func.count()).group_by(clocks.c.metric)
    overdue = by_metric.join(tickets, tickets.c.number == clocks.c.ticket).where(
        is_open(), clocks.c.breached_at.is_not(None), clocks.c.ended_at.is_(None)
    )
    return Figures(
        inbox_waiting=inbox_waiting,
        inbox_age=_age(inbox_oldest, now),
        parked=parked,
        outbox_waiting=outbox_waiting,
        outbox_age=_age(outbox_oldest, now),
        failed=failed,
        tickets=_counts(connection, by_status),
        breaches=_counts(connection, by_metric.where(clocks.c.breached_at > now - _DAY)),
        overdue=_counts(connection, overdue),
    )


def _counts(connection: Connection, query: Select[str, int]) -> dict[str, int]:
    return {name: count for name, count in connection.execute(query).all()}  # noqa: C416 (mypy: a row is no pair)


def _age(oldest: datetime | None, now: datetime) -> float:
    return 0.0 if oldest is None else max(0.0, (now - oldest).total_seconds())
