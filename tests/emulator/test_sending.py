"""Sending: what is accepted, what is refused, and in which words."""

from typing import Any

import aiohttp
import msgspec
import pytest

from tests.emulator import Emulator, Group
from tests.emulator.client import Api


@pytest.fixture(autouse=True)
def ann(emulator: Emulator) -> None:
    emulator.customer(7, "Ann").starts()


@pytest.mark.parametrize(
    ("params", "status", "description"),
    [
        ({"chat_id": 7}, 400, "Bad Request: message text is empty"),
        ({"chat_id": 7, "text": " \n "}, 400, "Bad Request: text must be non-empty"),
        ({"chat_id": 7, "text": "<b> </b>", "parse_mode": "HTML"}, 400, "Bad Request: text must be non-empty"),
        ({"chat_id": 7, "text": "a" * 4097}, 400, "Bad Request: message is too long"),
        ({"chat_id": 7, "text": "😀" * 2049}, 400, "Bad Request: message is too long"),
        ({"chat_id": 7, "text": "a", "parse_mode": "rtf"}, 400, "Bad Request: unsupported parse_mode"),
        ({"text": "a"}, 400, "Bad Request: chat_id is empty"),
        ({"chat_id": 123, "text": "a"}, 400, "Bad Request: chat not found"),
        ({"chat_id": 7, "text": "a", "message_thread_id": 5}, 400, "Bad Request: message thread not found"),
        (
            {"chat_id": 7, "text": "a", "reply_parameters": {"message_id": 99}},
            400,
            "Bad Request: message to be replied not found",
        ),
    ],
)
async def test_refused_texts(api: Api, params: dict[str, Any], status: int, description: str) -> None:
    answer = await api("sendMessage", **params)
    assert (answer.status, answer.description) == (status, description)


async def test_4096_units_after_parsing_are_enough_room(emulator: Emulator, api: Api) -> None:
    answer = await api("sendMessage", chat_id=7, text=f"<b>{'😀' * 2048}</b>", parse_mode="HTML")
    assert answer.result["entities"] == [{"offset": 0, "length": 4096, "type": "bold"}]


@pytest.mark.parametrize(
    ("button", "description"),
    [
        ({"text": "x", "callback_data": "好" * 22}, "BUTTON_DATA_INVALID"),
        (
            {"text": "x", "callback_data": ""},
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        ({"callback_data": "x"}, "can't parse inline keyboard button: Can't find field \"text\""),
        ({"text": 5, "callback_data": "x"}, 'can\'t parse inline keyboard button: Field "text" must be of type String'),
        ({"text": " ", "callback_data": "x"}, "BUTTON_TEXT_INVALID"),
        ({"text": "x", "url": "e"}, "inline keyboard button URL 'e' is invalid: Wrong HTTP URL"),
    ],
)
async def test_refused_buttons(api: Api, button: dict[str, Any], description: str) -> None:
    answer = await api("sendMessage", chat_id=7, text="a", reply_markup={"inline_keyboard": [[button]]})
    assert answer.description == f"Bad Request: {description}"


async def test_64_bytes_of_data_are_enough_room(emulator: Emulator, api: Api) -> None:
    markup = {"inline_keyboard": [[{"text": "x", "callback_data": "好" * 21 + "a"}]]}
    assert (await api("sendMessage", chat_id=7, text="a", reply_markup=markup)).result["reply_markup"] == markup
    assert emulator.customer(7).last.buttons[0]["text"] == "x"


@pytest.mark.parametrize("markup", ["{", '"x"', '{"inline_keyboard": [5]}', '{"keyboard": [5]}'])
async def test_markup_of_the_wrong_type_is_refused(api: Api, markup: str) -> None:
    assert (await api("sendMessage", chat_id=7, text="a", reply_markup=markup)).status == 400


async def test_parameters_come_in_every_form(emulator: Emulator, api: Api) -> None:
    markup = msgspec.json.encode({"inline_keyboard": [[{"text": "x", "callback_data": "y"}]]}).decode()
    await api("sendmessage", chat_id="7", text="json", reply_markup=markup)
    await api.form("sendMessage", {"chat_id": "7", "text": "urlencoded 你好 &", "reply_markup": markup})
    form = aiohttp.FormData({"text": "multipart", "reply_markup": markup}, default_to_multipart=True)
    await api.form("sendMessage", form, chat_id="7")
    await api.form("sendMessage", None, chat_id="7", text="query", reply_markup=markup)
    received = emulator.customer(7).received
    assert [message.text for message in received] == ["json", "urlencoded 你好 &", "multipart", "query"]
    assert [message.buttons[0]["callback_data"] for message in received] == ["y"] * 4


async def test_those_who_cannot_be_written_to(emulator: Emulator, api: Api) -> None:
    emulator.customer(8, "Bob")
    reason = "Forbidden: bot can't initiate conversation with a user"
    assert (await api("sendMessage", chat_id=8, text="a")).description == reason
    ann = emulator.customer(7)
    ann.blocks()
    answer = await api("sendMessage", chat_id=7, text="a")
    assert (answer.status, answer.description) == (403, "Forbidden: bot was blocked by the user")
    ann.unblocks()
    assert (await api("sendMessage", chat_id=7, text="a")).status == 200
    ann.deletes_account()
    assert (await api("sendMessage", chat_id=7, text="a")).description == "Forbidden: user is deactivated"


async def test_groups_that_cannot_be_written_to(emulator: Emulator, api: Api, forum: Group) -> None:
    forum.kicks_bot()
    answer = await api("sendMessage", chat_id=forum.id, text="a")
    assert (answer.status, answer.description) == (403, "Forbidden: bot was kicked from the supergroup chat")
    group = emulator.plain_group()
    moved = group.migrates()
    answer = await api("sendMessage", chat_id=group.id, text="a")
    assert answer.description == "Bad Request: group chat was upgraded to a supergroup chat"
    assert answer.parameters == {"migrate_to_chat_id": moved.id}
    assert (await api("sendMessage", chat_id=moved.id, text="a")).status == 200


@pytest.mark.parametrize("kind", ["photo", "document", "voice", "video", "sticker", "animation", "audio"])
async def test_media_by_upload_and_by_file_id(emulator: Emulator, api: Api, kind: str) -> None:
    form = aiohttp.FormData({"chat_id": "7", "caption": "<i>c</i>", "parse_mode": "HTML"})
    form.add_field(kind, b"bytes", filename="a.bin", content_type="application/x-a")
    sent = (await api.form(f"send{kind.capitalize()}", form)).result
    shape = sent[kind][-1] if kind == "photo" else sent[kind]
    found = (await api("getFile", file_id=shape["file_id"])).result
    assert await api.file(found["file_path"]) == b"bytes"
    again = await api(f"send{kind.capitalize()}", chat_id=7, **{kind: shape["file_id"]})
    assert again.result[kind] == sent[kind]
    assert sent.get("caption") == (None if kind == "sticker" else "c")


async def test_refused_media(emulator: Emulator, api: Api) -> None:
    paper = emulator.customer(7).sends_document(b"x", declared_size=21 * 1024 * 1024)
    file_id = paper.content["document"]["file_id"]
    for method, params, reason in (
        ("sendPhoto", {}, "there is no photo in the request"),
        ("sendPhoto", {"photo": "nonsense"}, "wrong file identifier/HTTP URL specified"),
        ("sendPhoto", {"photo": file_id}, "can't use file of type Document as Photo"),
        ("sendDocument", {"document": file_id, "caption": "a" * 1025}, "message caption is too long"),
        ("getFile", {"file_id": file_id}, "file is too big"),
        ("getFile", {"file_id": "x"}, "invalid file_id"),
        ("sendLocation", {"latitude": 1}, "longitude is empty"),
        ("sendContact", {"phone_number": "1"}, "first name must be non-empty"),
    ):
        assert (await api(method, chat_id=7, **params)).description == f"Bad Request: {reason}"


async def test_album(emulator: Emulator, api: Api) -> None:
    media = [{"type": "photo", "media": f"attach://p{number}", "caption": str(number)} for number in range(3)]
    form = aiohttp.FormData({"chat_id": "7", "media": msgspec.json.encode(media).decode()})
    for number in range(3):
        form.add_field(f"p{number}", b"x", filename="x.jpg")
    album = (await api.form("sendMediaGroup", form)).result
    assert [message["caption"] for message in album] == ["0", "1", "2"]
    assert len({message["media_group_id"] for message in album}) == 1
    assert (await api("sendMediaGroup", chat_id=7, media=media[:1])).status == 400


async def test_copies_lose_their_author_and_keep_all_else(emulator: Emulator, api: Api, forum: Group) -> None:
    photo = emulator.customer(7).sends_photo(b"x", "look")
    copy = await api("copyMessage", chat_id=forum.id, from_chat_id=7, message_id=photo.id)
    assert set(copy.result) == {"message_id"}
    standing = forum.general.messages[-1]
    assert (standing.text, standing.kind, standing.sender, standing.copied_from) == (
        "look", "photo", emulator.bot, (7, photo.id),
    )  # fmt: skip
    missing = await api("copyMessage", chat_id=forum.id, from_chat_id=7, message_id=999)
    assert missing.description == "Bad Request: message to copy not found"


async def test_copied_albums_stay_albums(emulator: Emulator, api: Api, forum: Group) -> None:
    album = emulator.customer(7).sends_album([b"1", b"2"], "both")
    numbers = [message.id for message in album]
    answer = await api("copyMessages", chat_id=forum.id, from_chat_id=7, message_ids=numbers)
    assert len(answer.result) == 2
    groups = {message.content["media_group_id"] for message in forum.general.messages}
    assert len(groups) == 1
    assert groups != {album[0].content["media_group_id"]}
    wrong = await api("copyMessages", chat_id=forum.id, from_chat_id=7, message_ids=numbers[::-1])
    assert wrong.description == "Bad Request: message identifiers must be in a strictly increasing order"
    none = await api("copyMessages", chat_id=forum.id, from_chat_id=7, message_ids=[998, 999])
    assert none.description == "Bad Request: there are no messages to copy"


async def test_unknown_method_wrong_token_and_the_bot_itself(emulator: Emulator, api: Api) -> None:
    assert (await api("sendTelepathy")).description == "Not Found: method not found"
    assert (await api("getMe")).result["username"] == "guanxi_bot"
    async with aiohttp.ClientSession() as session:
        stranger = Api(emulator.url, "1:wrong", session)
        answer = await stranger("getMe")
    assert (answer.status, answer.description) == (401, "Unauthorized")
    assert (await api("setMyCommands", commands=[{"command": "help", "description": "Help"}])).result is True
    assert (await api("setMyCommands", commands=[{"command": "Hé", "description": "x"}])).status == 400
    assert (await api("getMyCommands")).result == [{"command": "help", "description": "Help"}]
