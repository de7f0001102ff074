"""The doorbell: within a process, and between two over PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager

import asyncpg
import pytest

from bot.doorbell import Doorbell, PostgresDoorbell, open_doorbell
from tests.databases import new_database

SOON = 10.0


async def heard(event: asyncio.Event) -> bool:
    """Whether it rings soon; the ring is taken."""
    async with asyncio.timeout(SOON):
        await event.wait()
    event.clear()
    return True


async def test_a_ring_wakes_every_listener_of_its_topic_and_no_other() -> None:
    bell = Doorbell()
    async with bell.listen("inbox") as one, bell.listen("inbox") as two, bell.listen("outbox") as other:
        bell.ring("inbox")
        assert (one.is_set(), two.is_set(), other.is_set()) == (True, True, False)
        one.clear()
        assert two.is_set()


async def test_nobody_listening_is_no_error_and_nothing_is_kept() -> None:
    bell = Doorbell()
    for number in range(1000):
        bell.ring(f"conversation:{number}")
        async with bell.listen(f"conversation:{number}"):
            pass
    assert not bell._listeners


async def test_a_listener_that_fails_is_forgotten() -> None:
    bell = Doorbell()
    with pytest.raises(RuntimeError):
        async with bell.listen("desk"):
            raise RuntimeError
    assert not bell._listeners


async def test_within_a_process_there_is_nothing_to_run() -> None:
    bell = open_doorbell("sqlite:///data/guanxi.db")
    assert type(bell) is Doorbell
    await bell.run()


@pytest.fixture(scope="module")
def server(postgres_server: str) -> Iterator[str]:
    """A database of this module's own."""
    with new_database(postgres_server) as url:
        yield url


@asynccontextmanager
async def running(url: str) -> AsyncIterator[Doorbell]:
    """A doorbell whose connection stands."""
    bell = open_doorbell(url)
    assert isinstance(bell, PostgresDoorbell)
    async with asyncio.TaskGroup() as tasks:
        async with bell.listen("connected") as connected:
            task = tasks.create_task(bell.run())
            await heard(connected)
        yield bell
        task.cancel()


@pytest.mark.postgres
async def test_a_ring_is_heard_here_at_once_and_there_soon(server: str) -> None:
    async with AsyncExitStack() as stack:
        here = await stack.enter_async_context(running(server))
        there = await stack.enter_async_context(running(server.replace("postgresql://", "postgresql+asyncpg://")))
        near, far = [await stack.enter_async_context(bell.listen("inbox")) for bell in (here, there)]
        other = await stack.enter_async_context(there.listen("outbox"))
        here.ring("inbox")
        assert near.is_set()
        assert await heard(far)
        assert not other.is_set()


@pytest.mark.postgres
async def test_many_rings_of_one_turn_are_told_once(server: str) -> None:
    told: list[str] = []
    connection = await asyncpg.connect(server)
    await connection.add_listener("guanxi", lambda *arguments: told.append(arguments[-1]))
    async with running(server) as bell, running(server) as other, other.listen("last") as last:
        for _ in range(100):
            bell.ring("inbox")
            bell.ring("conversation:telegram:1")
        await asyncio.sleep(0)
        bell.ring("last")
        await heard(last)
    # Told to the slower connection as well: the order of commits is the same for everybody.
    async with asyncio.timeout(SOON):
        while "last" not in told:
            await connection.execute("SELECT 1")
    await connection.close()
    rings = [topic for topic in told if topic.isprintable()]  # hello and its answer are none
    assert sorted(rings) == ["conversation:telegram:1", "inbox", "last"]


@pytest.mark.postgres
async def test_own_rings_do_not_come_back(server: str) -> None:
    async with AsyncExitStack() as stack:
        here, there = [await stack.enter_async_context(running(server)) for _ in range(2)]
        mine = await stack.enter_async_context(here.listen("inbox"))
        reply = await stack.enter_async_context(here.listen("reply"))
        question = await stack.enter_async_context(there.listen("question"))
        here.ring("inbox")
        mine.clear()
        here.ring("question")
        await heard(question)
        there.ring("reply")
        await heard(reply)
        assert not mine.is_set()


@pytest.mark.postgres
async def test_who_is_alone_tells_nobody_until_somebody_comes(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.signals._GREETING_SECONDS", 0.2)
    async with running(server) as here:
        assert isinstance(here, PostgresDoorbell)
        async with asyncio.timeout(SOON):
            while not _is_alone(here):  # noqa: ASYNC110 - nobody rings when nobody answers
                await asyncio.sleep(0.01)
        here.ring("inbox")
        assert not here._signals._topics
        async with running(server) as there, there.listen("inbox") as event, there.listen("outbox") as other:
            async with asyncio.timeout(SOON):
                while not here._signals._topics:
                    await asyncio.sleep(0)
                    here.ring("inbox")
            assert await heard(event)
            here.ring("outbox")
            assert await heard(other)


def _is_alone(bell: PostgresDoorbell) -> bool:
    """Whether its hello was said and the time for an answer is over."""
    signals = bell._signals
    return not signals._is_away and asyncio.get_running_loop().time() > signals._company_until


@pytest.mark.postgres
async def test_a_lost_connection_comes_back_and_everybody_looks_once(server: str) -> None:
    async with AsyncExitStack() as stack:
        here, there = [await stack.enter_async_context(running(server)) for _ in range(2)]
        connected = await stack.enter_async_context(here.listen("connected"))
        event = await stack.enter_async_context(there.listen("inbox"))
        connection = await asyncpg.connect(server)
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'guanxi bell' AND datname = current_database()"
        )
        await connection.close()
        assert await heard(event)
        assert await heard(connected)
        here.ring("inbox")
        assert await heard(event)


@pytest.mark.postgres
async def test_a_topic_that_the_database_refuses_costs_nobody_the_bell(server: str) -> None:
    async with running(server) as here, running(server) as there, there.listen("inbox") as event:
        here.ring("conversation:" + "长" * 8000)
        here.ring("inbox")
        assert await heard(event)


@pytest.mark.postgres
async def test_without_a_database_rings_are_heard_here_and_stopping_is_at_once() -> None:
    bell = PostgresDoorbell("postgresql://nobody@127.0.0.1:1/none")
    task = asyncio.create_task(bell.run())
    async with bell.listen("inbox") as event:
        bell.ring("inbox")
        assert event.is_set()
        for number in range(20_000):
            bell.ring(f"conversation:{number}")
        assert len(bell._signals._topics) <= 10_000
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
