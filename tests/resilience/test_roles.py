"""The roles in processes of their own on PostgreSQL, woken by NOTIFY; the slow sweep only stands behind it."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bot.roles import Role
from tests.databases import new_database
from tests.emulator import Customer, Emulator
from tests.resilience.processes import Program
from tests.stories.house import staff
from tests.stories.talk import WISH, card_of, is_card, lines_of

#: Two sweeps of a second stand on the way (worker, sender): without rings the quickest of so many is far slower.
TRIES, AT_ONCE = 8, 0.3


@pytest.mark.postgres
async def test_four_processes_serve_one_customer(postgres_server: str, tmp_path: Path) -> None:
    with new_database(postgres_server) as url:
        async with Emulator() as emulator, AsyncExitStack() as processes:
            people, anna = staff(emulator), emulator.customer(501, "Anna")
            program = Program(emulator, url, tmp_path)
            for role in (Role.WEB, Role.WORKER, Role.SENDER, Role.SCHEDULER):
                await processes.enter_async_context(program.runs(role))
            await emulator.until(lambda: len(emulator.ledger.of("getMe")) == 4, within=120, what="four processes")
            anna.writes(WISH)
            await emulator.until(lambda: any(map(is_card, people.room.messages)), what="the card")
            (topic,) = people.room.topics
            people.lin.writes("Lin here", topic=topic)
            await emulator.until(lambda: "Lin here" in anna.texts, what="the reply")
            taken = [await _seconds_to_the_room(emulator, anna, number) for number in range(TRIES)]
            assert min(taken) < AT_ONCE, taken
            people.lin.writes("/resolve", topic=topic)
            await emulator.until(lambda: "Status: resolved" in card_of(topic).text, what="resolved")
            assert lines_of(topic)[0] == WISH
            emulator.assert_each_once(people.room)


async def _seconds_to_the_room(emulator: Emulator, anna: Customer, number: int) -> float:
    loop = asyncio.get_running_loop()
    began, text = loop.time(), f"line {number}"
    anna.writes(text)
    await emulator.until(lambda: any(text in call.params.get("text", "") for call in emulator.ledger.calls))
    return loop.time() - began
