"""SIGKILL in mid-flood, three times: nothing lost, no topic too many, no more repeats than calls were in flight."""

import asyncio
import random
from pathlib import Path

from sqlalchemy import func, select

from desk.outgoing import Relay
from store.database import Connection, open_database
from store.inbox import InboxState
from store.outbox import OutboxState
from store.tables import inbox, outbox
from tests.emulator import Emulator, Group
from tests.resilience.processes import Program
from tests.stories.house import staff
from tests.stories.talk import WISH

CUSTOMERS, LINES, DEATHS = 30, 2, 3


async def test_killed_three_times_in_a_flood(empty_database_url: str, tmp_path: Path) -> None:
    chance = random.Random(20261123)
    async with Emulator(api_delay=0.1) as emulator:
        people = staff(emulator)
        program = Program(emulator, empty_database_url, tmp_path)
        in_flight = 0
        for death in range(DEATHS):
            await _dies_in_the_flood(emulator, program, death, after=chance.randrange(10, 50))
            in_flight += await _sending(empty_database_url)
        _write(emulator, DEATHS)
        async with program.runs():
            all_lines = CUSTOMERS * LINES * (DEATHS + 1)
            await emulator.until(lambda: _shown(people.room) == all_lines, within=60, what="every line")
            await _is_done(empty_database_url)
        emulator.assert_each_once(people.room, repeats_allowed=in_flight)
        assert len(people.room.topics) == CUSTOMERS


async def _dies_in_the_flood(emulator: Emulator, program: Program, death: int, *, after: int) -> None:
    """Killed after so many calls."""
    began = len(emulator.ledger.calls)
    _write(emulator, death)
    async with program.runs() as kill:
        await emulator.until(lambda: _sends(emulator, began) >= after, within=60, what=f"{after} calls")
        kill()


def _write(emulator: Emulator, part: int) -> None:
    for line in range(LINES):
        for number in range(CUSTOMERS):
            emulator.customer(1000 + number).writes(f"{WISH}: {number}-{part}-{line}")


def _sends(emulator: Emulator, began: int) -> int:
    quiet = ("getUpdates", "getMe", "deleteWebhook")
    return sum(call.method not in quiet for call in emulator.ledger.calls[began:])


def _shown(room: Group) -> int:
    """How many of the customers' lines stand in the room."""
    return len({line for text in room.texts for line in text.splitlines() if line.startswith(f"{WISH}: ")})


async def _sending(url: str) -> int:
    """The calls that were in flight, as the database knows them after the death."""
    database = open_database(url)
    try:
        count = select(func.count()).where(outbox.c.state == OutboxState.SENDING.value, outbox.c.kind == Relay.__name__)
        return await database.read(lambda connection: int(connection.execute(count).scalar_one()))
    finally:
        await database.close()


async def _is_done(url: str) -> None:
    """Wait until nothing waits and nothing is being sent."""
    database = open_database(url)
    try:
        for _ in range(600):
            if not await database.read(_left):
                return
            await asyncio.sleep(0.1)
        raise AssertionError(f"{await database.read(_left)} rows are left after a minute")
    finally:
        await database.close()


def _left(connection: Connection) -> int:
    waits = select(func.count()).where(inbox.c.state == InboxState.WAITING.value).scalar_subquery()
    goes = [OutboxState.WAITING.value, OutboxState.SENDING.value]
    return int(
        connection.execute(
            select(waits + select(func.count()).where(outbox.c.state.in_(goes)).scalar_subquery())
        ).scalar_one()
    )
