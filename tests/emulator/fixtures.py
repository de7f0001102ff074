"""Fixtures for conftest: `from tests.emulator.fixtures import emulator, forum`."""

from collections.abc import AsyncIterator

import pytest

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
