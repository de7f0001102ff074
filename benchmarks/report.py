"""The results as tables: on the terminal and as docs/benchmarks.md."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from benchmarks import nlp_tables
from benchmarks.contenders import ECHO
from benchmarks.door import DoorMeasured
from benchmarks.results import Line, Results, lines, verdicts

PAGE = nlp_tables.PAGE
Rows = Sequence[Sequence[str]]

_PIPELINE = ("load", "API delay", "", "messages/s", "CPU-ms", "of it the database", "to the echo", "p50 ms", "p99 ms")
_DOOR = ("", "messages/s", "CPU-ms", "of it the database", "p50 ms", "p99 ms")
_COUNTED = ("", "load", "statements", "rows bound", "commits")
_VERDICTS = ("", "found", "bound", "")


def show(results: Results) -> None:
    """Print every table."""
    console = Console()
    for title, head, rows in _tables(results):
        table = Table(*head, title=title, title_justify="left")
        for row in rows:
            table.add_row(*row)
        console.print(table)


def write(results: Results) -> Path:
    """Write the page, all but its last section, which is the tagger's."""
    _, heading, tagger = PAGE.read_text(encoding="utf-8").partition(nlp_tables.HEADING)
    parts = [_INTRODUCTION.format(at=results.at, machine=results.machine)]
    for title, head, rows in _tables(results):
        parts += [f"## {title}\n", _markdown(head, rows)]
    if _NOTES.exists():
        parts.append(_NOTES.read_text(encoding="utf-8"))
    PAGE.write_text("\n".join(parts) + "\n" + heading + tagger, encoding="utf-8")
    return PAGE


_NOTES = Path(__file__).with_name("notes.md")
_INTRODUCTION = """# What it costs

`make bench` measures this page anew (`make bench ARGS=--write`); the last time on {at:%Y-%m-%d}: {machine}.

Each contender is a process of its own before an emulator of the Bot API in another process, which writes as 500
customers do: all lines at once (2,000 messages), or 20 a second. They take turns, so that what else the machine does
meets all of them; the figures are medians. CPU-ms is what the program's processes and the PostgreSQL backends that
worked for it took, a message. Latency runs from a message being written to the first call that shows it. Our side does
everything but the transformer: the message is durable, tagged, joined to its customer's ticket, relayed into the
ticket's topic through the outbox, and marked as sent. The echo keeps nothing and answers each line with itself.
"""


def _tables(results: Results) -> list[tuple[str, tuple[str, ...], Rows]]:
    tables: list[tuple[str, tuple[str, ...], Rows]] = [
        ("What was promised", _VERDICTS, _verdict_rows(results)),
        ("The pipeline", _PIPELINE, _pipeline_rows(lines(results.pipeline))),
        ("The intake alone, by webhook", _DOOR, _door_rows(results)),
        ("Statements a message", _COUNTED, _counted_rows(results)),
        ("Memory at its peak", ("", "MB"), [(name, f"{peak / 1e6:.0f}") for name, peak in results.peaks.items()]),
        ("Memory over many messages", ("", "messages", "MB"), _held_rows(results)),
    ]
    return [(title, head, rows) for title, head, rows in tables if rows]


def _verdict_rows(results: Results) -> Rows:
    return [
        (
            each.what,
            f"{each.found:.2f}",
            f"{'≤' if each.at_most else '≥'} {each.bound:g}",
            "yes" if each.holds else "no",
        )
        for each in verdicts(results)
    ]


def _pipeline_rows(found: Iterable[Line]) -> Rows:
    found = list(found)
    echoes = {(line.load, line.api_delay): line.cpu for line in found if line.contender == ECHO.name}
    return [
        (
            line.load,
            f"{1000 * line.api_delay:.0f} ms",
            line.contender,
            f"{line.per_second:,.0f}",
            f"{line.cpu:.2f}",
            f"{line.database:.2f}",
            f"{line.cpu / echoes[line.load, line.api_delay]:.2f}" if echoes.get((line.load, line.api_delay)) else "",
            f"{line.p50:,.0f}",
            f"{line.p99:,.0f}",
        )
        for line in found
    ]


def _door_rows(results: Results) -> Rows:
    groups: dict[str, list[DoorMeasured]] = {}
    for each in results.door:
        groups.setdefault(each.contender, []).append(each)
    return [
        (
            contender,
            f"{median(each.per_second for each in group):,.0f}",
            f"{median(each.program + each.database for each in group):.2f}",
            f"{median(each.database for each in group):.2f}",
            f"{median(each.p50 for each in group):.1f}",
            f"{median(each.p99 for each in group):.1f}",
        )
        for contender, group in groups.items()
    ]


def _counted_rows(results: Results) -> Rows:
    return [
        (each.contender, each.load, f"{each.statements:.2f}", f"{each.rows:.2f}", f"{each.commits:.2f}")
        for each in results.counted
    ]


def _held_rows(results: Results) -> Rows:
    return [(each.contender, f"{each.messages:,}", f"{each.memory / 1e6:.0f}") for each in results.held]


def _markdown(head: Sequence[str], rows: Rows) -> str:
    table = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(row)} |\n" for row in table)
