"""The agents' room on Telegram: what is relayed, changed, refused, and repaired when topics go astray."""

from pathlib import Path

from desk.readings import INTENTS
from store import corrections
from tests.emulator import Emulator, Message
from tests.emulator.people import PIXEL
from tests.stories.house import House, Staff, open_house, settings, staff
from tests.stories.talk import WISH, card_of, is_card, lines_of, taken_by_lin, with_ticket


def _photos(messages: list[Message]) -> list[Message]:
    return [message for message in messages if message.from_bot and message.kind == "photo"]


async def test_h6_another_agents_words_are_a_note_until_sent(emulator: Emulator, people: Staff, house: House) -> None:
    anna, topic = await taken_by_lin(emulator, people, house)
    people.chen.writes("The valve is behind the drum", topic=topic)
    await house.is_quiet()
    asked = topic.from_bot[-1]
    assert asked.text == "Lin has this ticket, so your words stay inside as a note. Send them?"
    assert anna.texts[-1] == "Lin here"
    people.chen.presses(asked, "Send once")
    await house.until(lambda: anna.texts[-1] == "The valve is behind the drum", what="the note is sent")
    await house.is_quiet()
    again = people.chen.presses(asked, "Send once")
    await house.until(lambda: again.notice, what="the second press is told")
    assert again.notice == "It was sent already."
    assert anna.texts.count("The valve is behind the drum") == 1


async def test_h7_albums_go_both_ways_as_albums(emulator: Emulator, people: Staff, house: House) -> None:
    anna, topic = await taken_by_lin(emulator, people, house)
    anna.sends_album([PIXEL, PIXEL + b"2", PIXEL + b"3"], "the leak")
    await house.until(lambda: len(_photos(topic.messages)) == 3, what="the album in the topic")
    people.lin.sends_album([PIXEL, PIXEL + b"2"], "the valve", topic=topic)
    await house.until(lambda: len(_photos(anna.received)) == 2, what="the album at the customer's")
    await house.is_quiet()
    for album, caption in ((_photos(topic.messages), "the leak"), (_photos(anna.received), "the valve")):
        assert [message.text for message in album] == [caption] + [""] * (len(album) - 1)
        assert len({message.content.get("media_group_id") for message in album}) == 1


async def test_h7_every_kind_goes_both_ways_or_is_refused_with_the_reason(
    emulator: Emulator, people: Staff, house: House
) -> None:
    anna, topic = await taken_by_lin(emulator, people, house)
    kinds = ["document", "voice", "video", "sticker", "location", "contact"]
    for person, place in ((anna, None), (people.lin, topic)):
        person.sends_document(topic=place)
        person.sends_voice(topic=place)
        person.sends_video(topic=place)
        person.sends_sticker(topic=place)
        person.sends_location(31.2, 121.5, topic=place)
        person.sends_contact("+8613800000000", "Wang", topic=place)
    await house.is_quiet()
    assert [message.kind for message in topic.messages if message.from_bot][-len(kinds) - 1 :].count("document") == 1
    for messages in (topic.messages, anna.received):
        shown = [message.kind for message in messages if message.from_bot and message.kind in kinds]
        assert shown == kinds
    people.lin._says({"poll": {"id": "1", "question": "Which?", "options": []}}, topic=topic)
    await house.is_quiet()
    assert lines_of(topic)[-1] == "This kind of message cannot be passed on to the customer."


async def test_h10_edits_go_both_ways(emulator: Emulator, people: Staff, house: House) -> None:
    anna, topic = await taken_by_lin(emulator, people, house)
    said = anna.writes("It leeks")
    await house.until(lambda: "It leeks" in lines_of(topic), what="the line")
    anna.edits(said, "It leaks")
    await house.until(lambda: "It leaks" in lines_of(topic), what="the edited line")
    assert "It leeks" not in lines_of(topic)
    reply = people.lin.writes("Turn the vale", topic=topic)
    await house.until(lambda: anna.texts[-1] == "Turn the vale", what="the reply")
    await house.is_quiet()
    people.lin.edits(reply, "Turn the valve")
    await house.until(lambda: anna.texts[-1] == "Turn the valve", what="the edited reply")
    people.lin.writes("/resolve", topic=topic)
    await house.is_quiet()
    anna.edits(said, "It leaked")
    await house.until(
        lambda: "Anna changed a message after the ticket was resolved: It leaked" in lines_of(topic),
        what="the assignee is told",
    )


async def test_h8_h12_a_reply_to_one_who_blocked_us_fails_visibly(
    emulator: Emulator, people: Staff, house: House
) -> None:
    anna, topic = await taken_by_lin(emulator, people, house)
    anna.chat.blocked = True  # and the update that would tell is lost
    reply = people.lin.writes("Are you there?", topic=topic)
    await house.until(lambda: "👎" in reply.emoji_of(emulator.bot.id), what="the fate")
    await house.is_quiet()
    assert any(
        text.startswith("Not delivered: Are you there?\nReason: the customer has blocked the bot")
        for text in lines_of(topic)
    )
    people.lin.writes("Hello?", topic=topic)
    await house.is_quiet()
    assert lines_of(topic)[-1] == "The customer has blocked us: nothing can be sent."
    assert "delivery_failed" in await house.timeline()


async def test_h12_blocking_is_told_and_unblocking_restores(emulator: Emulator, people: Staff, house: House) -> None:
    anna, topic = await taken_by_lin(emulator, people, house)
    anna.blocks()
    await house.until(lambda: lines_of(topic)[-1].startswith("Anna has blocked us"), what="the room is told")
    anna.unblocks()
    await house.until(lambda: lines_of(topic)[-1] == "Anna can be reached again.", what="the room is told")
    people.lin.writes("Welcome back", topic=topic)
    await house.until(lambda: anna.texts[-1] == "Welcome back", what="the reply")


async def test_h3_a_deleted_topic_is_made_anew_with_what_was_said(
    emulator: Emulator, people: Staff, house: House
) -> None:
    anna, topic = await taken_by_lin(emulator, people, house)
    people.lin.deletes(topic)
    anna.writes("It is getting worse")
    anna.writes("Please hurry")
    await house.until(lambda: people.room.topics and lines_of(people.room.topics[0])[-1:] == ["Please hurry"])
    await house.is_quiet()
    (fresh,) = people.room.topics
    transcript, *rest = lines_of(fresh)
    assert transcript.startswith(f"Said before:\nAnna: {WISH}")
    assert "Lin: Lin here" in transcript
    assert rest == ["It is getting worse", "Please hurry"]
    assert "Owner: Lin" in card_of(fresh).text
    assert len([message for message in fresh.messages if is_card(message)]) == 1
    people.lin.writes("On my way", topic=fresh)
    await house.until(lambda: anna.texts[-1] == "On my way", what="the new topic works")


async def test_h3_a_closed_topic_is_opened_again(emulator: Emulator, people: Staff, house: House) -> None:
    anna, topic = await taken_by_lin(emulator, people, house)
    people.lin.closes(topic)
    await house.is_quiet()
    anna.writes("One more thing")
    await house.until(lambda: lines_of(topic)[-1] == "One more thing", what="the line")
    assert not topic.closed
    assert people.room.topics == [topic]


async def test_h3_without_the_right_to_topics_the_general_topic_serves(
    emulator: Emulator, people: Staff, house: House
) -> None:
    people.room.takes("can_manage_topics")
    anna = emulator.customer(501, "Anna")
    anna.writes(WISH)
    await house.until(lambda: any(is_card(message) for message in people.room.general.messages), what="the card")
    await house.is_quiet()
    relayed = next(message for message in people.room.general.messages if message.text == f"Anna: {WISH}")
    assert people.room.topics == []
    (alert,) = people.alerts.general.from_bot
    assert alert.text.startswith("⚠️ Room agents works without topics")
    people.lin.replies_to(relayed, "Lin here")
    await house.until(lambda: anna.texts[-1] == "Lin here", what="the reply by replying")


async def test_h1_in_a_plain_group_a_reply_answers(emulator: Emulator, database_url: str, tmp_path: Path) -> None:
    people = staff(emulator, topics=False)
    async with open_house(emulator, settings(database_url, tmp_path)) as house:
        anna, ben = emulator.customer(501, "Anna"), emulator.customer(502, "Ben")
        anna.writes(WISH)
        ben.writes(f"{WISH}, please")
        await house.until(lambda: len([each for each in people.room.messages if is_card(each)]) == 2, what="cards")
        await house.is_quiet()
        of_ben = next(message for message in people.room.messages if message.text == f"Ben: {WISH}, please")
        people.lin.writes("What shall we do about Ben?")
        people.lin.replies_to(of_ben, "Lin here, Ben")
        await house.until(lambda: ben.texts[-1] == "Lin here, Ben", what="the reply")
        await house.is_quiet()
        assert not any("Lin" in text for text in anna.texts)
        assert "What shall we do about Ben?" not in ben.texts
        card = next(each for each in people.room.messages if is_card(each) and "Ben" in each.text)
        assert "Owner: Lin" in card.text
        people.lin.replies_to(of_ben, "/resolve")
        await house.until(lambda: "Status: resolved" in card.text, what="resolved by replying")


async def test_a_plain_group_that_becomes_a_supergroup_is_followed(
    emulator: Emulator, database_url: str, tmp_path: Path
) -> None:
    people = staff(emulator, topics=False)
    async with open_house(emulator, settings(database_url, tmp_path)) as house:
        anna = emulator.customer(501, "Anna")
        anna.writes(WISH)
        await house.until(lambda: any(is_card(each) for each in people.room.messages), what="the card")
        await house.is_quiet()
        moved = people.room.migrates(-1009000000009)
        anna.writes("Are you still there?")
        await house.until(lambda: "Anna: Are you still there?" in moved.texts, what="the line in the new group")
        await house.is_quiet()
        relayed = next(message for message in moved.messages if message.text == "Anna: Are you still there?")
        moved.member(9001, "Lin").replies_to(relayed, "Yes")
        await house.until(lambda: anna.texts[-1] == "Yes", what="the reply from the new group")


async def test_h5_a_stale_button_says_so_and_refreshes(emulator: Emulator, people: Staff, house: House) -> None:
    _, topic = await with_ticket(emulator, people, house)
    people.lin.presses(card_of(topic), "Take")
    await house.is_quiet()
    stale = people.lin.presses_data(card_of(topic), "resolve:1:1")
    await house.until(lambda: stale.notice, what="the press is told")
    assert stale.notice == "#1 has changed since; the card is fresh now. Please look again."
    stranger = people.room.member(7777, "Stranger").presses(card_of(topic), "Resolve")
    await house.until(lambda: stranger.notice, what="the press is told")
    assert stranger.notice == "You are not in the company's staff list."
    assert "Status: open" in card_of(topic).text


async def test_h5_a_wrong_tag_is_corrected_with_a_tap(emulator: Emulator, people: Staff, house: House) -> None:
    _, topic = await with_ticket(emulator, people, house)
    assert "About: Wants a person" in card_of(topic).text
    people.lin.presses(card_of(topic), "Tag")
    await house.is_quiet()
    keyboard = (card_of(topic).markup or {})["inline_keyboard"]
    shown = [[button["text"] for button in row] for row in keyboard]
    assert shown[-1] == ["Back"]
    assert sum(map(len, shown)) == len(INTENTS)
    assert max(map(len, shown)) <= 3
    pressed = people.chen.presses(card_of(topic), "Repair visit")
    await house.until(lambda: "About: Repair visit" in card_of(topic).text, what="the card")
    await house.is_quiet()
    assert pressed.notice == "Wants a person → Repair visit. Kept, thank you."
    assert "Tag" in [button["text"] for button in card_of(topic).buttons]
    kept = await house.built.database.read(lambda connection: corrections.since(connection, None))
    assert [(each.text, each.intent, each.read.intent, each.by) for each in kept] == [
        (WISH, "repair_visit", "human_agent", "Chen")
    ]
    assert "reading_corrected" in await house.timeline()
