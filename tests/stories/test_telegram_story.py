"""The main job, end to end on Telegram: asked for, overdue, taken, answered, resolved, judged."""

from tests.emulator import Customer, Emulator, Topic
from tests.emulator.people import PIXEL
from tests.stories.house import House, Staff
from tests.stories.talk import WISH, card_of, is_card, lines_of


async def test_a_customer_asks_for_a_person_and_is_served(emulator: Emulator, people: Staff, house: House) -> None:
    anna = emulator.customer(501, "Anna")
    topic = await _asks(anna, people, house)
    await _is_kept_waiting(people, house)
    await _is_taken_over(topic, people, house)
    await _is_helped(anna, topic, people, house)
    await _says_how_it_was(anna, topic, people, house)
    assert await house.timeline() >= {
        "ticket_opened",
        "handed_over",
        "sla_breached",
        "alert_acknowledged",
        "ticket_taken",
        "reply_delivered",
        "ticket_resolved",
        "survey_answered",
    }
    emulator.assert_each_once(people.room)


async def _asks(anna: Customer, people: Staff, house: House) -> Topic:
    anna.starts("spring-ad")
    await house.until(lambda: anna.texts, what="the greeting")
    assert "this is Shanhai Appliances" in anna.texts[0]
    assert people.room.topics == []
    anna.writes("My washing machine leaks")
    anna.writes(WISH)
    await house.until(lambda: any(is_card(message) for message in people.room.messages), what="topic and card")
    await house.is_quiet()
    (topic,) = people.room.topics
    assert topic.name == "🆕 Anna #1"
    assert lines_of(topic)[-2:] == ["My washing machine leaks", WISH]
    assert {button["text"] for button in card_of(topic).buttons} == {"Take", "Resolve", "Tag"}
    assert sum("#1" in text for text in anna.texts) == 1
    return topic


async def _is_kept_waiting(people: Staff, house: House) -> None:
    await house.passes(minutes=11)
    (alert,) = [message for message in people.alerts.general.from_bot if message.buttons]
    assert "#1 Anna: first reply was due" in alert.text
    pressed = people.zhao.presses(alert, "Acknowledge")
    await house.until(lambda: pressed.notice, what="the acknowledgement")
    assert pressed.notice == "Noted: quiet for 30 minutes."


async def _is_taken_over(topic: Topic, people: Staff, house: House) -> None:
    taken = people.lin.presses(card_of(topic), "Take")
    await house.until(lambda: taken.notice, what="the ticket is taken")
    assert taken.notice == "Lin has #1."
    late = people.chen.presses_data(card_of(topic), "take:1:1")
    await house.until(lambda: late.notice, what="the ticket is not taken twice")
    assert late.notice == "Already taken by Lin."


async def _is_helped(anna: Customer, topic: Topic, people: Staff, house: House) -> None:
    reply = people.lin.writes("Hello Anna, Lin here. Where does it leak?", topic=topic)
    await house.until(lambda: "👌" in reply.emoji_of(house.emulator.bot.id), what="the fate of the reply (H8)")
    assert anna.texts[-1] == "Hello Anna, Lin here. Where does it leak?"
    people.lin.writes("// she sounds nervous", topic=topic)
    anna.sends_photo(PIXEL, "here, under the door")
    await house.until(lambda: any(message.kind == "photo" for message in topic.messages), what="the photo")
    await house.is_quiet()
    photo = next(message for message in topic.messages if message.kind == "photo")
    assert photo.text == "here, under the door"
    people.lin.sends_photo(PIXEL, "Turn this valve", topic=topic)
    await house.until(lambda: anna.last.kind == "photo", what="the agent's photo")
    assert anna.last.text == "Turn this valve"
    assert not any("nervous" in text for text in anna.texts)


async def _says_how_it_was(anna: Customer, topic: Topic, people: Staff, house: House) -> None:
    resolved = people.lin.presses(card_of(topic), "Resolve")
    await house.until(lambda: resolved.answer is not None, what="resolved")
    await house.passes(minutes=11)
    assert topic.name == "✅ Anna #1"
    scale = anna.last
    assert "How was our help with #1?" in scale.text
    anna.presses(scale, "5 ★★★★★")
    await house.until(lambda: "noted: 5" in scale.text, what="the answer is shown")
    await house.is_quiet()
