"""Tables of figures, for the terminal and for the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table as Drawn

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
#: The last section, which `make bench` leaves as it is.
HEADING = "## The tagger\n"


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """A title, a head, rows of as many cells."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


def show(table: Table) -> None:
    """Print it."""
    drawn = Drawn(*table.head, title=table.title, title_justify="left", box=box.SIMPLE_HEAD)
    for row in table.rows:
        drawn.add_row(*row)
    Console().print(drawn)


def write(introduction: str, tables: Sequence[Table]) -> Path:
    """Put them in the place of the page's last section."""
    before = PAGE.read_text(encoding="utf-8").partition(HEADING)[0]
    parts = [introduction]
    for table in tables:
        lines = [table.head, ["---"] * len(table.head), *table.rows]
        parts.append(f"### {table.title}\n\n" + "".join(f"| {' | '.join(line)} |\n" for line in lines))
    PAGE.write_text(before + HEADING + "\n" + "\n".join(parts), encoding="utf-8")
    return PAGE
