"""The whole program with its doors open, on SQLite, and Telegram's world beside it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession, CookieJar

from store.database import open_database
from store.tables import metadata
from tests.emulator import Emulator
from tests.stories.house import House, Staff, open_house, settings, staff, telegram


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with telegram() as running:
        yield running


@pytest.fixture
def people(emulator: Emulator) -> Staff:
    return staff(emulator)


@pytest.fixture
async def url(tmp_path: Path) -> str:
    """A database with its tables."""
    url = f"sqlite:///{tmp_path}/guanxi.db"
    database = open_database(url)
    await database.transaction(metadata.create_all)
    await database.close()
    return url


@pytest.fixture
async def house(emulator: Emulator, people: Staff, url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(emulator, settings(url, tmp_path)) as opened:
        yield opened


@pytest.fixture
async def outsider(house: House) -> AsyncIterator[ClientSession]:
    """Somebody with a browser and no login."""
    async with ClientSession(house.address, cookie_jar=CookieJar(unsafe=True)) as session:
        yield session
