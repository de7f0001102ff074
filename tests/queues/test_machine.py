"""Intake, worker and sender in any order, with crashes, lost answers and lost rings (J4).

Nothing is lost, everybody's order is kept, every count is right, and where no ring was lost nobody had to wait for the
sweep.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from sqlalchemy import func, select

from bot.doorbell import Bell
from bot.hatch import Hatch, SenderHatch
from bot.intake import Intake
from bot.worker import WorkLimits
from channels.base import Parcel, Raw, RetryLater, SendError, Sent, Uncertain
from desk.commands import Sender
from desk.outgoing import Content, Relay
from store import tables
from store.database import open_database
from store.inbox import ClaimedRows
from store.tables import metadata
from tests.handlers.desk_driver import Desk
from tests.queues.post import LEASE, FakeChannel, Post, drift, until

Result = TypeVar("Result")

CUSTOMERS = [Sender(channel="telegram", address=str(800 + number), name=f"C{number}") for number in range(3)]
_NEVER = timedelta(days=1)


@dataclass(kw_only=True)
class _Call:
    """A call that Telegram has not answered yet."""

    content: Content
    thread: int | None
    answer: asyncio.Future[SendError | None]


class _Telegram(FakeChannel):
    """Answers when it is told to."""

    def __init__(self, post: Post) -> None:
        super().__init__(post)
        self.calls: list[_Call] = []
        self.relayed: list[tuple[int | None, str]] = []

    async def send(self, parcel: Parcel) -> Sent:
        """Wait for the answer."""
        answer = asyncio.get_running_loop().create_future()
        self.calls.append(_Call(content=parcel.content, thread=parcel.address.thread, answer=answer))
        refusal = await answer
        if refusal is not None:
            raise refusal
        return Sent(external_ids=(), at=self._post.now)

    def takes(self, call: _Call) -> None:
        """It arrives, whether we hear of it or not."""
        if isinstance(call.content, Relay):
            self.relayed.append((call.thread, call.content.text))

    def merge(self, contents: Sequence[Content]) -> Content | None:
        """Each line by itself, so that it can be counted."""
        del contents
        return None


class Machine(RuleBasedStateMachine):
    """One life after another on one database."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.database = open_database(url)
        self.do(self._empty())
        self.post = Post(database=self.database, sweep=_NEVER)
        self.desk = Desk(database=self.database, now=self.post.now)
        self.telegram = _Telegram(self.post)
        self.said: list[tuple[str, str]] = []
        self.repeats = 0
        self.rings_to_lose = 0
        self.is_late = False
        self.life = ExitStack()
        self._begin()

    def do(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Run it on the machine's own loop."""
        return self.loop.run_until_complete(work)

    async def _empty(self) -> None:
        def work(connection: Any) -> None:
            for table in metadata.sorted_tables[::-1]:
                connection.execute(table.delete())

        await self.database.transaction(work)

    def _begin(self) -> None:
        to_worker: Hatch[ClaimedRows] = Hatch()
        to_sender = SenderHatch()
        self.intake = Intake(self.database, self._ring, lambda: self.post.now, to_worker)
        self.worker = worker = self.desk.new_worker()
        worker._limits = WorkLimits(sweep=_NEVER)
        worker._ring, worker._to_sender, worker._bell = self._ring, to_sender, Bell()
        self.sender = sender = self.post.new_sender()
        sender._channels = sender._claims._channels = {"telegram": self.telegram}  # type: ignore[dict-item]
        sender._ring, sender._bell = self._ring, Bell()
        self.bells = {"inbox": worker._bell, "outbox": sender._bell}
        self.life.enter_context(to_worker.opened(worker))
        self.life.enter_context(to_sender.opened_for(sender, sender._claims.suits))
        for bell in self.bells.values():  # whoever starts looks
            bell.ring()

    def _ring(self, topic: str) -> None:
        if topic not in self.bells:
            return
        if self.rings_to_lose:
            self.rings_to_lose -= 1
            self.is_late = True
            return
        self.bells[topic].ring()

    # ---- what happens ------------------------------------------------------------------------------------------------

    @rule(customer=st.sampled_from(CUSTOMERS), lines=st.integers(1, 3))
    def says(self, customer: Sender, lines: int) -> None:
        """A customer writes."""
        raws = []
        for _ in range(lines):
            text = f"line {len(self.said)}"
            self.said.append((customer.key, text))
            arrival = self.desk._arrival(self.desk.message(text, by=customer))
            fields = ("key", "lane", "channel", "payload", "received_at")
            raws.append(Raw(**{name: getattr(arrival, name) for name in fields}))
        self.do(self.intake.accept(raws))

    @precondition(lambda self: self.bells["inbox"].is_set())
    @rule()
    def works(self) -> None:
        """The worker wakes, as its loop has it."""
        bell = self.bells["inbox"]
        looks = bell.is_rung
        bell.clear()
        if self.do(self.worker._work(looks=looks)).name == "MORE":
            bell.ring()
        self.do(self._until_calls_wait())

    @precondition(lambda self: self.bells["outbox"].is_set())
    @rule()
    def sends(self) -> None:
        """The sender wakes, as its loop has it."""
        bell = self.bells["outbox"]
        looks = bell.is_rung
        bell.clear()
        self.do(self.sender.step(looks=looks))
        self.do(self._until_calls_wait())

    async def _until_calls_wait(self) -> None:
        await until(lambda: len(self.sender._calls) == len(self.telegram.calls))

    @precondition(lambda self: self.telegram.calls)
    @rule(which=st.integers(0, 5), how=st.sampled_from(["taken", "taken", "taken", "refused", "unheard"]))
    def answers(self, which: int, how: str) -> None:
        """Telegram answers a call, or its answer is lost."""
        call = self.telegram.calls.pop(which % len(self.telegram.calls))
        refusals = {"refused": RetryLater("a limit", after=1.0), "unheard": Uncertain("no answer")}
        if how != "refused":
            self.telegram.takes(call)
        self.repeats += how == "unheard"
        call.answer.set_result(refusals.get(how))
        self.do(self._until_calls_wait())

    @rule()
    def a_ring_is_lost(self) -> None:
        """The next one."""
        self.rings_to_lose = 1

    @rule()
    def time_passes(self) -> None:
        """What was deferred is ready, and the sender wakes for it."""
        self._pass(timedelta(seconds=2))

    def _pass(self, time: timedelta) -> None:
        self.post.now += time
        self.desk.now = self.post.now
        if any(moment <= self.post.now for moment in self.sender._lookout._moments):
            self.bells["outbox"].ring()

    @rule(arrives=st.booleans())
    def dies(self, arrives: bool) -> None:  # noqa: FBT001 - hypothesis calls it
        """The process ends; of the calls in flight some have arrived."""
        self.repeats += self.do(self._sending())
        for call in self.telegram.calls:
            if arrives:
                self.telegram.takes(call)
        self.do(self._end_calls())
        self.life.close()
        self._pass(2 * LEASE)
        self._begin()

    async def _sending(self) -> int:
        count = select(func.count()).where(tables.outbox.c.state == "sending")
        return await self.database.read(lambda connection: int(connection.execute(count).scalar_one()))

    async def _end_calls(self) -> None:
        tasks, self.telegram.calls = list(self.sender._calls), []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # ---- what must be true at the end --------------------------------------------------------------------------------

    def teardown(self) -> None:
        """Everything that can go goes, by rings alone where none was lost."""
        try:
            self._drain()
            if self.is_late:
                for bell in self.bells.values():
                    bell.ring()
                self._drain()
            self.do(self._all_is_well())
        finally:
            self.do(self._end_calls())
            self.life.close()
            self.do(self.database.close())
            self.loop.run_until_complete(self.loop.shutdown_default_executor())
            self.loop.close()

    def _drain(self) -> None:
        self.rings_to_lose = 0
        for _ in range(500):
            if self.bells["inbox"].is_set():
                self.works()
            elif self.bells["outbox"].is_set():
                self.sends()
            elif self.telegram.calls:
                self.answers(0, "taken")
            elif self.sender._lookout._moments:
                self._pass(timedelta(seconds=2))
            else:
                return
        raise AssertionError("it never ends")

    async def _all_is_well(self) -> None:
        inbox, outbox = tables.inbox.c.state, tables.outbox.c
        handled = await self.database.read(lambda connection: set(connection.execute(select(inbox)).scalars()))
        assert handled <= {"done"}
        rows = await self.database.read(
            lambda connection: connection.execute(select(outbox.state, outbox.content, outbox.kind)).all()
        )
        assert {row.state for row in rows} <= {"sent", "replaced", "unknown"}
        assert await drift(self.database) == {}
        assert await self.post.leased() == []
        unknown = "".join(row.content for row in rows if row.state == "unknown")
        for customer in CUSTOMERS:
            self._is_told_in_order([text for key, text in self.said if key == customer.key], unknown)
        assert len(self.telegram.relayed) <= len(self.said) + self.repeats

    def _is_told_in_order(self, said: list[str], unknown: str) -> None:
        seen = [text for _, text in self.telegram.relayed if text in said]
        told = list(dict.fromkeys(seen))
        assert told == [text for text in said if text in told]
        assert all(f'"text":"{text}"' in unknown for text in said if text not in told)
        assert len({thread for thread, text in self.telegram.relayed if text in said}) <= 1


class OnOneDatabase(Machine):
    """Hypothesis makes machines without arguments."""

    url = ""

    def __init__(self) -> None:
        super().__init__(self.url)


def test_j4_nothing_is_lost_and_little_is_said_twice(database_url: str, backend: str) -> None:
    OnOneDatabase.url = database_url
    run_state_machine_as_test(
        OnOneDatabase,
        settings=settings(
            max_examples=30 if backend == "sqlite" else 8,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
