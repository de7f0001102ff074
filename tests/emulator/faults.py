"""Scripted misfortune: the next calls of a method meet an error, a cut connection, a delay, a 429 or a closed gate."""

import asyncio
from dataclasses import dataclass, field
from enum import Enum


class Kind(Enum):
    ERROR = "error"  # an HTTP error, before any effect
    CUT_BEFORE = "cut before"  # the connection ends, nothing was done
    CUT_AFTER = "cut after"  # it was done, but the answer never arrives
    DELAY = "delay"
    FLOOD = "flood"  # 429 with retry_after
    HOLD = "hold"  # waits, before any effect, until the test opens the gate


@dataclass(kw_only=True, slots=True)
class Fault:
    """One rule; `times` counts down, `struck` counts up. `method` may be "*", `chat` None for any."""

    kind: Kind
    method: str
    chat: int | None = None
    times: int = 1
    code: int = 500
    seconds: float = 0.0
    retry_after: int = 1
    struck: int = 0
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def fits(self, method: str, chat: int | None) -> bool:
        named = self.method in {"*", method}
        return self.times > 0 and named and (self.chat is None or self.chat == chat)

    def strike(self) -> None:
        self.times -= 1
        self.struck += 1

    def release(self) -> None:
        """Open the gate of a hold, for those who wait and those to come."""
        self.times = 0
        self.gate.set()


class Faults:
    """Rules are asked in the order they were made; the first that fits strikes. Method names as the API writes them."""

    def __init__(self) -> None:
        self._rules: list[Fault] = []

    def fail(self, method: str, *, code: int = 500, times: int = 1, chat: int | None = None) -> Fault:
        return self._add(Fault(kind=Kind.ERROR, method=method, chat=chat, times=times, code=code))

    def cut_before(self, method: str, *, times: int = 1, chat: int | None = None) -> Fault:
        return self._add(Fault(kind=Kind.CUT_BEFORE, method=method, chat=chat, times=times))

    def cut_after(self, method: str, *, times: int = 1, chat: int | None = None) -> Fault:
        return self._add(Fault(kind=Kind.CUT_AFTER, method=method, chat=chat, times=times))

    def delay(self, method: str, seconds: float, *, times: int = 1, chat: int | None = None) -> Fault:
        return self._add(Fault(kind=Kind.DELAY, method=method, chat=chat, times=times, seconds=seconds))

    def storm(self, method: str, *, retry_after: int = 1, times: int = 1, chat: int | None = None) -> Fault:
        return self._add(Fault(kind=Kind.FLOOD, method=method, chat=chat, times=times, retry_after=retry_after))

    def hold(self, method: str, *, times: int = 1, chat: int | None = None) -> Fault:
        return self._add(Fault(kind=Kind.HOLD, method=method, chat=chat, times=times))

    def clear(self) -> None:
        for rule in self._rules:
            rule.release()
        self._rules.clear()

    def next_for(self, method: str, chat: int | None) -> Fault | None:
        if not self._rules:
            return None
        for rule in self._rules:
            if rule.fits(method, chat):
                rule.strike()
                self._rules = [kept for kept in self._rules if kept.times > 0 or kept.kind is Kind.HOLD]
                return rule
        return None

    def _add(self, rule: Fault) -> Fault:
        self._rules.append(rule)
        return rule
