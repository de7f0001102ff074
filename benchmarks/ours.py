"""The house as `guanxi run` runs it, with the database's statements counted: SIGUSR1 writes how many there were so far.

Only for counting; what is timed is the program itself.
"""

import asyncio
import os
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Engine, event

from bot import clock
from bot.app import run
from bot.company import load_company
from bot.roles import Role
from bot.settings import read_settings
from store.migrate import upgrade


def count_statements(into: Path) -> None:
    """Count statements, the rows bound to them and commits; each SIGUSR1 writes the sums to a file."""
    counts = Counter[str]()

    def executed(_connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, many: bool) -> None:  # noqa: FBT001
        counts["statements"] += not statement.startswith("BEGIN")
        counts["rows"] += len(values) if many else 1

    def committed(_connection: Any) -> None:
        counts["commits"] += 1

    def tell(_signal: int, _frame: Any) -> None:
        draft = into.with_suffix(".draft")
        draft.write_bytes(msgspec.json.encode(counts))
        draft.rename(into)

    event.listen(Engine, "before_cursor_execute", executed)
    event.listen(Engine, "commit", committed)
    signal.signal(signal.SIGUSR1, tell)


def main() -> None:
    """Run every role until ended."""
    settings = read_settings()
    upgrade(settings.database_url.get_secret_value())
    if "BENCH_COUNTS" in os.environ:
        count_statements(Path(os.environ["BENCH_COUNTS"]))
    company = load_company(settings.config, today=clock.now().date())
    asyncio.run(run(settings, company, Role(os.environ.get("BENCH_ROLE", "all")), lambda _address: None))


if __name__ == "__main__":
    main()
