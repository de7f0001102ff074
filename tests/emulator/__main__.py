"""`python -m tests.emulator`: serve a flood to a bot that runs elsewhere.

Prints the address, then what came of it as JSON."""

import argparse
import asyncio
import contextlib
import sys

import msgspec

from tests.emulator.emulator import TOKEN, Emulator
from tests.emulator.flood import Flood


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.emulator", description=__doc__)
    parser.add_argument("--port", type=int, default=8081, help="0: any that is free")
    parser.add_argument("--token", default=TOKEN)
    parser.add_argument("--customers", type=int, default=500)
    parser.add_argument("--lines", type=int, default=4)
    parser.add_argument("--pace", type=float, default=0.0, help="messages a second; 0: all at once")
    parser.add_argument("--api-delay", type=float, default=0.0, help="seconds each call takes")
    parser.add_argument("--forum", type=int, default=-1_001_000_000_001, help="id of the staff's forum group")
    parser.add_argument("--within", type=float, default=120.0, help="seconds to wait for the last line to be shown")
    return parser.parse_args()


async def _serve(options: argparse.Namespace) -> None:
    emulator = Emulator(token=options.token, api_delay=options.api_delay)
    emulator.forum(chat_id=options.forum)
    await emulator.start(options.port)
    sys.stdout.write(emulator.url + "\n")
    sys.stdout.flush()
    flood = Flood(emulator.world, emulator.customer)
    await emulator.until(lambda: emulator.ledger.counts["getUpdates"], within=options.within, what="a poll")
    if options.pace:
        await flood.paced(options.customers, options.lines, per_second=options.pace)
    else:
        flood.at_once(options.customers, options.lines)
    with contextlib.suppress(AssertionError):
        await emulator.until(lambda: flood.done, within=options.within)
    sys.stdout.write(msgspec.json.encode(flood.summary()).decode() + "\n")
    await emulator.stop()


if __name__ == "__main__":
    asyncio.run(_serve(_arguments()))
