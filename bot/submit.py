"""The way of a command that somebody waits for: stored in the inbox, handled by a worker, its outcome told."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta

from bot.clock import Clock
from bot.doorbell import heard
from bot.intake import Intake
from channels.base import Raw
from desk.commands import Command
from store import inbox
from store.database import Database
from store.deadlines import HOUSE, house_command
from store.inbox import InboxState

_PATIENCE = 5.0
_LOOK_AGAIN = timedelta(seconds=0.5)


class CommandParked(Exception):
    """The command could not be handled; the operator finds it among the parked rows."""


class Submit:
    """Stores commands of the console and the API, and waits for their outcome."""

    def __init__(
        self,
        *,
        database: Database,
        intake: Intake,
        now: Clock,
        listen: Callable[[str], AbstractAsyncContextManager[asyncio.Event]],
        patience: float = _PATIENCE,
    ) -> None:
        """`patience` is how many seconds an outcome is waited for."""
        self._database = database
        self._intake = intake
        self._now = now
        self._listen = listen
        self._patience = patience

    async def __call__(self, command: Command, *, key: str, lane: str) -> str | None:
        """Store the command once for all times of `key`, and wait until it is handled.

        Returns None, or the refusal as a sentence. Raises TimeoutError when it is stored and not handled yet,
        CommandParked when it cannot be handled.
        """
        row = house_command(command, key=key, lane=lane, now=self._now())
        raw = Raw(key=row.key, lane=row.lane, channel=HOUSE, payload=row.payload, received_at=row.received_at)
        async with self._listen("answers") as bell:
            await self._intake.accept([raw])
            async with asyncio.timeout(self._patience):
                while True:
                    bell.clear()
                    outcome = await self._database.read(lambda connection: inbox.outcome(connection, key))
                    match outcome:
                        case (InboxState.DONE | InboxState.IGNORED, answer):
                            return answer
                        case (InboxState.PARKED, reason):
                            raise CommandParked(reason)
                    await heard(bell, _LOOK_AGAIN)
