"""What one run of the benchmarks found, kept as JSON."""

import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from statistics import median

import msgspec

from benchmarks.contenders import ECHO, RAW_INBOX
from benchmarks.counting import Counted
from benchmarks.door import DoorMeasured
from benchmarks.pipeline import Measured
from benchmarks.soak import Held

FOLDER = Path(__file__).with_name("results")


@dataclass(kw_only=True, slots=True)
class Results:
    """Every segment of one run. `peaks` are bytes of resident memory by contender."""

    at: datetime
    machine: str
    pipeline: list[Measured] = field(default_factory=list)
    door: list[DoorMeasured] = field(default_factory=list)
    counted: list[Counted] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    peaks: dict[str, int] = field(default_factory=dict)

    def keep(self) -> Path:
        """Write them under results/."""
        FOLDER.mkdir(exist_ok=True)
        path = FOLDER / f"{self.at:%Y%m%d-%H%M%S}.json"
        path.write_bytes(msgspec.json.format(msgspec.json.encode(self)))
        return path


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """The medians of one contender under one load."""

    contender: str
    load: str
    api_delay: float
    runs: int
    per_second: float
    program: float
    database: float
    p50: float
    p99: float
    calls: float

    @property
    def cpu(self) -> float:
        """The program's CPU and its database's."""
        return self.program + self.database


def lines(measured: Iterable[Measured]) -> list[Line]:
    """One line for each contender under each load, in the order they first came."""
    groups: dict[tuple[str, float, str], list[Measured]] = {}
    for each in measured:
        groups.setdefault((each.load, each.api_delay, each.contender), []).append(each)
    return [
        Line(
            contender=contender,
            load=load,
            api_delay=delay,
            runs=len(group),
            per_second=median(each.per_second for each in group),
            program=median(each.program for each in group),
            database=median(each.database for each in group),
            p50=median(each.p50 for each in group),
            p99=median(each.p99 for each in group),
            calls=median(each.calls for each in group),
        )
        for (load, delay, contender), group in groups.items()
    ]


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """A figure beside its bound. `at_most` False: it shall be at least that."""

    what: str
    found: float
    bound: float
    at_most: bool = True

    @property
    def holds(self) -> bool:
        """Whether the figure keeps to its bound."""
        return self.found <= self.bound if self.at_most else self.found >= self.bound


_FLOOD_BOUNDS = {"Guanxi on PostgreSQL": 0.5, "Guanxi on SQLite": 0.6}


def verdicts(results: Results) -> list[Verdict]:
    """The figures that the house promised to keep."""
    found = {(line.load, line.api_delay, line.contender): line for line in lines(results.pipeline)}
    judged: list[Verdict] = []
    for (load, delay, contender), line in found.items():
        echo = found.get((load, delay, ECHO.name))
        if delay == 0.0 and echo is not None and contender in _FLOOD_BOUNDS:
            judged += _flooded(line, echo) if load == "flood" else _at_pace(line, echo)
    return judged + _doors(results.door)


def _flooded(line: Line, echo: Line) -> list[Verdict]:
    bound = _FLOOD_BOUNDS[line.contender]
    return [Verdict(what=f"{line.contender}, flood: CPU to the echo's", found=line.cpu / echo.cpu, bound=bound)]


def _at_pace(line: Line, echo: Line) -> list[Verdict]:
    name = f"{line.contender}, {line.load}"
    return [
        Verdict(what=f"{name}: CPU to the echo's", found=line.cpu / echo.cpu, bound=3.0),
        Verdict(what=f"{name}: p50 to the echo's", found=line.p50 / echo.p50, bound=4.0),
        Verdict(what=f"{name}: p99 in ms", found=line.p99, bound=60.0),
    ]


def _doors(measured: Sequence[DoorMeasured]) -> list[Verdict]:
    rates: dict[str, list[float]] = {}
    for each in measured:
        rates.setdefault(each.contender, []).append(each.per_second)
    raw = rates.pop(RAW_INBOX.name, None)
    if raw is None:
        return []
    return [
        Verdict(what=f"{name}: messages/s to the raw inbox's", found=median(of) / median(raw), bound=0.7, at_most=False)
        for name, of in rates.items()
    ]


def machine() -> str:
    """Where it was measured."""
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
