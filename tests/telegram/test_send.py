"""What is sent to customers and shown to the staff, against the emulator."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiogram.methods
import pytest

from channels.base import (
    Address,
    Parcel,
    Rejected,
    RetryLater,
    RoomMoved,
    Sent,
    ThreadClosed,
    ThreadMissing,
    ThreadsForbidden,
    Uncertain,
    Unreachable,
)
from channels.limits import Limits, Rate
from channels.telegram.channel import TelegramChannel
from desk.messages import Attachment, AttachmentKind
from desk.outgoing import (
    Button,
    Card,
    Content,
    CustomerDelete,
    CustomerEdit,
    CustomerMessage,
    Line,
    Mark,
    PressAnswer,
    Relay,
    RelayEdit,
    ThreadTitle,
)
from desk.tickets import Priority, Status
from tests.emulator import limits as emulated
from tests.emulator.clock import Clock
from tests.emulator.emulator import Emulator
from tests.emulator.groups import Group
from tests.emulator.people import Customer
from tests.emulator.state import Topic
from tests.telegram.conftest import FORUM, NOW, Make, Naps

STARS = ((Button(label="5", action="csat:1:5"),),)


@pytest.fixture
def ann(emulator: Emulator) -> Customer:
    customer = emulator.customer(7001, "Ann")
    customer.starts()
    return customer


@pytest.fixture
async def topic(channel: TelegramChannel, forum: Group) -> Topic:
    thread = await channel.open_thread(FORUM, "Ann")
    return forum.chat.topics[thread]


@pytest.fixture(autouse=True)
def telegram_knows_every_parameter(emulator: Emulator) -> Iterator[None]:
    """Emulators forgive what they do not read; the method classes of aiogram are generated from the real reference."""
    yield
    for call in emulator.ledger.calls:
        method = getattr(aiogram.methods, call.method[0].upper() + call.method[1:])
        assert set(call.params) <= set(method.model_fields), call


async def to_ann(channel: TelegramChannel, content: Content, **known: tuple[str, ...]) -> Sent:
    ids = {int(name.removeprefix("m")): value for name, value in known.items()}
    return await channel.send(Parcel(address=Address(chat="7001"), content=content, external_ids=ids))


async def to_topic(channel: TelegramChannel, topic: Topic, content: Content, **known: tuple[str, ...]) -> Sent:
    ids = {int(name.removeprefix("m")): value for name, value in known.items()}
    address = Address(chat=str(FORUM), thread=topic.thread_id)
    return await channel.send(Parcel(address=address, content=content, external_ids=ids))


def photo(file: str | None) -> Attachment:
    return Attachment(kind=AttachmentKind.PHOTO, file=file, name="a.jpg", media_type="image/jpeg")


def local(tmp_path: Path, kind: AttachmentKind, key: str = "abc") -> Attachment:
    (tmp_path / key).write_bytes(b"some bytes")
    return Attachment(kind=kind, file=f"local:{key}", name=f"{key}.bin", media_type="application/octet-stream")


# ---- to customers ----------------------------------------------------------------------------------------------------


async def test_a_text_with_buttons_and_a_reply(channel: TelegramChannel, ann: Customer) -> None:
    asked = ann.writes("where is it")
    content = CustomerMessage(text="On <its> way & soon", buttons=STARS, reply_to=3)
    sent = await to_ann(channel, content, m3=(str(asked.id),))
    assert sent.external_ids == (str(ann.last.id),)
    assert ann.last.text == "On <its> way & soon"
    assert ann.last.reply_to is asked
    assert ann.last.buttons == [{"text": "5", "callback_data": "csat:1:5"}]


async def test_a_long_text_is_split_and_the_buttons_stand_last(channel: TelegramChannel, ann: Customer) -> None:
    text = "😀 word " * 900
    sent = await to_ann(channel, CustomerMessage(text=text, buttons=STARS))
    assert " ".join(ann.texts) == text.strip()
    assert [bool(message.buttons) for message in ann.received] == [False, True]
    assert len(sent.external_ids) == 2


async def test_a_reply_to_what_is_gone_is_sent_all_the_same(channel: TelegramChannel, ann: Customer) -> None:
    await to_ann(channel, CustomerMessage(text="hi", reply_to=3), m3=("999",))
    assert ann.texts == ["hi"]


async def test_nothing_to_say_is_refused(channel: TelegramChannel, ann: Customer) -> None:
    with pytest.raises(Rejected, match="nothing to send"):
        await to_ann(channel, CustomerMessage(text=" \n"))


@pytest.mark.parametrize(
    "kind",
    [
        AttachmentKind.PHOTO,
        AttachmentKind.DOCUMENT,
        AttachmentKind.VOICE,
        AttachmentKind.VIDEO,
        AttachmentKind.AUDIO,
        AttachmentKind.ANIMATION,
    ],
)
async def test_h7_files_of_ours_are_uploaded_with_their_caption(
    channel: TelegramChannel, ann: Customer, emulator: Emulator, tmp_path: Path, kind: AttachmentKind
) -> None:
    await to_ann(channel, CustomerMessage(text="看", attachments=(local(tmp_path, kind),), buttons=STARS))
    assert (ann.last.kind, ann.last.text) == (kind.value, "看")
    assert ann.last.buttons
    assert len(ann.received) == 1


async def test_h7_what_an_agent_sent_goes_on_by_its_file_id(channel: TelegramChannel, ann: Customer) -> None:
    sticker = ann.sends_sticker()
    file = f"telegram:{sticker.content['sticker']['file_id']}"
    await to_ann(channel, CustomerMessage(attachments=(Attachment(kind=AttachmentKind.STICKER, file=file),)))
    assert ann.last.kind == "sticker"


async def test_h7_places_and_cards(channel: TelegramChannel, ann: Customer) -> None:
    place = Attachment(kind=AttachmentKind.LOCATION, latitude=31.23, longitude=121.47)
    card = Attachment(kind=AttachmentKind.CONTACT, phone="+861380000", person="Lin")
    await to_ann(channel, CustomerMessage(text="Here we are", attachments=(place, card)))
    assert [message.kind for message in ann.received] == ["text", "location", "contact"]
    assert ann.last.content["contact"] == {"phone_number": "+861380000", "first_name": "Lin"}


async def test_h7_an_album_goes_as_an_album(channel: TelegramChannel, ann: Customer, tmp_path: Path) -> None:
    pictures = tuple(local(tmp_path, AttachmentKind.PHOTO, f"p{number}") for number in range(3))
    known = ann.sends_photo().content["photo"][-1]["file_id"]
    document = local(tmp_path, AttachmentKind.DOCUMENT, "d")
    content = CustomerMessage(text="look", attachments=(*pictures, photo(f"telegram:{known}"), document))
    sent = await to_ann(channel, content)
    assert [message.kind for message in ann.received] == ["photo"] * 4 + ["document"]
    assert ann.received[0].text == "look"
    assert len({message.content["media_group_id"] for message in ann.received[:4]}) == 1
    assert len(sent.external_ids) == 5


async def test_a_long_caption_becomes_a_text(channel: TelegramChannel, ann: Customer, tmp_path: Path) -> None:
    text = "字" * 1025
    await to_ann(channel, CustomerMessage(text=text, attachments=(local(tmp_path, AttachmentKind.PHOTO),)))
    assert [message.kind for message in ann.received] == ["text", "photo"]
    assert ann.texts == [text, ""]


async def test_a_picture_that_telegram_refuses_goes_as_a_document(
    channel: TelegramChannel, ann: Customer, emulator: Emulator, tmp_path: Path
) -> None:
    emulator.faults.fail("sendPhoto", code=400)
    await to_ann(channel, CustomerMessage(text="look", attachments=(local(tmp_path, AttachmentKind.PHOTO),)))
    assert (ann.last.kind, ann.last.text) == ("document", "look")


async def test_a_file_that_is_gone_is_a_reason_for_the_agent(channel: TelegramChannel, ann: Customer) -> None:
    with pytest.raises(Rejected, match=r"a\.jpg is not there any more"):
        await to_ann(channel, CustomerMessage(attachments=(photo("local:missing"),)))
    with pytest.raises(Rejected, match="cannot be sent through Telegram"):
        await to_ann(channel, CustomerMessage(attachments=(photo(None),)))


async def test_h10_an_edit_changes_the_text_and_the_buttons(channel: TelegramChannel, ann: Customer) -> None:
    sent = await to_ann(channel, CustomerMessage(text="How was it?", buttons=STARS))
    edit = CustomerEdit(message=1, text="Thank you!")
    assert (await to_ann(channel, edit, m1=sent.external_ids)).external_ids == ()
    assert (ann.texts, ann.last.buttons) == (["Thank you!"], [])
    assert (await to_ann(channel, edit, m1=sent.external_ids)).external_ids == ()


async def test_h10_an_edit_of_a_caption(channel: TelegramChannel, ann: Customer, tmp_path: Path) -> None:
    sent = await to_ann(channel, CustomerMessage(text="old", attachments=(local(tmp_path, AttachmentKind.PHOTO),)))
    await to_ann(channel, CustomerEdit(message=1, text="new"), m1=sent.external_ids)
    assert ann.texts == ["new"]


async def test_h10_an_edit_may_have_more_parts_or_fewer(channel: TelegramChannel, ann: Customer) -> None:
    one = await to_ann(channel, CustomerMessage(text="short"))
    more = await to_ann(channel, CustomerEdit(message=1, text="x" * 4097), m1=one.external_ids)
    assert ann.texts == ["x" * 4096, "x"]
    ids = (*one.external_ids, *more.external_ids)
    await to_ann(channel, CustomerEdit(message=1, text="short"), m1=ids)
    assert ann.texts == ["short", "…"]


async def test_an_edit_of_what_is_gone_says_so(channel: TelegramChannel, ann: Customer) -> None:
    with pytest.raises(Rejected, match="gone"):
        await to_ann(channel, CustomerEdit(message=1, text="x"), m1=("999",))


async def test_h10_a_message_is_taken_back(channel: TelegramChannel, ann: Customer, emulator: Emulator) -> None:
    sent = await to_ann(channel, CustomerMessage(text="x" * 5000))
    await to_ann(channel, CustomerDelete(message=1), m1=sent.external_ids)
    assert ann.texts == []
    late = await to_ann(channel, CustomerMessage(text="too late"))
    emulator.clock.advance(49 * 3600)
    with pytest.raises(Rejected, match="any more"):
        await to_ann(channel, CustomerDelete(message=1), m1=late.external_ids)


async def test_a_press_is_answered_and_a_late_answer_is_no_failure(
    channel: TelegramChannel, ann: Customer, emulator: Emulator
) -> None:
    await to_ann(channel, CustomerMessage(text="How was it?", buttons=STARS))
    callback = ann.presses(ann.last, "5")
    await to_ann(channel, PressAnswer(press=callback.id, text="谢谢" * 200))
    assert callback.answer is not None
    assert len(str(callback.answer["text"])) == 200
    await to_ann(channel, PressAnswer(press=callback.id))


# ---- to the staff ----------------------------------------------------------------------------------------------------


async def test_h7_a_line_is_relayed_alone_in_a_topic_and_named_in_a_group(
    channel: TelegramChannel, topic: Topic, plain_group: Group
) -> None:
    relay = Relay(author="Ann", text="<b>hi", origin="telegram:7001", external_id="1")
    await to_topic(channel, topic, relay)
    assert topic.texts == ["<b>hi"]
    await channel.send(Parcel(address=Address(chat=str(plain_group.id)), content=relay))
    assert plain_group.texts == ["Ann: <b>hi"]


async def test_h7_media_are_copied_and_albums_stay_albums(
    channel: TelegramChannel, ann: Customer, topic: Topic
) -> None:
    album = ann.sends_album([b"1", b"2"], "two")
    ids = ",".join(str(message.id) for message in reversed(album))
    shown = await to_topic(
        channel, topic, Relay(author="Ann", text="two", attachments=(photo("telegram:x"),) * 2,
                              origin="telegram:7001", external_id=ids)
    )  # fmt: skip
    copies = [message for message in topic.from_bot if message.copied_from] + topic.messages[-1:]
    assert [message.copied_from for message in copies] == [(7001, message.id) for message in album]
    assert len(shown.external_ids) == 2
    assert all("forward" not in name for message in topic.messages for name in message.wire())


async def test_h7_a_copy_in_a_plain_group_says_whose_it_is(
    channel: TelegramChannel, ann: Customer, plain_group: Group
) -> None:
    address = Address(chat=str(plain_group.id))
    picture, sticker = ann.sends_photo(caption="broken"), ann.sends_sticker()
    shown = (
        Relay(author="Ann", text="broken", attachments=(photo("telegram:x"),), origin="telegram:7001",
              external_id=str(picture.id)),
        Relay(author="Ann", text="", attachments=(Attachment(kind=AttachmentKind.STICKER, file="telegram:y"),),
              origin="telegram:7001", external_id=str(sticker.id)),
    )  # fmt: skip
    for relay in shown:
        await channel.send(Parcel(address=address, content=relay))
    assert [message.text for message in plain_group.messages] == ["Ann: broken", "Ann:", ""]
    assert plain_group.messages[-1].kind == "sticker"


async def test_h7_what_the_customer_deleted_is_shown_from_its_file(
    channel: TelegramChannel, ann: Customer, topic: Topic
) -> None:
    picture = ann.sends_photo(caption="broken")
    file = f"telegram:{picture.content['photo'][-1]['file_id']}"
    ann.deletes_message(picture)
    relay = Relay(author="Ann", text="broken", attachments=(photo(file),), origin="telegram:7001",
                  external_id=str(picture.id))  # fmt: skip
    await to_topic(channel, topic, relay)
    assert topic.texts == ["broken"]
    assert topic.messages[-1].kind == "photo"


async def test_h7_pictures_of_the_web_chat_are_uploaded(channel: TelegramChannel, topic: Topic, tmp_path: Path) -> None:
    picture = local(tmp_path, AttachmentKind.PHOTO)
    relay = Relay(author="Bo", text="see", attachments=(picture,), origin="webchat:v1", external_id="9")
    await to_topic(channel, topic, relay)
    assert (topic.messages[-1].kind, topic.messages[-1].text) == ("photo", "see")


async def test_h10_an_edit_shows_on_the_copy_or_as_a_line(channel: TelegramChannel, topic: Topic) -> None:
    shown = await to_topic(channel, topic, Relay(author="Ann", text="old"))
    edit = RelayEdit(message=1, author="Ann", text="new")
    assert (await to_topic(channel, topic, edit, m1=shown.external_ids)).external_ids == ()
    assert topic.texts == ["new"]
    assert len((await to_topic(channel, topic, edit, m1=("999",))).external_ids) == 1
    assert len((await to_topic(channel, topic, edit)).external_ids) == 1
    assert topic.texts == ["new", "✏️ Ann: new", "✏️ Ann: new"]


async def test_a_line_with_buttons_under_a_staff_message(channel: TelegramChannel, forum: Group, topic: Topic) -> None:
    said = forum.member(9001, "Lin").writes("hello", topic=topic)
    buttons = ((Button(label="Keep as note", action="keep_note:42:7"),),)
    await to_topic(channel, topic, Line(text="Only a note", buttons=buttons, reply_to_external=str(said.id)))
    assert topic.messages[-1].reply_to is said
    assert topic.messages[-1].buttons == [{"text": "Keep as note", "callback_data": "keep_note:42:7"}]


@pytest.mark.parametrize(("emoji", "shown"), [("✅", ["👌"]), ("❌", ["👎"]), ("👀", ["👀"]), ("", [])])
async def test_h8_the_fate_of_a_message_is_a_reaction(
    channel: TelegramChannel, topic: Topic, emulator: Emulator, emoji: str, shown: list[str]
) -> None:
    said = Group(emulator.world, topic.chat).member(9001, "Lin").writes("hello", topic=topic)
    await to_topic(channel, topic, Mark(chat=FORUM, external_id=str(said.id), emoji=emoji))
    assert said.emoji_of(emulator.bot.id) == shown


def card(version: int, value: str = "Lin & Co <x>") -> Card:
    return Card(
        ticket=42, version=version, headline=f"#42 v{version}", rows=(("Owner", value),),
        buttons=((Button(label="Take", action=f"take:42:{version}"),),), status=Status.OPEN, priority=Priority.NORMAL,
    )  # fmt: skip


async def post_card(channel: TelegramChannel, topic: Topic, content: Card, posted: str | None) -> Sent:
    address = Address(chat=str(FORUM), thread=topic.thread_id)
    return await channel.send(Parcel(address=address, content=content, posted=posted))


async def test_h5_a_card_is_posted_once_then_edited_then_posted_anew(channel: TelegramChannel, topic: Topic) -> None:
    (first,) = (await post_card(channel, topic, card(1), None)).external_ids
    assert topic.texts == ["#42 v1\nOwner: Lin & Co <x>"]
    assert [entity["type"] for entity in topic.messages[-1].entities] == ["bold", "bold"]
    assert (await post_card(channel, topic, card(2), first)).external_ids == ()
    assert (await post_card(channel, topic, card(2), first)).external_ids == ()
    assert topic.texts == ["#42 v2\nOwner: Lin & Co <x>"]
    assert topic.messages[-1].buttons[0]["callback_data"] == "take:42:2"
    topic.messages[-1].deleted = True
    (anew,) = (await post_card(channel, topic, card(3), first)).external_ids
    assert anew != first


async def test_h5_a_card_longer_than_a_message_is_shortened(channel: TelegramChannel, topic: Topic) -> None:
    await post_card(channel, topic, card(1, "<x> " * 3000), None)
    assert topic.texts[0].startswith("#42 v1\nOwner: <x>")


async def test_bad_markup_is_sent_again_as_plain_text(
    channel: TelegramChannel, topic: Topic, emulator: Emulator
) -> None:
    emulator.faults.fail("sendMessage", code=400)
    await post_card(channel, topic, card(1), None)
    assert topic.texts == ["#42 v1\nOwner: Lin & Co <x>"]
    assert topic.messages[-1].entities == []


async def test_h4_a_title_is_set_and_a_closed_topic_stays_so(
    channel: TelegramChannel, forum: Group, topic: Topic
) -> None:
    await to_topic(channel, topic, ThreadTitle(title="🟢 Ann #42"))
    assert topic.name == "🟢 Ann #42"
    forum.member(9001, "Lin").closes(topic)
    for _ in range(2):
        await to_topic(channel, topic, ThreadTitle(title="x" * 200 + "😀\n"))
    assert (len(topic.name), topic.closed) == (128, True)


async def test_h4_a_topic_that_we_may_not_name_serves_all_the_same(channel: TelegramChannel, forum: Group) -> None:
    topic = forum.member(9001, "Lin").opens("Ann")
    forum.takes("can_manage_topics")
    with pytest.raises(Rejected, match="topics"):
        await to_topic(channel, topic, ThreadTitle(title="🟢 Ann #42"))
    await to_topic(channel, topic, Line(text="x"))


# ---- topics ----------------------------------------------------------------------------------------------------------


async def test_h3_deleted_closed_and_forbidden_are_told_apart(
    channel: TelegramChannel, forum: Group, topic: Topic
) -> None:
    member = forum.member(9001, "Lin")
    member.closes(topic)
    with pytest.raises(ThreadClosed):
        await to_topic(channel, topic, Line(text="x"))
    assert topic.thread_id is not None
    await channel.reopen_thread(FORUM, topic.thread_id)
    await channel.reopen_thread(FORUM, topic.thread_id)
    await channel.rename_thread(FORUM, topic.thread_id, "Bo")
    await channel.rename_thread(FORUM, topic.thread_id, "Bo")
    assert topic.name == "Bo"
    member.deletes(topic)
    with pytest.raises(ThreadMissing):
        await to_topic(channel, topic, Line(text="x"))
    with pytest.raises(ThreadMissing):
        await channel.rename_thread(FORUM, topic.thread_id, "Bo")
    forum.takes("can_manage_topics")
    with pytest.raises(ThreadsForbidden):
        await channel.open_thread(FORUM, "Bo")


async def test_a_group_without_topics_has_none(channel: TelegramChannel, plain_group: Group) -> None:
    with pytest.raises(ThreadsForbidden):
        await channel.open_thread(plain_group.id, "Bo")
    await channel.send(Parcel(address=Address(chat=str(plain_group.id)), content=ThreadTitle(title="Bo")))


# ---- failures --------------------------------------------------------------------------------------------------------


async def test_h12_a_customer_who_blocked_us(channel: TelegramChannel, ann: Customer) -> None:
    ann.blocks()
    with pytest.raises(Unreachable, match="blocked"):
        await to_ann(channel, CustomerMessage(text="hi"))
    with pytest.raises(Unreachable):
        await channel.send(Parcel(address=Address(chat="123456"), content=CustomerMessage(text="hi")))


async def test_a_group_that_moved_names_its_new_id(channel: TelegramChannel, plain_group: Group) -> None:
    moved = plain_group.migrates()
    with pytest.raises(RoomMoved) as told:
        await channel.send(Parcel(address=Address(chat=str(plain_group.id)), content=Line(text="x")))
    assert told.value.moved_to == moved.id


async def test_j4_a_connection_cut_is_uncertain_a_refused_one_is_not(
    channel: TelegramChannel, ann: Customer, emulator: Emulator
) -> None:
    emulator.faults.cut_after("sendMessage")
    with pytest.raises(Uncertain):
        await to_ann(channel, CustomerMessage(text="one"))
    emulator.faults.cut_before("sendMessage")
    with pytest.raises(Uncertain):
        await to_ann(channel, CustomerMessage(text="two"))
    emulator.faults.fail("sendMessage", code=502)
    with pytest.raises(RetryLater):
        await to_ann(channel, CustomerMessage(text="three"))
    assert ann.texts == ["one"]


async def test_a_pause_asked_for_is_obeyed_by_what_waits_for_that_chat(
    channel: TelegramChannel, ann: Customer, topic: Topic, emulator: Emulator
) -> None:
    emulator.faults.storm("sendMessage", retry_after=7)
    with pytest.raises(RetryLater) as busy:
        await to_ann(channel, CustomerMessage(text="one"))
    assert (busy.value.after, busy.value.whole_bot) == (7, False)
    now = channel._monotonic()
    assert 6 < channel.pause(Parcel(address=Address(chat="7001"), content=CustomerMessage(text="x")), now) <= 7
    assert channel.pause(Parcel(address=Address(chat=str(FORUM)), content=Line(text="x")), now) == 0.0


async def test_the_later_parts_of_a_message_wait_for_their_turn(
    channel: TelegramChannel, ann: Customer, emulator: Emulator, naps: Naps
) -> None:
    emulator.faults.delay("sendMessage", 0.0)
    emulator.faults.storm("sendMessage", retry_after=3, times=2)
    sent = await to_ann(channel, CustomerMessage(text="x" * 5000))
    assert (len(sent.external_ids), naps.taken) == (2, [3.0, 3.0])
    assert [len(text) for text in ann.texts] == [4096, 904]
    emulator.faults.delay("sendMessage", 0.0)
    emulator.faults.storm("sendMessage", retry_after=300, times=9)
    with pytest.raises(Uncertain, match="only the beginning"):
        await to_ann(channel, CustomerMessage(text="x" * 5000))
    assert max(naps.taken) == 60.0


async def test_the_own_limits_avoid_every_refusal(channel_with: Make) -> None:
    clock = Clock(start=1.8e9, speed=0.0)  # one that stands still between the pauses, for both sides
    server = emulated.Limits(per_group=emulated.Window(count=5, seconds=10.0))
    channel = channel_with(limits=Limits(group=Rate(tokens=5, seconds=10.0), margin=0.03))
    channel._monotonic = clock.now
    async with Emulator(limits=server, clock=clock) as emulator:
        channel._api._base, channel._api._token = emulator.url, emulator.token
        forum = emulator.forum()
        parcel = Parcel(address=Address(chat=str(forum.id)), content=Line(text="x"))
        sent = 0
        while sent < 15:
            pause = channel.pause(parcel, clock.now())
            if pause > 0:
                clock.advance(pause)
                continue
            await channel.send(parcel)
            sent += 1
        assert not emulator.ledger.refusals
        assert emulator.share_used(forum) > 0.9


def test_marks_and_answers_cost_the_chat_nothing(channel_with: Make) -> None:
    channel = channel_with(limits=Limits(group=Rate(tokens=1, seconds=60.0), bot=None))
    address = Address(chat=str(FORUM))
    free = (Mark(chat=FORUM, external_id="1", emoji="✅"), PressAnswer(press="1"))
    assert all(channel.pause(Parcel(address=address, content=content), 0.0) == 0.0 for content in free)
    assert channel.pause(Parcel(address=address, content=Line(text="x")), 0.0) == 0.0
    for content in (card(1), ThreadTitle(title="x")):
        assert channel.pause(Parcel(address=address, content=content), 0.0) > 0.0


# ---- merging and fetching --------------------------------------------------------------------------------------------


def test_lines_of_one_customer_are_merged_in_order(channel: TelegramChannel) -> None:
    lines = [
        Relay(author="Ann", text=text, origin="telegram:7001", external_id=str(number))
        for number, text in enumerate(("one", "two", "three"))
    ]
    merged = Relay(author="Ann", text="one\ntwo\nthree", origin="telegram:7001", external_id="0,1,2")
    assert channel.merge(lines) == merged
    assert channel.merge([*lines, Line(text="x")]) is None
    assert channel.merge([*lines, Relay(author="Bo", text="x", origin="webchat:v1")]) is None
    assert channel.merge([*lines, Relay(author="Ann", text="x" * 4096, origin="telegram:7001")]) is None
    assert channel.merge([*lines, Relay(author="Ann", text="", attachments=(photo("telegram:x"),))]) is None
    assert channel.merge([]) is None


async def read(chunks: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in chunks])


async def test_a_file_on_telegrams_side_is_fetched(channel: TelegramChannel, ann: Customer) -> None:
    voice = ann.sends_voice(b"OggS" * 50_000)
    file_id = voice.content["voice"]["file_id"]
    assert await read(await channel.fetch(file_id)) == b"OggS" * 50_000
    assert await read(await channel.fetch(f"round/{file_id}")) == b"OggS" * 50_000
    big = ann.sends_document(declared_size=30_000_000)
    with pytest.raises(Rejected, match="too big"):
        await channel.fetch(big.content["document"]["file_id"])


async def test_the_time_of_a_sending_is_telegrams_or_ours(channel: TelegramChannel, ann: Customer) -> None:
    sent = await to_ann(channel, CustomerMessage(text="x"))
    assert sent.at.timestamp() == ann.last.date
    assert (await to_ann(channel, CustomerEdit(message=1, text="y"), m1=sent.external_ids)).at == NOW
