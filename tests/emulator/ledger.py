"""Every call the bot made: when, what, with which outcome, whether it took effect and whether the answer arrived."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

QUIET = frozenset({"getUpdates", "getMe", "getWebhookInfo", "setWebhook", "deleteWebhook", "setMyCommands"})


@dataclass(kw_only=True, slots=True)
class Call:
    """Times are the event loop's seconds. `finished` and `delivered` are None while the call is in flight."""

    number: int
    method: str
    chat_id: int | None
    thread_id: int | None
    params: dict[str, Any]
    started: float
    finished: float | None = None
    code: int | None = None
    description: str | None = None
    effect: bool = False
    delivered: bool | None = None

    @property
    def succeeded(self) -> bool:
        return self.code == 200


@dataclass(kw_only=True, slots=True)
class Ledger:
    """With `keep` off only the counts stay (for long benchmarks)."""

    keep: bool = True
    calls: list[Call] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    total: int = 0
    in_flight: int = 0
    most_in_flight: int = 0
    watchers: list[Callable[[Call], None]] = field(default_factory=list)

    def begin(self, method: str, chat_id: int | None, thread_id: int | None, params: dict[str, Any], at: float) -> Call:
        call = Call(number=self.total, method=method, chat_id=chat_id, thread_id=thread_id, params=params, started=at)
        self.total += 1
        self.counts[method] += 1
        if self.keep:
            self.calls.append(call)
        if method not in QUIET:
            self.in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self.in_flight)
        for watcher in self.watchers:
            watcher(call)
        return call

    def end(self, call: Call, *, at: float, delivered: bool) -> None:
        call.finished = at
        call.delivered = delivered
        if call.method not in QUIET:
            self.in_flight -= 1
        if call.code != 200:
            self.refusals[f"{call.method} {call.code}"] += 1

    def of(self, method: str, chat_id: int | None = None) -> list[Call]:
        """Calls of a method, in order of arrival."""
        return [call for call in self.calls if call.method == method and chat_id in {None, call.chat_id}]

    def in_flight_at(self, moment: float) -> list[Call]:
        """Calls under way at that time of the event loop, polling left out."""
        return [
            call
            for call in self.calls
            if call.method not in QUIET and call.started <= moment and (call.finished is None or call.finished > moment)
        ]

    def undelivered(self) -> list[Call]:
        """Calls that took effect while the bot never learned of it."""
        return [call for call in self.calls if call.effect and call.delivered is False]
