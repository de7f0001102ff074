"""aiogram's own client works against the emulator, types, files, errors and all."""

from collections.abc import AsyncIterator

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramForbiddenError, TelegramMigrateToChat, TelegramRetryAfter
from aiogram.types import BufferedInputFile, InlineKeyboardButton, InlineKeyboardMarkup, ReactionTypeEmoji

from tests.emulator import Emulator, Group


@pytest.fixture
async def bot(emulator: Emulator) -> AsyncIterator[Bot]:
    bot = Bot(emulator.token, session=AiohttpSession(api=TelegramAPIServer.from_base(emulator.url)))
    yield bot
    await bot.session.close()


async def test_every_kind_of_update_is_understood(emulator: Emulator, bot: Bot, forum: Group) -> None:
    await bot.get_updates(allowed_updates=["message", "edited_message", "callback_query", "my_chat_member",
                                           "message_reaction"])  # fmt: skip
    ann = emulator.customer(7, "Ann", language_code="zh")
    hello = ann.starts("ad-1")
    ann.edits(hello, "/start ad-2")
    ann.sends_album([b"1", b"2"], "two")
    for kind in ("voice", "video", "audio", "animation"):
        ann.sends(kind, b"x")
    ann.sends_sticker()
    ann.sends_document()
    ann.sends_location(31.2, 121.5)
    ann.sends_contact("+8613800000000", "Ann")
    ann.reacts(hello, "👍")
    ann.blocks()
    lin = forum.member(900, "Lin")
    topic = lin.opens("Theirs")
    lin.closes(topic)
    lin.reopens(topic)
    lin.renames(topic, "Ours")
    emulator.plain_group().migrates()
    updates = await bot.get_updates(limit=100)
    assert len(updates) == len(emulator.updates.pending)
    assert updates[0].message is not None
    assert updates[0].message.from_user is not None
    assert updates[0].message.from_user.language_code == "zh"
    assert {update.event_type for update in updates} == {
        "message", "edited_message", "my_chat_member", "message_reaction",
    }  # fmt: skip


async def test_sending_pressing_and_downloading(emulator: Emulator, bot: Bot, forum: Group) -> None:
    ann = emulator.customer(7, "Ann")
    ann.starts()
    keyboard = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Yes", callback_data="yes")]])
    sent = await bot.send_message(7, "<b>Well?</b>", parse_mode="HTML", reply_markup=keyboard)
    press = ann.presses(ann.last, "Yes")
    assert await bot.answer_callback_query(press.id, text="Good")
    assert await bot.edit_message_text("Well.", chat_id=7, message_id=sent.message_id)
    assert await bot.set_message_reaction(7, sent.message_id, [ReactionTypeEmoji(emoji="🔥")])
    topic = await bot.create_forum_topic(forum.id, "Ann")
    photo = await bot.send_photo(
        forum.id, BufferedInputFile(b"bytes", "a.jpg"), caption="look", message_thread_id=topic.message_thread_id
    )
    assert photo.photo is not None
    file = await bot.download(photo.photo[-1].file_id)
    assert file is not None
    assert file.read() == b"bytes"
    assert (await bot.get_chat(forum.id)).is_forum
    assert (await bot.get_chat_member(forum.id, emulator.bot.id)).status == "administrator"


async def test_errors_have_their_classes(emulator: Emulator, bot: Bot) -> None:
    ann = emulator.customer(7, "Ann")
    ann.starts()
    emulator.faults.storm("sendMessage", retry_after=7)
    with pytest.raises(TelegramRetryAfter) as storm:
        await bot.send_message(7, "x")
    assert storm.value.retry_after == 7
    ann.blocks()
    with pytest.raises(TelegramForbiddenError):
        await bot.send_message(7, "x")
    group = emulator.plain_group()
    moved = group.migrates()
    with pytest.raises(TelegramMigrateToChat) as migrated:
        await bot.send_message(group.id, "x")
    assert migrated.value.migrate_to_chat_id == moved.id
