"""A thread whose id was lost in a crash is found again, and nobody else's is taken for it (H2)."""

from dataclasses import replace
from pathlib import Path

from sqlalchemy import insert, select

from store import inbox, tables, threads
from store.casefile import ThreadState
from store.inbox import Arrival
from tests.queues.post import TOPIC, Post
from tests.stories.house import AGENTS, open_house, settings, staff, telegram
from tests.stories.talk import WISH, card_of

_THREAD = select(tables.threads.c.thread, tables.threads.c.state)


async def _asked_for(post: Post) -> None:
    """The thread was asked for, and the program died before it heard the answer."""
    row = {
        "room": TOPIC.room, "contact_id": TOPIC.contact_id, "chat": AGENTS, "thread": None,
        "state": ThreadState.CREATING.value, "title": "",
    }  # fmt: skip
    await post.database.transaction(lambda connection: connection.execute(insert(tables.threads), row))
    await post.put("a line", to=TOPIC)


async def test_h2_the_orphan_is_adopted_once_the_news_are_in(post: Post) -> None:
    await _asked_for(post)
    post.topics = {7}
    await post.step()
    assert post.sent == []
    await post.step()
    assert post.sent == []
    await post.settle()
    assert (post.sent, post.at, post.topics) == (["a line"], [7], {7})
    assert await post.rows("state", "attempts") == [("sent", 1)]


async def test_h2_a_topic_that_people_were_heard_of_in_is_left_alone(post: Post) -> None:
    await _asked_for(post)
    post.topics = {7, 8}
    made = Arrival(key="7", lane=f"telegram:{AGENTS}:7", channel="telegram", payload="{}", received_at=post.now)
    await post.database.transaction(lambda connection: inbox.add(connection, [made], post.now))
    await post.settle()
    assert (post.at, post.topics) == ([8], {7, 8})


async def test_h2_where_there_is_no_orphan_a_thread_is_made(post: Post) -> None:
    await _asked_for(post)
    await post.settle()
    assert post.at == [101]
    assert await post.database.read(lambda connection: connection.execute(_THREAD).all()) == [(101, "open")]


async def test_h2_a_topic_made_by_hand_while_the_house_was_dead_stays_its_makers(
    database_url: str, tmp_path: Path
) -> None:
    async with telegram() as emulator:
        crew, anna = staff(emulator), emulator.customer(501, "Anna")
        async with open_house(emulator, settings(database_url, tmp_path)) as house:
            anna.writes("hello")
            await house.is_quiet()
        lunch = crew.lin.opens("Lunch")
        async with open_house(emulator, settings(database_url, tmp_path)) as house:
            row = {"room": "agents", "contact_id": 1, "chat": AGENTS, "state": "creating", "title": ""}
            await house.built.database.transaction(lambda connection: connection.execute(insert(tables.threads), row))
            anna.writes(WISH)
            await house.until(lambda: len(crew.room.topics) == 2, what="a topic of Anna's own")
            await house.is_quiet()
        assert lunch.name == "Lunch"
        assert "Anna" in card_of(crew.room.topic("Anna")).text
        assert [message.kind for message in lunch.messages] == ["forum_topic_created"]


async def _in_another_group(post: Post, chat: int) -> None:
    """The company's file names another group for the room."""
    rooms = {**post.company.rooms, "agents": replace(post.company.rooms["agents"], telegram_chat=chat)}
    post.company = replace(post.company, rooms=rooms)


async def test_h1_in_another_group_a_thread_is_made_and_no_strangers_taken(post: Post) -> None:
    await post.open_topic(7)  # the number belongs to somebody else's topic in the new group
    await post.put("before", to=TOPIC)
    await post.settle()
    await _in_another_group(post, -1009)
    await post.put("after", to=TOPIC)
    await post.settle()
    assert (post.sent, post.at) == (["before", "after"], [7, 8])
    kept = select(tables.threads.c.chat, tables.threads.c.thread)
    assert await post.database.read(lambda connection: connection.execute(kept).all()) == [(-1009, 8)]


async def test_a_group_that_moved_keeps_its_threads_also_where_nobody_here_heard_of_it(post: Post) -> None:
    await post.open_topic(7)
    await post.database.transaction(lambda connection: threads.move_chat(connection, AGENTS, -1009))
    await post.put("after", to=TOPIC)
    await post.settle()
    assert (post.sent, post.at, post.topics) == (["after"], [7], {7})
