"""What a round hands to the sender: begun in its commit, called at once, and never lost or doubled on the way (J4)."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy import text, update

from bot.hatch import SenderHatch
from channels.base import Uncertain
from desk.outgoing import CustomerEdit, Outgoing, Rank, ToRoom
from desk.values import replace
from store import tables
from store.database import Connection, Database
from tests.handlers.desk_driver import Desk
from tests.handlers.test_statements import counted
from tests.queues.post import ANNA, LEASE, TOPIC, WANG, Post, drift, outgoing, until


async def test_the_first_row_of_an_empty_lane_is_begun_in_the_commit_that_writes_it(post: Post) -> None:
    handed = await post.commit(*outgoing("one", "two"), *outgoing("three", to=ANNA))
    assert [(lease.lane, row.attempts) for lease, row in handed] == [(WANG.lane, 0), (ANNA.lane, 0)]
    assert await post.rows("state", "attempts") == [("sending", 1), ("waiting", 0), ("sending", 1)]
    post.sender.take(handed)
    await post.settle()
    assert sorted(post.sent) == ["one", "three", "two"]
    assert post.sent.index("one") < post.sent.index("two")
    assert await drift(post.database) == {}
    assert await post.leased() == []


async def test_a_lane_in_which_something_waits_or_that_is_leased_is_not_handed(post: Post) -> None:
    await post.put("waits")
    assert await post.hand("after it") == 0
    post.held_up = asyncio.Event()
    assert await post.hand("in flight", to=ANNA) == 1
    assert await post.hand("after it", to=ANNA) == 0
    assert await post.rows("state") == [("waiting",), ("waiting",), ("sending",), ("waiting",)]
    post.held_up.set()
    await asyncio.gather(*post.sender._calls)
    await post.settle()
    assert sorted(post.sent) == ["after it", "after it", "in flight", "waits"]
    assert await drift(post.database) == {}


async def test_what_goes_first_by_its_rank_is_handed(post: Post) -> None:
    items = [*outgoing("a nudge", rank=Rank.NUDGE), *outgoing("a reply"), *outgoing("another")]
    handed = await post.commit(*items)
    assert await post.states() == ["waiting", "sending", "waiting"]
    post.sender.take(handed)
    await post.settle()
    assert post.sent == ["a reply", "another", "a nudge"]


async def test_j4_rows_with_a_key_and_what_may_be_replaced_are_never_handed(post: Post) -> None:
    assert await post.hand("a nudge", key="nudge:1", again=False) == 0
    assert await post.hand("a note", key="note:1", to=ANNA) == 0
    nobody = replace(ANNA, address="503")
    assert await post.hand("a title", replaces="title:1", to=nobody) == 0
    edit = Outgoing(to=replace(ANNA, address="504"), content=CustomerEdit(message=1, text="x"), rank=Rank.REPLY)
    assert not await post.commit(edit)
    assert await post.states() == ["waiting"] * 4


async def test_j4_a_crash_after_the_commit_sends_once_more_and_no_more_than_that(post: Post) -> None:
    await post.commit(*outgoing("one"))
    crashed, post.sender = post.sender, post.new_sender()
    await post.step()
    assert post.sent == []  # the lease of the one who died is not over
    post.now += LEASE + timedelta(seconds=1)
    await post.step()
    assert post.sent == ["one"]
    post.sender, post.now = post.new_sender(), post.now + 2 * LEASE
    await post.settle()
    assert post.sent == ["one"]
    assert await post.rows("state", "attempts") == [("unknown", 2)]
    assert await drift(post.database) == {}
    assert not crashed._calls


async def test_limits_that_make_it_wait_take_its_beginning_back(post: Post) -> None:
    post.wait = 1.0
    await post.hand("one", "two")
    await post.step()
    assert await post.rows("state", "attempts") == [("waiting", 0), ("waiting", 0)]
    assert post.sent == []
    post.wait, post.now = 0.0, post.now + timedelta(seconds=1)
    await post.settle()
    assert post.sent == ["one\ntwo"]
    assert await drift(post.database) == {}


async def test_a_sender_with_its_hands_full_offers_nothing_and_keeps_some_for_what_waits(post: Post) -> None:
    post.held_up = asyncio.Event()
    for number in range(70):
        await post.hand("x", to=replace(ANNA, address=str(600 + number)))
    assert len(post.sender._calls) == 61
    await post.step()
    assert len(post.sender._calls) == 64
    post.held_up.set()
    await asyncio.gather(*post.sender._calls)
    await post.settle()
    assert len(post.sent) == 70
    assert await drift(post.database) == {}


@pytest.mark.parametrize("is_known", [True, False])
async def test_a_remembered_thread_is_used_and_an_unknown_one_is_looked_up(post: Post, *, is_known: bool) -> None:
    await post.open_topic(7)
    if is_known:
        await post.put("first", to=TOPIC)
        await post.settle()
    assert await post.hand("second", to=TOPIC) == is_known
    await post.settle()
    assert post.at == [7] * len(post.sent)
    assert post.sent[-1] == "second"


async def test_h3_a_remembered_thread_that_is_gone_is_looked_up_and_not_made_twice(post: Post) -> None:
    await post.open_topic(7)
    await post.put("first", to=TOPIC)
    await post.settle()
    post.topics = {8}  # another process has repaired it
    there = tables.threads.c
    await post.database.transaction(
        lambda connection: connection.execute(update(tables.threads).where(there.thread == 7).values(thread=8))
    )
    assert await post.hand("second", to=TOPIC) == 1
    await post.settle()
    assert (post.sent, post.at, post.topics) == (["first", "second"], [7, 8], {8})
    assert await post.rows("state", "attempts") == [("sent", 1), ("sent", 1)]
    assert await drift(post.database) == {}


async def test_a_room_that_moved_is_not_written_to_from_memory(post: Post) -> None:
    await post.open_topic(7)
    await post.put("first", to=TOPIC)
    await post.settle()
    room = post.company.rooms["agents"]
    rooms = {**post.company.rooms, "agents": replace(room, telegram_chat=-1009)}
    post.company = replace(post.company, rooms=rooms)
    assert await post.hand("second", to=TOPIC) == 0
    assert await post.hand("to all", to=ToRoom(room="agents")) == 1
    await post.settle()
    assert sorted(post.sent) == ["first", "second", "to all"]


async def test_a_bug_meets_its_row_alone_also_where_it_is_handed(post: Post) -> None:
    post.bug = "poison"
    handed = await post.commit(*outgoing("poison", "two"), *outgoing("three", to=ANNA))
    post.sender.take(handed)
    await post.settle()
    assert sorted(post.sent) == ["three", "two"]
    assert await post.rows("state", "reason") == [("failed", "LookupError: poison"), ("sent", None), ("sent", None)]
    assert await drift(post.database) == {}


# ---- the worker's side -----------------------------------------------------------------------------------------------


async def test_a_worker_whose_sender_has_gone_puts_everything_back(desk: Desk, post: Post) -> None:
    rings: list[str] = []
    desk.worker._ring = rings.append
    hatch = desk.worker._to_sender = SenderHatch()
    await desk.store(desk.message("Where is my order?"))
    inner = desk.database

    class _Leaving:
        async def transaction(self, work: Callable[[Connection], object]) -> object:
            """The sender goes away at every commit."""
            done = await inner.transaction(work)
            hatch._taker = None
            return done

    with hatch.opened_for(post.sender, post.sender._claims.suits):
        await desk.worker._stock_ids()
        desk.worker._database = _Leaving()  # type: ignore[assignment]
        claimed = await desk.worker._claim(64)
        hatch._taker = post.sender
        desk.worker._handed = list(claimed)
        await desk.worker._work(looks=False)
    assert await post.rows("state", "attempts") == [("waiting", 0)] * len(await post.states())
    assert await post.leased() == []
    assert "outbox" in rings
    assert await drift(inner) == {}
    post.now = desk.now
    await post.settle()
    assert set(await post.states()) == {"sent"}


# ---- what is kept ----------------------------------------------------------------------------------------------------


async def test_a_plain_result_is_one_statement(post: Post, backend: str) -> None:
    post.sweep = timedelta(hours=1)
    post.sender = post.new_sender()
    await post.step()
    await post.hand("one", message=7, contact_id=1)
    await asyncio.gather(*post.sender._calls)
    await asyncio.sleep(0)
    async with counted() as statements:
        await post.sender.step(looks=False)
    assert await post.states() == ["sent"]
    assert await post.leased() == []
    if backend == "postgresql":
        assert len(statements) == 1
    assert await drift(post.database) == {}


@asynccontextmanager
async def _no_link(database: Database, backend: str) -> AsyncIterator[None]:
    """The database refuses to keep where a message stands."""
    if backend == "sqlite":
        refuse = "CREATE TRIGGER no BEFORE INSERT ON links BEGIN SELECT RAISE(ABORT, 'no'); END"
        allow = "DROP TRIGGER no"
    else:
        refuse, allow = "ALTER TABLE links ADD CONSTRAINT no CHECK (false)", "ALTER TABLE links DROP CONSTRAINT no"
    await database.transaction(lambda connection: connection.execute(text(refuse)))
    try:
        yield
    finally:
        await database.transaction(lambda connection: connection.execute(text(allow)))


async def test_a_plain_result_is_kept_whole_or_not_at_all(post: Post, backend: str) -> None:
    await post.hand("one", message=7, contact_id=1)
    await asyncio.gather(*post.sender._calls)
    await asyncio.sleep(0)
    async with _no_link(post.database, backend):
        with pytest.raises(Exception, match="no"):
            await post.sender.step(looks=False)
        assert await post.rows("state", "done_at") == [("sending", None)]
        assert await post.leased() == [WANG.lane]
    await post.step()
    assert await post.states() == ["sent"]
    assert post.sent == ["one"]
    assert await drift(post.database) == {}


async def test_j4_no_answer_twice_is_unknown_whoever_it_is_for(post: Post) -> None:
    await post.open_topic(7)
    for to in (WANG, TOPIC):
        post.refusals = [Uncertain("no answer")] * 5
        await post.put("a line", to=to)
        await post.settle(10)
        assert len(post.refusals) == 3
    assert await post.states() == ["unknown", "unknown"]
    assert await drift(post.database) == {}


async def test_j4_what_may_have_been_sent_is_merged_with_nothing(post: Post) -> None:
    post.refusals = [Uncertain("no answer")]
    await post.put("one")
    await post.step()
    await post.put("two", "three")
    await post.settle()
    assert post.sent == ["one", "two", "three"]


# ---- nobody is forgotten ---------------------------------------------------------------------------------------------


async def test_a_ring_while_a_lane_is_in_flight_leads_to_a_look_when_it_ends(post: Post) -> None:
    post.sweep = timedelta(hours=1)
    post.sender = post.new_sender()
    async with post.running():
        post.held_up = asyncio.Event()
        await post.hand("one")
        await post.put("two")
        post.bell.ring()
        await until(lambda: WANG.lane in post.sender._lookout._crowded)
        post.held_up.set()
        await until(lambda: post.sent == ["one", "two"])
    assert await drift(post.database) == {}


async def test_a_ring_between_commit_and_hand_over_is_not_lost(post: Post) -> None:
    """Another process may hear of our commit before we do: it puts more into the lane, and rings."""
    post.sweep = timedelta(hours=1)
    post.sender = post.new_sender()
    async with post.running():
        handed = await post.commit(*outgoing("one"))
        await post.put("two")
        before = post.sender._lookout._looked_at
        post.bell.ring()
        await until(lambda: post.sender._lookout._looked_at > before)
        post.sender.take(handed)
        await until(lambda: post.sent == ["one", "two"])


async def test_what_nobody_rang_for_is_found_however_much_is_handed_over(post: Post) -> None:
    async with post.running(), asyncio.timeout(10):
        await post.put("in silence", to=ANNA)
        while "in silence" not in post.sent:
            sent = len(post.sent)
            await post.hand("x")
            await until(lambda sent=sent: len(post.sent) > sent)  # type: ignore[misc]


async def test_more_lanes_than_hands_that_have_to_wait_keep_nobody_else_waiting(post: Post) -> None:
    post.sweep = timedelta(hours=1)
    post.sender = post.new_sender()
    post.bug = "x"
    for number in range(130):
        await post.put("x", to=replace(ANNA, address=str(600 + number)))
    post.now += timedelta(seconds=1)
    await post.put("y")
    async with post.running():
        await until(lambda: post.sent == ["y"])


async def test_a_stop_between_the_hand_over_and_the_call_leaves_nothing_in_doubt(post: Post) -> None:
    async with post.running():
        await post.hand("one", to=ANNA)
        post.wait = 1.0
        await post.hand("two")
    assert post.sent == ["one"]
    assert await post.rows("state", "attempts") == [("sent", 1), ("waiting", 0)]
    assert await post.leased() == []
    assert await drift(post.database) == {}
