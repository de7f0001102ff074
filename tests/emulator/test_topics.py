"""Forum topics as the bot makes them and as people close, delete and forbid them."""

from typing import Any

import pytest

from tests.emulator import Emulator, Group, Topic
from tests.emulator.client import Api


@pytest.fixture
async def topic(api: Api, forum: Group) -> Topic:
    await api("createForumTopic", chat_id=forum.id, name="Ann #1")
    return forum.topic("Ann")


async def test_a_topic_opens_with_a_service_message_that_its_messages_answer(
    api: Api, forum: Group, topic: Topic
) -> None:
    sent = (await api("sendMessage", chat_id=forum.id, message_thread_id=topic.thread_id, text="x")).result
    assert (sent["message_thread_id"], sent["is_topic_message"]) == (topic.thread_id, True)
    assert sent["reply_to_message"]["forum_topic_created"]["name"] == "Ann #1"
    assert [message.text for message in topic.from_bot] == ["x"]
    lin = forum.member(900, "Lin")
    lin.writes("hello", topic=topic)
    lin.replies_to(topic.from_bot[0], "to you")
    first, second = (update["message"] for update in (await api("getUpdates")).result)
    assert first["reply_to_message"]["message_id"] == topic.thread_id == first["message_thread_id"]
    assert second["reply_to_message"]["message_id"] == sent["message_id"]
    assert first["chat"] == {"id": forum.id, "type": "supergroup", "title": "Desk", "is_forum": True}


async def test_general_has_no_thread(api: Api, forum: Group) -> None:
    sent = (await api("sendMessage", chat_id=forum.id, text="x")).result
    assert "message_thread_id" not in sent
    assert forum.general.texts == ["x"]
    one = await api("sendMessage", chat_id=forum.id, message_thread_id=1, text="x")
    assert one.description == "Bad Request: message thread not found"


@pytest.mark.parametrize(
    ("method", "params", "reason"),
    [
        ("createForumTopic", {"name": " "}, "title must be non-empty"),
        ("createForumTopic", {"name": "x" * 129}, "TOPIC_TITLE_INVALID"),
        ("createForumTopic", {"name": "x", "icon_color": 5}, "wrong icon color specified"),
        ("editForumTopic", {"message_thread_id": 2, "name": "Ann #1"}, "TOPIC_NOT_MODIFIED"),
        ("editForumTopic", {"message_thread_id": 99, "name": "x"}, "TOPIC_ID_INVALID"),
        ("editForumTopic", {"name": "x"}, "invalid message thread identifier specified"),
        ("reopenForumTopic", {"message_thread_id": 2}, "TOPIC_NOT_MODIFIED"),
        ("deleteMessage", {"message_id": 2}, "message can't be deleted"),
    ],
)
@pytest.mark.usefixtures("topic")
async def test_refusals(api: Api, forum: Group, method: str, params: dict[str, Any], reason: str) -> None:
    assert (await api(method, chat_id=forum.id, **params)).description == f"Bad Request: {reason}"


async def test_a_closed_topic_takes_nothing_until_reopened(api: Api, forum: Group, topic: Topic) -> None:
    here: dict[str, Any] = {"chat_id": forum.id, "message_thread_id": topic.thread_id}
    forum.member(900, "Lin").closes(topic)
    assert "forum_topic_closed" in (await api("getUpdates")).result[-1]["message"]
    assert (await api("sendMessage", **here, text="x")).description == "Bad Request: TOPIC_CLOSED"
    assert (await api("reopenForumTopic", **here)).result is True
    assert (await api("sendMessage", **here, text="x")).status == 200


async def test_a_deleted_topic_takes_its_messages_along(api: Api, forum: Group, topic: Topic) -> None:
    here: dict[str, Any] = {"chat_id": forum.id, "message_thread_id": topic.thread_id}
    number = (await api("sendMessage", **here, text="x")).result["message_id"]
    forum.member(900, "Lin").deletes(topic)
    assert not (await api("getUpdates")).result
    assert (await api("sendMessage", **here, text="x")).description == "Bad Request: message thread not found"
    edited = await api("editMessageText", chat_id=forum.id, message_id=number, text="y")
    assert edited.description == "Bad Request: message to edit not found"
    assert (await api("closeForumTopic", **here)).description == "Bad Request: TOPIC_ID_INVALID"
    assert forum.topics == []


async def test_rights(emulator: Emulator, api: Api, forum: Group, topic: Topic) -> None:
    theirs = forum.member(900, "Lin").opens("Theirs")
    forum.takes("can_manage_topics", "can_delete_messages")
    change = (await api("getUpdates")).result[-1]["my_chat_member"]
    assert change["old_chat_member"]["can_manage_topics"] is True
    assert change["new_chat_member"]["can_manage_topics"] is False
    create = await api("createForumTopic", chat_id=forum.id, name="x")
    assert create.description == "Bad Request: not enough rights to create a topic"
    other = await api("editForumTopic", chat_id=forum.id, message_thread_id=theirs.thread_id, name="x")
    assert other.description == "Bad Request: not enough rights to edit the topic"
    own = await api("editForumTopic", chat_id=forum.id, message_thread_id=topic.thread_id, name="x")
    assert own.result is True
    gone = await api("deleteForumTopic", chat_id=forum.id, message_thread_id=topic.thread_id)
    assert gone.description == "Bad Request: not enough rights to delete the topic"
    member = (await api("getChatMember", chat_id=forum.id, user_id=emulator.bot.id)).result
    assert (member["status"], member["can_manage_topics"]) == ("administrator", False)


async def test_a_plain_group_is_no_forum(emulator: Emulator, api: Api) -> None:
    group = emulator.plain_group()
    create = await api("createForumTopic", chat_id=group.id, name="x")
    assert create.description == "Bad Request: the chat is not a forum"
    sent = (await api("sendMessage", chat_id=group.id, text="line")).result
    group.member(900, "Lin").replies_to(group.general.from_bot[0], "answer")
    update = (await api("getUpdates")).result[-1]["message"]
    assert update["reply_to_message"]["message_id"] == sent["message_id"]
    assert "message_thread_id" not in update
