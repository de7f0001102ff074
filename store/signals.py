"""PostgreSQL's NOTIFY as a bell between processes, on a connection of its own.

A signal may be lost (while the connection is away) or doubled; whoever listens looks again by itself from time to time.
A process that has heard of no other tells nobody: each says hello when it comes and from time to time, and is answered.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import asyncpg
from sqlalchemy import make_url

CHANNEL = "guanxi"

_ANSWER_SECONDS = 10.0
_QUIET_SECONDS = 30.0
#: Whoever is there answers a hello within moments.
_GREETING_SECONDS = 2.0
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 5.0
#: PostgreSQL takes less than 8000 bytes.
_LONGEST_TOPIC = 7999
#: So many wait for a connection that is away; who misses the others has the sweep.
_MOST_TOPICS = 10_000

#: Said by who comes, and answered by who is there; neither is a topic.
_HELLO, _HERE = "\x1bhello", "\x1bhere"
#: Who has said nothing for so long is gone; hello is said far more often.
_COMPANY_SECONDS = 3 * _QUIET_SECONDS

_SEND = "SELECT pg_notify($1, topic) FROM unnest($2::text[]) AS topic"

logger = logging.getLogger(__name__)


class Signals:
    """Topics told to the other processes, and theirs heard."""

    def __init__(self, url: str, *, heard: Callable[[str], None], returned: Callable[[], None]) -> None:
        """`heard` is told each topic of another process; `returned`, that signals before now may have been lost."""
        self._url = make_url(url).set(drivername="postgresql+asyncpg")
        self._heard = heard
        self._returned = returned
        self._topics: set[str] = set()
        self._wake = asyncio.Event()
        self._is_away = True
        self._company_until = 0.0
        self._hello_at = 0.0

    def send(self, topic: str) -> None:
        """Tell the other processes, if any, in the connection's next statement; the same topic twice goes once."""
        alone = not self._is_away and asyncio.get_running_loop().time() > self._company_until
        if not alone and len(self._topics) < _MOST_TOPICS and len(topic.encode()) <= _LONGEST_TOPIC:
            self._topics.add(topic)
            self._wake.set()

    async def run(self) -> None:
        """Keep a connection until cancelled, a new one whenever it is lost."""
        pause = _FIRST_PAUSE
        while True:
            try:
                connection = await self._connect()
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                logger.warning("the bell between processes is away", extra={"why": type(error).__name__})
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
                continue
            pause = _FIRST_PAUSE
            try:
                self._returned()
                await self._serve(connection)
            finally:
                self._is_away = True
                connection.terminate()

    async def _connect(self) -> Any:
        # By the same reading of the URL as the pool's, so that every option means the same here.
        _, options = self._url.get_dialect()().create_connect_args(self._url)
        # NOTIFY writes a transaction; that it may be lost is agreed, so nothing waits for the disk.
        settings = {"synchronous_commit": "off", "application_name": "guanxi bell"}
        async with asyncio.timeout(_ANSWER_SECONDS):
            connection = await asyncpg.connect(**options, server_settings=settings)
            connection.add_termination_listener(lambda _: self._wake.set())
            await connection.add_listener(CHANNEL, self._on_signal)
        return connection

    def _on_signal(self, connection: Any, process: int, _channel: str, topic: str) -> None:
        if process == connection.get_server_pid():
            return
        self._company_until = asyncio.get_running_loop().time() + _COMPANY_SECONDS
        if topic == _HELLO:
            self._topics.add(_HERE)
            self._wake.set()
        elif topic != _HERE:
            self._heard(topic)

    async def _serve(self, connection: Any) -> None:
        """Send until the connection is lost; where nobody told us of that, the next hello does."""
        loop = asyncio.get_running_loop()
        self._hello_at = loop.time()
        self._company_until = loop.time() + _GREETING_SECONDS
        while not connection.is_closed():
            topics, self._topics = self._topics, set()
            if loop.time() >= self._hello_at:
                self._hello_at = loop.time() + _QUIET_SECONDS
                topics.add(_HELLO)
            try:
                await self._say(connection, topics)
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                logger.warning("the bell between processes was lost", extra={"why": type(error).__name__})
                return
            self._is_away = False
            await self._woken(self._hello_at - loop.time())

    async def _woken(self, within: float) -> None:
        try:
            async with asyncio.timeout(within):
                await self._wake.wait()
        except TimeoutError:
            pass
        self._wake.clear()

    async def _say(self, connection: Any, topics: set[str]) -> None:
        if topics:
            await connection.execute(_SEND, CHANNEL, list(topics), timeout=_ANSWER_SECONDS)
