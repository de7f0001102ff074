"""The migrations: they equal the tables, run once, several processes at a time, and know when they are too old."""

import asyncio
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Connection, MetaData, Table, insert, inspect, text

from store import casebook, corrections, migrate, revisions, tables
from store.database import open_database
from store.migrations.__main__ import draft, has_another_type
from store.tables import metadata
from store.types import INSTANT, KEY
from tests.databases import in_a_loop, new_database

ROOT = Path(__file__).parents[2]


@pytest.fixture
def other_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A second database without a table, of the same kind."""
    if backend == "sqlite":
        yield f"sqlite:///{tmp_path / 'other' / 'guanxi.db'}"
    else:
        with new_database(request.getfixturevalue("postgres_server")) as url:
            yield url


def on(url: str, work: Callable[[Connection], Any]) -> Any:
    """What `work` returns, in a transaction of the program's own kind."""

    async def run() -> Any:
        database = open_database(url)
        try:
            return await database.transaction(work)
        finally:
            await database.close()

    return in_a_loop(run)


def schema(connection: Connection) -> dict[str, Any]:
    """All that the database says of its tables, whatever the order they were made in."""
    inspector = inspect(connection)
    return {table: described(connection, inspector, table) for table in inspector.get_table_names()}


def described(connection: Connection, inspector: Any, table: str) -> dict[str, Any]:
    """Columns, keys, constraints and indexes with their conditions."""
    return {
        "columns": {
            each["name"]: (each["type"].compile(connection.dialect), each["nullable"], each["default"])
            for each in inspector.get_columns(table)
        },
        "key": inspector.get_pk_constraint(table),
        "references": by_name(inspector.get_foreign_keys(table)),
        "unique": by_name(inspector.get_unique_constraints(table)),
        "indexes": {
            name: {
                **index,
                "dialect_options": {option: str(value) for option, value in index["dialect_options"].items()},
            }
            for name, index in by_name(inspector.get_indexes(table)).items()
        },
    }


def by_name(found: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The same by name."""
    return {each["name"]: each for each in found}


def test_the_steps_lead_to_the_tables(empty_database_url: str, other_url: str) -> None:
    migrate.upgrade(other_url)
    on(empty_database_url, metadata.create_all)
    migrated, meant = on(other_url, schema), on(empty_database_url, schema)
    assert migrated.pop("alembic_version")
    assert migrated == meant
    assert migrated["inbox"]["indexes"]["ix_inbox_waiting"]["dialect_options"], "conditions of indexes are compared"


def test_an_empty_database_is_brought_to_the_newest_step_and_stays_there(empty_database_url: str) -> None:
    assert revisions.current(empty_database_url) is None
    assert not revisions.is_current(empty_database_url)
    migrate.upgrade(empty_database_url)
    assert revisions.is_current(empty_database_url)
    on(empty_database_url, lambda connection: connection.execute(text("INSERT INTO keepsakes VALUES ('a', 'b')")))
    migrate.upgrade(empty_database_url)
    assert (
        on(empty_database_url, lambda connection: connection.execute(text("SELECT value FROM keepsakes")).scalar())
        == "b"
    )


async def test_beside_a_running_loop_it_runs_in_a_thread(empty_database_url: str) -> None:
    await asyncio.to_thread(migrate.upgrade, empty_database_url)
    assert await asyncio.to_thread(revisions.is_current, empty_database_url)


def test_processes_that_migrate_at_once_wait_for_each_other(empty_database_url: str) -> None:
    code = f"from store.migrate import upgrade; upgrade({empty_database_url!r})"
    running = [subprocess.Popen([sys.executable, "-W", "error", "-c", code], cwd=ROOT) for _ in range(3)]
    assert [process.wait(timeout=60) for process in running] == [0, 0, 0]
    assert revisions.is_current(empty_database_url)


def test_a_database_of_a_newer_version_is_left_alone(empty_database_url: str) -> None:
    migrate.upgrade(empty_database_url)
    on(
        empty_database_url,
        lambda connection: connection.execute(text("UPDATE alembic_version SET version_num = 'v9999'")),
    )
    with pytest.raises(migrate.SchemaFromTheFuture, match="at revision v9999, which a newer Guanxi made"):
        migrate.upgrade(empty_database_url)
    assert revisions.current(empty_database_url) == "v9999"


def test_a_step_that_fails_leaves_nothing_behind(empty_database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "upgrade", lambda config, _: broken(config.attributes["connection"]))
    with pytest.raises(RuntimeError, match="half-way"):
        migrate.upgrade(empty_database_url)
    assert on(empty_database_url, schema) == {}


def broken(connection: Connection) -> None:
    """A step that makes a table and ends."""
    connection.execute(text("CREATE TABLE half (id INTEGER)"))
    raise RuntimeError("half-way")


def test_a_step_that_loses_what_others_refer_to_is_undone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'guanxi.db'}"
    migrate.upgrade(url)
    monkeypatch.setattr(command, "upgrade", lambda config, _: orphan(config.attributes["connection"]))
    with pytest.raises(RuntimeError, match="1 rows that refer to nothing"):
        migrate.upgrade(url)
    assert on(url, lambda connection: connection.execute(text("SELECT count(*) FROM sessions")).scalar()) == 0


def orphan(connection: Connection) -> None:
    """A session of nobody."""
    connection.execute(text("INSERT INTO sessions VALUES ('hash', 'nobody', 0, 0, 0, 'csrf')"))


def test_a_ticket_of_before_v0006_knows_no_message_and_can_be_read(empty_database_url: str) -> None:
    migrate.on_database(
        empty_database_url, lambda connection: command.upgrade(migrate.configuration(connection=connection), "v0005")
    )

    def fill(connection: Connection) -> None:
        at, nobody = datetime(2026, 1, 5, 9, tzinfo=UTC), {"name": "Wang", "language": "zh", "tags": []}
        contact = {"id": 1, "language_chosen": False, "tier": "member", "stage": "lead", "consent": True, "version": 1}
        connection.execute(insert(tables.contacts).values(**nobody, **contact, created_at=at))
        place = {"id": 2, "contact_id": 1, "key": "telegram:5", "channel": "telegram", "address": "5"}
        counts = {"failed_answers": 0, "negative_streak": 0}
        connection.execute(insert(tables.conversations).values(**place, **counts, created_at=at))
        ticket = {"number": 7, "contact_id": 1, "conversation_id": 2, "status": "open", "priority": "normal"}
        words = {"team": "support", "subject": "x", "intent": "invoice", "created_at": at, "updated_at": at}
        numbers = {"waits": 0, "resolutions": 0, "reopen_count": 0, "version": 3}
        connection.execute(insert(tables.tickets).values(**ticket, **words, **numbers))

    on(empty_database_url, fill)
    migrate.upgrade(empty_database_url)
    ticket = on(empty_database_url, lambda connection: casebook.find_ticket(connection, 7))
    assert (ticket.intent, ticket.version) == ("invoice", 3)
    assert (ticket.asked_in, ticket.confidence, ticket.sentiment, ticket.urgent) == (None, None, None, None)
    assert on(empty_database_url, lambda connection: corrections.since(connection, None)) == []


def test_the_steps_import_nothing_of_ours() -> None:
    steps = sorted((ROOT / "store" / "migrations" / "versions").glob("v*.py"))
    assert steps
    imports = {
        line
        for step in steps
        for line in step.read_text(encoding="utf-8").splitlines()
        if "import" in line.split()[:1] or line.startswith("from ")
    }
    assert imports <= {"import sqlalchemy as sa", "from alembic import op", "from typing import Any"}


def test_a_draft_of_the_next_step_is_empty_where_nothing_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[Any] = []

    def look(connection: Connection) -> None:
        options = {"compare_type": has_another_type, "target_metadata": metadata}
        found.extend(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))

    url = f"sqlite:///{tmp_path / 'guanxi.db'}"
    migrate.upgrade(url)
    migrate.on_database(url, look)
    assert found == []


def test_a_draft_says_what_is_new_in_words_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrate, "_FOLDER", tmp_path / "migrations")
    shutil.copytree(ROOT / "store" / "migrations", tmp_path / "migrations")
    grown = MetaData(naming_convention=metadata.naming_convention)
    for table in metadata.tables.values():
        table.to_metadata(grown)
    Table("colours", grown, Column("id", KEY, primary_key=True), Column("at", INSTANT, nullable=False))
    url = f"sqlite:///{tmp_path / 'guanxi.db'}"
    migrate.upgrade(url)
    migrate.on_database(url, lambda connection: draft(connection, "tickets have a colour", grown))
    (drafted,) = (tmp_path / "migrations" / "versions").glob("v*_tickets_have_a_colour.py")
    step = drafted.read_text(encoding="utf-8")
    assert "sa.Column('at', INSTANT, nullable=False)" in step
    assert "sa.Column('id', KEY, nullable=False)" in step
    assert "store" not in step
    migrate.upgrade(url)
    assert "colours" in on(url, schema)


def test_the_newest_revision_is_told_by_the_steps_names() -> None:
    head = ScriptDirectory.from_config(migrate.configuration()).get_current_head()
    assert revisions.newest() == head
