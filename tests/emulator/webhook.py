"""Delivery by webhook: the secret's header, one update of a chat at a time, again after a growing pause until 2xx."""

import asyncio
import re
from collections import Counter
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp

from tests.emulator.errors import bad_request
from tests.emulator.params import Params
from tests.emulator.state import Json
from tests.emulator.updates import WEBHOOK_SET, Update
from tests.emulator.world import World

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
_SECRET = re.compile(r"[A-Za-z0-9_-]{0,256}\Z")


@dataclass(frozen=True, kw_only=True, slots=True)
class Hook:
    url: str
    secret_token: str
    max_connections: int


class Webhook:
    """`first_pause` doubles with each refusal up to `longest_pause` (the real one begins with a second)."""

    def __init__(self, world: World, *, first_pause: float = 0.05, longest_pause: float = 2.0) -> None:
        self._world = world
        self._first_pause = first_pause
        self._longest_pause = longest_pause
        self._hook: Hook | None = None
        self._task: asyncio.Task[None] | None = None
        self._last_error: Json = {}
        self.attempts: Counter[int] = Counter()

    async def set(self, params: Params) -> bool:
        """setWebhook; an empty url is deleteWebhook."""
        url = params.text("url")
        if not url:
            return await self.delete(params)
        hook = Hook(
            url=_checked_url(url),
            secret_token=_checked_secret(params.text("secret_token")),
            max_connections=min(100, max(1, params.integer("max_connections", 40))),
        )
        await self.stop()
        self._world.updates.allow(params.structure("allowed_updates", "allowed_updates"))
        self._drop_if_asked(params)
        self._world.updates.webhook_active = True
        self._world.updates.interrupt(WEBHOOK_SET)
        self._hook, self._last_error = hook, {}
        self._task = asyncio.create_task(self._deliver(hook))
        return True

    async def delete(self, params: Params) -> bool:
        await self.stop()
        self._drop_if_asked(params)
        return True

    def info(self) -> Json:
        shape: Json = {
            "url": self._hook.url if self._hook else "",
            "has_custom_certificate": False,
            "pending_update_count": len(self._world.updates.pending),
        }
        if self._hook:
            allowed = sorted(self._world.updates.allowed)
            shape |= {"max_connections": self._hook.max_connections, "allowed_updates": allowed} | self._last_error
        return shape

    async def stop(self) -> None:
        self._hook = None
        self._world.updates.webhook_active = False
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def _drop_if_asked(self, params: Params) -> None:
        if params.boolean("drop_pending_updates"):
            self._world.updates.pending.clear()

    async def _deliver(self, hook: Hook) -> None:
        """Start a delivery for each chat that has something waiting, within max_connections."""
        pending, under_way = self._world.updates.pending, dict[int, asyncio.Task[None]]()
        async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as deliveries:
            while True:
                seen = self._world.updates.next_id
                for update in list(pending):
                    if len(under_way) >= hook.max_connections:
                        break
                    if update.lane not in under_way:
                        task = deliveries.create_task(self._until_accepted(session, hook, update))
                        under_way[update.lane] = task
                arrival = asyncio.ensure_future(self._world.updates.arrival(seen))
                try:
                    await asyncio.wait([arrival, *under_way.values()], return_when=asyncio.FIRST_COMPLETED)
                finally:
                    arrival.cancel()
                under_way = {lane: task for lane, task in under_way.items() if not task.done()}

    async def _until_accepted(self, session: aiohttp.ClientSession, hook: Hook, update: Update) -> None:
        pause = self._first_pause
        while not await self._accepted(session, hook, update):
            await asyncio.sleep(pause)
            pause = min(2 * pause, self._longest_pause)
        self._world.updates.pending.remove(update)
        self._world.changed()

    async def _accepted(self, session: aiohttp.ClientSession, hook: Hook, update: Update) -> bool:
        headers = {"Content-Type": "application/json"}
        if hook.secret_token:
            headers[SECRET_HEADER] = hook.secret_token
        self.attempts[update.id] += 1
        try:
            async with session.post(hook.url, data=update.body, headers=headers) as answer:
                await answer.read()
                reason = f"Wrong response from the webhook: {answer.status} {answer.reason}"
                accepted = 200 <= answer.status < 300
        except aiohttp.ClientError:
            reason, accepted = "Connection refused", False
        if not accepted:
            self._last_error = {"last_error_date": self._world.now(), "last_error_message": reason}
            self._world.changed()
        return accepted


def _checked_url(url: str) -> str:
    """The real server wants https and a public host; here plain http to this machine will do."""
    parts = urlsplit(url)
    local = parts.hostname in {"127.0.0.1", "localhost"}
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and local)):
        bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    return url


def _checked_secret(secret: str) -> str:
    if len(secret) > 256:
        bad_request("secret token is too long")
    if not _SECRET.match(secret):
        bad_request("secret token contains unallowed characters")
    return secret
