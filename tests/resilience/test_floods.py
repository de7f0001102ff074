"""Floods: many new customers at once, and a group that takes little (H2, the promises of lanes and outbox)."""

import asyncio
from pathlib import Path

import pytest

from bot import telegram as wiring
from channels.limits import Limits as Budgets
from channels.limits import Rate
from tests.emulator import Customer, Limits, Window
from tests.stories.house import open_house, settings, staff, telegram
from tests.stories.talk import WISH

#: How long a second of the emulator's limits lasts.
SCALE = 0.25


async def test_thirty_new_customers_at_a_slow_server(database_url: str, tmp_path: Path) -> None:
    """3 lines each, 0.1 s apart, 150 ms a call: nothing lost, no topic too many, the order kept."""
    async with telegram(api_delay=0.15) as emulator:
        people = staff(emulator)
        async with open_house(emulator, settings(database_url, tmp_path)) as house:
            customers = [emulator.customer(1000 + number) for number in range(30)]
            await asyncio.gather(*(_lines(customer, 3) for customer in customers))
            await house.until(lambda: len(people.room.topics) == 30, within=30, what="30 topics")
            await house.is_quiet(within=30)
        emulator.assert_each_once(people.room)
        assert [len([text for text in each.texts if "we have it" in text]) for each in customers] == [1] * 30


async def _lines(customer: Customer, count: int) -> None:
    for line in range(count):
        customer.writes(f"{WISH}: {customer.id}-{line}")
        await asyncio.sleep(0.1)


async def test_a_group_that_takes_little_gets_most_of_what_it_takes(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """20 per 10 s, 60 messages (20 topics, 20 lines, 20 cards): nothing lost, at least 80 % of the rate used.

    At the real pace: what a busy machine adds to each message is then small beside the window.
    """
    budgets = Budgets(chat=None, group=Rate(tokens=20, seconds=10), bot=None)
    monkeypatch.setattr(wiring, "limits_of", lambda _settings: budgets)
    async with telegram(limits=_little(10, scale=1.0)) as emulator:
        people = staff(emulator)
        async with open_house(emulator, settings(database_url, tmp_path)) as house:
            for number in range(20):
                emulator.customer(1000 + number).writes(f"{WISH}: {number}")
            await house.until(lambda: len(people.room.topics) == 20, within=60, what="20 topics")
            await house.is_quiet(within=60)
        emulator.assert_each_once(people.room)
        assert len(emulator.limiter.granted[people.room.id]) == 60
        assert emulator.share_used(people.room) >= 0.8


async def test_a_storm_of_429_loses_nothing(database_url: str, tmp_path: Path) -> None:
    """The house knows of no limit and runs into every one: what the server asks for is obeyed."""
    async with telegram(limits=_little(4)) as emulator:
        people = staff(emulator)
        async with open_house(emulator, settings(database_url, tmp_path)) as house:
            customers = [emulator.customer(1000 + number) for number in range(12)]
            for line in range(5):
                for customer in customers:
                    customer.writes(f"{WISH}: {customer.id}-{line}")
            await house.until(lambda: len(people.room.topics) == 12, within=60, what="12 topics")
            await house.is_quiet(within=60)
        emulator.assert_each_once(people.room)
        assert sum(count for name, count in emulator.ledger.refusals.items() if name.endswith(" 429")) >= 3


def _little(seconds: float, scale: float = SCALE) -> Limits:
    return Limits(per_chat=None, per_bot=None, per_group=Window(count=20, seconds=seconds), scale=scale)
