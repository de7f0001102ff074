"""429 with retry_after per chat, group and bot, on a clock that tests push."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import aiohttp
import pytest

from tests.emulator import Bucket, Clock, Emulator, Limits, Window
from tests.emulator.client import Api
from tests.emulator.limits import Limiter

Make = Callable[[Limits], AbstractAsyncContextManager[tuple[Emulator, Api]]]


class StillClock(Clock):
    """Stands still unless pushed."""

    def __init__(self) -> None:
        super().__init__(start=1_800_000_000.0, speed=0.0)


@pytest.fixture
def limited() -> Make:
    @asynccontextmanager
    async def make(limits: Limits) -> AsyncIterator[tuple[Emulator, Api]]:
        async with Emulator(limits=limits, clock=StillClock()) as emulator, aiohttp.ClientSession() as session:
            emulator.customer(7).starts()
            yield emulator, Api(emulator.url, emulator.token, session)

    return make


async def test_a_chat_takes_a_small_burst_then_one_a_second(limited: Make) -> None:
    async with limited(Limits(per_group=None, per_bot=None)) as (emulator, api):
        statuses = [(await api("sendMessage", chat_id=7, text=str(number))).status for number in range(4)]
        assert statuses == [200, 200, 200, 429]
        refused = await api("sendMessage", chat_id=7, text="x")
        assert refused.description == "Too Many Requests: retry after 1"
        assert refused.parameters == {"retry_after": 1}
        emulator.clock.advance(1.0)
        assert (await api("sendMessage", chat_id=7, text="x")).status == 200
        assert (await api("sendMessage", chat_id=7, text="x")).status == 429


async def test_a_group_takes_twenty_a_minute_edits_and_albums_counted(limited: Make) -> None:
    async with limited(Limits(per_chat=None, per_bot=None)) as (emulator, api):
        forum = emulator.forum()
        for number in range(18):
            assert (await api("sendMessage", chat_id=forum.id, text=str(number))).status == 200
            emulator.clock.advance(1.0)
        pictures = [message.id for message in emulator.customer(7).sends_album([b"1", b"2", b"3"])]
        assert (await api("copyMessages", chat_id=forum.id, from_chat_id=7, message_ids=pictures)).status == 429
        assert (await api("copyMessages", chat_id=forum.id, from_chat_id=7, message_ids=pictures[:2])).status == 200
        last = forum.messages[0].id
        refused = await api("editMessageText", chat_id=forum.id, message_id=last, text="edited")
        assert refused.parameters == {"retry_after": 42}
        emulator.clock.advance(42)
        assert (await api("editMessageText", chat_id=forum.id, message_id=last, text="edited")).status == 200


async def test_the_bot_as_a_whole_sends_thirty_a_second(limited: Make) -> None:
    async with limited(Limits(per_chat=None, per_group=None)) as (emulator, api):
        for number in range(31):
            emulator.customer(100 + number).starts()
        answers = [await api("sendMessage", chat_id=100 + number, text="x") for number in range(31)]
        assert [answer.status for answer in answers] == [200] * 30 + [429]
        assert (await api("setMyCommands", commands=[])).status == 200


async def test_a_mistake_costs_nothing(limited: Make) -> None:
    async with limited(Limits(per_chat=Bucket(per_second=1, burst=1))) as (_, api):
        assert (await api("sendMessage", chat_id=7, text="")).status == 400
        assert (await api("sendMessage", chat_id=7, text="x")).status == 200


def test_scale_shortens_the_emulated_second() -> None:
    clock = StillClock()
    limiter = Limiter(Limits(per_chat=Bucket(per_second=1, burst=1), scale=0.01), clock)
    assert limiter.take(7, is_group=False, cost=1) == 0
    assert limiter.take(7, is_group=False, cost=1) == 1
    clock.advance(0.0101)
    assert limiter.take(7, is_group=False, cost=1) == 0


def test_share_used_is_one_when_nothing_was_left_over() -> None:
    clock = StillClock()
    limiter = Limiter(Limits(per_group=Window(count=20, seconds=10), per_bot=None), clock)
    for _ in range(3):
        assert all(limiter.take(-1, is_group=True, cost=1) == 0 for _ in range(20))
        clock.advance(10)
    assert limiter.share_used(-1) == pytest.approx(1.0)
    clock.advance(10)
    assert limiter.take(-1, is_group=True, cost=1) == 0
    assert limiter.share_used(-1) == pytest.approx(0.75)
