"""Many customers at once or at a steady pace, and what came of it: the benchmarks' and the kill test's load."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.emulator.ledger import Call
from tests.emulator.people import Customer
from tests.emulator.state import Json
from tests.emulator.world import World

_MARK = re.compile(r"m-\d+-\d+")


@dataclass(slots=True)
class Flood:
    """Writes marked lines (`m-<customer>-<line>`) and notes when the first call that shows each mark arrives."""

    world: World
    customer: Callable[[int], Customer]
    written: dict[str, float] = field(default_factory=dict)
    first_call: dict[str, float] = field(default_factory=dict)
    _origins: dict[tuple[int, int], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.world.ledger.watchers.append(self._watch)

    def at_once(
        self, customers: int, lines: int, *, first_id: int = 1_000_000, text: str = "where is my order"
    ) -> None:
        """Line by line, so that the customers' lines are interleaved as in life."""
        for line in range(lines):
            for number in range(customers):
                self.write(first_id + number, line, text)

    async def paced(self, customers: int, lines: int, *, per_second: float, first_id: int = 1_000_000) -> None:
        """The same at a steady pace, by the event loop's clock."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        for number in range(customers * lines):
            await asyncio.sleep(max(0.0, began + number / per_second - loop.time()))
            self.write(first_id + number % customers, number // customers, "where is my order")

    def write(self, customer_id: int, line: int, text: str) -> None:
        mark = f"m-{customer_id}-{line}"
        self.written[mark] = asyncio.get_running_loop().time()
        message = self.customer(customer_id).writes(f"{text} {mark}")
        self._origins[(customer_id, message.id)] = mark

    @property
    def done(self) -> bool:
        """Every line was shown or copied by some call."""
        return len(self.first_call) == len(self.written)

    def latencies(self) -> list[float]:
        """Seconds from a line being written to the first call that shows it, sorted."""
        return sorted(self.first_call[mark] - at for mark, at in self.written.items() if mark in self.first_call)

    def summary(self) -> Json:
        found = self.latencies()
        calls = {name: count for name, count in self.world.ledger.counts.items() if name != "getUpdates"}
        return {
            "written": len(self.written),
            "shown": len(found),
            "seconds": max(self.first_call.values()) - min(self.written.values()) if found else None,
            "p50": found[len(found) // 2] if found else None,
            "p99": found[min(len(found) - 1, len(found) * 99 // 100)] if found else None,
            "calls": calls,
            "refusals": dict(self.world.ledger.refusals),
            "unconfirmed": len(self.world.updates.pending),
            "most_in_flight": self.world.ledger.most_in_flight,
        }

    def _watch(self, call: Call) -> None:
        for mark in self._marks(call):
            if mark in self.written:
                self.first_call.setdefault(mark, call.started)

    def _marks(self, call: Call) -> list[str]:
        text = call.params.get("text") or call.params.get("caption")
        if text:
            return _MARK.findall(str(text))
        source = call.params.get("from_chat_id")
        if source is None:
            return []
        named = call.params.get("message_id") or call.params.get("message_ids")
        ids = re.findall(r"\d+", str(named))
        return [mark for number in ids if (mark := self._origins.get((int(source), int(number))))]
