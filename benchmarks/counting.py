"""How many statements a message costs our side, in runs of their own: counting takes time as well."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import asyncpg
import msgspec

from benchmarks import pipeline
from benchmarks.contenders import COUNTED, Kind, Stage, on_stage

_PACED_SECONDS = 4.0
_WITHIN = 5.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Counted:
    """Of each message: statements as SQLAlchemy hands them to the driver, the rows bound to them, commits."""

    contender: str
    load: str
    statements: float
    rows: float
    commits: float


async def count(kind: Kind, server: asyncpg.Connection) -> list[Counted]:
    """A flood and a steady pace."""
    async with on_stage(COUNTED[kind], server) as stage:
        await pipeline.warm_up(stage)
        return [
            await _counted(stage, lambda: pipeline.flood(stage)),
            await _counted(stage, lambda: pipeline.paced(stage, _PACED_SECONDS)),
        ]


async def _counted(stage: Stage, feed: Callable[[], Awaitable[pipeline.Measured]]) -> Counted:
    before = await _sums(stage)
    measured = await feed()
    after = await _sums(stage)
    each = {name: (after[name] - before[name]) / measured.messages for name in after}
    return Counted(contender=stage.contender.name, load=measured.load, **each)


async def _sums(stage: Stage) -> dict[str, int]:
    told = stage.folder / "counts.json"
    told.unlink(missing_ok=True)
    stage.process.signal(signal.SIGUSR1)
    async with asyncio.timeout(_WITHIN):
        while not told.exists():  # noqa: ASYNC110 - another process writes it
            await asyncio.sleep(0.02)
    return msgspec.json.decode(told.read_bytes(), type=dict[str, int])
