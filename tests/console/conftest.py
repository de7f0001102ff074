"""The console over both databases, with a seeded morning and three people who may log in."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from desk.company import Role
from lifecycle.configuration import Configuration
from store.database import Database
from tests.browser import browser, browser_page
from tests.console.house import House
from tests.console.seed import configuration, seed
from tests.server import Server

__all__ = ("browser", "browser_page", "company", "house")


@pytest.fixture(scope="session")
def company() -> Configuration:
    """The company of the specification."""
    return configuration()


@pytest.fixture
async def house(database: Database, company: Configuration, tmp_path: Path) -> House:
    """A house on a Friday morning; lin and sun are agents, zhao is the supervisor."""
    made = House(database=database, configuration=company, folder=tmp_path / "files")
    await seed(database, company)
    await made.add_user("lin", "Lin")
    await made.add_user("sun", "Sun")
    await made.add_user("zhao", "Zhao", Role.SUPERVISOR)
    return made


@pytest.fixture
async def base(house: House) -> AsyncIterator[str]:
    """The address of a running console."""
    server = Server(house.app())
    await server.start_server()
    yield str(server.make_url("/console"))
    await server.close()
