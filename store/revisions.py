"""Which schema a database has and which one this program needs, told without loading what migrates (a fast start)."""

import asyncio
from pathlib import Path

from sqlalchemy import Connection, inspect, make_url, text

from store.database import open_database

STEPS = Path(__file__).parent / "migrations" / "versions"


def newest() -> str:
    """The revision that this version of the program works with: the steps are numbered, and named REVISION_WHAT.py."""
    names = sorted(path.stem.partition("_")[0] for path in STEPS.glob("v*_*.py"))
    if not names:
        raise RuntimeError(f"there are no migrations in {STEPS}")
    return names[-1]


def current(url: str) -> str | None:
    """The database's revision, None where it is empty or, on SQLite, not there. Waits; not for a running loop."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").exists():
        return None
    return asyncio.run(_asked(url))


def is_current(url: str) -> bool:
    """Whether there is nothing to migrate."""
    return current(url) == newest()


async def _asked(url: str) -> str | None:
    database = open_database(url)
    try:
        return await database.read(_revision)
    finally:
        await database.close()


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    # Alembic keeps one row: the steps are one line without branches.
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found
