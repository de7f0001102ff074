"""The commands over the database: migrate, inbox, outbox, user."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select, update

from console.passwords import verify_password
from store import inbox, users
from store.database import open_database
from store.migrate import upgrade
from store.tables import inbox as inbox_rows
from store.tables import outbox as outbox_rows
from tests.bot.conftest import ROOT, Guanxi
from tests.databases import in_a_loop

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
On = Callable[[Callable[[Connection], Any]], Any]


@pytest.fixture
def url(folder: Path, empty_database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty database that the settings name, and a company's file."""
    (folder / "desk.yaml").write_bytes((ROOT / "bot" / "starter" / "desk.yaml").read_bytes())
    monkeypatch.setenv("GUANXI_DATABASE_URL", empty_database_url)
    return empty_database_url


@pytest.fixture
def on(url: str) -> On:
    """Work in a transaction of the migrated database."""
    upgrade(url)

    def run(work: Callable[[Connection], Any]) -> Any:
        async def opened() -> Any:
            database = open_database(url)
            try:
                return await database.transaction(work)
            finally:
                await database.close()

        return in_a_loop(opened)

    return run


def test_migrate_says_where_the_database_was(guanxi: Guanxi, url: str) -> None:
    assert guanxi("migrate").out == "The database is at v0007 now (it was empty).\n"
    assert guanxi("migrate").out == "The database is at v0007: nothing to do.\n"


def park_three(connection: Connection) -> None:
    """Three rows of two lanes, all parked; a reason says things to the terminal."""
    lanes = ("telegram:1", "telegram:1", "webchat:2")
    arrivals = [
        inbox.Arrival(key=f"k{number}", lane=lane, channel="telegram", payload='"private"', received_at=NOW)
        for number, lane in enumerate(lanes, start=1)
    ]
    inbox.add(connection, arrivals, NOW)
    for row in inbox.waiting(connection, set(lanes), 9):
        inbox.park(connection, row.id, "ValueError: \x1b[2J[bold]\nno such kind", NOW)


def test_parked_rows_are_listed_and_let_back(guanxi: Guanxi, on: On) -> None:
    on(park_three)
    listed = guanxi("inbox", "parked")
    assert listed.code == 0
    assert [line.split("\t") for line in listed.out.splitlines()] == [
        [str(row), "2026-01-05 09:00:00", lane, "ValueError: \\u001b[2J[bold]\\u000ano such kind"]
        for row, lane in ((1, "telegram:1"), (2, "telegram:1"), (3, "webchat:2"))
    ]
    assert listed.err == "guanxi: 3 parked rows. Another try: guanxi inbox replay\n"
    assert guanxi("inbox", "replay", "2").out == "1 row again in line.\n"
    assert [row.id for row in on(lambda connection: inbox.waiting(connection, ["telegram:1"], 9))] == [2]
    assert guanxi("inbox", "replay").out == "2 rows again in line.\n"
    assert guanxi("inbox", "parked").err == "guanxi: no parked rows\n"


def test_rows_that_are_not_parked_are_told_with_exit_code_1(guanxi: Guanxi, on: On) -> None:
    on(park_three)
    found = guanxi("inbox", "replay", "1", "77")
    assert (found.code, found.err) == (1, "guanxi: 1 of 2 rows are parked\n")
    on(lambda connection: connection.execute(update(inbox_rows).values(state="done")))
    assert guanxi("inbox", "replay").err == "guanxi: no row is parked\n"


def fail_two(connection: Connection) -> None:
    """Two messages to one chat that did not arrive."""
    row = {"lane": "telegram:1", "rank": 1, "kind": "Text", "content": '"private"', "report": True, "again": False}
    for reason in ("blocked", "too long"):
        values = {**row, "state": "failed", "created_at": NOW, "reason": reason, "attempts": 1}
        connection.execute(insert(outbox_rows).values(values))


def test_failed_messages_are_listed_and_sent_again(guanxi: Guanxi, on: On) -> None:
    on(fail_two)
    listed = guanxi("outbox", "failed")
    assert [line.split("\t") for line in listed.out.splitlines()] == [
        ["1", "2026-01-05 09:00:00", "telegram:1", "Text", "blocked"],
        ["2", "2026-01-05 09:00:00", "telegram:1", "Text", "too long"],
    ]
    assert "private" not in listed.out + listed.err
    assert guanxi("outbox", "retry", "1").code == 0
    states = on(lambda connection: connection.execute(select(outbox_rows.c.state).order_by(outbox_rows.c.id)).all())
    assert [state for (state,) in states] == ["waiting", "failed"]
    assert guanxi("outbox", "retry", "1").code == 1


def test_a_user_is_let_in_once_with_the_password_that_is_shown(guanxi: Guanxi, on: On) -> None:
    added = guanxi("user", "add", "li", "--staff", "agent")
    assert added.out.startswith("li may enter as agent (agent).\n")
    password = added.out.split()[-1]
    user = on(lambda connection: users.find_user(connection, "li"))
    assert verify_password(user.password_hash, password)
    again = guanxi("user", "add", "li", "--staff", "agent", "--role", "supervisor")
    assert again.code == 1
    assert "that login is taken" in again.err
    changed = guanxi("user", "password", "li").out.split()[-1]
    user = on(lambda connection: users.find_user(connection, "li"))
    assert (verify_password(user.password_hash, changed), verify_password(user.password_hash, password)) == (
        True,
        False,
    )


def test_a_password_of_ones_own_is_read_from_stdin_and_not_shown(
    guanxi: Guanxi, on: On, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", StringIO("short\n"))
    refused = guanxi("user", "add", "li", "--staff", "agent", "--password-stdin")
    assert (refused.code, refused.err) == (2, "guanxi: a password has 10 to 1000 characters\n")
    monkeypatch.setattr(sys, "stdin", StringIO("correct horse battery\n"))
    added = guanxi("user", "add", "li", "--staff", "agent", "--role", "supervisor", "--password-stdin")
    assert added.out == "li may enter as agent (supervisor).\n"
    user = on(lambda connection: users.find_user(connection, "li"))
    assert verify_password(user.password_hash, "correct horse battery")


def test_nobody_is_let_in_who_is_not_in_the_companys_file(guanxi: Guanxi, on: On) -> None:
    said = guanxi("user", "add", "li", "--staff", "agnt")
    assert (said.code, said.out) == (1, "")
    assert said.err == "guanxi: agnt: nobody of that name stands under `staff`, did you mean agent?\n"
    assert guanxi("user", "password", "nobody").code == 1
