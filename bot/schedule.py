"""The ticks: APScheduler starts the sweeps, which claim what is due; a late or doubled tick does no harm (S19)."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.clock import Clock
from store import deadlines, forgetting, inbox
from store.database import Database
from store.files import FileStore

log = logging.getLogger(__name__)

_BATCH = 200
_PURGE_BATCH = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class Ticks:
    """How often the sweeps start, and how long is kept what nobody needs.

    That is handled rows of the inbox (redelivery ends far earlier), rows of the outbox that went out, and uploaded
    files that were never sent.
    """

    due: timedelta = timedelta(seconds=1)
    purge: timedelta = timedelta(minutes=10)
    keep_handled: timedelta = timedelta(days=14)
    keep_unsent: timedelta = timedelta(days=1)


class Schedule:
    """Moves what has fallen due into the inbox, and clears away what is long done."""

    def __init__(
        self, *, database: Database, files: FileStore, now: Clock, ring: Callable[[str], None], ticks: Ticks
    ) -> None:
        """Wire the parts together."""
        self._database = database
        self._files = files
        self._now = now
        self._ring = ring
        self._ticks = ticks
        self._forgotten_to = 0
        self._scheduler = AsyncIOScheduler(timezone="UTC")

    def start(self) -> None:
        """Begin to tick; needs a running event loop."""
        self._every(self._ticks.due, self.sweep)
        self._every(self._ticks.purge, self.purge)
        self._every(self._ticks.purge, self.forget_sent)
        self._every(self._ticks.purge, self.clear_files)
        self._scheduler.start()

    def stop(self) -> None:
        """No more ticks."""
        self._scheduler.shutdown(wait=False)

    def _every(self, pause: timedelta, work: Callable[[], Awaitable[None]]) -> None:
        self._scheduler.add_job(
            work, "interval", seconds=pause.total_seconds(), max_instances=1, coalesce=True, misfire_grace_time=None
        )

    async def sweep(self) -> None:
        """Everything that is due now, in batches."""
        while True:
            now = self._now()
            moved = await self._database.transaction(lambda connection: deadlines.sweep(connection, now, _BATCH))  # noqa: B023
            if moved:
                self._ring("inbox")
            if moved < _BATCH:
                return

    async def purge(self) -> None:
        """Forget rows of the inbox that were handled long ago."""
        before, gone = self._now() - self._ticks.keep_handled, _PURGE_BATCH
        while gone == _PURGE_BATCH:
            gone = await self._database.transaction(lambda connection: inbox.purge(connection, before, _PURGE_BATCH))
            if gone:
                log.info("forgot %s handled rows of the inbox", gone)

    async def forget_sent(self) -> None:
        """Forget rows of the outbox that went out long ago."""
        before, has_more = self._now() - self._ticks.keep_handled, True
        while has_more:
            found = await self._database.transaction(
                lambda connection: forgetting.forget_sent(connection, before, self._forgotten_to, _PURGE_BATCH)
            )
            # What failed, or waits, is passed over; where it went out after all, the next start comes by again.
            self._forgotten_to, has_more = found.last, found.has_more
            if found.rows:
                log.info("forgot %s sent rows of the outbox", found.rows)

    async def clear_files(self) -> None:
        """Remove uploaded files that were never sent."""
        gone = await self._files.forget_unsent(self._now() - self._ticks.keep_unsent)
        if gone:
            log.info("removed %s files that were never sent", gone)
