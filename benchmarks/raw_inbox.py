"""The second yardstick: a durable inbox and nothing else, by hand: aiohttp, msgspec, asyncpg, group commit."""

import asyncio
import os
from typing import Any

import asyncpg
import msgspec
from aiohttp import web

_TABLE = "CREATE TABLE inbox (id bigserial PRIMARY KEY, update_id bigint UNIQUE NOT NULL, body text NOT NULL)"
_INSERT = "INSERT INTO inbox (update_id, body) SELECT * FROM unnest($1::bigint[], $2::text[]) ON CONFLICT DO NOTHING"


class _Update(msgspec.Struct):
    update_id: int


class Inbox:
    """Stores updates; whoever comes while a commit is under way goes together into the next one."""

    def __init__(self, connection: Any) -> None:
        """Everything goes through this one connection."""
        self._connection = connection
        self._waiting: list[tuple[int, str, asyncio.Future[None]]] = []
        self._storing: asyncio.Task[None] | None = None
        self._decode = msgspec.json.Decoder(_Update).decode

    async def receive(self, request: web.Request) -> web.Response:
        """Acknowledge an update when it is committed."""
        body = await request.read()
        stored = asyncio.get_running_loop().create_future()
        self._waiting.append((self._decode(body).update_id, body.decode(), stored))
        if self._storing is None:
            self._storing = asyncio.create_task(self._store())
        await stored
        return web.Response()

    async def _store(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting, []
            await self._connection.execute(_INSERT, [each[0] for each in group], [each[1] for each in group])
            for _, _, stored in group:
                stored.set_result(None)
        self._storing = None


async def main() -> None:
    """Serve until ended."""
    connection = await asyncpg.connect(os.environ["BENCH_DATABASE_URL"])
    await connection.execute(_TABLE)
    app = web.Application()
    app.router.add_post("/telegram/webhook", Inbox(connection).receive)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", int(os.environ["BENCH_PORT"])).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
