"""Live updates: a stream that names the tickets that changed, whoever changed them and wherever.

The page then fetches itself anew. A ring can be lost, so the database is asked every few seconds as well.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from weakref import WeakSet

from aiohttp import web

from console.guard import Guard
from console.ports import Console
from store import board

TOPIC = "desk"

#: What is shown is never older than 5 s (V1).
_SWEEP = 4.0
#: Changes of one moment are told together.
_GATHER = 0.15
#: A commit may become visible after one of a later moment, so the last moments are looked at again.
_OVERLAP = timedelta(seconds=15)
#: How many sweeps pass between two looks at whether the session still holds.
_SESSION_CHECK = 8


@dataclass(kw_only=True, slots=True)
class Seen:
    """Which version of which ticket the page was told of."""

    since: datetime
    versions: dict[int, tuple[int, datetime]] = field(default_factory=dict)

    def news(self, changed: list[tuple[int, int, datetime]]) -> list[int]:
        """The tickets of these that the page was not told of, and remember them."""
        fresh = [(number, version, at) for number, version, at in changed if self._is_new(number, version)]
        for number, version, at in fresh:
            self.versions[number] = (version, at)
            self.since = max(self.since, at)
        edge = self.since - 2 * _OVERLAP
        self.versions = {number: kept for number, kept in self.versions.items() if kept[1] >= edge}
        return [number for number, _version, _at in fresh]

    def _is_new(self, number: int, version: int) -> bool:
        return number not in self.versions or self.versions[number][0] != version


@dataclass(frozen=True, kw_only=True, slots=True)
class Events:
    """The stream, and how the streams end when the program does."""

    console: Console
    guard: Guard
    open: WeakSet[asyncio.Task[Any]] = field(default_factory=WeakSet)

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events until the page goes, the session ends or the program stops."""
        if (task := asyncio.current_task()) is not None:
            self.open.add(task)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
        await response.prepare(request)
        with suppress(ConnectionResetError):  # the page was closed
            await self._tell(request, response)
        return response

    async def close(self, _app: web.Application) -> None:
        """End every stream: an open page must not keep the program from stopping."""
        for task in list(self.open):
            task.cancel()

    async def _tell(self, request: web.Request, response: web.StreamResponse) -> None:
        seen = Seen(since=self.console.now())
        async with self.console.listen(TOPIC) as rung:
            seen.news(await self._changed(seen))
            await response.write(b"retry: 2000\nevent: hello\ndata: {}\n\n")
            for sweep in count(1):
                has_rung = await _wait(rung)
                numbers = seen.news(await self._changed(seen))
                if sweep % _SESSION_CHECK == 0 and await self.guard.find_visit(request, touch=False) is None:
                    await response.write(b"event: gone\ndata: {}\n\n")
                    return
                await response.write(_event(numbers) if numbers or has_rung else b": still here\n\n")

    async def _changed(self, seen: Seen) -> list[tuple[int, int, datetime]]:
        since = seen.since - _OVERLAP
        return list(await self.console.database.read(lambda connection: board.changed_since(connection, since)))


async def _wait(rung: asyncio.Event) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(_SWEEP):
            await rung.wait()
            await asyncio.sleep(_GATHER)
            rung.clear()
            return True
    return False


def _event(numbers: list[int]) -> bytes:
    return f'event: changed\ndata: {{"tickets":[{",".join(map(str, numbers))}]}}\n\n'.encode()
