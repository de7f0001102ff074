"""The queue of updates: rising ids, confirmation by offset, long polls, and who may be asking."""

import asyncio
import random
from collections import deque
from dataclasses import dataclass, field

import msgspec

from tests.emulator.errors import ApiError, bad_request
from tests.emulator.state import Json

KINDS = (
    "message",
    "edited_message",
    "callback_query",
    "my_chat_member",
    "chat_member",
    "message_reaction",
    "message_reaction_count",
)
DEFAULT_KINDS = frozenset(KINDS) - {"chat_member", "message_reaction", "message_reaction_count"}
ANOTHER_POLLER = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
WEBHOOK_ACTIVE = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)
WEBHOOK_SET = "Conflict: terminated by setWebhook request"


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Update:
    """Encoded once; `lane` is the chat within which a webhook keeps the order."""

    id: int
    kind: str
    lane: int
    body: bytes


@dataclass(kw_only=True, slots=True)
class Updates:
    pending: deque[Update] = field(default_factory=deque)
    next_id: int = field(default_factory=lambda: random.randrange(100_000_000, 900_000_000))
    allowed: frozenset[str] = DEFAULT_KINDS
    webhook_active: bool = False
    _poll: "asyncio.Future[None] | None" = None
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)
    _encoder: msgspec.json.Encoder = field(default_factory=msgspec.json.Encoder)

    def add(self, kind: str, payload: Json, *, lane: int) -> Update | None:
        """Queue an update, unless the bot did not ask for its kind."""
        if kind not in self.allowed:
            return None
        update = Update(
            id=self.next_id, kind=kind, lane=lane,
            body=self._encoder.encode({"update_id": self.next_id, kind: payload}),
        )  # fmt: skip
        self.next_id += 1
        self.pending.append(update)
        self._arrived.set()
        if self._poll is not None:
            _wake(self._poll)
        return update

    def allow(self, kinds: object) -> None:
        """An empty list asks for the default kinds; nothing given keeps the last wish."""
        if kinds is None:
            return
        if not isinstance(kinds, list):
            bad_request("can't parse allowed_updates: expected an Array of String")
        self.allowed = frozenset(str(kind) for kind in kinds) & frozenset(KINDS) if kinds else DEFAULT_KINDS

    def confirm(self, offset: int) -> None:
        """Forget all before `offset`; a negative one keeps that many of the newest."""
        if offset < 0:
            while len(self.pending) > -offset:
                self.pending.popleft()
            return
        while self.pending and self.pending[0].id < offset:
            self.pending.popleft()

    async def poll(self, offset: int, limit: int, seconds: float) -> list[bytes]:
        """The oldest unconfirmed updates, or none after so many seconds. A newer poll ends an older one with 409."""
        if self.webhook_active:
            raise ApiError(409, WEBHOOK_ACTIVE)
        self.interrupt(ANOTHER_POLLER)
        self.confirm(offset)
        if not self.pending and seconds > 0:
            await self._wait(seconds)
        return [update.body for update, _ in zip(self.pending, range(limit), strict=False)]

    async def arrival(self, seen: int) -> None:
        """Wait until something is queued after `next_id` was `seen` (for the webhook's delivery)."""
        while self.next_id == seen:
            self._arrived.clear()
            await self._arrived.wait()

    def interrupt(self, reason: str) -> None:
        """End a long poll that waits, with 409."""
        if self._poll is not None and not self._poll.done():
            self._poll.set_exception(ApiError(409, reason))

    async def _wait(self, seconds: float) -> None:
        poll = self._poll = asyncio.get_running_loop().create_future()
        timer = asyncio.get_running_loop().call_later(seconds, _wake, poll)
        try:
            await poll
        finally:
            timer.cancel()
            if self._poll is poll:
                self._poll = None


def _wake(poll: "asyncio.Future[None]") -> None:
    if not poll.done():
        poll.set_result(None)
