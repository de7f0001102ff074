"""The whole way of a message, from its writing to the call that shows it, in a flood and at a steady pace."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from benchmarks.contenders import Stage
from tests.emulator.flood import Flood

CUSTOMERS, LINES = 500, 4
PACE, PACED_CUSTOMERS = 20.0, 100
_QUIET = 0.4
_LOOK_AGAIN = 0.05
_WITHIN = 90.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """One segment of one contender. CPU is in milliseconds a message, p50 and p99 in milliseconds."""

    contender: str
    load: str
    api_delay: float
    messages: int
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


async def warm_up(stage: Stage) -> None:
    """Let every customer be known, with an open ticket and a thread where the contender keeps such."""
    emulator = stage.emulator
    while not emulator.ledger.counts["getUpdates"]:
        stage.process.check()
        await asyncio.sleep(_LOOK_AGAIN)
    await _watched(stage, lambda flood: _at_once(flood, 1))


async def flood(stage: Stage) -> Measured:
    """All lines at once."""
    return await _measured(stage, "flood", lambda flood: _at_once(flood, LINES))


async def paced(stage: Stage, seconds: float) -> Measured:
    """Lines at a steady pace, each customer's far apart."""
    lines = max(1, round(seconds * PACE / PACED_CUSTOMERS))
    return await _measured(stage, f"{PACE:.0f}/s", lambda flood: flood.paced(PACED_CUSTOMERS, lines, per_second=PACE))


async def _at_once(flood: Flood, lines: int) -> None:
    flood.at_once(CUSTOMERS, lines)


async def _measured(stage: Stage, load: str, feed: Callable[[Flood], Awaitable[None]]) -> Measured:
    ledger = stage.emulator.ledger
    calls = ledger.total - ledger.counts["getUpdates"]
    before = await stage.process.used()
    summary = (await _watched(stage, feed)).summary()
    used = (await stage.process.used()).since(before)
    written = summary["written"]
    return Measured(
        contender=stage.contender.name,
        load=load,
        api_delay=stage.emulator.server.api_delay,
        messages=written,
        per_second=written / summary["seconds"],
        program=1000 * used.program / written,
        database=1000 * used.database / written,
        p50=1000 * summary["p50"],
        p99=1000 * summary["p99"],
        calls=(ledger.total - ledger.counts["getUpdates"] - calls) / written,
    )


async def _watched(stage: Stage, feed: Callable[[Flood], Awaitable[None]]) -> Flood:
    emulator = stage.emulator
    emulator.ledger.watchers.clear()
    flood = Flood(emulator.world, emulator.customer)
    await feed(flood)
    await emulator.until(lambda: flood.done, within=_WITHIN, what=f"all of {len(flood.written)} lines shown")
    await _calm(stage)
    return flood


async def _calm(stage: Stage) -> None:
    """Wait until nothing has been called for a while, so that marking what was sent is counted too."""
    ledger, seen = stage.emulator.ledger, -1
    while True:
        await asyncio.sleep(_QUIET)
        before, seen = seen, ledger.total - ledger.counts["getUpdates"]
        if seen == before and not ledger.in_flight:
            return
