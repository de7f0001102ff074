"""Several workers on one database, stopped and started at random: a lane is handled in order, each row once."""

import asyncio
import json
import random
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import func, select

from bot import app
from channels.telegram.front import read_update
from store import tables
from store.database import Connection
from store.inbox import InboxState
from tests.emulator import Emulator
from tests.stories.house import Staff, company, moment, settings
from tests.stories.talk import WISH

LANES, ROWS, WORKERS = 6, 120, 3


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_order_holds_with_many_workers(
    emulator: Emulator, people: Staff, database_url: str, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    said: dict[int, list[str]] = {lane: [] for lane in range(LANES)}
    token = {"telegram_token": SecretStr(emulator.token), "telegram_api_url": emulator.url}
    chosen = settings(database_url, tmp_path, **token)
    async with app.build(chosen, company(), lambda: moment(emulator)) as house:
        running = [asyncio.create_task(app.worker(house).run()) for _ in range(WORKERS)]
        for number in range(ROWS):
            lane = chance.randrange(LANES)
            said[lane].append(f"{WISH} {number}")
            update = _update(number, lane, said[lane][-1])
            await house.intake.accept([read_update(update, bot_id=42000, received_at=moment(emulator))])
            if chance.random() < 0.1:
                running.append(asyncio.create_task(app.worker(house).run()))
                await _ends(running.pop(chance.randrange(len(running))))
        await _all_handled(house, emulator)
        for worker in running:
            await _ends(worker)
        assert await house.database.read(_kept) == {f"telegram:{700 + lane}": each for lane, each in said.items()}


def _update(number: int, lane: int, text: str) -> bytes:
    person = {"id": 700 + lane, "is_bot": False, "first_name": f"C{lane}"}
    chat = {"id": 700 + lane, "type": "private"}
    message = {"message_id": number, "from": person, "chat": chat, "date": 1_795_000_000, "text": text}
    return json.dumps({"update_id": number, "message": message}).encode()


async def _ends(worker: asyncio.Task[None]) -> None:
    """Stopped wherever it stands, in mid-round too: its lanes come back when their lease is over."""
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)


async def _all_handled(house: app.House, emulator: Emulator) -> None:
    """Leases of stopped workers run out, since time passes."""
    waits = select(func.count()).where(tables.inbox.c.state == InboxState.WAITING.value)
    for tried in range(1, 41):
        if not await house.database.read(lambda connection: connection.execute(waits).scalar_one()):
            return
        emulator.clock.advance(31)
        house.bell.ring("inbox")
        await asyncio.sleep(0.1 * tried)  # longer each time: a slow machine must get a round done within its lease
    raise AssertionError("rows are left")


def _kept(connection: Connection) -> dict[str, list[str]]:
    """What is shown to the staff, by conversation, in the order it goes out."""
    outbox = tables.outbox.c
    found: dict[str, list[str]] = {}
    rows = select(outbox.content).where(outbox.kind == "Relay").order_by(outbox.id)
    for (content,) in connection.execute(rows):
        relay = json.loads(content)
        found.setdefault(relay["origin"], []).append(relay["text"])
    return found
