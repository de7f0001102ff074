"""How much a channel lets us send: token buckets as values, and the budget of one bot kept in them.

A token comes back a fixed time after it was taken, so a bucket allows exactly what a server does that counts a sliding
window ("20 a minute"), bursts included, and never a message more.
"""

from dataclasses import dataclass, field
from threading import Lock

SWEEP_ABOVE = 256


@dataclass(frozen=True, kw_only=True, slots=True)
class Rate:
    """At most `tokens` within any `seconds`."""

    tokens: int
    seconds: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Bucket:
    """`taken` are the moments at which tokens were taken that may not be back yet, oldest first (monotonic seconds)."""

    rate: Rate
    taken: tuple[float, ...] = ()

    def wait(self, cost: int, now: float) -> float:
        """Seconds until `cost` tokens are there; more than the bucket holds counts as all of it."""
        lacking = len(self.taken) + min(cost, self.rate.tokens) - self.rate.tokens
        if lacking <= 0:
            return 0.0
        return max(0.0, self.taken[lacking - 1] + self.rate.seconds - now)

    def take(self, cost: int, now: float) -> "Bucket":
        """The bucket after that; tokens that are back are forgotten."""
        # Whoever waited just as long as told may come a rounding of floats too early.
        rounding = self.rate.seconds * 5e-10
        out = tuple(at for at in self.taken if at + self.rate.seconds > now + rounding)
        return Bucket(rate=self.rate, taken=out + (now,) * cost)

    def is_full(self, now: float) -> bool:
        """Whether nothing is out, so that a new bucket would say the same."""
        return not self.taken or self.taken[-1] + self.rate.seconds <= now


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What a bot may send; None lifts a limit. A group has its own limit in place of the chat's.

    `margin` is added to each period: of two messages the later may travel faster, and the server counts arrivals.
    """

    chat: Rate | None = field(default_factory=lambda: Rate(tokens=3, seconds=3.0))
    group: Rate | None = field(default_factory=lambda: Rate(tokens=20, seconds=60.0))
    bot: Rate | None = field(default_factory=lambda: Rate(tokens=30, seconds=1.0))
    margin: float = 0.05


class Budget:
    """What one bot has spent. Every `now` is monotonic seconds, of one clock.

    It is asked from the event loop's thread and from the one in which SQLite works.
    """

    def __init__(self, limits: Limits) -> None:
        """Start with nothing spent."""
        self._chat = _widened(limits.chat, limits.margin)
        self._group = _widened(limits.group, limits.margin)
        bot = _widened(limits.bot, limits.margin)
        self._bot = Bucket(rate=bot) if bot else None
        self._buckets: dict[str, Bucket] = {}
        self._blocked: dict[str, float] = {}
        self._bot_blocked_until = 0.0
        self._sweep_at = SWEEP_ABOVE
        self._lock = Lock()

    def pause(self, chat: str | None, now: float, *, is_group: bool, cost: int = 1) -> float:
        """Seconds until `cost` messages may go to the chat; at 0.0 they are counted as spent.

        No chat: only the bot's own limit counts.
        """
        with self._lock:
            wait = self._wait(chat, now, is_group=is_group, cost=cost)
            if wait <= 0.0:
                self._spend(chat, now, is_group=is_group, cost=cost)
                return 0.0
            return wait

    def spend(self, chat: str | None, now: float, *, is_group: bool, cost: int = 1) -> None:
        """Count messages that go whatever the limits say."""
        with self._lock:
            self._spend(chat, now, is_group=is_group, cost=cost)

    def _spend(self, chat: str | None, now: float, *, is_group: bool, cost: int) -> None:
        if self._bot is not None:
            self._bot = self._bot.take(cost, now)
        if chat is None:
            return
        bucket = self._bucket(chat, is_group=is_group)
        if bucket is not None:
            self._buckets[chat] = bucket.take(cost, now)
            if len(self._buckets) > self._sweep_at:
                self._sweep(now)

    def block(self, chat: str | None, until: float) -> None:
        """The server asked us to be silent until then, in one chat or everywhere (None)."""
        with self._lock:
            if chat is None:
                self._bot_blocked_until = max(self._bot_blocked_until, until)
            else:
                self._blocked[chat] = max(self._blocked.get(chat, 0.0), until)

    @property
    def kept(self) -> int:
        """How many chats are remembered."""
        return len(self._buckets) + len(self._blocked)

    def _wait(self, chat: str | None, now: float, *, is_group: bool, cost: int) -> float:
        wait = self._bot_blocked_until - now
        if self._bot is not None:
            wait = max(wait, self._bot.wait(cost, now))
        if chat is None:
            return wait
        if chat in self._blocked:
            wait = max(wait, self._blocked[chat] - now)
            if self._blocked[chat] <= now:
                del self._blocked[chat]
        bucket = self._bucket(chat, is_group=is_group)
        return wait if bucket is None else max(wait, bucket.wait(cost, now))

    def _bucket(self, chat: str, *, is_group: bool) -> Bucket | None:
        rate = self._group if is_group else self._chat
        if rate is None:
            return None
        return self._buckets.get(chat) or Bucket(rate=rate)

    def _sweep(self, now: float) -> None:
        """Forget the idle; the next sweep comes when as many again have gathered, so a spend costs little."""
        self._buckets = {chat: bucket for chat, bucket in self._buckets.items() if not bucket.is_full(now)}
        self._blocked = {chat: until for chat, until in self._blocked.items() if until > now}
        self._sweep_at = max(SWEEP_ABOVE, 2 * len(self._buckets))


def _widened(rate: Rate | None, margin: float) -> Rate | None:
    return None if rate is None else Rate(tokens=rate.tokens, seconds=rate.seconds + margin)
