"""Receiving updates by polling: the offset moves only after the intake has stored what came."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

import msgspec

from channels.base import Accept, NotStored, Raw, RetryLater, SendError
from channels.telegram import wire
from channels.telegram.api import Api
from channels.telegram.errors import Conflict
from channels.telegram.front import read_update, update_id

POLL_SECONDS = 50
GRACE = 15.0
BATCH = 100
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0

logger = logging.getLogger(__name__)


class Poller:
    """One bot's polling loop. Whatever is not stored is asked for again, so a restart loses nothing."""

    def __init__(
        self,
        api: Api,
        accept: Accept,
        *,
        now: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        poll_seconds: int = POLL_SECONDS,
    ) -> None:
        """`now` is UTC; `poll_seconds` is how long Telegram may keep a request with nothing to tell."""
        self._api = api
        self._accept = accept
        self._now = now
        self._sleep = sleep
        self._poll_seconds = poll_seconds
        self._offset = 0
        self._failures = 0

    async def run(self) -> None:
        """Receive until cancelled. A webhook that was set before is taken away first."""
        while not await self._tried(self._api.do("deleteWebhook", {"drop_pending_updates": False})):
            pass
        while True:
            await self._tried(self._receive())

    async def _tried(self, step: Awaitable[None]) -> bool:
        """Whether the step worked; after one that did not, a pause that grows with each in a row."""
        try:
            await step
        except (SendError, NotStored) as failure:
            pause = self._pause(failure)
            logger.warning("Telegram polling: %s; again in %.1f s", failure, pause)
            await self._sleep(pause)
            return False
        self._failures = 0
        return True

    async def _receive(self) -> None:
        params = {
            "offset": self._offset,
            "limit": BATCH,
            "timeout": self._poll_seconds,
            "allowed_updates": wire.ALLOWED_UPDATES,
        }
        bodies = await self._api.call("getUpdates", params, wire.UPDATES, answer_within=self._poll_seconds + GRACE)
        if not bodies:
            return
        updates = self._read(bodies)
        await self._accept(updates)
        self._offset = max(update_id(update) for update in updates) + 1

    def _read(self, bodies: Sequence[msgspec.Raw]) -> list[Raw]:
        received_at = self._now()
        return [read_update(bytes(body), bot_id=self._api.bot_id, received_at=received_at) for body in bodies]

    def _pause(self, failure: Exception) -> float:
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(self._failures, 10))
        self._failures += 1
        if isinstance(failure, Conflict):
            return max(failure.after, pause)
        if isinstance(failure, RetryLater) and failure.whole_bot:
            return failure.after
        return pause
