"""`python -m benchmarks`: measure everything in turns, print the tables, keep the figures as JSON."""

import argparse
import asyncio
import sys
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import asyncpg

from benchmarks import counting, databases, door, pipeline, report
from benchmarks.contenders import ECHO, OUR_DOOR, OURS, RAW_INBOX, Contender, Kind, on_stage
from benchmarks.results import Results, machine
from benchmarks.soak import soak

_DELIVERIES = 3
_OF_OURS = {"sqlite": Kind.SQLITE, "postgresql": Kind.POSTGRES}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--floods", type=int, default=2, help="floods of each contender")
    parser.add_argument("--seconds", type=float, default=8.0, help="of each run at 20 messages a second")
    parser.add_argument("--delays", type=float, nargs="*", default=[0.0, 0.1], help="seconds that each API call takes")
    parser.add_argument("--only", choices=["pipeline", "intake", "statements"], help="one part")
    parser.add_argument("--databases", choices=sorted(_OF_OURS), nargs="*", default=sorted(_OF_OURS))
    parser.add_argument("--soak", type=int, nargs="?", const=100_000, help="so many messages for their memory alone")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    return parser.parse_args()


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")


async def _measure(options: argparse.Namespace) -> Results:
    results = Results(at=datetime.now(UTC), machine=machine())
    kinds = [_OF_OURS[name] for name in options.databases]
    async with databases.connected() as server:
        if options.soak:
            for kind in kinds:
                results.held += await soak(kind, options.soak, server, _tell)
            return results
        if options.only in (None, "pipeline"):
            await _pipeline(results, [ECHO, *(OURS[kind] for kind in kinds)], options, server)
        if options.only in (None, "intake"):
            await _intake(results, [RAW_INBOX, *(OUR_DOOR[kind] for kind in kinds)], server)
        if options.only in (None, "statements"):
            for kind in kinds:
                results.counted += await counting.count(kind, server)
    return results


async def _pipeline(
    results: Results, contenders: list[Contender], options: argparse.Namespace, server: asyncpg.Connection
) -> None:
    async with AsyncExitStack() as stack:
        stages = [await stack.enter_async_context(on_stage(contender, server)) for contender in contenders]
        for stage in stages:
            await pipeline.warm_up(stage)
        for delay in options.delays:
            for stage in stages:
                stage.emulator.server.api_delay = delay
            for _ in range(options.floods if delay == 0.0 else 1):
                for stage in stages:
                    _note(results, await pipeline.flood(stage))
            for stage in stages:
                _note(results, await pipeline.paced(stage, options.seconds))
        results.peaks |= {stage.contender.name: stage.process.peak for stage in stages}


async def _intake(results: Results, contenders: list[Contender], server: asyncpg.Connection) -> None:
    async with AsyncExitStack() as stack:
        stages = [
            await stack.enter_async_context(on_stage(contender, server, by_webhook=True)) for contender in contenders
        ]
        for stage in stages:
            await door.opened(stage)
            await door.deliver(stage, 1)
        for turn in range(1, _DELIVERIES + 1):
            for stage in stages:
                results.door.append(await door.deliver(stage, turn * door.MESSAGES + 1))


def _note(results: Results, measured: pipeline.Measured) -> None:
    results.pipeline.append(measured)
    _tell(
        f"{measured.contender}, {measured.load}, API delay {1000 * measured.api_delay:.0f} ms: "
        f"{measured.per_second:,.0f}/s, {measured.cpu:.2f} CPU-ms ({measured.database:.2f} of the database), "
        f"p50 {measured.p50:,.0f} ms, p99 {measured.p99:,.0f} ms"
    )


def main() -> None:
    """Measure, show, keep."""
    options = _arguments()
    results = asyncio.run(_measure(options))
    report.show(results)
    _tell(f"figures: {results.keep()}")
    if options.write:
        _tell(f"page: {report.write(results)}")


if __name__ == "__main__":
    main()
