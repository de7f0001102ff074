"""A lane's count of waiting rows is that of its rows, whatever became of them."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from channels.base import Rejected, RetryLater, SendError, Uncertain, Unreachable
from store import outbox, tables
from store.database import Database
from tests.handlers.desk_driver import ANNA as ANOTHER
from tests.handlers.desk_driver import Desk
from tests.queues.post import ANNA, LEASE, WANG, Post, drift


async def test_a_row_that_a_newer_one_replaced_is_counted_out(post: Post) -> None:
    await post.put("old", "newer", "newest", replaces="card:1")
    await post.settle()
    assert post.sent == ["newest"]
    assert await post.states() == ["replaced", "replaced", "sent"]
    assert await drift(post.database) == {}


async def test_replaced_while_the_limits_make_it_wait(post: Post) -> None:
    post.wait = 1.0
    await post.put("old", "new", replaces="card:1")
    await post.step()
    assert await drift(post.database) == {}
    post.wait = 0.0
    post.now += timedelta(seconds=2)
    await post.put("newest", replaces="card:1")
    await post.settle()
    assert post.sent == ["newest"]
    assert await drift(post.database) == {}


async def test_given_up_beside_replaced_rows(post: Post) -> None:
    post.held_up = asyncio.Event()
    await post.put("in doubt", again=False)
    await post.step()
    await post.put("old", "new", replaces="card:1")
    post.held_up, crashed = None, post.sender
    post.sender, post.now = post.new_sender(), post.now + 2 * LEASE
    await post.settle()
    assert await post.states() == ["unknown", "replaced", "sent"]
    assert await drift(post.database) == {}
    for call in crashed._calls:
        call.cancel()


async def test_merged_rows_are_all_counted(post: Post) -> None:
    post.wait = 1.0
    await post.put("one", "two", "three")
    await post.step()
    post.wait = 0.0
    post.now += timedelta(seconds=2)
    await post.settle()
    assert post.sent == ["one\ntwo\nthree"]
    assert await drift(post.database) == {}


@pytest.mark.parametrize(
    "error",
    [
        RetryLater("a limit", after=1.0),
        Uncertain("no answer"),
        Unreachable("blocked"),
        Rejected("too long"),
    ],
)
async def test_whatever_a_call_led_to(post: Post, error: SendError) -> None:
    post.refusals = [error]
    await post.put("one", "two")
    await post.put("three", to=ANNA, again=False)
    await post.step()
    await post.step()
    assert await drift(post.database) == {}
    await post.settle()
    assert await drift(post.database) == {}
    assert {"waiting", "sending"}.isdisjoint(await post.states())


async def test_h12_a_lane_is_stopped_during_its_call(post: Post) -> None:
    post.held_up = asyncio.Event()
    await post.put("one", "two")
    await post.step()
    await post.database.transaction(lambda connection: outbox.stop_lane(connection, WANG.lane, "blocked", post.now))
    assert await drift(post.database) == {}
    post.held_up.set()
    await asyncio.gather(*post.sender._calls)
    await post.settle()
    assert await post.states() == ["sent", "failed"]
    assert await drift(post.database) == {}
    await post.database.transaction(lambda connection: outbox.retry(connection, None, post.now))
    await post.settle()
    assert post.sent == ["one", "two"]
    assert await drift(post.database) == {}


async def test_a_count_without_rows_is_set_right_by_the_next_claim(post: Post, desk: Desk) -> None:
    row = {"lane": WANG.lane, "waiting": 3, "ready_at": post.now - timedelta(days=1)}
    await post.database.transaction(lambda connection: connection.execute(insert(tables.outbox_lanes), row))
    await post.database.transaction(lambda connection: connection.execute(insert(tables.inbox_lanes), row))
    await post.step()
    assert not await desk.worker.work_once()
    assert await drift(post.database) == {}
    await post.put("one")
    await post.settle()
    assert post.sent == ["one"]
    assert await drift(post.database) == {}


async def test_a_lane_beyond_what_is_read_at_once_is_free_for_the_next_round(
    database: Database, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.worker._ROWS", 2)
    await desk.store(*[desk.message(f"line {number}") for number in range(3)])
    await desk.store(desk.message("from another", by=ANOTHER))
    await desk.work()
    assert await drift(database) == {}
    waiting = select(tables.inbox_lanes.c.lane).where(tables.inbox_lanes.c.waiting > 0)
    assert await database.read(lambda connection: connection.execute(waiting).all()) == []
