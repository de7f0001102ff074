"""Small things that are remembered, also where two ask at once."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.util import await_only

from store import keepsakes
from store.database import Connection, Database

_NAME = "thread:1:7"


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)  # SQLite has one who writes at a time
async def test_h2_who_asks_while_another_gives_back_is_told_something(database: Database) -> None:
    """Two lanes look for their threads among the same ids: the one gives back what the other is asking for."""
    others: list[asyncio.Task[None]] = []

    def other_takes_it() -> str:
        await_only(database.transaction(lambda connection: keepsakes.keep(connection, _NAME, "the other's")))
        return "ours"

    def other_gives_it_back(*_: Any) -> None:
        if others:
            return
        work = database.transaction(lambda another: keepsakes.forget(another, _NAME))
        others.append(asyncio.ensure_future(work))
        await_only(asyncio.wait(others, timeout=0.5))  # or it waits for us, which is as good

    def ask(connection: Connection) -> str:
        def make() -> str:
            made = other_takes_it()
            event.listen(connection, "after_cursor_execute", other_gives_it_back)
            return made

        return keepsakes.find_or_make(connection, _NAME, make)

    assert await database.transaction(ask) == "the other's"
    assert others
    await asyncio.gather(*others)
