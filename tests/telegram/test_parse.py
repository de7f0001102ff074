"""Recorded updates become the desk's commands."""

from datetime import UTC, datetime, timedelta

import aiogram.types
import pytest

from channels.telegram.channel import TelegramChannel
from desk.commands import (
    Action,
    Actor,
    AtMessage,
    AtThread,
    AtTicket,
    Command,
    CustomerBlocked,
    CustomerEdited,
    CustomerPressed,
    CustomerReacted,
    CustomerStarted,
    CustomerUnblocked,
    CustomerWrote,
    RoomMoved,
    Sender,
    StaffActed,
    StaffEdited,
    StaffWrote,
    ThreadClosed,
)
from desk.messages import Attachment, AttachmentKind
from tests.telegram.conftest import FORUM, NOW, PLAIN, payload, payload_names

ANN = Sender(channel="telegram", address="7001", name="Ann Lee", username="annlee", language="zh-hans")
LIN = Actor(telegram=9001)
TOPIC = AtThread(chat=FORUM, thread=12)
DATE = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)


def only(channel: TelegramChannel, name: str) -> Command:
    found = channel.parse(payload(name), NOW)
    assert len(found) == 1
    return found[0]


def wrote(channel: TelegramChannel, name: str) -> CustomerWrote:
    command = only(channel, name)
    assert isinstance(command, CustomerWrote)
    return command


def acted(channel: TelegramChannel, name: str) -> StaffActed:
    command = only(channel, name)
    assert isinstance(command, StaffActed)
    return command


@pytest.mark.parametrize("name", payload_names())
def test_the_recorded_updates_are_what_telegram_sends(name: str) -> None:
    aiogram.types.Update.model_validate_json(payload(name))


def test_a_text_has_its_sender_and_telegrams_own_time(channel: TelegramChannel) -> None:
    command = wrote(channel, "text")
    assert command.sender == ANN
    assert command.sender.key == "telegram:7001"
    assert command.text == "你好，洗衣机不转了 <b>&"
    assert command.at == DATE + timedelta(seconds=100)
    assert command.attachments == ()


@pytest.mark.parametrize(("name", "code"), [("start_code", "spring_sale"), ("start", None)])
def test_start_with_and_without_the_code_of_a_link(channel: TelegramChannel, name: str, code: str | None) -> None:
    command = only(channel, name)
    assert isinstance(command, CustomerStarted)
    assert (command.sender, command.code) == (ANN, code)


def test_other_commands_of_a_customer_are_text(channel: TelegramChannel) -> None:
    assert wrote(channel, "command_help").text == "/help"


@pytest.mark.parametrize(
    ("name", "kind", "file", "text"),
    [
        ("photo", AttachmentKind.PHOTO, "telegram:AgAClarge", "坏的地方"),
        ("document", AttachmentKind.DOCUMENT, "telegram:BQACdoc", "invoice"),
        ("voice", AttachmentKind.VOICE, "telegram:AwACvoice", ""),
        ("video", AttachmentKind.VIDEO, "telegram:BAACvideo", "it leaks"),
        ("video_note", AttachmentKind.VIDEO, "telegram:round/DQACnote", ""),
        ("audio", AttachmentKind.AUDIO, "telegram:CQACaudio", ""),
        ("animation", AttachmentKind.ANIMATION, "telegram:CgACanim", ""),
        ("sticker", AttachmentKind.STICKER, "telegram:CAACsticker", ""),
    ],
)
def test_h7_each_kind_of_file(channel: TelegramChannel, name: str, kind: AttachmentKind, file: str, text: str) -> None:
    command = wrote(channel, name)
    assert command.text == text
    (attachment,) = command.attachments
    assert (attachment.kind, attachment.file) == (kind, file)
    assert attachment.size is not None
    assert attachment.media_type is not None


def test_h7_a_document_keeps_its_name(channel: TelegramChannel) -> None:
    (attachment,) = wrote(channel, "document").attachments
    assert (attachment.name, attachment.media_type, attachment.size) == ("invoice.pdf", "application/pdf", 52311)


def test_h7_places_and_cards(channel: TelegramChannel) -> None:
    place = Attachment(kind=AttachmentKind.LOCATION, latitude=31.2304, longitude=121.4737)
    assert wrote(channel, "location").attachments == (place,)
    venue = wrote(channel, "venue")
    assert (venue.attachments, venue.text) == ((place,), "Shanhai Store\n1 Nanjing Road")
    card = Attachment(kind=AttachmentKind.CONTACT, phone="+8613800000000", person="Ann Lee")
    assert wrote(channel, "contact").attachments == (card,)


def test_the_parts_of_an_album_share_their_group(channel: TelegramChannel) -> None:
    first, second = wrote(channel, "album_1"), wrote(channel, "album_2")
    assert first.group == second.group == "13500001"
    assert (first.text, second.text) == ("two pictures", "")


@pytest.mark.parametrize(("name", "text"), [("poll", "📊 Tea or coffee?"), ("dice", "🎲 5"), ("story", "[story]")])
def test_what_only_telegram_can_show_is_not_lost(channel: TelegramChannel, name: str, text: str) -> None:
    assert wrote(channel, name).text == text


def test_a_reply_names_what_it_answers(channel: TelegramChannel) -> None:
    assert wrote(channel, "reply").reply_to == "55"


def test_h10_an_edit(channel: TelegramChannel) -> None:
    command = only(channel, "edited")
    assert isinstance(command, CustomerEdited)
    assert (command.external_id, command.text) == ("101", "你好，烘干机不转了")
    assert command.at == DATE + timedelta(seconds=60)


@pytest.mark.parametrize(("name", "emoji"), [("reaction", "👍"), ("reaction_removed", None)])
def test_a_reaction_put_and_taken_back(channel: TelegramChannel, name: str, emoji: str | None) -> None:
    command = only(channel, name)
    assert isinstance(command, CustomerReacted)
    assert (command.external_id, command.emoji) == ("55", emoji)


@pytest.mark.parametrize(
    ("name", "action", "message"), [("pressed", "csat:18:5", "55"), ("pressed_inaccessible", "csat:18:4", "5")]
)
def test_a_customers_press(channel: TelegramChannel, name: str, action: str, message: str) -> None:
    command = only(channel, name)
    assert isinstance(command, CustomerPressed)
    assert (command.action, command.external_id, command.at, command.sender) == (action, message, NOW, ANN)
    assert command.press is not None


def test_h12_block_and_unblock(channel: TelegramChannel) -> None:
    assert only(channel, "blocked") == CustomerBlocked(sender=ANN, at=DATE + timedelta(seconds=9))
    assert only(channel, "unblocked") == CustomerUnblocked(sender=ANN, at=DATE + timedelta(seconds=9))


@pytest.mark.parametrize("name", ["room_text", "room_reply", "room_path"])
def test_h6_what_staff_write_in_a_topic(channel: TelegramChannel, name: str) -> None:
    command = only(channel, name)
    assert isinstance(command, StaffWrote)
    assert (command.by, command.place, command.chat) == (LIN, TOPIC, FORUM)
    assert command.text
    assert command.external_id


def test_h7_a_photo_of_the_staff(channel: TelegramChannel) -> None:
    command = only(channel, "room_photo")
    assert isinstance(command, StaffWrote)
    assert command.text == "like this"
    assert command.attachments[0].file == "telegram:AgAClarge"


def test_h7_what_cannot_be_relayed_comes_empty_to_be_refused(channel: TelegramChannel) -> None:
    command = only(channel, "room_poll")
    assert isinstance(command, StaffWrote)
    assert (command.text, command.attachments) == ("", ())


@pytest.mark.parametrize(
    ("name", "action", "argument"),
    [
        ("room_note", Action.NOTE, "she is angry, be kind"),
        ("room_note_photo", Action.NOTE, "see the serial number"),
        ("room_take", Action.TAKE, ""),
        ("room_take_named", Action.TAKE, ""),
        ("room_unknown_command", Action.HELP, "/prio"),
    ],
)
def test_h15_commands_in_a_topic(channel: TelegramChannel, name: str, action: Action, argument: str) -> None:
    command = acted(channel, name)
    assert (command.by, command.action, command.argument, command.place) == (LIN, action, argument, TOPIC)
    assert (command.chat, command.press) == (FORUM, None)


def test_a_note_keeps_its_picture(channel: TelegramChannel) -> None:
    assert acted(channel, "room_note_photo").attachments[0].kind is AttachmentKind.PHOTO


def test_a_command_outside_of_a_topic_has_no_place(channel: TelegramChannel) -> None:
    command = acted(channel, "room_general_online")
    assert (command.action, command.place) == (Action.ONLINE, None)


def test_h1_in_a_plain_group_a_reply_names_the_case(channel: TelegramChannel) -> None:
    command = only(channel, "plain_reply")
    assert isinstance(command, StaffWrote)
    assert command.place == AtMessage(chat=PLAIN, message=20)
    assert acted(channel, "plain_resolve").place == AtMessage(chat=PLAIN, message=20)
    general = only(channel, "room_general_reply")
    assert isinstance(general, StaffWrote)
    assert general.place == AtMessage(chat=FORUM, message=31)


def test_h5_a_staff_button_says_what_was_seen(channel: TelegramChannel) -> None:
    take = acted(channel, "room_pressed_take")
    assert (take.action, take.place, take.seen, take.at) == (Action.TAKE, AtTicket(number=42), 7, NOW)
    assert (take.chat, take.external_id, take.by) == (FORUM, "80", LIN)
    assert take.press is not None
    send = acted(channel, "room_pressed_send")
    assert (send.action, send.argument) == (Action.TAKE_AND_SEND, "991")
    alert = acted(channel, "room_pressed_alert")
    assert (alert.action, alert.place, alert.argument) == (Action.ACKNOWLEDGE, None, "sla:42:first_reply:1:100")


def test_a_press_of_no_button_of_ours_is_refused(channel: TelegramChannel) -> None:
    with pytest.raises(ValueError, match="dance"):
        channel.parse(payload("room_pressed_unknown"), NOW)


def test_h10_an_edit_by_the_staff(channel: TelegramChannel) -> None:
    command = only(channel, "room_edited")
    assert isinstance(command, StaffEdited)
    assert (command.place, command.text, command.external_id) == (TOPIC, "Hello Ann, which model?", "150")
    note = only(channel, "room_edited_note")
    assert isinstance(note, StaffEdited)
    assert note.text == "calm now"


def test_h3_a_topic_closed_by_hand(channel: TelegramChannel) -> None:
    command = only(channel, "room_topic_closed")
    assert isinstance(command, ThreadClosed)
    assert command.place == TOPIC


def test_a_group_that_moved(channel: TelegramChannel) -> None:
    command = only(channel, "plain_migrated")
    assert isinstance(command, RoomMoved)
    assert (command.chat, command.moved_to) == (PLAIN, -1001000000777)


@pytest.mark.parametrize(
    "name",
    [
        "pinned",
        "edited_live_location",
        "reaction_custom",
        "room_take_other",
        "room_general_talk",
        "room_topic_created",
        "room_topic_closed_by_us",
        "room_topic_reopened",
        "room_by_bot",
        "room_anonymous",
        "room_edited_command",
        "room_reaction",
        "room_bot_promoted",
        "plain_reply_to_human",
        "unknown_group",
        "channel_post",
        "unknown_kind",
    ],
)
def test_what_concerns_nobody_is_left_out(channel: TelegramChannel, name: str) -> None:
    assert channel.parse(payload(name), NOW) == ()
