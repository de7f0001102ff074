"""`make migration NAME="what changes"`: a draft of the next step, from what store/tables.py has more than the steps.

It compares on a SQLite file that exists for the moment. Read the draft, and give what it cannot know: new columns of
tables that hold rows need a default or a filling, renamed ones look like one gone and one come.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData

from store import migrate
from store.tables import metadata
from store.types import INSTANT, KEY

_NAMES = ((INSTANT, "INSTANT"), (KEY, "KEY"))


def main(arguments: list[str]) -> int:
    """Write the draft and say where."""
    if len(arguments) != 1 or not arguments[0].strip():
        sys.stderr.write('Say what changes: make migration NAME="tickets have a colour"\n')
        return 2
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'draft.db'}"
        migrate.upgrade(url)
        migrate.on_database(url, lambda connection: draft(connection, arguments[0].strip(), metadata))
    return 0


def draft(connection: Connection, message: str, meant: MetaData) -> None:
    """Write the step from the database as it is to the tables that are meant."""
    config = migrate.configuration(
        connection=connection, target_metadata=meant, render_item=_rendered, compare_type=has_another_type
    )
    number = len(list(ScriptDirectory.from_config(config).walk_revisions())) + 1
    command.revision(config, message, autogenerate=True, rev_id=f"v{number:04}")


def _rendered(kind: str, item: Any, _context: Any) -> str | bool:
    """Our own types by the names that the draft gives them, so that a step imports nothing of ours."""
    return next((name for own, name in _NAMES if kind == "type" and item is own), False)


def has_another_type(context: Any, _found: Any, _meant: Any, found: Any, meant: Any) -> bool:
    """SQLite keeps a type's name alone, so the names are compared."""
    dialect = context.dialect
    return bool(found.compile(dialect=dialect) != meant.compile(dialect=dialect))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
