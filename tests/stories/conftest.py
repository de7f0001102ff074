"""A morning at Shanghai Appliances: the emulator, the staff in their groups, the house, on each database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.browser import browser
from tests.emulator import Emulator
from tests.stories.house import House, Staff, open_house, settings, staff, telegram

__all__ = ["browser"]


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with telegram() as running:
        yield running


@pytest.fixture
def people(emulator: Emulator) -> Staff:
    return staff(emulator)


@pytest.fixture
async def house(emulator: Emulator, people: Staff, database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(emulator, settings(database_url, tmp_path)) as opened:
        yield opened
