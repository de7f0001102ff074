"""What went out long ago is forgotten, but the keys that guard against a second time (J4)."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import insert, select

from bot.schedule import Schedule, Ticks
from store import forgetting, outbox, tables
from store.files import FileStore
from tests.queues.post import Post, drift


async def test_sent_rows_go_after_their_time_and_nothing_else(post: Post, tmp_path: Path) -> None:
    old, young = post.now - timedelta(days=20), post.now - timedelta(days=3)
    states = ("sent", "replaced", "unknown", "failed", "waiting", "sending")
    row = {"lane": "telegram:1", "rank": 1, "kind": "CustomerMessage", "report": False, "again": True}
    rows = [
        row | {"state": state, "created_at": at, "content": '{"text":"x"}', "key": None}
        for at in (old, young)
        for state in states
    ]
    many = [rows[0]] * 2500
    await post.database.transaction(lambda connection: connection.execute(insert(tables.outbox), [*many, *rows]))
    schedule = _schedule(post, tmp_path)
    await schedule.forget_sent()
    assert await post.states() == ["failed", "waiting", "sending", *states]
    await schedule.forget_sent()
    post.now += timedelta(days=20)
    await schedule.forget_sent()
    assert await post.states() == ["failed", "waiting", "sending"] * 2


async def test_j4_a_nudge_is_known_for_good_and_its_words_are_not(post: Post, tmp_path: Path) -> None:
    await post.put("a nudge", key="nudge:welcome:1:0", again=False)
    await post.put("a reply")
    await post.settle()
    post.now += timedelta(days=15)
    await _schedule(post, tmp_path).forget_sent()
    assert await post.rows("key", "content") == [("nudge:welcome:1:0", "")]
    await post.put("a nudge", key="nudge:welcome:1:0", again=False)
    await post.settle()
    assert post.sent == ["a nudge", "a reply"]
    assert await post.states() == ["sent"]
    assert await drift(post.database) == {}


async def test_a_look_reads_no_row_twice_however_many_stay(post: Post) -> None:
    await post.put(*"abcde", key=None)
    await post.put("f", key="k")
    await post.settle(15)
    before = post.now + timedelta(days=1)
    after, looked = 0, []
    for _ in range(4):
        found = await post.database.transaction(
            lambda connection: forgetting.forget_sent(connection, before, after, 4)  # noqa: B023
        )
        looked.append((found.rows, found.has_more))
        after = found.last
    assert looked == [(4, True), (2, False), (0, False), (0, False)]


async def test_what_failed_can_be_tried_again_however_old(post: Post, tmp_path: Path) -> None:
    post.bug = "x"
    await post.put("x")
    await post.settle()
    post.now += timedelta(days=100)
    await _schedule(post, tmp_path).forget_sent()
    post.bug = ""
    await post.database.transaction(lambda connection: outbox.retry(connection, None, post.now))
    await post.settle()
    assert post.sent == ["x"]
    await _schedule(post, tmp_path).forget_sent()  # as after the next start
    query = select(tables.outbox.c.id)
    assert await post.database.read(lambda connection: connection.execute(query).all()) == []


def _schedule(post: Post, folder: Path) -> Schedule:
    files = FileStore(database=post.database, folder=folder / "files")
    return Schedule(database=post.database, files=files, now=lambda: post.now, ring=lambda _: None, ticks=Ticks())
