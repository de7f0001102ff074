"""The settings' database, reached and at the newest schema."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from bot.cli.terminal import UNUSABLE, Stop
from bot.settings import Settings, read_settings
from store import revisions
from store.database import Database, open_database

Result = TypeVar("Result")


def on_database(work: Callable[[Database], Awaitable[Result]]) -> Result:
    """What `work` returns, with the settings' database open. Raises Stop where it is not at the newest schema."""
    url = read_settings().database_url.get_secret_value()
    with _reached():
        is_current = revisions.is_current(url)
    if not is_current:
        raise Stop("the database is not at this version's schema; bring it there with `guanxi migrate`", UNUSABLE)
    return asyncio.run(_opened(url, work))


def migrated(settings: Settings) -> str | None:
    """Bring the settings' database to the newest schema; returns the revision that it had."""
    url = settings.database_url.get_secret_value()
    with _reached():
        before = revisions.current(url)
        if before != revisions.newest():
            _migrate(url)
    return before


def _migrate(url: str) -> None:
    from store import migrate

    try:
        migrate.upgrade(url)
    except migrate.SchemaFromTheFuture as error:
        raise Stop(str(error), UNUSABLE) from error


@contextmanager
def _reached() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Stop(f"the database cannot be reached: {error.strerror or error}", UNUSABLE) from error


async def _opened(url: str, work: Callable[[Database], Awaitable[Result]]) -> Result:
    database = open_database(url)
    try:
        return await work(database)
    finally:
        await database.close()
