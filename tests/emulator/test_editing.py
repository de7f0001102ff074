"""Edits, deletions, reactions, pins and answers to button presses."""

from typing import Any

import pytest

from tests.emulator import Customer, Emulator, Group, Message
from tests.emulator.client import Api

KEYBOARD = {"inline_keyboard": [[{"text": "Take", "callback_data": "take:1"}]]}
NOT_MODIFIED = "Bad Request: message is not modified: specified new message content and reply markup are exactly the"


@pytest.fixture
def ann(emulator: Emulator) -> Customer:
    customer = emulator.customer(7, "Ann")
    customer.starts()
    return customer


@pytest.fixture
async def card(api: Api, ann: Customer) -> Message:
    await api("sendMessage", chat_id=7, text="card", reply_markup=KEYBOARD)
    return ann.last


async def test_an_edit_replaces_text_and_drops_the_keyboard_not_given(api: Api, card: Message) -> None:
    same = await api("editMessageText", chat_id=7, message_id=card.id, text="card", reply_markup=KEYBOARD)
    assert same.description.startswith(NOT_MODIFIED)
    assert (await api("editMessageText", chat_id=7, message_id=card.id, text="<b>new</b>", parse_mode="HTML")).result
    assert (card.text, card.buttons, card.edits[0].content) == ("new", [], {"text": "card"})
    assert card.entities[0]["type"] == "bold"
    assert card.edit_date is not None


async def test_keyboard_alone(api: Api, card: Message) -> None:
    other = {"inline_keyboard": [[{"text": "Taken", "callback_data": "x"}]]}
    assert (await api("editMessageReplyMarkup", chat_id=7, message_id=card.id, reply_markup=other)).result
    again = await api("editMessageReplyMarkup", chat_id=7, message_id=card.id, reply_markup=other)
    assert again.description.startswith(NOT_MODIFIED)
    assert (card.text, card.buttons[0]["text"]) == ("card", "Taken")


async def test_captions(api: Api, ann: Customer) -> None:
    photo = ann.sends_photo()
    file_id = photo.content["photo"][-1]["file_id"]
    await api("sendPhoto", chat_id=7, photo=file_id, caption="before")
    sent = ann.last
    assert (await api("editMessageCaption", chat_id=7, message_id=sent.id, caption="after")).result[
        "caption"
    ] == "after"
    wrong = await api("editMessageText", chat_id=7, message_id=sent.id, text="x")
    assert wrong.description == "Bad Request: there is no text in the message to edit"


@pytest.mark.parametrize(
    ("method", "params", "reason"),
    [
        ("editMessageText", {"message_id": 999, "text": "x"}, "message to edit not found"),
        ("editMessageText", {"message_id": 1, "text": "x"}, "message can't be edited"),
        ("editMessageText", {"message_id": 2, "text": "x" * 4097}, "MESSAGE_TOO_LONG"),
        ("editMessageText", {"message_id": 2, "text": "x", "reply_markup": {"force_reply": True}},
         "inline keyboard expected"),
        ("editMessageCaption", {"message_id": 2, "caption": "x"}, "there is no caption in the message to edit"),
        ("deleteMessage", {"message_id": 999}, "message to delete not found"),
        ("setMessageReaction", {"message_id": 999}, "message to react not found"),
        ("setMessageReaction", {"message_id": 1, "reaction": [{"type": "emoji", "emoji": "✅"}]}, "REACTION_INVALID"),
        ("pinChatMessage", {"message_id": 999}, "message to pin not found"),
    ],
)  # fmt: skip
async def test_refusals(api: Api, card: Message, method: str, params: dict[str, Any], reason: str) -> None:
    assert card.id == 2
    assert (await api(method, chat_id=7, **params)).description == f"Bad Request: {reason}"


async def test_deletion_and_its_48_hours(emulator: Emulator, api: Api, card: Message) -> None:
    emulator.clock.advance(48 * 3600 + 1)
    assert (await api("deleteMessage", chat_id=7, message_id=card.id)).description.endswith("message can't be deleted")
    young = (await api("sendMessage", chat_id=7, text="x")).result["message_id"]
    assert (await api("deleteMessage", chat_id=7, message_id=young)).result is True
    assert card.chat.messages[young].deleted
    gone = await api("editMessageText", chat_id=7, message_id=young, text="y")
    assert gone.description == "Bad Request: message to edit not found"


async def test_one_reaction_of_the_allowed_ones(emulator: Emulator, api: Api, ann: Customer) -> None:
    message = ann.writes("hello")
    thumb = [{"type": "emoji", "emoji": "👍"}]
    assert (await api("setMessageReaction", chat_id=7, message_id=message.id, reaction=thumb)).result is True
    assert message.emoji_of(emulator.bot.id) == ["👍"]
    many = await api("setMessageReaction", chat_id=7, message_id=message.id, reaction=thumb * 2)
    assert many.description == "Bad Request: REACTIONS_TOO_MANY"
    await api("setMessageReaction", chat_id=7, message_id=message.id)
    assert message.emoji_of(emulator.bot.id) == []


async def test_a_press_is_answered_once_and_in_time(emulator: Emulator, api: Api, ann: Customer, card: Message) -> None:
    press = ann.presses(card, "Take")
    update = (await api("getUpdates")).result[-1]["callback_query"]
    assert (update["data"], update["from"]["id"], update["message"]["message_id"]) == ("take:1", 7, card.id)
    assert (await api("answerCallbackQuery", callback_query_id=press.id, text="Taken")).result is True
    assert press.notice == "Taken"
    reason = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    assert (await api("answerCallbackQuery", callback_query_id=press.id)).description == reason
    late = ann.presses(card, "take:1")
    emulator.clock.advance(61)
    assert (await api("answerCallbackQuery", callback_query_id=late.id)).description == reason
    with pytest.raises(LookupError):
        ann.presses(card, "Resolve")


async def test_pins_need_the_right(api: Api, forum: Group) -> None:
    number = (await api("sendMessage", chat_id=forum.id, text="x")).result["message_id"]
    assert (await api("pinChatMessage", chat_id=forum.id, message_id=number)).result is True
    assert forum.chat.messages[number].pinned
    forum.takes("can_pin_messages")
    reason = "Bad Request: not enough rights to manage pinned messages in the chat"
    assert (await api("pinChatMessage", chat_id=forum.id, message_id=number)).description == reason
