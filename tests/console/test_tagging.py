"""How the readings of the customers' messages are counted, on either database, by an index on the time."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection, event, text, update

from store import tagging
from store.database import Database
from store.tables import messages
from store.tagging import Misreading
from tests.console.messages import add_messages, add_person, add_ticket, correct, written
from tests.console.seed import NOW, ago

WEEK = timedelta(weeks=1)


def fill(connection: Connection) -> None:
    """Two weeks of Ann's, with what must not be counted between them."""
    add_person(connection, 1, "Ann")
    add_person(connection, 2, "Ben")
    add_ticket(connection, 7, 1)
    add_ticket(connection, 8, 1)
    add_messages(
        connection,
        [
            written(10, 1, ago(days=20), "invoice"),
            written(11, 1, ago(days=12), "invoice", 0.8),
            written(12, 1, ago(days=11), "invoice", 0.4, ticket_id=7),
            written(13, 1, ago(days=10), "praise", 0.6, reader="small-1"),
            written(14, 2, ago(days=2), "praise", 0.3),
            written(15, 1, ago(days=1), "praise", 0.3),
            written(16, 1, ago(days=1), "other", 0.2, text=""),
            written(17, 1, ago(days=1), "other", 0.2, author="bot"),
            dict(written(18, 1, ago(days=1), "other"), intent=None, confidence=None),
        ],
    )


async def test_the_mix_of_each_stretch_is_counted_with_its_confidence_and_last_reader(database: Database) -> None:
    await database.transaction(fill)
    starts = [NOW - 3 * WEEK, NOW - 2 * WEEK, NOW - WEEK, NOW - timedelta(hours=1)]
    first, second, third, empty = await database.read(lambda c: tagging.mixes(c, starts, 0.55))
    assert first.counts == {"invoice": 1}
    assert second.counts == {"invoice": 2, "praise": 1}
    assert (second.messages, second.unsure) == (3, 1)
    assert second.confidence == pytest.approx(0.6)
    assert second.reader == "small-1"
    assert (third.counts, third.unsure, third.reader) == ({"praise": 2}, 2, "keywords")
    assert (empty.messages, empty.confidence, empty.unsure, empty.reader) == (0, None, 0, None)


async def test_a_moment_between_two_stretches_belongs_to_the_later(database: Database) -> None:
    def at_the_bounds(connection: Connection) -> None:
        add_person(connection, 1, "Ann")
        moments = (NOW - 2 * WEEK, NOW - WEEK - timedelta(microseconds=1), NOW - WEEK)
        add_messages(connection, [written(n, 1, at, "invoice") for n, at in enumerate(moments, 1)])

    await database.transaction(at_the_bounds)
    found = await database.read(lambda c: tagging.mixes(c, [NOW - 2 * WEEK, NOW - WEEK], 0.55))
    assert [mix.messages for mix in found] == [2, 1]


async def test_what_holds_is_counted_of_several_corrections(database: Database) -> None:
    def corrected(connection: Connection) -> None:
        fill(connection)
        correct(connection, written(10, 1, ago(days=20), "invoice"), "praise", ago(days=1))
        correct(connection, written(11, 1, ago(days=12), "invoice"), "repair_visit", ago(days=9))
        correct(connection, written(11, 1, ago(days=12), "invoice"), "complaint", ago(days=8))
        correct(connection, written(12, 1, ago(days=11), "invoice"), "complaint", ago(days=8))
        correct(connection, written(13, 1, ago(days=10), "praise"), "praise", ago(days=8))  # its tone alone
        connection.execute(update(messages).where(messages.c.id == 12).values(intent="complaint"))  # read anew

    await database.transaction(corrected)
    found = await database.read(lambda c: tagging.misreadings(c, NOW - 2 * WEEK))
    assert sorted(found, key=lambda each: (each.read, each.now)) == [
        Misreading(read="invoice", meant="complaint", now="complaint", messages=1),
        Misreading(read="invoice", meant="complaint", now="invoice", messages=1),
        Misreading(read="praise", meant="praise", now="praise", messages=1),
    ]


async def test_the_least_sure_come_first_and_of_equals_the_newest(database: Database) -> None:
    await database.transaction(fill)
    found = await database.read(lambda c: tagging.least_sure(c, NOW - 2 * WEEK, count=10))
    assert [each.message.id for each in found] == [15, 14, 12, 13, 11]
    assert [each.contact_name for each in found[:2]] == ["Ann", "Ben"]
    assert [each.ticket.number if each.ticket else None for each in found[:3]] == [8, None, 8]
    second = await database.read(lambda c: tagging.least_sure(c, NOW - 2 * WEEK, count=2, skip=2))
    assert [each.message.id for each in second] == [12, 13]


async def test_what_was_corrected_is_no_longer_among_the_least_sure(database: Database) -> None:
    await database.transaction(fill)
    message = written(15, 1, ago(days=1), "praise")
    await database.transaction(lambda c: correct(c, message, "praise", NOW))
    found = await database.read(lambda c: tagging.least_sure(c, NOW - 2 * WEEK, count=10))
    assert [each.message.id for each in found] == [14, 12, 13, 11]


def ask_everything(connection: Connection) -> None:
    """What the page asks."""
    tagging.mixes(connection, [NOW - WEEK, NOW - timedelta(days=3)], 0.55)
    tagging.misreadings(connection, NOW - WEEK)
    tagging.least_sure(connection, NOW - WEEK, count=26)


async def test_a_long_history_costs_nothing(database: Database, backend: str) -> None:
    def live_long(connection: Connection) -> None:
        add_person(connection, 1, "Ann")
        rows = [written(n, 1, ago(hours=n), "invoice") for n in range(1, 15_000)]
        add_messages(connection, rows)
        for row in rows[::10]:
            correct(connection, row, "praise", row["at"])
        if backend == "postgresql":
            connection.execute(text("ANALYZE"))

    await database.transaction(live_long)
    scanned = await database.transaction(_scanned_by_sqlite if backend == "sqlite" else _scanned_by_postgres)
    assert scanned == []


def _scanned_by_postgres(connection: Connection) -> list[str]:
    ask_everything(connection)
    found = connection.execute(
        text(
            "SELECT relname FROM pg_stat_xact_user_tables"
            " WHERE seq_tup_read > 0 AND relname IN ('messages', 'corrections')"
        )
    )
    return list(found.scalars())


def _scanned_by_sqlite(connection: Connection) -> list[str]:
    asked: list[tuple[str, tuple[object, ...]]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: tuple[object, ...], *_: object) -> None:
        asked.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", note)
    ask_everything(connection)
    event.remove(connection, "before_cursor_execute", note)
    steps = [
        row.detail
        for statement, parameters in asked
        for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
    ]
    assert sum("INDEX ix_messages_read (at>?" in step for step in steps) == 4, steps
    return [step for step in steps if step.startswith(("SCAN messages", "SCAN corrections", "SCAN contacts"))]
