"""Where a message goes: the chat, the topic in it, the message it answers; each checked as the real server does."""

from dataclasses import dataclass

from tests.emulator.errors import bad_request
from tests.emulator.params import Params
from tests.emulator.state import Chat, Message, Topic
from tests.emulator.world import World


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    chat: Chat
    topic: Topic | None
    reply_to: Message | None


def place(world: World, params: Params) -> Place:
    """The place a new message was asked to stand in."""
    chat = world.chat_for(params.chat_id())
    reply_to = _reply_target(chat, params)
    topic = _topic(chat, params.integer("message_thread_id")) or _topic_of_reply(chat, reply_to)
    if topic is not None and topic.closed and not _may_write_closed(chat):
        bad_request("TOPIC_CLOSED")
    return Place(chat=chat, topic=topic, reply_to=reply_to)


def message_in(world: World, params: Params, called: str) -> Message:
    """The message that chat_id and message_id name; `called` is the real server's word for it in "... not found"."""
    chat = world.chat_for(params.chat_id())
    message = chat.standing(params.integer("message_id"))
    if message is None:
        bad_request(f"{called} not found")
    return message


def _topic(chat: Chat, thread_id: int) -> Topic | None:
    if thread_id <= 0:
        return None
    topic = chat.topics.get(thread_id)
    if topic is None or topic.deleted:
        bad_request("message thread not found")
    return topic


def _topic_of_reply(chat: Chat, reply_to: Message | None) -> Topic | None:
    return reply_to.topic if reply_to is not None and reply_to.topic is not None else chat.general


def _may_write_closed(chat: Chat) -> bool:
    return chat.admins_write_in_closed_topics and chat.bot_may("can_manage_topics")


def _reply_target(chat: Chat, params: Params) -> Message | None:
    given = params.structure("reply_parameters", "reply parameters")
    if given is None:
        given = {
            "message_id": params.integer("reply_to_message_id"),
            "allow_sending_without_reply": params.boolean("allow_sending_without_reply"),
        }
    if not isinstance(given, dict):
        bad_request("object expected as reply parameters")
    message_id = Params(given).integer("message_id")
    if message_id <= 0:
        return None
    target = chat.standing(message_id)
    if target is None and not Params(given).boolean("allow_sending_without_reply"):
        bad_request("message to be replied not found")
    return target
