"""A row of the outbox that nobody can send fails with its reason, and stops nobody else."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from desk.outgoing import Outgoing, Rank, Relay
from store import outbox, tables
from tests.handlers.desk_driver import LIN, Desk
from tests.queues.post import ANNA, TOPIC, WANG, Post, drift


async def _spoil(post: Post, row: int, **values: Any) -> None:
    of = tables.outbox
    await post.database.transaction(
        lambda connection: connection.execute(update(of).where(of.c.id == row).values(**values))
    )


@pytest.mark.parametrize("values", [{"kind": "Telegraph"}, {"content": "{"}, {"content": '{"text": 1}'}])
async def test_a_row_that_cannot_be_read_fails_alone(post: Post, values: dict[str, Any]) -> None:
    await post.put("one", "poison", "two")
    await post.put("three", to=ANNA)
    await _spoil(post, 2, **values)
    await post.settle()
    assert sorted(post.sent) == ["one", "three", "two"]
    assert post.sent.index("one") < post.sent.index("two")
    assert await post.states() == ["sent", "failed", "sent", "sent"]
    [failed] = await post.database.read(outbox.failed)
    assert (failed.id, bool(failed.reason)) == (2, True)
    assert (await drift(post.database), await post.leased()) == ({}, [])
    await post.database.transaction(lambda connection: outbox.retry(connection, None, post.now))
    await post.settle()
    assert (await post.states())[1] == "failed"
    await _spoil(post, 2, kind="CustomerMessage", content='{"text":"mended"}')
    await post.database.transaction(lambda connection: outbox.retry(connection, None, post.now))
    await post.settle()
    assert post.sent[-1] == "mended"
    assert await drift(post.database) == {}


async def test_a_row_in_doubt_that_cannot_be_read_fails(post: Post) -> None:
    await post.put("one")
    await _spoil(post, 1, kind="Telegraph", state="sending", attempts=1)
    await post.settle()
    assert await post.states() == ["failed"]
    assert await drift(post.database) == {}


@pytest.mark.parametrize("lane", ["thread:x:agents", "thread::", "thread:"])
async def test_a_lane_that_names_nobody_stops_nobody(post: Post, lane: str) -> None:
    await post.put("one", "two")
    content = {"kind": "Relay", "content": '{"author":"A","text":"x"}', "message_id": 5, "contact_id": 1}
    row = {"lane": lane, "rank": 1, "report": False, "again": True, "state": "waiting", "created_at": post.now}
    waiting = {"lane": lane, "waiting": 1, "ready_at": post.now - timedelta(seconds=1)}
    await post.database.transaction(lambda connection: connection.execute(insert(tables.outbox), row | content))
    await post.database.transaction(lambda connection: connection.execute(insert(tables.outbox_lanes), waiting))
    await post.settle()
    assert post.sent == ["one", "two"]
    assert await post.states() == ["sent", "sent", "failed"]
    assert await drift(post.database) == {}


async def test_a_bug_in_the_limits_fails_its_row_alone(post: Post) -> None:
    post.bug = "poison"
    await post.put("poison", "one")
    await post.put("two", to=ANNA)
    await post.settle()
    assert sorted(post.sent) == ["one", "two"]
    assert await post.rows("state", "reason") == [("failed", "LookupError: poison"), ("sent", None), ("sent", None)]
    assert "send" in post.errors
    assert (await drift(post.database), await post.leased()) == ({}, [])


async def test_h7_the_thread_is_told_of_a_customers_message_that_cannot_be_read(post: Post) -> None:
    await post.open_topic(7)
    relay = Outgoing(to=TOPIC, content=Relay(author="Wang", text="help"), rank=Rank.REPLY, contact_id=1, message=5)
    await post.database.transaction(lambda connection: outbox.add(connection, [relay], post.now))
    await _spoil(post, 1, content="{")
    await post.settle()
    [line] = post.sent
    assert line.startswith("DecodeError")
    assert await post.states() == ["failed", "sent"]


async def test_h8_an_agent_learns_that_a_reply_cannot_be_read(desk: Desk, post: Post) -> None:
    await desk.tell(desk.message(desk.teach("a person please", "human_request")))
    await desk.deliver()
    await desk.reply(LIN, "Lin here")
    waiting = select(tables.outbox.c.id).where(tables.outbox.c.lane == WANG.lane, tables.outbox.c.state == "waiting")
    row = await desk.database.read(lambda connection: connection.execute(waiting).scalar_one())
    await _spoil(post, row, content="{")
    post.now, post.topics = desk.now, {1001}
    await post.step()
    await desk.work()
    await post.settle()
    assert any(line.startswith("未送达：Lin here\n原因：DecodeError") for line in post.sent), post.sent
