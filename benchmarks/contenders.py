"""Who is measured, and how each is started."""

import socket
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

import asyncpg

from benchmarks import databases
from benchmarks.processes import Running, running
from tests.emulator import Emulator
from tests.emulator.groups import Group

_DESK = Path(__file__).with_name("desk.yaml")
_SECRET = "bench-secret"  # noqa: S105 - the emulator's


class Kind(Enum):
    """What a contender keeps its messages in."""

    NOTHING = "nothing"
    SQLITE = "sqlite"
    POSTGRES = "postgresql"


@dataclass(frozen=True, kw_only=True, slots=True)
class Contender:
    """A program to measure; `environment` is added to what all of them are told."""

    name: str
    module: str
    kind: Kind
    arguments: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


ECHO = Contender(name="aiogram echo", module="benchmarks.echo", kind=Kind.NOTHING)
RAW_INBOX = Contender(name="raw inbox", module="benchmarks.raw_inbox", kind=Kind.POSTGRES)
_LABELS = {Kind.SQLITE: "SQLite", Kind.POSTGRES: "PostgreSQL"}
OURS = {
    kind: Contender(name=f"Guanxi on {label}", module="bot", arguments=("run",), kind=kind)
    for kind, label in _LABELS.items()
}
OUR_DOOR = {
    kind: Contender(
        name=f"Guanxi's intake on {label}", module="benchmarks.ours", kind=kind, environment={"BENCH_ROLE": "web"}
    )
    for kind, label in _LABELS.items()
}
COUNTED = {
    kind: Contender(
        name=f"Guanxi on {label}", module="benchmarks.ours", kind=kind, environment={"BENCH_COUNTS": "counts.json"}
    )
    for kind, label in _LABELS.items()
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """A contender at work, with an outside world of its own. `port` is where its door is, `folder` its files."""

    contender: Contender
    emulator: Emulator
    room: Group
    process: Running
    port: int
    folder: Path
    secret: str = _SECRET


@asynccontextmanager
async def on_stage(
    contender: Contender, server: asyncpg.Connection, *, by_webhook: bool = False
) -> AsyncIterator[Stage]:
    """Start an emulator and the contender before it; ended and cleared away at the end."""
    async with AsyncExitStack() as stack:
        emulator = await stack.enter_async_context(Emulator(keep_calls=False))
        emulator.ledger.watchers.clear()
        room = emulator.forum()
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="guanxi-bench-")))
        database, url = None, f"sqlite:///{folder / 'bench.db'}"
        if contender.kind is Kind.POSTGRES:
            database = await stack.enter_async_context(databases.new_database(server))
            url = databases.url_of(database)
        port = _free_port()
        environment = _told(emulator, url, port, folder) | dict(contender.environment)
        if by_webhook:
            environment["GUANXI_PUBLIC_URL"] = f"http://127.0.0.1:{port}"
        process = await stack.enter_async_context(
            running(contender.module, contender.arguments, environment, folder=folder, database=database, server=server)
        )
        yield Stage(contender=contender, emulator=emulator, room=room, process=process, port=port, folder=folder)


def _told(emulator: Emulator, url: str, port: int, folder: Path) -> dict[str, str]:
    unlimited = {f"GUANXI_TELEGRAM_{limit}": "0" for limit in ("CHAT_PER_SECOND", "GROUP_PER_MINUTE", "BOT_PER_SECOND")}
    return unlimited | {
        "BENCH_API_URL": emulator.url,
        "BENCH_TOKEN": emulator.world.token,
        "BENCH_DATABASE_URL": url,
        "BENCH_PORT": str(port),
        "GUANXI_CONFIG": str(_DESK),
        "GUANXI_DATABASE_URL": url,
        "GUANXI_FILES": str(folder / "files"),
        "GUANXI_HTTP_PORT": str(port),
        "GUANXI_LOG_LEVEL": "warning",
        "GUANXI_NLP_MODEL": "keywords",  # `make bench-nlp` measures the transformer
        "GUANXI_TELEGRAM_API_URL": emulator.url,
        "GUANXI_TELEGRAM_TOKEN": emulator.world.token,
        "GUANXI_TELEGRAM_SECRET": _SECRET,
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
