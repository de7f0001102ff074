"""Mutated real updates through the whole house: they may park rows, but never stop a worker or a sender."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from channels.telegram.front import read_update
from tests.emulator import Emulator
from tests.stories.house import House, Staff, moment, open_house, settings, staff, telegram
from tests.stories.talk import WISH, is_card, lines_of

PAYLOADS = sorted((Path(__file__).parents[1] / "telegram" / "payloads").glob("*.json"))
STRANGE: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    2**63,
    1e308,
    "",
    "\u0000",
    "/",
    "x" * 5000,
    "😀" * 50,
    [],
    {},
    [[]],
    {"id": {}},
)


def _mutated(chance: random.Random, value: Any) -> Any:
    """The same with one thing or more that nobody would expect."""
    if chance.random() < 0.04:
        return chance.choice(STRANGE)
    match value:
        case dict():
            kept = {name: _mutated(chance, each) for name, each in value.items() if chance.random() > 0.03}
            return kept if chance.random() > 0.03 else {**kept, "date": chance.choice(STRANGE)}
        case list():
            return [_mutated(chance, each) for each in value] * chance.choice((1, 1, 1, 0, 2))
        case _:
            return value


def _updates(seed: int, count: int, first_id: int) -> list[bytes]:
    chance = random.Random(seed)
    made = []
    for number in range(count):
        update = _mutated(chance, json.loads(chance.choice(PAYLOADS).read_text(encoding="utf-8")))
        whole = update if isinstance(update, dict) else {"message": update}
        made.append(json.dumps({**whole, "update_id": first_id + number}).encode())
    return made


@pytest.mark.parametrize("seed", [1, 2])
async def test_no_update_stops_the_house(database_url: str, tmp_path: Path, seed: int) -> None:
    async with telegram() as emulator:
        people = staff(emulator)
        async with open_house(emulator, settings(database_url, tmp_path)) as house:
            await _are_accepted(house, emulator, _updates(seed, 250, 1_000_000 * seed))
            for _ in range(4):
                emulator.clock.advance(15)
                await house.comes(lambda: _nothing_waits_now(house), within=30, what="each try is over")
            await _is_served(emulator, people, house)


async def test_a_text_that_a_database_cannot_hold_stops_nobody(
    emulator: Emulator, database_url: str, tmp_path: Path
) -> None:
    people = staff(emulator)
    async with open_house(emulator, settings(database_url, tmp_path)) as house:
        for number, strange in enumerate(("a\u0000b", "\u0000", "\u202e\ufffe")):
            emulator.customer(600 + number, f"N{number}").writes(f"{WISH} {strange}")
        await _is_served(emulator, people, house)
        for _ in range(5):
            emulator.clock.advance(15)
            await house.comes(lambda: _nothing_waits_now(house), within=30, what="each try is over")
        assert len(people.room.topics) + len(await house.parked()) == 4


async def _are_accepted(house: House, emulator: Emulator, updates: list[bytes]) -> None:
    raws = [read_update(body, bot_id=42000, received_at=moment(emulator)) for body in updates]
    await house.built.intake.accept(raws)


async def _nothing_waits_now(house: House) -> bool:
    """What waits was tried, and is deferred."""
    return await house.ready_lanes() == 0


async def _is_served(emulator: Emulator, people: Staff, house: House) -> None:
    anna = emulator.customer(501_501, "Anna")
    anna.writes(WISH)
    await house.until(lambda: any("Anna" in topic.name for topic in people.room.topics), what="a topic")
    topic = people.room.topic("Anna")
    await house.until(lambda: any(map(is_card, topic.messages)), what="the card")
    assert lines_of(topic) == [WISH]
