"""The two databases behind one call: a function of a connection runs in one transaction.

`work` is an ordinary function of SQLAlchemy's synchronous Connection, on either database. On SQLite it runs in a thread
of its own, so a transaction costs one hop; on PostgreSQL inside SQLAlchemy's greenlet over asyncpg. It must not wait
for anything but the database, and may run again from the start after a conflict.
"""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol, TypeVar

import msgspec
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import QueuePool, StaticPool

__all__ = [
    "Connection",
    "Database",
    "PostgresDatabase",
    "SqliteDatabase",
    "is_conflict",
    "make_private",
    "open_database",
    "sqlite_engine",
]

Result = TypeVar("Result")

#: PostgreSQL's serialization_failure, deadlock_detected, lock_not_available.
_CONFLICTS = frozenset({"40001", "40P01", "55P03"})
_TRIES = 3
_READERS = 4
_BUSY_SECONDS = 30
#: Our statements are short: compiling one would take longer than running it.
_SESSION = {"application_name": "guanxi", "jit": "off", "timezone": "UTC"}


class Database(Protocol):
    """Where everything is kept."""

    @property
    def url(self) -> str:
        """The database's URL, with the password hidden."""

    async def transaction(self, work: Callable[[Connection], Result]) -> Result:
        """Run `work` in one transaction and commit; an exception rolls back and goes on to the caller."""

    async def at_once(self, work: Callable[[Connection], Result]) -> Result:
        """Run `work`, of which PostgreSQL commits each statement by itself: no BEGIN, no COMMIT."""

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        """Run `work`, which writes nothing, beside the writer."""

    async def close(self) -> None:
        """Give all connections back."""


def open_database(url: str) -> Database:
    """The database at a URL: "sqlite:///PATH", "postgresql://USER:PASSWORD@HOST/NAME".

    Raises ValueError for any other scheme.
    """
    parsed = make_url(url)
    match parsed.get_backend_name():
        case "sqlite":
            return SqliteDatabase(url)
        case "postgresql":
            return PostgresDatabase(parsed.set(drivername="postgresql+asyncpg").render_as_string(hide_password=False))
        case other:
            raise ValueError(f"GUANXI_DATABASE_URL: {other!r} is not a database we know; expected sqlite or postgresql")


def _dumps(value: Any) -> str:
    return msgspec.json.encode(value).decode()


class SqliteDatabase:
    """One writer in a thread of its own, readers beside it (write-ahead log)."""

    def __init__(self, url: str) -> None:
        """Open nothing yet; the folder of the file is made."""
        path = make_url(url).database
        if not path or path == ":memory:":
            raise ValueError("GUANXI_DATABASE_URL: SQLite needs a file, since readers open it beside the writer")
        make_private(Path(path))
        self._url = url
        self._writer = sqlite_engine(url, writer=True)
        self._reader = sqlite_engine(url, writer=False)
        self._write_thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite-writer")
        self._read_threads = ThreadPoolExecutor(_READERS, thread_name_prefix="sqlite-reader")

    @property
    def url(self) -> str:
        """The file's URL."""
        return self._url

    async def transaction(self, work: Callable[[Connection], Result]) -> Result:
        """Run `work` in the writer's thread; BEGIN IMMEDIATE, so it never meets a conflict half-way."""
        return await _in_thread(self._write_thread, self._writer, work)

    async def at_once(self, work: Callable[[Connection], Result]) -> Result:
        """The same: here a transaction is cheaper than several."""
        return await self.transaction(work)

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        """Run `work` on a reader's snapshot."""
        return await _in_thread(self._read_threads, self._reader, work)

    async def close(self) -> None:
        """Wait for the threads, then close the files."""
        await asyncio.to_thread(self._write_thread.shutdown)
        await asyncio.to_thread(self._read_threads.shutdown)
        self._writer.dispose()
        self._reader.dispose()


async def _in_thread(threads: ThreadPoolExecutor, engine: Engine, work: Callable[[Connection], Result]) -> Result:
    def run() -> Result:
        with engine.begin() as connection:
            return work(connection)

    return await asyncio.get_running_loop().run_in_executor(threads, run)


def sqlite_engine(url: str, *, writer: bool) -> Engine:
    """An engine whose transactions begin when they say so; the writer's take the lock at once."""
    engine = create_engine(
        url,
        poolclass=StaticPool if writer else QueuePool,
        hide_parameters=True,  # no error's text quotes what customers wrote
        json_serializer=_dumps,
        json_deserializer=msgspec.json.decode,
        connect_args={"check_same_thread": False, "timeout": _BUSY_SECONDS, "isolation_level": None},
    )
    begin = "BEGIN IMMEDIATE" if writer else "BEGIN"

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def make_private(file: Path) -> None:
    """Make an embedded database's file where there is none, for the program's own user alone.

    SQLite gives the files that it puts beside it the same rights.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)


class PostgresDatabase:
    """asyncpg behind SQLAlchemy's greenlet: the same synchronous functions, no thread."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        """Open nothing yet; `url` names the driver."""
        self._engine: AsyncEngine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            hide_parameters=True,
            pool_use_lifo=True,  # the connection that was used last knows the statements best
            connect_args={"server_settings": _SESSION},
            json_serializer=_dumps,
            json_deserializer=msgspec.json.decode,
        )
        self._each_by_itself = self._engine.execution_options(isolation_level="AUTOCOMMIT")

    @property
    def url(self) -> str:
        """The URL without its password."""
        return self._engine.url.render_as_string(hide_password=True)

    async def transaction(self, work: Callable[[Connection], Result]) -> Result:
        """Run `work` in one READ COMMITTED transaction; again, from its start, where it met another one."""
        return await _tried_again(self.read, work)

    async def at_once(self, work: Callable[[Connection], Result]) -> Result:
        """Run `work`, each statement in a transaction of its own; all of it again after a conflict."""
        return await _tried_again(self._by_itself, work)

    async def _by_itself(self, work: Callable[[Connection], Result]) -> Result:
        async with self._each_by_itself.connect() as connection:
            return await connection.run_sync(work)

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        """The same as a transaction, once: PostgreSQL's readers never wait for writers."""
        async with self._engine.begin() as connection:
            return await connection.run_sync(work)

    async def close(self) -> None:
        """Close the pool."""
        await self._engine.dispose()


async def _tried_again(
    run: Callable[[Callable[[Connection], Result]], Awaitable[Result]], work: Callable[[Connection], Result]
) -> Result:
    for _ in range(_TRIES - 1):
        try:
            return await run(work)
        except DBAPIError as error:
            if not is_conflict(error):
                raise
    return await run(work)


def is_conflict(error: Exception) -> bool:
    """Whether a transaction met another one (a deadlock, a lock, a serialization failure) and may be run again."""
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None)
    return state in _CONFLICTS or "database is locked" in str(error.orig)
