"""What the intake hands to the worker: leased in the commit that stores it, handled without another look."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import TypeVar

import pytest
from sqlalchemy import select

from bot.doorbell import Bell
from bot.hatch import Hatch
from bot.intake import Intake
from bot.worker import Worker
from channels.base import Raw
from desk.commands import Sender
from desk.values import replace
from store import inbox, lanes, tables
from store.database import Connection
from store.inbox import ClaimedRows, InboxState
from store.lanes import Deferral
from store.tables import inbox_lanes
from tests.handlers.desk_driver import ANNA, WANG, Desk
from tests.queues.post import drift, until

Result = TypeVar("Result")


class Doors:
    """An intake and a worker of one process; `rings` are what the intake rang for."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.rings: list[str] = []
        self.hatch: Hatch[ClaimedRows] = Hatch()
        self.worker = desk.worker
        self.worker._from_intake = self.hatch
        self.intake = Intake(desk.database, self.rings.append, lambda: desk.now, self.hatch)

    async def say(self, *texts: str, by: Sender = WANG) -> None:
        """Messages come in together."""
        await self.intake.accept([self._raw(text, by) for text in texts])

    def _raw(self, text: str, by: Sender) -> Raw:
        arrival = self.desk._arrival(self.desk.message(text, by=by))
        return Raw(
            key=arrival.key,
            lane=arrival.lane,
            channel=arrival.channel,
            payload=arrival.payload,
            received_at=arrival.received_at,
        )

    async def states(self) -> list[str]:
        """The states of the inbox's rows, in order."""
        rows = select(tables.inbox.c.state).order_by(tables.inbox.c.id)
        return await self.desk.database.read(lambda connection: list(connection.execute(rows).scalars()))

    async def leased(self) -> list[str]:
        """The lanes that somebody holds."""
        held = select(inbox_lanes.c.lane).where(inbox_lanes.c.owner.is_not(None))
        return await self.desk.database.read(lambda connection: list(connection.execute(held).scalars()))


@pytest.fixture
def doors(desk: Desk) -> Doors:
    """Nobody stands behind the hatch yet."""
    return Doors(desk)


async def test_rows_are_handed_over_and_handled_without_a_claim(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors.worker, "_claim", None)
    with doors.hatch.opened(doors.worker):
        await doors.say("one", "two")
        await doors.say("three", by=ANNA)
        assert await doors.leased() == [WANG.key, ANNA.key]
        await doors.worker._work(looks=False)
    assert await doors.states() == ["done"] * 3
    assert (doors.rings, await doors.leased()) == ([], [])
    assert await drift(doors.desk.database) == {}


async def test_what_came_twice_is_handed_once(doors: Doors) -> None:
    raw = doors._raw("one", WANG)
    with doors.hatch.opened(doors.worker):
        await doors.intake.accept([raw, raw])
        await doors.intake.accept([raw])
        assert [len(rows) for _, rows in doors.worker._handed] == [1]
        await doors.worker._work(looks=False)
        await doors.intake.accept([raw])
    assert doors.worker._handed == []
    assert await doors.states() == ["done"]
    assert await drift(doors.desk.database) == {}


async def test_a_lane_that_is_leased_or_deferred_is_rung_for(doors: Doors) -> None:
    with doors.hatch.opened(doors.worker):
        await doors.say("one")
        await doors.say("two")  # while the lane is in the worker's hands
        assert doors.rings == ["inbox"]
        assert [len(rows) for _, rows in doors.worker._handed] == [1]
        [(lease, _)] = doors.worker._handed
        later = Deferral(lease=lease, ready_at=doors.desk.now + timedelta(seconds=5), attempts=1)
        defer: Callable[[Connection], None] = lambda connection: lanes.defer(connection, inbox_lanes, [later])  # noqa: E731
        await doors.desk.database.transaction(defer)
        doors.worker._handed = []
        await doors.say("three")
        assert doors.worker._handed == []
    assert doors.rings == ["inbox", "inbox"]
    assert not await doors.worker.work_once()
    doors.desk.now += timedelta(seconds=5)
    await doors.desk.work()
    assert await doors.states() == ["done"] * 3
    assert await drift(doors.desk.database) == {}


async def test_a_worker_who_left_between_offer_and_hand_over_leaves_the_rows_free(doors: Doors) -> None:
    inner = doors.desk.database

    class _Leaving:
        async def at_once(self, work: Callable[[Connection], Result]) -> Result:
            """The worker ends in the meantime."""
            done = await inner.at_once(work)
            doors.hatch._taker = None
            return done

        async def transaction(self, work: Callable[[Connection], Result]) -> Result:
            """As ever."""
            return await inner.transaction(work)

    doors.intake._database = _Leaving()  # type: ignore[assignment]
    with doors.hatch.opened(doors.worker):
        await doors.say("one")
        await doors.say("two", by=ANNA)
    assert (await doors.leased(), set(doors.rings)) == ([], {"inbox"})
    await doors.desk.work()
    assert await doors.states() == ["done"] * 2
    assert await drift(inner) == {}


async def test_a_worker_who_is_stopped_gives_back_what_it_was_handed(doors: Doors) -> None:
    await _ends_with(doors, lambda: doors.say("one"))
    assert await doors.leased() == []
    assert await doors.states() in (["waiting"], ["done"])
    assert await drift(doors.desk.database) == {}


async def _ends_with(doors: Doors, act: Callable[[], Awaitable[None]]) -> None:
    running = asyncio.create_task(doors.worker.run())
    await until(lambda: doors.hatch._taker is not None)
    await act()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def test_what_was_handed_over_outlasts_a_look_that_failed(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(limit: int) -> Sequence[ClaimedRows]:
        raise ConnectionError(f"no database for {limit} lanes")

    with doors.hatch.opened(doors.worker):
        await doors.say("one")
        with monkeypatch.context() as broken:
            broken.setattr(doors.worker, "_claim", away)
            with pytest.raises(ConnectionError):
                await doors.worker._work(looks=True)
        await doors.worker._work(looks=False)
    assert await doors.states() == ["done"]
    assert await doors.leased() == []


async def test_what_nobody_rang_for_is_found_however_much_is_handed_over(doors: Doors) -> None:
    doors.worker._limits = replace(doors.worker._limits, sweep=timedelta(seconds=0.5))
    waits = (InboxState.WAITING, None)
    arrival = doors.desk._arrival(doors.desk.message("in silence", by=ANNA))

    async def is_handled(left: int) -> None:
        while (await doors.states()).count("waiting") > left:  # noqa: ASYNC110 - nobody rings for it
            await asyncio.sleep(0)

    async def speak() -> None:
        for _ in range(3):  # the looks at the start are over
            await doors.say("x")
            await is_handled(0)
        await doors.desk.database.transaction(lambda connection: inbox.add(connection, [arrival], doors.desk.now))
        async with asyncio.timeout(10):
            while (await doors.desk.database.read(lambda connection: inbox.outcome(connection, arrival.key))) == waits:
                await doors.say("x")
                await is_handled(1)

    await _ends_with(doors, speak)


async def test_a_ring_between_commit_and_hand_over_is_not_lost(doors: Doors) -> None:
    """Another process may hear of our commit before we do: it puts more into the lane, and rings."""
    worker: Worker = doors.worker
    bell = worker._bell = Bell()
    arrivals = [doors.desk._arrival(doors.desk.message(text)) for text in ("one", "two")]
    claim = worker.offer(1)
    assert claim is not None
    database, now = doors.desk.database, doors.desk.now
    stored = await database.transaction(lambda connection: inbox.add_for(connection, arrivals[:1], claim, now))
    await database.transaction(lambda connection: inbox.add(connection, arrivals[1:], now))
    await worker._work(looks=True)
    worker.take(stored.claimed)
    assert bell.is_rung
    while bell.is_set():
        looks = bell.is_rung
        bell.clear()
        while (await worker._work(looks=looks)).name == "MORE":
            looks = True
    assert await doors.states() == ["done", "done"]


async def test_a_hatch_that_another_stands_behind_stays_open(desk: Desk) -> None:
    hatch: Hatch[ClaimedRows] = Hatch()
    first, second = desk.new_worker(), desk.new_worker()
    one = hatch.opened(first)
    one.__enter__()
    with hatch.opened(second):
        one.__exit__(None, None, None)
        assert hatch.offer(1) is not None
    assert hatch.offer(1) is None
