"""Who waits for whom: several lanes are locked in one order, and what met another transaction runs again."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import text

from store import database as databases
from store import lanes
from store.database import Connection, Database
from store.lanes import Arrivals, Lease
from store.tables import outbox_lanes

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)


async def test_a_transaction_that_met_another_one_runs_again(database: Database, backend: str) -> None:
    await database.transaction(lambda connection: _arrive(connection, ["a", "b"]))

    def crosswise(connection: Connection, first: str, second: str) -> str:
        if backend == "postgresql":
            connection.execute(text("SET LOCAL deadlock_timeout = '50ms'"))
        _arrive(connection, [first])
        if backend == "postgresql":
            connection.execute(text("SELECT pg_sleep(0.2)"))
        _arrive(connection, [second])
        return first + second

    done = await asyncio.gather(
        database.transaction(lambda connection: crosswise(connection, "a", "b")),
        database.transaction(lambda connection: crosswise(connection, "b", "a")),
    )
    assert list(done) == ["ab", "ba"]
    counts = await database.read(lambda connection: connection.execute(text("SELECT waiting FROM outbox_lanes")).all())
    assert [count for (count,) in counts] == [3, 3]


@pytest.mark.parametrize("seed", range(2))
async def test_arrivals_and_releases_never_wait_in_a_ring(
    database: Database, backend: str, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    met: list[Exception] = []
    monkeypatch.setattr(databases, "is_conflict", met.append)
    chance = random.Random(seed)
    # Where the collation does not go by code points, as on most servers, "a" comes before "B".
    if backend == "postgresql":
        change = 'ALTER TABLE outbox_lanes ALTER lane TYPE text COLLATE "en-x-icu"'
        await database.transaction(lambda connection: connection.execute(text(change)))
    names = [f"webchat:{chance.choice('abcABC')}{number}" for number in range(300)]

    async def insert() -> None:
        for _ in range(25):
            some = chance.sample(names, 60)
            await database.transaction(partial(_arrive, names=some))

    async def work(name: str) -> None:
        held: list[Lease] = []
        for number in range(25):
            owner = f"{name}:{number}"
            held = await database.transaction(partial(_go_on, held=held, owner=owner))

    await asyncio.gather(insert(), insert(), work("one"), work("two"))
    assert met == []


def _arrive(connection: Connection, names: list[str]) -> None:
    lanes.arrive(connection, outbox_lanes, [Arrivals(lane=name, count=1) for name in names], NOW)


def _go_on(connection: Connection, held: list[Lease], owner: str) -> list[Lease]:
    if held:
        ours = lanes.held(connection, outbox_lanes, held)
        lanes.release(connection, outbox_lanes, dict.fromkeys(ours, 1), NOW)
    return lanes.claim(connection, outbox_lanes, owner=owner, now=NOW, lease=timedelta(seconds=30), limit=64)


async def test_a_clock_that_was_set_back_keeps_nobody_waiting(database: Database) -> None:
    later = NOW + timedelta(hours=1)

    def before(connection: Connection) -> None:
        _arrive(connection, ["a"])
        [lease] = lanes.claim(connection, outbox_lanes, owner="one", now=later, lease=timedelta(seconds=30), limit=1)
        lanes.release(connection, outbox_lanes, {lease: 1}, later)

    def after(connection: Connection) -> list[Lease]:
        _arrive(connection, ["a"])
        return lanes.claim(connection, outbox_lanes, owner="one", now=NOW, lease=timedelta(seconds=30), limit=1)

    await database.transaction(before)
    assert [lease.lane for lease in await database.transaction(after)] == ["a"]
