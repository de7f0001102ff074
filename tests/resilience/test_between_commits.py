"""The house dies between any two commits of a conversation; a new one on the same database finishes it (H2, J4)."""

import asyncio
import gc
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import Select, func, select

from bot import app
from store import tables
from store.database import Connection, Database, open_database
from store.outbox import OutboxState
from tests.emulator import Customer, Emulator, Member
from tests.stories.house import Staff, open_house, settings, staff, telegram
from tests.stories.talk import WISH, card_of, is_card, lines_of

Result = TypeVar("Result")

#: The conversation takes about thirty commits; a life longer than that ends of itself.
LIVES = range(1, 34)


class Died(Exception):
    """The process is gone."""


class Mortal:
    """A database whose process dies at a commit: the last one that it lived to see, or never heard of."""

    def __init__(self, kept: Database) -> None:
        self._kept = kept
        self._left: int | None = None
        self._hears = True
        self.is_dead = asyncio.Event()
        self.is_buried = False

    @property
    def url(self) -> str:
        return self._kept.url

    def dies_after(self, commits: int, *, hears: bool) -> None:
        """So many commits from now; `hears` says whether the last one is still answered."""
        self._left, self._hears = commits, hears

    async def transaction(self, work: Callable[[Connection], Result]) -> Result:
        return await self._commit(self._kept.transaction, work)

    async def at_once(self, work: Callable[[Connection], Result]) -> Result:
        return await self._commit(self._kept.at_once, work)

    async def _commit(
        self, run: Callable[[Callable[[Connection], Result]], Awaitable[Result]], work: Callable[[Connection], Result]
    ) -> Result:
        if self._left == 0:
            await self._die()
        if self._left is not None:
            self._left -= 1
        is_last = self._left == 0
        done = await run(work)
        if is_last and not self._hears:
            await self._die()
        return done

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        if self.is_dead.is_set():
            await self._die()
        return await self._kept.read(work)

    async def _die(self) -> None:
        """Nothing more happens, until the funeral."""
        self.is_dead.set()
        if not self.is_buried:
            await asyncio.Event().wait()
        raise Died

    async def close(self) -> None:
        await self._kept.close()


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """What is done, and what comes of it."""

    act: Callable[[], object]
    comes: Callable[[], object]


def _conversation(anna: Customer, people: Staff) -> list[Step]:
    room = people.room

    def lines() -> list[str]:
        return [line for topic in room.topics for line in lines_of(topic)]

    def says(member: Member, text: str) -> Callable[[], object]:
        return lambda: member.writes(text, topic=room.topics[0])

    return [
        Step(act=lambda: anna.writes(WISH), comes=lambda: anna.texts and any(map(is_card, room.messages))),
        Step(act=lambda: anna.writes("It leaks"), comes=lambda: "It leaks" in lines()),
        Step(act=says(people.lin, "Lin here"), comes=lambda: "Lin here" in anna.texts),
        Step(act=lambda: anna.writes("At the door"), comes=lambda: "At the door" in lines()),
        Step(act=says(people.lin, "/resolve"), comes=lambda: "Status: resolved" in card_of(room.topics[0]).text),
    ]


# A process that dies closes no connection.
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("commits", LIVES)
async def test_nothing_is_lost_and_little_is_said_twice(
    backend: str, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, commits: int
) -> None:
    """Whether the last commit is still heard of alternates, the other way round on the other database."""
    hears = (commits % 2 == 0) == (backend == "sqlite")
    mortal, chosen = Mortal(open_database(database_url)), settings(database_url, tmp_path)
    async with telegram() as emulator:
        people, anna = staff(emulator), emulator.customer(501, "Anna")
        steps = _conversation(anna, people)
        with monkeypatch.context() as first:
            first.setattr(app, "open_database", lambda _url: mortal)
            async with open_house(emulator, chosen):
                mortal.dies_after(commits, hears=hears)
                begun = await _speak_until_death(emulator, steps, mortal)
                mortal.is_buried = True
        in_flight = await _asked(database_url, _SENDING)
        emulator.clock.advance(120)
        async with open_house(emulator, chosen) as house:
            for number, step in enumerate(steps[begun - 1 :]):
                if number:
                    step.act()
                await house.until(step.comes, within=30, what=f"step {begun + number} after {commits} commits")
            await house.is_quiet()
        emulator.assert_each_once(people.room, repeats_allowed=in_flight)
        assert sum(Counter(anna.texts).values()) <= 2 + in_flight
        assert len(people.room.topics) == 1
        assert await _asked(database_url, select(func.count()).select_from(tables.tickets)) == 1
        assert await _asked(database_url, _OPENED_AND_RESOLVED) == 2
    gc.collect()


_SENDING = select(func.count()).where(tables.outbox.c.state == OutboxState.SENDING.value)
_OPENED_AND_RESOLVED = select(func.count()).where(tables.facts.c.kind.in_(["ticket_opened", "ticket_resolved"]))


async def _speak_until_death(emulator: Emulator, steps: Sequence[Step], mortal: Mortal) -> int:
    """How many steps were begun; the last of them has yet to come to something."""
    dead = asyncio.ensure_future(mortal.is_dead.wait())
    try:
        for number, step in enumerate(steps, 1):
            step.act()
            comes = asyncio.ensure_future(emulator.until(step.comes, within=30, what=f"step {number}"))
            await asyncio.wait([dead, comes], return_when=asyncio.FIRST_COMPLETED)
            if not comes.done():
                comes.cancel()
                await asyncio.gather(comes, return_exceptions=True)
                return number
            comes.result()
        return len(steps)
    finally:
        dead.cancel()


async def _asked(url: str, question: Select[int]) -> int:
    database = open_database(url)
    try:
        return await database.read(lambda connection: int(connection.execute(question).scalar_one()))
    finally:
        await database.close()
