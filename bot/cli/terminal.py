"""Speaking to whoever typed a command: remarks and progress on stderr, tables, an end with an exit code."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import typer
from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from bot.printable import printable

#: The thing asked about is wrong.
WRONG = 1
#: The command cannot be carried out: usage or environment.
UNUSABLE = 2


class Stop(Exception):
    """Ends the command with a line and an exit code."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


def remark(line: str) -> None:
    """A line on stderr."""
    typer.echo(f"guanxi: {printable(line)}", err=True)


def show(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table on a terminal, else tab-separated lines without headings; what stands in it is data, never markup."""
    if not sys.stdout.isatty():
        for row in rows:
            typer.echo("\t".join(printable(str(cell)) for cell in row))
        return
    table = Table(*headings, box=box.SIMPLE_HEAD)
    for row in rows:
        table.add_row(*(Text(printable(str(cell))) for cell in row))
    Console().print(table)


class Counter:
    """How far a long work has come."""

    def __init__(self, progress: Progress, what: str, total: int | None) -> None:
        self._progress = progress
        self._task = progress.add_task(what, total=total)

    def advance(self, by: int) -> None:
        """So much more is done."""
        self._progress.advance(self._task, by)


@contextmanager
def progress(what: str, total: int | None) -> Iterator[Counter]:
    """A bar on stderr where that is a terminal, and stdout is none that the bar would stand in."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), MofNCompleteColumn())
    wanted = sys.stderr.isatty() and not sys.stdout.isatty()
    console = Console(stderr=True)
    with Progress(*columns, TimeElapsedColumn(), console=console, disable=not wanted, transient=True) as bar:
        yield Counter(bar, what, total)
