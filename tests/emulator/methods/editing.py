"""Changing what stands: edits, deletions, reactions, pins, answers to button presses."""

from tests.emulator.entities import utf16_length
from tests.emulator.errors import bad_request
from tests.emulator.markup import reply_markup
from tests.emulator.methods.places import message_in
from tests.emulator.methods.sending import caption_content, text_content
from tests.emulator.params import Params
from tests.emulator.state import Chat, Json, Message, Version
from tests.emulator.world import CALLBACK_LIFETIME, World

OLDEST_DELETION = 48 * 3600
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)
EMOJI = (
    "❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 "
    "🕊 🤡 🥱 🥴 😍 🐳 ❤\u200d🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 "
    "🍾 💋 🖕 😈 😴 😭 🤓 👻 👨\u200d💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 "
    "🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷\u200d♂ 🤷 🤷\u200d♀ "
    "😡"
)
REACTIONS = frozenset(EMOJI.split())
TEXT_FIELDS = frozenset({"text", "entities", "caption", "caption_entities"})


def edit_message_text(world: World, params: Params) -> Json:
    content = text_content(params, too_long="MESSAGE_TOO_LONG")
    markup = reply_markup(params, inline_only=True)
    message = _own(world, params)
    if "text" not in message.content:
        bad_request("there is no text in the message to edit")
    return _edit(world, message, content, markup)


def edit_message_caption(world: World, params: Params) -> Json:
    caption = caption_content(*params.formatted("caption", "caption_entities"))
    markup = reply_markup(params, inline_only=True)
    message = _own(world, params)
    if "text" in message.content or message.kind in {"location", "contact", "sticker"}:
        bad_request("there is no caption in the message to edit")
    kept = {name: value for name, value in message.content.items() if name not in TEXT_FIELDS}
    return _edit(world, message, kept | caption, markup)


def edit_message_reply_markup(world: World, params: Params) -> Json:
    markup = reply_markup(params, inline_only=True)
    message = _own(world, params)
    return _edit(world, message, message.content, markup)


def _own(world: World, params: Params) -> Message:
    message = message_in(world, params, "message to edit")
    if message.sender is not world.bot or message.kind.startswith("forum_topic"):
        bad_request("message can't be edited")
    return message


def _edit(world: World, message: Message, content: Json, markup: Json | None) -> Json:
    if content == message.content and markup == message.markup:
        bad_request(NOT_MODIFIED)
    if world.limiter.limits.count_edits:
        world.charge(message.chat)
    message.edits.append(Version(content=message.content, markup=message.markup, until=world.now()))
    message.content, message.markup, message.edit_date = content, markup, world.now()
    world.changed()
    return message.wire()


def delete_message(world: World, params: Params) -> bool:
    message = message_in(world, params, "message to delete")
    if not _may_delete(world, message):
        bad_request("message can't be deleted")
    remove(world, message)
    return True


def remove(world: World, message: Message) -> None:
    message.deleted = True
    world.changed()


def _may_delete(world: World, message: Message) -> bool:
    if message.kind == "forum_topic_created":
        return False
    if message.chat.bot_may("can_delete_messages"):
        return True
    young = world.now() - message.date < OLDEST_DELETION
    return young and (message.sender is world.bot or not message.chat.is_group)


def set_message_reaction(world: World, params: Params) -> bool:
    reactions = params.structure("reaction", "reaction types") or []
    if not isinstance(reactions, list):
        bad_request("expected an Array of ReactionType")
    message = message_in(world, params, "message to react")
    if len(reactions) > 1:
        bad_request("REACTIONS_TOO_MANY")
    for reaction in reactions:
        if reaction.get("type") == "emoji" and reaction.get("emoji", "").rstrip("\ufe0f") not in REACTIONS:
            bad_request("REACTION_INVALID")
    message.reactions[world.bot.id] = reactions
    world.changed()
    return True


def pin_chat_message(world: World, params: Params) -> bool:
    chat = world.chat_for(params.chat_id())
    message = message_in(world, params, "message to pin")
    if chat.is_group and not chat.bot_may("can_pin_messages"):
        bad_request("not enough rights to manage pinned messages in the chat")
    message.pinned = True
    world.changed()
    return True


def unpin_chat_message(world: World, params: Params) -> bool:
    chat = world.chat_for(params.chat_id())
    if chat.is_group and not chat.bot_may("can_pin_messages"):
        bad_request("not enough rights to manage pinned messages in the chat")
    for message in _to_unpin(chat, params.integer("message_id")):
        message.pinned = False
    world.changed()
    return True


def _to_unpin(chat: Chat, message_id: int) -> list[Message]:
    pinned = [message for message in chat.messages.values() if message.pinned]
    if message_id:
        pinned = [message for message in pinned if message.id == message_id]
    if not pinned:
        bad_request("message to unpin not found")
    return pinned[-1:]


def answer_callback_query(world: World, params: Params) -> bool:
    callback = world.callbacks.get(params.text("callback_query_id"))
    expired = callback is None or world.clock.now() - callback.pressed_at > CALLBACK_LIFETIME
    if callback is None or expired or callback.answer is not None:
        bad_request("query is too old and response timeout expired or query ID is invalid")
    if utf16_length(params.text("text")) > 200:
        bad_request("MESSAGE_TOO_LONG")
    callback.answer = {"text": params.text("text"), "show_alert": params.boolean("show_alert")}
    world.changed()
    return True


METHODS = {
    "editMessageText": edit_message_text,
    "editMessageCaption": edit_message_caption,
    "editMessageReplyMarkup": edit_message_reply_markup,
    "deleteMessage": delete_message,
    "setMessageReaction": set_message_reaction,
    "pinChatMessage": pin_chat_message,
    "unpinChatMessage": unpin_chat_message,
    "answerCallbackQuery": answer_callback_query,
}
