"""Small things the house remembers for good."""

from collections.abc import Callable

from sqlalchemy import Connection, delete, select

from store.dialects import upsert
from store.tables import keepsakes


def find(connection: Connection, name: str) -> str | None:
    """What is kept under a name."""
    return connection.execute(select(keepsakes.c.value).where(keepsakes.c.name == name)).scalar()


def keep(connection: Connection, name: str, value: str) -> None:
    """Keep something under a name, in place of what was there."""
    statement = upsert(connection.dialect.name, keepsakes)
    connection.execute(
        statement.on_conflict_do_update(index_elements=[keepsakes.c.name], set_={"value": statement.excluded.value}),
        {"name": name, "value": value},
    )


def find_or_make(connection: Connection, name: str, make: Callable[[], str]) -> str:
    """What is kept under a name, made at the first asking; two who ask at once are told the same."""
    known = find(connection, name)
    if known is not None:
        return known
    # One statement makes or finds: between two of them another could forget what it had kept.
    statement = upsert(connection.dialect.name, keepsakes)
    found = connection.execute(
        statement.on_conflict_do_update(index_elements=[keepsakes.c.name], set_={"value": keepsakes.c.value}).returning(
            keepsakes.c.value
        ),
        {"name": name, "value": make()},
    )
    kept: str = found.scalar_one()
    return kept


def forget(connection: Connection, name: str) -> None:
    """Keep nothing under a name any more."""
    connection.execute(delete(keepsakes).where(keepsakes.c.name == name))
