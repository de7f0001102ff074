"""How much the bot may send: allowances as values, meters that keep count, one limiter for chat, group and bot."""

import math
from collections import deque
from dataclasses import dataclass, field
from typing import Protocol

from tests.emulator.clock import Clock


@dataclass(frozen=True, kw_only=True, slots=True)
class Bucket:
    """A steady rate with a burst: refilled evenly, never above `burst`."""

    per_second: float
    burst: int

    def shortest(self, messages: int) -> float:
        """Seconds that this many messages take when none of the allowance is left unused."""
        return max(0, messages - self.burst) / self.per_second

    def meter(self) -> "Meter":
        return BucketMeter(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """At most `count` within any `seconds`: the strict reading of "20 a minute"."""

    count: int
    seconds: float

    def shortest(self, messages: int) -> float:
        return max(0, messages - 1) // self.count * self.seconds

    def meter(self) -> "Meter":
        return WindowMeter(self)


Allowance = Bucket | Window


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """None lifts a limit. `scale` is how long an emulated second lasts; retry_after is in emulated, whole seconds."""

    per_chat: Allowance | None = field(default_factory=lambda: Bucket(per_second=1.0, burst=3))
    per_group: Allowance | None = field(default_factory=lambda: Window(count=20, seconds=60.0))
    per_bot: Allowance | None = field(default_factory=lambda: Window(count=30, seconds=1.0))
    scale: float = 1.0
    count_edits: bool = True

    @classmethod
    def off(cls) -> "Limits":
        return cls(per_chat=None, per_group=None, per_bot=None)


class Meter(Protocol):
    def wait(self, now: float, cost: int) -> float:
        """Seconds until `cost` fits; 0 when it fits now."""
        ...

    def spend(self, now: float, cost: int) -> None: ...


class BucketMeter:
    def __init__(self, allowance: Bucket) -> None:
        self._allowance = allowance
        self._level = float(allowance.burst)
        self._seen = -math.inf

    def wait(self, now: float, cost: int) -> float:
        self._refill(now)
        missing = min(cost, self._allowance.burst) - self._level
        return max(0.0, missing / self._allowance.per_second) if missing > 1e-9 else 0.0

    def spend(self, now: float, cost: int) -> None:
        self._refill(now)
        self._level -= cost

    def _refill(self, now: float) -> None:
        if self._seen > -math.inf:
            gained = (now - self._seen) * self._allowance.per_second
            self._level = min(float(self._allowance.burst), self._level + gained)
        self._seen = now


class WindowMeter:
    def __init__(self, allowance: Window) -> None:
        self._allowance = allowance
        self._times: deque[float] = deque()

    def wait(self, now: float, cost: int) -> float:
        while self._times and self._times[0] <= now - self._allowance.seconds:
            self._times.popleft()
        over = len(self._times) + min(cost, self._allowance.count) - self._allowance.count
        return self._times[over - 1] + self._allowance.seconds - now if over > 0 else 0.0

    def spend(self, now: float, cost: int) -> None:
        self._times.extend([now] * cost)


class Limiter:
    """Grants or refuses as a whole; refused attempts cost nothing."""

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self.limits = limits
        self._clock = clock
        self._chats: dict[int, Meter] = {}
        self._bot = limits.per_bot.meter() if limits.per_bot else None
        self.granted: dict[int, list[float]] = {}

    def take(self, chat_id: int, *, is_group: bool, cost: int) -> int:
        """0 when granted, else the whole seconds to wait."""
        allowance = self.limits.per_group if is_group else self.limits.per_chat
        if allowance is None and self._bot is None:
            return 0
        now = self._clock.now() / self.limits.scale
        meters = [self._bot] if self._bot else []
        if allowance is not None:
            meters.append(self._chats.get(chat_id) or self._chats.setdefault(chat_id, allowance.meter()))
        wait = max(meter.wait(now, cost) for meter in meters)
        if wait > 0:
            return max(1, math.ceil(wait))
        for meter in meters:
            meter.spend(now, cost)
        self.granted.setdefault(chat_id, []).extend([now] * cost)
        return 0

    def share_used(self, chat_id: int, *, is_group: bool = True) -> float:
        """How much of the allowance was used between the first and the last message: 1.0 could not be faster."""
        allowance = self.limits.per_group if is_group else self.limits.per_chat
        times = self.granted.get(chat_id, [])
        if allowance is None or len(times) < 2:
            return 1.0
        return min(1.0, allowance.shortest(len(times)) / max(times[-1] - times[0], 1e-9))
