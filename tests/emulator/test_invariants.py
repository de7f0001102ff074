"""The check after a flood: it passes what is right and names each wrong."""

from typing import Any

import pytest

from tests.emulator import Emulator, Group, Topic
from tests.emulator.client import Api


async def new_topic(api: Api, forum: Group, name: str) -> Topic:
    await api("createForumTopic", chat_id=forum.id, name=name)
    return forum.topic(name)


async def relay(api: Api, topic: Topic, text: str, **more: Any) -> None:
    answer = await api("sendMessage", chat_id=topic.chat.id, message_thread_id=topic.thread_id, text=text, **more)
    assert answer.status == 200


@pytest.fixture
async def topic(emulator: Emulator, api: Api, forum: Group) -> Topic:
    ann = emulator.customer(7, "Ann")
    ann.starts()
    for line in ("line 1", "line 2", "line 11"):
        ann.writes(line)
    return await new_topic(api, forum, "Ann")


async def test_each_once_whether_copied_alone_or_merged(
    emulator: Emulator, api: Api, forum: Group, topic: Topic
) -> None:
    first = next(message for message in emulator.customer(7).chat.messages.values() if message.text == "line 1")
    card = {"inline_keyboard": [[{"text": "Take", "callback_data": "x"}]]}
    await relay(api, topic, "Card: line 1", reply_markup=card)
    await api("copyMessage", chat_id=forum.id, message_thread_id=topic.thread_id, from_chat_id=7, message_id=first.id)
    await relay(api, topic, "line 2\nline 11")
    emulator.assert_each_once(forum)


@pytest.mark.parametrize(
    ("relayed", "finding"),
    [
        (["line 1", "line 2"], "missing: Ann .7.: line 11"),
        (["line 1", "line 2", "line 11", "line 2"], "doubled 2 times: Ann .7.: line 2"),
        (["line 2", "line 1", "line 11"], "out of order: Ann"),
    ],
)
async def test_wrongs_are_named(
    emulator: Emulator, api: Api, forum: Group, topic: Topic, *, relayed: list[str], finding: str
) -> None:
    for line in relayed:
        await relay(api, topic, line)
    with pytest.raises(AssertionError, match=finding):
        emulator.assert_each_once(forum)


async def test_repeats_may_be_allowed(emulator: Emulator, api: Api, forum: Group, topic: Topic) -> None:
    for line in ("line 1", "line 1", "line 2", "line 11"):
        await relay(api, topic, line)
    emulator.assert_each_once(forum, repeats_allowed=1)


async def test_two_topics_are_one_too_many(emulator: Emulator, api: Api, forum: Group, topic: Topic) -> None:
    for line in ("line 1", "line 2", "line 11"):
        await relay(api, topic, line)
    second = await new_topic(api, forum, "Second")
    with pytest.raises(AssertionError, match="extra topics"):
        emulator.assert_each_once(forum)
    await relay(api, second, "line 1")
    with pytest.raises(AssertionError, match="scattered"):
        emulator.assert_each_once(forum)


async def test_a_deleted_topic_counts_no_more(emulator: Emulator, api: Api, forum: Group, topic: Topic) -> None:
    await relay(api, topic, "line 1")
    forum.member(900, "Lin").deletes(topic)
    second = await new_topic(api, forum, "Ann")
    for line in ("line 1", "line 2", "line 11"):
        await relay(api, second, line)
    emulator.assert_each_once(forum)
