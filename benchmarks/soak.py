"""Memory over many messages: floods one after the other, and what the program holds after each ten thousand."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import asyncpg

from benchmarks import pipeline
from benchmarks.contenders import OURS, Kind, on_stage

_EVERY = 10_000
_MOST_SECONDS = 600.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """Resident memory in bytes after so many messages."""

    contender: str
    messages: int
    memory: int


async def soak(kind: Kind, messages: int, server: asyncpg.Connection, tell: Callable[[str], None]) -> list[Held]:
    """Flood until `messages` went through, or the time is over."""
    held: list[Held] = []
    loop = asyncio.get_running_loop()
    async with on_stage(OURS[kind], server) as stage:
        await pipeline.warm_up(stage)
        done, until = 0, loop.time() + _MOST_SECONDS
        while done < messages and loop.time() < until:
            done += (await pipeline.flood(stage)).messages
            if done % _EVERY == 0:
                held.append(Held(contender=stage.contender.name, messages=done, memory=stage.process.memory))
                tell(f"{stage.contender.name}: {done:,} messages, {held[-1].memory / 1e6:.0f} MB")
    return held
