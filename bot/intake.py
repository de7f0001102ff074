"""The front door: raw updates are stored, many callers in one commit, before anybody acknowledges them."""

import asyncio
import re
from collections.abc import Callable, Sequence
from datetime import datetime

from bot.clock import Clock
from bot.hatch import Hatch
from channels.base import NotStored, Raw
from store import inbox, lanes
from store.database import Database
from store.failures import is_away
from store.inbox import Arrival, ClaimedRows
from store.tables import inbox_lanes

_LARGEST_GROUP = 1000
#: U+0000 in JSON: bare, or as an escape whose own backslash is not escaped.
_NUL = re.compile(r"\x00|(?<!\\)((?:\\\\)*)\\u0000")


class Intake:
    """Stores what comes in. Whoever comes while a commit is under way goes together into the next one."""

    def __init__(
        self, database: Database, ring: Callable[[str], None], now: Clock, hatch: Hatch[ClaimedRows] | None = None
    ) -> None:
        """`ring` is told that there is work in the inbox; through the `hatch` a worker of this process gets it."""
        self._database = database
        self._ring = ring
        self._now = now
        self._hatch: Hatch[ClaimedRows] = Hatch() if hatch is None else hatch
        self._waiting: list[tuple[Arrival, asyncio.Future[None]]] = []
        self._storing: asyncio.Task[None] | None = None

    async def accept(self, updates: Sequence[Raw]) -> None:
        """Store the updates; when this returns they are committed. Raises NotStored: nothing is to be acknowledged."""
        if not updates:
            return
        loop = asyncio.get_running_loop()
        stored: list[asyncio.Future[None]] = []
        for update in updates:
            future = loop.create_future()
            stored.append(future)
            self._waiting.append((_arrival(update), future))
        if self._storing is None:
            self._storing = loop.create_task(self._store_all())
        if len(stored) == 1:
            await stored[0]
        else:
            await asyncio.gather(*stored)

    async def _store_all(self) -> None:
        try:
            while self._waiting:
                group, self._waiting = self._waiting[:_LARGEST_GROUP], self._waiting[_LARGEST_GROUP:]
                await self._store(group)
        finally:
            self._storing = None

    async def _store(self, group: list[tuple[Arrival, asyncio.Future[None]]]) -> None:
        arrivals = [arrival for arrival, _ in group]
        try:
            await self._keep(arrivals, self._now())
        except Exception as error:  # noqa: BLE001 - every caller is told, and acknowledges nothing
            if len(group) > 1 and not is_away(error):
                for one in group:  # what the database does not take is one caller's trouble
                    await self._store([one])
                return
            for _, future in group:
                if not future.done():
                    future.set_exception(NotStored(_told(error)))
            return
        for _, future in group:
            if not future.done():
                future.set_result(None)

    async def _keep(self, arrivals: Sequence[Arrival], now: datetime) -> None:
        claim = self._hatch.offer(len({arrival.lane for arrival in arrivals}))
        if claim is None:
            await self._database.at_once(lambda connection: inbox.add(connection, arrivals, now))
            self._ring("inbox")
            return
        stored = await self._database.at_once(lambda connection: inbox.add_for(connection, arrivals, claim, now))
        if not self._hatch.pass_on(stored.claimed):
            free = {lease: 0 for lease, _ in stored.claimed}
            await self._database.transaction(lambda connection: lanes.release(connection, inbox_lanes, free, now))
            self._ring("inbox")
        elif stored.has_others:
            self._ring("inbox")


def _told(error: Exception) -> str:
    """The kind and the first line: a database quotes the rows, which are what customers wrote, in the others."""
    return f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"


def _arrival(update: Raw) -> Arrival:
    return Arrival(
        key=update.key,
        lane=update.lane,
        channel=update.channel,
        payload=_storable(update.payload),
        received_at=update.received_at,
    )


def _storable(payload: str) -> str:
    """The payload without NUL, which PostgreSQL does not keep and nobody means to write."""
    return _NUL.sub(r"\1", payload) if "\\u0000" in payload or "\x00" in payload else payload
