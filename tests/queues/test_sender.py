"""The sender's promises: what was marked is called, what was called is kept, a lost lease is noticed (J4)."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

import pytest

from channels.base import RetryLater
from store import outbox
from store.database import Connection
from tests.queues.post import LEASE, WANG, Faulty, Post, drift

Result = TypeVar("Result")


async def test_j4_a_stop_between_commit_and_call_leaves_nothing_in_doubt(post: Post) -> None:
    await post.put("a nudge", again=False)
    faulty = post.database = Faulty(inner=post.database, late=0.1)
    running = asyncio.create_task(post.new_sender().run())
    await faulty.committed.wait()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    assert post.sent == ["a nudge"]
    assert await post.states() == ["sent"]
    assert await drift(faulty.inner) == {}


async def test_j4_the_answer_to_a_commit_that_marked_is_lost(post: Post) -> None:
    faulty = Faulty(inner=post.database, lost=1)
    await post.put("a nudge", again=False)
    await post.put("a service message")
    post.database = faulty
    post.sender = post.new_sender()
    with pytest.raises(ConnectionError):
        await post.step()
    post.now += LEASE + timedelta(seconds=1)
    await post.settle()
    assert post.sent == ["a service message"]
    assert await post.states() == ["unknown", "sent"]
    assert await drift(faulty.inner) == {}


async def test_j4_the_answer_to_a_commit_that_kept_results_is_lost(post: Post) -> None:
    faulty = Faulty(inner=post.database)
    await post.put("one", "two", report=True, message=7, contact_id=1)
    post.database = faulty
    post.sender = post.new_sender()
    await post.step()
    faulty.lost = 1
    with pytest.raises(ConnectionError):
        await post.step()
    post.now += LEASE + timedelta(seconds=1)
    await post.settle()
    assert post.sent == ["one", "two"]
    assert await post.states() == ["sent", "sent"]
    assert await drift(faulty.inner) == {}


async def test_a_result_that_comes_after_the_lease_was_lost_changes_nothing(post: Post) -> None:
    post.held_up = slow = asyncio.Event()
    await post.put("one")
    await post.step()
    second, post.now = post.new_sender(), post.now + 2 * LEASE
    post.held_up = third = asyncio.Event()
    await post.step(second)
    post.refusals = [RetryLater("a limit", after=1.0)]
    slow.set()
    await asyncio.gather(*post.sender._calls)
    await post.step()
    await post.database.transaction(lambda connection: outbox.stop_lane(connection, WANG.lane, "blocked", post.now))
    assert await post.states() == ["sending"]
    third.set()
    await asyncio.gather(*second._calls)
    await post.step(second)
    assert await post.states() == ["sent"]
    assert await drift(post.database) == {}


async def test_a_lease_that_ran_out_and_was_taken_by_nobody_is_good(post: Post) -> None:
    post.held_up = asyncio.Event()
    await post.put("one")
    await post.step()
    post.now += 2 * LEASE
    post.held_up.set()
    await asyncio.gather(*post.sender._calls)
    await post.step()
    assert await post.states() == ["sent"]
    assert await drift(post.database) == {}


async def test_a_long_call_keeps_its_lane_though_a_commit_failed(post: Post) -> None:
    faulty = Faulty(inner=post.database)
    await post.put("one")
    post.database = faulty
    post.sender = post.new_sender()
    post.held_up = asyncio.Event()
    await post.step()
    for minute in range(9):
        post.now += LEASE / 3
        if minute == 4:
            faulty.inner, inner = _Away(inner=faulty.inner), faulty.inner
            with pytest.raises(ConnectionError):
                await post.step()
            faulty.inner = inner
            post.now += timedelta(seconds=1)
        await post.step()
    other = post.new_sender()
    await post.step(other)
    assert not other._calls
    post.held_up.set()
    await asyncio.gather(*post.sender._calls)
    await post.step()
    assert post.sent == ["one"]


@dataclass(kw_only=True)
class _Away(Faulty):
    async def transaction(self, work: Callable[[Connection], Result]) -> Result:
        """Nothing is committed."""

        def broken(connection: Connection) -> Result:
            work(connection)
            raise ConnectionError("the database is away")

        return await self.inner.transaction(broken)
