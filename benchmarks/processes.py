"""Contenders as processes of their own, and what they used: CPU time and memory, read from /proc."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

_TICK = os.sysconf("SC_CLK_TCK")
_ROOT = Path(__file__).parents[1]
_PATIENCE = 20.0


class ContenderEnded(RuntimeError):
    """A contender ended by itself; the text is the end of what it said."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Used:
    """CPU seconds so far: of a tree of processes, and of the server's backends that worked for it."""

    program: float
    database: float

    def since(self, before: "Used") -> "Used":
        """What was used from `before` until now."""
        return Used(program=self.program - before.program, database=self.database - before.database)


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the state on; the name before it may hold spaces."""
    return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()


def _seconds(pid: int, *, with_ended_children: bool) -> float:
    fields = _stat(pid)
    return sum(int(field) for field in fields[11 : 15 if with_ended_children else 13]) / _TICK


def _tree(root: int) -> list[int]:
    parents: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            with contextlib.suppress(OSError):
                parents[int(folder.name)] = int(_stat(int(folder.name))[1])
    tree = [root]
    for parent in tree:
        tree += [pid for pid, its_parent in parents.items() if its_parent == parent]
    return tree


def _memory(pid: int, field: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) * 1024
    return 0


class Running:
    """A contender's process. `backends` are the server's processes that ever worked for its database."""

    def __init__(self, process: asyncio.subprocess.Process, database: str | None, server: asyncpg.Connection) -> None:
        """`database` is the name of its database on the server, None where it has none."""
        self._process = process
        self._database = database
        self._server = server
        self._backends: dict[int, float] = {}

    async def used(self) -> Used:
        """The CPU time until now."""
        program = sum(self._each(_tree(self._process.pid)))
        if self._database is not None:
            rows = await self._server.fetch("SELECT pid FROM pg_stat_activity WHERE datname = $1", self._database)
            for row in rows:
                with contextlib.suppress(OSError):
                    self._backends[row["pid"]] = _seconds(row["pid"], with_ended_children=False)
        return Used(program=program, database=sum(self._backends.values()))

    def _each(self, pids: Iterable[int]) -> list[float]:
        found: list[float] = []
        for pid in pids:
            with contextlib.suppress(OSError):
                found.append(_seconds(pid, with_ended_children=True))
        return found

    @property
    def peak(self) -> int:
        """The most memory it ever held, in bytes."""
        return sum(_memory(pid, "VmHWM") for pid in _tree(self._process.pid))

    @property
    def memory(self) -> int:
        """What it holds now, in bytes."""
        return sum(_memory(pid, "VmRSS") for pid in _tree(self._process.pid))

    def check(self) -> None:
        """Raises ContenderEnded where it ended by itself."""
        if self._process.returncode is not None:
            raise ContenderEnded(f"it ended with {self._process.returncode}")

    def signal(self, number: int) -> None:
        """Send it a signal."""
        self._process.send_signal(number)


@asynccontextmanager
async def running(
    module: str,
    arguments: Iterable[str],
    environment: Mapping[str, str],
    *,
    folder: Path,
    database: str | None,
    server: asyncpg.Connection,
) -> AsyncIterator[Running]:
    """`python -m module` in an environment without settings of ours but these; ended at the end."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GUANXI_", "BENCH_"))}
    with (folder / "log.txt").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", module, *arguments,
            env=kept | {"PYTHONPATH": str(_ROOT)} | dict(environment), cwd=folder, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        yield Running(process, database, server)
    except (AssertionError, ContenderEnded, OSError, RuntimeError, TimeoutError) as error:
        raise ContenderEnded(f"{module}: {error}\n{_last_words(folder)}") from error
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), _PATIENCE)
            except TimeoutError:
                process.kill()
                await process.wait()


def _last_words(folder: Path) -> str:
    return (folder / "log.txt").read_text(encoding="utf-8", errors="replace")[-3000:]
