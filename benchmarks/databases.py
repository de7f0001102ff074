"""Databases of the benchmarks' own on the server, gone afterwards."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg

SERVER = os.environ.get("GUANXI_TEST_POSTGRES", "postgresql://postgres@127.0.0.1/postgres")
_PREFIX = "guanxi_bench_"


@asynccontextmanager
async def connected() -> AsyncIterator[asyncpg.Connection]:
    """A connection for looking on."""
    connection = await asyncpg.connect(SERVER)
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def new_database(server: asyncpg.Connection) -> AsyncIterator[str]:
    """The name of a new database; it is dropped at the end, whoever is in it."""
    name = f"{_PREFIX}{uuid4().hex[:12]}"
    await server.execute(f"CREATE DATABASE {name}")
    try:
        yield name
    finally:
        await server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def url_of(name: str) -> str:
    """The URL of a database on the server."""
    return urlsplit(SERVER)._replace(path=f"/{name}").geturl()
