"""Scripted misfortune, and what the ledger says of it."""

import asyncio

import aiohttp
import pytest

from tests.emulator import Emulator
from tests.emulator.client import Api


@pytest.fixture(autouse=True)
def people(emulator: Emulator) -> None:
    emulator.customer(7).starts()
    emulator.customer(8).starts()


@pytest.mark.parametrize(("code", "reason"), [(500, "Internal Server Error"), (502, "Bad Gateway")])
async def test_server_errors_strike_the_next_calls_only(emulator: Emulator, api: Api, code: int, reason: str) -> None:
    emulator.faults.fail("sendMessage", code=code, times=2, chat=7)
    assert (await api("sendMessage", chat_id=8, text="x")).status == 200
    for _ in range(2):
        answer = await api("sendMessage", chat_id=7, text="x")
        assert (answer.status, answer.description) == (code, reason)
    assert (await api("sendMessage", chat_id=7, text="x")).status == 200
    assert len(emulator.customer(7).received) == 1


async def test_a_cut_before_the_effect_does_nothing(emulator: Emulator, api: Api) -> None:
    emulator.faults.cut_before("sendMessage")
    with pytest.raises(aiohttp.ClientError):
        await api("sendMessage", chat_id=7, text="x")
    call = emulator.ledger.of("sendMessage", 7)[0]
    assert (call.effect, call.delivered) == (False, False)
    assert emulator.customer(7).received == []


async def test_a_cut_after_the_effect_leaves_the_bot_in_doubt(emulator: Emulator, api: Api) -> None:
    emulator.faults.cut_after("sendMessage")
    with pytest.raises(aiohttp.ClientError):
        await api("sendMessage", chat_id=7, text="x")
    assert [call.method for call in emulator.ledger.undelivered()] == ["sendMessage"]
    assert emulator.customer(7).texts == ["x"]
    assert (await api("sendMessage", chat_id=7, text="y")).status == 200
    assert emulator.ledger.in_flight == 0


async def test_a_storm_of_429(emulator: Emulator, api: Api) -> None:
    storm = emulator.faults.storm("*", retry_after=3, times=2)
    assert (await api("sendMessage", chat_id=7, text="x")).parameters == {"retry_after": 3}
    assert (await api("copyMessage", chat_id=7, from_chat_id=7, message_id=1)).status == 429
    assert (await api("sendMessage", chat_id=7, text="x")).status == 200
    assert storm.struck == 2


async def test_a_held_call_is_in_flight_until_released(emulator: Emulator, api: Api) -> None:
    gate = emulator.faults.hold("sendMessage")
    call = asyncio.create_task(api("sendMessage", chat_id=7, text="x"))
    await emulator.until(lambda: emulator.ledger.in_flight == 1)
    moment = asyncio.get_running_loop().time()
    assert [found.method for found in emulator.ledger.in_flight_at(moment)] == ["sendMessage"]
    assert emulator.customer(7).received == []
    gate.release()
    assert (await call).status == 200
    assert emulator.ledger.in_flight == 0
    assert [found.method for found in emulator.ledger.in_flight_at(moment)] == ["sendMessage"]


async def test_delays(emulator: Emulator, api: Api) -> None:
    emulator.server.api_delay = 0.05
    emulator.faults.delay("sendMessage", 0.05)
    loop = asyncio.get_running_loop()
    began = loop.time()
    await api("sendMessage", chat_id=7, text="x")
    assert loop.time() - began >= 0.1
    call = emulator.ledger.of("sendMessage")[0]
    assert call.finished is not None
    assert call.finished - call.started >= 0.1
    assert (call.params["text"], call.succeeded, call.delivered) == ("x", True, True)


async def test_a_bot_that_dies_in_mid_call_is_noted(emulator: Emulator) -> None:
    gate = emulator.faults.hold("sendMessage")
    session = aiohttp.ClientSession()
    dying = asyncio.create_task(Api(emulator.url, emulator.token, session)("sendMessage", chat_id=7, text="x"))
    await emulator.until(lambda: emulator.ledger.in_flight == 1)
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    await session.close()
    async with aiohttp.ClientSession() as other:
        await Api(emulator.url, emulator.token, other)("sendChatAction", chat_id=8, action="typing")
    gate.release()
    await emulator.until(lambda: emulator.ledger.in_flight == 0)
    assert [call.method for call in emulator.ledger.undelivered()] == ["sendMessage"]
    assert emulator.customer(7).texts == ["x"]
