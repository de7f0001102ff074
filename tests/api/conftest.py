"""The API over the console's seeded morning."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from console.api.app import add_api
from console.ports import Api
from lifecycle.configuration import Configuration
from store.database import Database
from tests.console.house import Browser, Handled
from tests.console.seed import NOW, configuration, seed
from tests.server import Server

TOKEN = "a-token-of-the-tests"


def api_app(
    database: Database, company: Configuration, handled: Handled, *, token: str | None = TOKEN
) -> web.Application:
    """An application with nothing but the API."""
    app = web.Application()
    wiring = Api(
        database=database, company=lambda: company, submit=handled, now=lambda: NOW, token=token, version="1.2.3"
    )
    add_api(app, wiring)
    return app


@pytest.fixture(scope="session")
def company() -> Configuration:
    """The company of the specification."""
    return configuration()


@pytest.fixture
def handled() -> Handled:
    """What the API submits."""
    return Handled()


@pytest.fixture
async def client(database: Database, company: Configuration, handled: Handled) -> AsyncIterator[Browser]:
    """A client that holds the token."""
    await seed(database, company)
    server = Server(api_app(database, company, handled))
    async with TestClient(server, headers={"Authorization": f"Bearer {TOKEN}"}) as made:
        yield made
