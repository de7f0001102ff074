"""The doorbell: "there is work", within this process and to the others.

Topics: "inbox", "outbox", "desk", "answers", "conversation:KEY". The database decides who works, so a ring may be lost
or doubled; a slow sweep stands behind every listener.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from store.signals import Signals


class Bell(asyncio.Event):
    """An event that knows whether it was rung, which tells of work in the database, or only set."""

    def __init__(self) -> None:
        super().__init__()
        self.is_rung = False

    def ring(self) -> None:
        """Wake whoever listens."""
        self.is_rung = True
        self.set()

    def clear(self) -> None:
        """Listen anew."""
        self.is_rung = False
        super().clear()


class Doorbell:
    """Rings within one process. All calls come from the event loop's thread."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[Bell]] = {}

    def ring(self, topic: str) -> None:
        """Wake whoever listens to this topic."""
        self._wake(topic)

    @asynccontextmanager
    async def listen(self, topic: str) -> AsyncIterator[Bell]:
        """An event that is set at each ring of the topic; clear it before you look, so that no ring falls between."""
        event = Bell()
        events = self._listeners.setdefault(topic, set())
        events.add(event)
        try:
            yield event
        finally:
            events.discard(event)
            if not events and self._listeners.get(topic) is events:
                del self._listeners[topic]

    async def run(self) -> None:
        """Keep what carries rings to other processes until cancelled; within one process there is nothing to keep."""

    def _wake(self, topic: str) -> None:
        for event in self._listeners.get(topic, ()):
            event.ring()

    def _wake_all(self) -> None:
        for topic in self._listeners:
            self._wake(topic)


class PostgresDoorbell(Doorbell):
    """Rings here at once, and in every other process on the same database."""

    def __init__(self, url: str) -> None:
        """Connect nothing yet: `run` does. What rings before is told when the connection stands."""
        super().__init__()
        # After an absence everybody looks once: what rang meanwhile was not heard here.
        self._signals = Signals(url, heard=self._wake, returned=self._wake_all)

    def ring(self, topic: str) -> None:
        """Wake whoever listens to this topic, in every process."""
        self._wake(topic)
        self._signals.send(topic)

    async def run(self) -> None:
        """Keep the connection until cancelled, with a back-off while the database is away."""
        await self._signals.run()


def open_doorbell(url: str) -> Doorbell:
    """The doorbell that belongs to the database at this URL."""
    return PostgresDoorbell(url) if url.startswith("postgresql") else Doorbell()


async def heard(event: asyncio.Event, within: timedelta) -> bool:
    """Wait for a ring, no longer than `within`: a ring may be lost. Returns whether it came."""
    try:
        async with asyncio.timeout(within.total_seconds()):
            return await event.wait()
    except TimeoutError:
        return False
