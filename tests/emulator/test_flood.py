"""The load of the benchmarks: marked lines, latencies, orders from another process, the program run alone."""

import asyncio
import sys

import aiohttp
import msgspec

from tests.emulator import TOKEN, Emulator, Flood
from tests.emulator.client import Api


async def echo(api: Api, until: int) -> None:
    """A bot that answers each message with itself."""
    offset = answered = 0
    while answered < until:
        for update in (await api("getUpdates", offset=offset, timeout=5)).result:
            offset = update["update_id"] + 1
            message = update["message"]
            await api("sendMessage", chat_id=message["chat"]["id"], text=message["text"])
            answered += 1


async def test_a_flood_notes_the_first_call_for_each_line(emulator: Emulator, api: Api) -> None:
    flood = Flood(emulator.world, emulator.customer)
    flood.at_once(customers=5, lines=3)
    assert flood.latencies() == []
    await echo(api, until=15)
    assert flood.done
    summary = flood.summary()
    assert (summary["written"], summary["shown"], summary["calls"]) == (15, 15, {"sendMessage": 15})
    assert summary["p50"] <= summary["p99"]


async def test_a_copied_line_counts_as_shown(emulator: Emulator, api: Api) -> None:
    flood = Flood(emulator.world, emulator.customer)
    await flood.paced(customers=1, lines=2, per_second=1000)
    numbers = list(emulator.customer(1_000_000).chat.messages)
    await api("copyMessage", chat_id=1_000_000, from_chat_id=1_000_000, message_id=numbers[0])
    assert len(flood.latencies()) == 1
    await api("copyMessages", chat_id=1_000_000, from_chat_id=1_000_000, message_ids=numbers)
    assert flood.done


async def test_orders_from_another_process(emulator: Emulator) -> None:
    async with aiohttp.ClientSession() as session:
        url = f"{emulator.url}/_control"
        async with session.post(f"{url}/flood", json={"customers": 2, "lines": 2}) as answer:
            assert (await answer.json())["written"] == 4
        async with session.post(f"{url}/writes", json={"customer": 7, "text": "hi"}) as answer:
            assert (await answer.json())["message_id"] == 5
        async with session.post(f"{url}/storm", json={"method": "getMe"}) as answer:
            assert answer.status == 200
        assert (await Api(emulator.url, TOKEN, session)("getMe")).status == 429
        async with session.post(f"{url}/summary") as answer:
            assert (await answer.json())["unconfirmed"] == 5
        async with session.post(f"{url}/nonsense") as answer:
            assert answer.status == 404


async def test_the_program_serves_a_flood_alone() -> None:
    arguments = ["--port", "0", "--customers", "3", "--lines", "2", "--within", "20"]
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.emulator", *arguments, stdout=asyncio.subprocess.PIPE
    )
    assert program.stdout is not None
    async with aiohttp.ClientSession() as session:
        async with asyncio.timeout(20):
            address = (await program.stdout.readline()).decode().strip()
        await echo(Api(address, TOKEN, session), until=6)
    printed, _ = await program.communicate()
    assert msgspec.json.decode(printed)["shown"] == 6
