"""The worker's promises: one lane's trouble is its own, a stop leaves nothing half-way, nothing is done twice."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot import worker as workers
from bot.worker import Worker
from desk.commands import Sender
from desk.readings import Understanding
from handlers import customer_messages
from store import inbox, tables
from store.database import Database
from tests.handlers.desk_driver import ANNA, Desk
from tests.queues.post import Faulty, drift


class _Notes:
    def handled(self, seconds: float, command: str) -> None:
        """A command was handled."""

    def error(self, kind: str) -> None:
        """A lane failed, as it should."""


@pytest.fixture
def worker(desk: Desk) -> Worker:
    """The desk's worker, to which errors happen."""
    desk.worker._metrics = _Notes()
    return desk.worker


async def _states(database: Database) -> list[str]:
    rows = select(tables.inbox.c.state).order_by(tables.inbox.c.id)
    return await database.read(lambda connection: list(connection.execute(rows).scalars()))


async def test_words_that_cannot_be_understood_hold_up_their_lane_alone(
    desk: Desk, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    understand = desk.dictionary.understand

    async def choosy(texts: Sequence[str]) -> list[Understanding]:
        if "poison" in texts:
            raise RecursionError("too deep")
        return await understand(texts)

    monkeypatch.setattr(desk.dictionary, "understand", choosy)
    await desk.store(desk.message("poison"), desk.message("and then this"), desk.message("hello", by=ANNA))
    await worker.work_once()
    assert await _states(desk.database) == ["waiting", "waiting", "done"]
    for _ in range(5):
        desk.now += timedelta(seconds=10)
        await worker.work_once()
    assert await _states(desk.database) == ["parked", "done", "done"]
    [parked] = await desk.database.read(inbox.parked)
    assert "RecursionError" in parked.reason
    assert await drift(desk.database) == {}
    await desk.database.transaction(lambda connection: inbox.replay(connection, None, desk.now))
    assert await drift(desk.database) == {}


async def test_many_lanes_that_fail_do_not_use_up_the_ids_of_the_others(
    desk: Desk, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "_IDS", 12)
    monkeypatch.setattr(workers, "_IDS_LOW", 8)
    wrote = customer_messages.wrote

    def failing(scene: object, burst: Sequence[tuple[object, object]]) -> None:
        if "poison" in str(burst[0][0]):
            raise RuntimeError("a bug")
        wrote(scene, burst)  # type: ignore[arg-type]

    monkeypatch.setattr(customer_messages, "wrote", failing)
    for name in ("hello", *["poison"] * 6):
        desk.stored += 1
        await desk.store(desk.message(name, by=_guest(desk.stored)))
        desk.now += timedelta(milliseconds=1)
    await worker.work_once()
    assert await _states(desk.database) == ["done", *["waiting"] * 6]
    assert await drift(desk.database) == {}


def _guest(number: int) -> Sender:
    return Sender(channel="telegram", address=str(7000 + number), name="Guest", language="en")


async def test_a_stop_in_mid_round_leaves_no_lane_leased(desk: Desk) -> None:
    await desk.store(desk.message("hello"))
    faulty = Faulty(inner=desk.database, late=0.05)
    worker = desk.new_worker()
    worker._database = faulty
    running = asyncio.create_task(worker.run())
    await faulty.committed.wait()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    owners = select(tables.inbox_lanes.c.owner)
    assert await desk.database.read(lambda connection: list(connection.execute(owners).scalars())) == [None]
    assert await _states(desk.database) == ["done"]


async def test_a_row_that_another_worker_handled_is_not_parked(desk: Desk, worker: Worker) -> None:
    await desk.store(desk.message("hello"))
    [(lease, [row])] = await worker._claim(64)
    desk.now += timedelta(minutes=1)
    assert await desk.new_worker().work_once()
    await worker._park(lease, row, "it took too long here")
    assert await _states(desk.database) == ["done"]
    assert await drift(desk.database) == {}
