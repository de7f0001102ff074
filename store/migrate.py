"""Bringing a database to the newest schema: each step once, all of them in one transaction, one process at a time.

These functions wait; where a loop runs, call them in a thread (asyncio.to_thread).
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from store.database import make_private, sqlite_engine

Result = TypeVar("Result")

_FOLDER = Path(__file__).parent / "migrations"
#: What the processes that migrate a database of PostgreSQL's at once wait on; any number that is nobody else's.
_LOCK = 0x4755414E5849


class SchemaFromTheFuture(RuntimeError):
    """The database was migrated by a newer version of the program; this one must leave it alone."""


def upgrade(url: str) -> None:
    """Bring the database to the newest revision; harmless where it is there already. SQLite's file is made.

    Raises SchemaFromTheFuture, and what the database raises.
    """
    on_database(url, _upgrade)


def configuration(**options: Any) -> Config:
    """Alembic's configuration; `options` go to the migration context."""
    config = Config(attributes=options)
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config


def on_database(url: str, work: Callable[[Connection], Result]) -> Result:
    """Run `work` in one transaction that no other migration runs beside."""
    if make_url(url).get_backend_name() == "sqlite":
        return _on_sqlite(url, work)
    return asyncio.run(_on_postgres(url, work))


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _upgrade(connection: Connection) -> None:
    config = configuration(connection=connection)
    found = _revision(connection)
    known = {step.revision for step in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        message = f"the database is at revision {found}, which a newer Guanxi made; start that version instead"
        raise SchemaFromTheFuture(message)
    command.upgrade(config, "head")


def _on_sqlite(url: str, work: Callable[[Connection], Result]) -> Result:
    make_private(Path(make_url(url).database or ""))
    # The writer's transaction begins with the file's lock, so another migration waits for this one.
    engine = sqlite_engine(url, writer=True)

    @event.listens_for(engine, "connect")
    def _unchecked(connection: Any, _record: object) -> None:
        # A table that is copied is gone for a moment; what refers to it is checked at the end.
        connection.execute("PRAGMA foreign_keys=OFF")

    try:
        with engine.begin() as connection:
            result = work(connection)
            if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all():
                raise RuntimeError(f"a migration left {len(broken)} rows that refer to nothing; nothing was changed")
            return result
    finally:
        engine.dispose()


async def _on_postgres(url: str, work: Callable[[Connection], Result]) -> Result:
    engine = create_async_engine(make_url(url).set(drivername="postgresql+asyncpg"), poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            return await connection.run_sync(work)
    finally:
        await engine.dispose()
