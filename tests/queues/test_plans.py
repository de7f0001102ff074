"""What waits is found by the partial indexes: a long history costs nothing, on either database."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, event, insert, text

from store import figures, inbox, lanes, outbox, tables
from store.database import Database
from store.tables import inbox_lanes, outbox_lanes

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
QUEUES = ("inbox", "outbox", "inbox_lanes", "outbox_lanes", "tickets")
Question = Callable[[Connection], object]


def _claim(connection: Connection) -> None:
    for table in (inbox_lanes, outbox_lanes):
        lanes.claim(connection, table, owner="one", now=NOW, lease=timedelta(seconds=30), limit=64)


QUESTIONS: dict[str, Question] = {
    "claim": _claim,
    "inbox.waiting": lambda connection: inbox.waiting(connection, ["a", "b"], 100),
    "inbox.parked": inbox.parked,
    "inbox.replay": lambda connection: inbox.replay(connection, None, NOW),
    "outbox.next_rows": lambda connection: outbox.next_rows(connection, ["a", "b"]),
    "outbox.stop_lane": lambda connection: outbox.stop_lane(connection, "a", "closed", NOW),
    "outbox.failed": outbox.failed,
    "outbox.retry": lambda connection: outbox.retry(connection, None, NOW),
    "figures": lambda connection: figures.collect(connection, NOW),
}


@pytest.mark.parametrize("name", QUESTIONS)
async def test_s19_a_question_reads_what_waits_and_no_history(database: Database, backend: str, name: str) -> None:
    await database.transaction(_live_long)
    reads = _whole_tables_of_sqlite if backend == "sqlite" else _whole_tables_of_postgres
    assert await database.transaction(lambda connection: reads(connection, QUESTIONS[name])) == []


def _live_long(connection: Connection) -> None:
    numbers = range(3000)
    handled = {"channel": "telegram", "payload": "", "received_at": NOW, "state": "done", "lane": "a"}
    connection.execute(insert(tables.inbox), [{"key": f"k{each}"} | handled for each in numbers])
    sent = {"lane": "a", "rank": 0, "kind": "Line", "content": "", "report": True, "again": True, "created_at": NOW}
    connection.execute(insert(tables.outbox), [sent | {"state": "sent"} for _ in numbers])
    for table in (inbox_lanes, outbox_lanes):
        connection.execute(insert(table), [{"lane": f"l{each}", "waiting": 0, "ready_at": NOW} for each in numbers])
    if connection.dialect.name == "postgresql":  # as autovacuum does there, and nobody on SQLite
        connection.execute(text("ANALYZE"))


def _whole_tables_of_postgres(connection: Connection, ask: Question) -> list[str]:
    # The driver's prepared statements may get a plan that knows no parameter: here they always do.
    connection.execute(text("SET LOCAL plan_cache_mode = force_generic_plan"))
    ask(connection)
    scanned = connection.execute(
        text("SELECT relname FROM pg_stat_xact_user_tables WHERE seq_tup_read > 0 AND relname = ANY(:names)"),
        {"names": list(QUEUES)},
    )
    return list(scanned.scalars())


def _whole_tables_of_sqlite(connection: Connection, ask: Question) -> list[str]:
    with _asked(connection) as statements:
        ask(connection)
    whole = {f"SCAN {name}" for name in QUEUES}
    return [
        statement
        for statement, parameters in statements
        for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        if row.detail in whole
    ]


@contextmanager
def _asked(connection: Connection) -> Iterator[list[tuple[str, tuple[object, ...]]]]:
    """The statements that are executed meanwhile."""
    found: list[tuple[str, tuple[object, ...]]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: tuple[object, ...], *_: object) -> None:
        found.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(connection, "before_cursor_execute", note)
