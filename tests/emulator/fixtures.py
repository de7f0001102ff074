"""Fixtures to import into a conftest: `from tests.emulator.fixtures import api, emulator, forum`."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.emulator.client import Api
from tests.emulator.emulator import Emulator
from tests.emulator.groups import Group


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    """A Bot API server without limits; make an `Emulator(limits=...)` where they are the matter."""
    async with Emulator() as server:
        yield server


@pytest.fixture
def forum(emulator: Emulator) -> Group:
    """The staff's room: a forum in which the bot has all rights."""
    return emulator.forum()


@pytest.fixture
async def api(emulator: Emulator) -> AsyncIterator[Api]:
    """A bare client of the emulator."""
    async with aiohttp.ClientSession() as session:
        yield Api(emulator.url, emulator.token, session)
