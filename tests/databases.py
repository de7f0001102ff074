"""Both databases for the tests: a file of SQLite's and a database of PostgreSQL's, empty again for each test.

A test that asks for `database` (open), `database_url` (with its tables) or `empty_database_url` runs once on each.
GUANXI_TEST_POSTGRES names the server; without one the PostgreSQL half is skipped, and fails where CI=true.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import make_url

from store.database import Database, open_database, sqlite_engine
from store.tables import metadata

Result = TypeVar("Result")

SERVER = os.environ.get("GUANXI_TEST_POSTGRES", "postgresql://postgres@127.0.0.1/postgres")
BACKENDS = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgres))


def in_a_loop(work: Callable[[], Awaitable[Result]]) -> Result:
    """What `work` returns, from a loop of its own in a thread of its own: the test's loop is left alone."""

    async def run() -> Result:
        return await work()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, run()).result()


async def on_server(url: str, *statements: str) -> None:
    """Run statements, each in a transaction of its own."""
    connection: Any = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def postgres_server() -> str:
    """The URL of a server that answers."""
    try:
        in_a_loop(lambda: on_server(SERVER, "SELECT 1"))
    except (OSError, asyncpg.PostgresError) as error:
        reason = f"no PostgreSQL answers at {SERVER} ({error}): apt-get install postgresql, or set GUANXI_TEST_POSTGRES"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return SERVER


@contextmanager
def new_database(server: str) -> Iterator[str]:
    """The URL of a database of its own on the server, gone afterwards."""
    name = f"guanxi_test_{uuid4().hex}"
    in_a_loop(lambda: on_server(server, f"CREATE DATABASE {name}"))
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        in_a_loop(lambda: on_server(server, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(scope="module")
def postgres_with_tables(postgres_server: str) -> Iterator[str]:
    """A database with every table for one module of tests; each test finds the tables empty."""
    with new_database(postgres_server) as url:
        in_a_loop(lambda: _make_tables(url))
        yield url


async def _make_tables(url: str) -> None:
    database = open_database(url)
    await database.transaction(metadata.create_all)
    await database.close()


@pytest.fixture(scope="module")
def sqlite_with_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with every table, to be copied: faster than making them for each test."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    engine = sqlite_engine(f"sqlite:///{path}", writer=True)
    with engine.begin() as connection:
        metadata.create_all(connection)
    engine.dispose()
    return path


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """The name of the database under test."""
    name: str = request.param
    return name


@pytest.fixture
def empty_database_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without a table, as the migrations meet it first."""
    if backend == "sqlite":
        yield f"sqlite:///{tmp_path / 'guanxi.db'}"
    else:
        with new_database(request.getfixturevalue("postgres_server")) as url:
            yield url


@pytest.fixture
def database_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with every table and no row."""
    if backend == "sqlite":
        template: Path = request.getfixturevalue("sqlite_with_tables")
        (tmp_path / "guanxi.db").write_bytes(template.read_bytes())
        return f"sqlite:///{tmp_path / 'guanxi.db'}"
    url: str = request.getfixturevalue("postgres_with_tables")
    names = ", ".join(metadata.tables)
    in_a_loop(lambda: on_server(url, f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
    return url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open database with every table and no row."""
    opened = open_database(database_url)
    yield opened
    await opened.close()
