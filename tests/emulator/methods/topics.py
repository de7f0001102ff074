"""Forum topics: made, renamed, closed, reopened and deleted by the bot."""

from tests.emulator.entities import utf16_length
from tests.emulator.errors import bad_request
from tests.emulator.params import Params
from tests.emulator.state import Chat, Json, Topic, User
from tests.emulator.world import World

LONGEST_NAME = 128
ICON_COLORS = (7322096, 16766590, 13338331, 9367192, 16749490, 16478047)


def create_forum_topic(world: World, params: Params) -> Json:
    chat = _forum(world, params)
    name = _name(params)
    if not chat.bot_may("can_manage_topics"):
        bad_request("not enough rights to create a topic")
    color = params.integer("icon_color", ICON_COLORS[0])
    if color not in ICON_COLORS:
        bad_request("wrong icon color specified")
    world.charge(chat)
    topic = new_topic(world, chat, world.bot, name, color=color, emoji=params.text("icon_custom_emoji_id") or None)
    shape: Json = {"message_thread_id": topic.thread_id, "name": topic.name, "icon_color": topic.icon_color}
    return shape | ({"icon_custom_emoji_id": topic.icon_custom_emoji_id} if topic.icon_custom_emoji_id else {})


def new_topic(
    world: World, chat: Chat, creator: User, name: str, *, color: int = ICON_COLORS[0], emoji: str | None = None
) -> Topic:
    """The topic's id is the id of the service message that opens it."""
    topic = Topic(
        thread_id=chat.last_id + 1, name=name, chat=chat, creator=creator, icon_color=color, icon_custom_emoji_id=emoji
    )
    chat.topics[chat.last_id + 1] = topic
    topic.created = world.post(chat, creator, {"forum_topic_created": {"name": name, "icon_color": color}}, topic=topic)
    return topic


def edit_forum_topic(world: World, params: Params) -> bool:
    topic = _own(world, params)
    name = _name(params) if "name" in params else topic.name
    emoji = params.text("icon_custom_emoji_id") or topic.icon_custom_emoji_id
    if (name, emoji) == (topic.name, topic.icon_custom_emoji_id):
        bad_request("TOPIC_NOT_MODIFIED")
    rename(world, topic, world.bot, name, emoji)
    return True


def rename(world: World, topic: Topic, by: User, name: str, emoji: str | None = None) -> None:
    topic.name, topic.icon_custom_emoji_id = name, emoji
    world.post(topic.chat, by, {"forum_topic_edited": {"name": name}}, topic=topic)


def close_forum_topic(world: World, params: Params) -> bool:
    return _set_closed(world, params, closed=True)


def reopen_forum_topic(world: World, params: Params) -> bool:
    return _set_closed(world, params, closed=False)


def _set_closed(world: World, params: Params, *, closed: bool) -> bool:
    topic = _own(world, params)
    if topic.closed is closed:
        bad_request("TOPIC_NOT_MODIFIED")
    set_closed(world, topic, world.bot, closed=closed)
    return True


def set_closed(world: World, topic: Topic, by: User, *, closed: bool) -> None:
    topic.closed = closed
    world.post(topic.chat, by, {"forum_topic_closed" if closed else "forum_topic_reopened": {}}, topic=topic)


def delete_forum_topic(world: World, params: Params) -> bool:
    topic = _known(_forum(world, params), params)
    if not topic.chat.bot_may("can_delete_messages"):
        bad_request("not enough rights to delete the topic")
    delete(world, topic)
    return True


def delete(world: World, topic: Topic) -> None:
    """All its messages go with it, and nobody is told."""
    topic.deleted = True
    for message in topic.messages:
        message.deleted = True
    world.changed()


def _forum(world: World, params: Params) -> Chat:
    chat = world.chat_for(params.chat_id())
    if not chat.is_forum:
        bad_request("the chat is not a forum")
    return chat


def _known(chat: Chat, params: Params) -> Topic:
    thread_id = params.integer("message_thread_id")
    if thread_id <= 0:
        bad_request("invalid message thread identifier specified")
    topic = chat.topics.get(thread_id)
    if topic is None or topic.deleted:
        bad_request("TOPIC_ID_INVALID")
    return topic


def _own(world: World, params: Params) -> Topic:
    """A topic the bot may change: with the right to manage topics, or because it made it."""
    topic = _known(_forum(world, params), params)
    if not topic.chat.bot_may("can_manage_topics") and topic.creator is not world.bot:
        bad_request("not enough rights to edit the topic")
    return topic


def _name(params: Params) -> str:
    """Stricter than the real server, which cuts a long name silently: a bot should know what its topic is called."""
    name = params.text("name").strip()
    if not name:
        bad_request("title must be non-empty")
    if utf16_length(name) > LONGEST_NAME:
        bad_request("TOPIC_TITLE_INVALID")
    return name


METHODS = {
    "createForumTopic": create_forum_topic,
    "editForumTopic": edit_forum_topic,
    "closeForumTopic": close_forum_topic,
    "reopenForumTopic": reopen_forum_topic,
    "deleteForumTopic": delete_forum_topic,
}
