"""The whole house in one process, as the composition root builds it; Telegram and the time are the tests' own."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import Connection, func, select

from bot import app
from bot.company import load_company
from bot.doorbell import heard
from bot.roles import Role
from bot.schedule import Schedule, Ticks
from bot.settings import Settings
from console.passwords import hash_password
from desk.company import Role as StaffRole
from desk.values import replace
from lifecycle.configuration import Configuration
from store import deadlines, inbox, tables, users
from store.inbox import InboxState, ParkedRow
from store.outbox import OutboxState
from tests.emulator import Clock, Emulator, Group, Limits, Member

DESK = Path(__file__).parent / "desk.yaml"
#: A Monday morning in Shanghai, outside of quiet hours.
MORNING = datetime(2026, 11, 23, 10, 0, tzinfo=UTC) - timedelta(hours=8)
AGENTS, SUPERVISORS = -1001000000001, -1001000000003
PASSWORD = "correct horse battery"


def company(*, nudges: bool = False, groups: bool = True) -> Configuration:
    """The stories' company; its welcome nudge only where that is the story, its rooms with Telegram groups or not."""
    read = load_company(DESK, today=date(2026, 11, 23))
    if not nudges:
        read = replace(read, outreach=replace(read.outreach, journeys={}))
    if not groups:
        rooms = {name: replace(room, telegram_chat=None) for name, room in read.company.rooms.items()}
        read = replace(read, company=replace(read.company, rooms=rooms))
    return read


def settings(database_url: str, folder: Path, **changes: Any) -> Settings:
    """Settings in code, whatever the environment says."""
    usual: dict[str, Any] = {
        "config": DESK,
        "database_url": SecretStr(database_url),
        "files": folder / "files",
        "http_port": 0,
        "nlp_model": "keywords",  # most stories are not about reading, and start in no time
        "telegram_chat_per_second": 0,
        "telegram_group_per_minute": 0,
        "telegram_bot_per_second": 0,
    }
    return Settings.model_validate(usual | changes)


@asynccontextmanager
async def telegram(**options: Any) -> AsyncIterator[Emulator]:
    """An emulator on the stories' morning."""
    options.setdefault("limits", Limits.off())
    async with Emulator(clock=Clock(start=MORNING.timestamp()), **options) as emulator:
        yield emulator


@dataclass(frozen=True, kw_only=True, slots=True)
class Staff:
    """The company's people in their groups."""

    room: Group
    alerts: Group
    lin: Member
    chen: Member
    zhao: Member


def staff(emulator: Emulator, *, topics: bool = True) -> Staff:
    """The groups of the stories' company with its people in them."""
    room = emulator.forum("Agents", chat_id=AGENTS) if topics else emulator.plain_group("Agents", chat_id=AGENTS)
    alerts = emulator.forum("Supervisors", chat_id=SUPERVISORS)
    return Staff(
        room=room,
        alerts=alerts,
        lin=room.member(9001, "Lin"),
        chen=room.member(9002, "Chen"),
        zhao=alerts.member(9009, "Zhao"),
    )


class House:
    """A house that runs; it goes by the emulator's clock, so that a test can let time pass for both."""

    def __init__(self, built: app.House, emulator: Emulator, address: str) -> None:
        self.built = built
        self.address = address
        self.emulator = emulator
        self._schedule = Schedule(
            database=built.database, files=built.files, now=built.now, ring=built.bell.ring, ticks=Ticks()
        )

    async def until(self, condition: Callable[[], object], *, within: float = 20.0, what: str = "") -> None:
        """Wait until the condition holds in Telegram's world."""
        await self.emulator.until(condition, within=within, what=what)

    async def passes(self, **time: float) -> None:
        """Time passes (hours=1 ...) in a house that has nothing else to do, and what fell due is done."""
        await self.is_quiet()
        self.emulator.clock.advance(timedelta(**time).total_seconds())
        # What is due is asked for first: the schedule's own tick may sweep it into the inbox between the two questions.
        while await self.built.database.read(lambda c: _is_due(c, self.built.now()) or _unfinished(c)):
            await self._schedule.sweep()
            await self.is_quiet()

    async def is_quiet(self, *, within: float = 30.0) -> None:
        """Wait until all that came in was handled and all that it led to was sent."""

        async def nothing_left() -> bool:
            return not self.emulator.updates.pending and not await self.built.database.read(_unfinished)

        await self.comes(nothing_left, within=within, what="quiet")

    async def comes(self, check: Callable[[], Awaitable[object]], *, within: float = 30.0, what: str = "") -> None:
        """Wait until a question to the database is answered with yes; it is asked again after each ring."""
        try:
            async with asyncio.timeout(within), self.built.bell.listen("desk") as rung:
                while not await check():
                    await heard(rung, timedelta(milliseconds=20))
                    rung.clear()
        except TimeoutError:
            left = await self.built.database.read(_unfinished)
            pending = len(self.emulator.updates.pending)
            raise AssertionError(f"not {what}: {pending} updates not fetched, {left} rows not finished") from None

    async def tries(self, lane: str) -> int:
        """How often a lane has failed in a row."""
        tried = select(tables.inbox_lanes.c.attempts).where(tables.inbox_lanes.c.lane == lane)
        return await self.built.database.read(lambda connection: int(connection.execute(tried).scalar_one()))

    async def ready_lanes(self) -> int:
        """How many lanes of the inbox could be worked on at this moment."""
        lanes = tables.inbox_lanes.c
        ready = select(func.count()).where(lanes.waiting > 0, lanes.ready_at <= self.built.now())
        return await self.built.database.read(lambda connection: int(connection.execute(ready).scalar_one()))

    async def replay(self) -> None:
        """Let what is parked be handled after all."""
        await self.built.database.transaction(lambda connection: inbox.replay(connection, None, self.built.now()))
        self.built.bell.ring("inbox")

    async def parked(self) -> list[ParkedRow]:
        """The rows that could not be handled."""
        return await self.built.database.read(inbox.parked)

    async def timeline(self) -> set[str]:
        """The kinds of facts that were recorded."""
        kinds = select(tables.facts.c.kind)
        return await self.built.database.read(lambda connection: set(connection.execute(kinds).scalars()))

    async def add_login(self, login: str, name: str, role: StaffRole = StaffRole.AGENT) -> None:
        """Somebody who may enter the console."""
        kept = await asyncio.to_thread(hash_password, PASSWORD)
        await self.built.database.transaction(
            lambda connection: users.add_user(
                connection, login=login, staff_name=name, role=role, password_hash=kept, at=self.built.now()
            )
        )


def _is_due(connection: Connection, now: datetime) -> bool:
    due = deadlines.next_due(connection)
    return due is not None and due <= now


def _unfinished(connection: Connection) -> int:
    """Rows that wait or are being sent: one statement, so that a row on its way from one table to the other counts."""
    waits = select(func.count()).where(tables.inbox.c.state == InboxState.WAITING.value).scalar_subquery()
    pending = tables.outbox.c.state.in_([OutboxState.WAITING.value, OutboxState.SENDING.value])
    goes_out = select(func.count()).where(pending).scalar_subquery()
    return int(connection.execute(select(waits + goes_out)).scalar_one())


@asynccontextmanager
async def open_house(
    emulator: Emulator, chosen: Settings, configuration: Configuration | None = None, *, with_telegram: bool = True
) -> AsyncIterator[House]:
    """Build the house and run all its roles until the end of the block."""
    if with_telegram:
        telegram = {"telegram_token": SecretStr(emulator.token), "telegram_api_url": emulator.url}
        chosen = chosen.model_copy(update=telegram)
    async with app.build(chosen, configuration or company(), lambda: moment(emulator)) as built:
        address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        running = [asyncio.create_task(work) for work in app.works(built, Role.ALL, address.set_result)]
        try:
            yield House(built, emulator, await asyncio.wait_for(address, 10))
        finally:
            broken = [task for task in running if task.done()]
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
        for task in broken:
            task.result()


def moment(emulator: Emulator) -> datetime:
    """What time it is."""
    return datetime.fromtimestamp(emulator.clock.now(), UTC)
