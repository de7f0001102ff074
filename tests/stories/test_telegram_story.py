"""The main job, end to end on Telegram: asked for, taken over, overdue, answered, resolved, judged."""

from tests.emulator import Emulator, Message, Topic
from tests.emulator.people import PIXEL
from tests.stories.house import House, Staff


def card_of(topic: Topic) -> Message:
    """The ticket's live card."""
    return [message for message in topic.from_bot if "Status:" in message.text][-1]


async def test_a_customer_asks_for_a_person_and_is_served(emulator: Emulator, people: Staff, house: House) -> None:
    anna = emulator.customer(501, "Anna")
    anna.starts("spring-ad")
    await house.until(lambda: anna.texts, what="the greeting")
    assert "Hello Anna, this is Shanhai Appliances" in anna.texts[0]

    anna.writes("My washing machine leaks")
    anna.writes("I want to talk to a person")
    await house.until(lambda: people.room.topics and card_of_or_none(people.room.topics[0]), what="topic and card")
    await house.is_quiet()
    (topic,) = people.room.topics
    assert topic.name == "Anna #1"
    assert [text for text in topic.texts if "Status:" not in text][-2:] == [
        "My washing machine leaks",
        "I want to talk to a person",
    ]
    assert {button["text"] for button in card_of(topic).buttons} == {"Take", "Resolve"}
    assert sum("we have it: #1" in text for text in anna.texts) == 1

    await house.passes(minutes=11)
    (alert,) = [message for message in people.alerts.general.from_bot if message.buttons]
    assert "#1 Anna: first reply was due" in alert.text
    pressed = people.zhao.presses(alert, "Acknowledge")
    await house.until(lambda: pressed.notice, what="the acknowledgement")
    assert pressed.notice == "Noted: quiet for 30 minutes."

    taken = people.lin.presses(card_of(topic), "Take")
    await house.until(lambda: taken.notice, what="the ticket is taken")
    assert taken.notice == "Lin has #1."
    late = people.chen.presses_data(card_of(topic), "take:1:1")
    await house.until(lambda: late.notice, what="the ticket is not taken twice")
    assert late.notice == "Already taken by Lin."

    reply = people.lin.writes("Hello Anna, Lin here. Where does it leak?", topic=topic)
    await house.until(lambda: "👌" in reply.emoji_of(emulator.bot.id), what="the fate of the reply (H8)")
    assert anna.texts[-1] == "Hello Anna, Lin here. Where does it leak?"

    people.lin.writes("// she sounds nervous", topic=topic)
    anna.sends_photo(PIXEL, "here, under the door")
    await house.until(lambda: any(message.kind == "photo" for message in topic.messages), what="the photo")
    await house.is_quiet()
    assert not any("nervous" in text for text in anna.texts)
    photo = next(message for message in topic.messages if message.kind == "photo")
    assert photo.text == "here, under the door"

    people.lin.sends_photo(PIXEL, "Turn this valve", topic=topic)
    await house.until(lambda: anna.last.kind == "photo", what="the agent's photo")
    assert anna.last.text == "Turn this valve"

    resolved = people.lin.presses(card_of(topic), "Resolve")
    await house.until(lambda: resolved.answer is not None)
    await house.passes(minutes=11)
    assert "How was our help with #1?" in anna.last.text
    scale = anna.last
    anna.presses(scale, "5 ★★★★★")
    await house.until(lambda: "noted: 5" in scale.text, what="the answer is shown")
    await house.is_quiet()
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


def card_of_or_none(topic: Topic) -> bool:
    return any("Status:" in message.text for message in topic.from_bot)
