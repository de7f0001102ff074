"""The bot in front: it answers what it knows, asks how it was, nudges, and keeps silent where it is told to."""

from pathlib import Path

from tests.emulator import Customer, Emulator
from tests.stories.house import House, Staff, company, open_house, settings
from tests.stories.talk import card_of, lines_of, taken_by_lin

QUESTION = "Can I return an appliance?"
ANSWER = "You can return any appliance within 30 days, at our cost."


async def _asks(customer: Customer, house: House, text: str = QUESTION) -> None:
    said = len(customer.received)
    customer.writes(text)
    await house.until(lambda: len(customer.received) > said, what="an answer")
    await house.is_quiet()


async def test_a_known_question_is_answered_and_no_topic_is_made(
    emulator: Emulator, people: Staff, house: House
) -> None:
    anna = emulator.customer(501, "Anna")
    await _asks(anna, house)
    assert anna.last.text == f"{ANSWER}\n\nDid that help?"
    pressed = anna.presses(anna.last, "Yes, thanks")
    await house.until(lambda: pressed.notice, what="the tap is answered")
    assert pressed.notice == "Glad to hear it."
    assert people.room.topics == []


async def test_an_answer_comes_in_the_language_of_the_question(emulator: Emulator, house: House) -> None:
    wang = emulator.customer(502, "王芳", language_code="zh-hans")
    await _asks(wang, house, "可以退货吗？")
    assert wang.last.text.startswith("30 天内可以退货，运费由我们承担。")


async def test_twice_not_helped_is_a_person(emulator: Emulator, people: Staff, house: House) -> None:
    anna = emulator.customer(501, "Anna")
    for _ in range(2):
        await _asks(anna, house)
        anna.presses(anna.last, "Not quite")
        await house.is_quiet()
    topic = people.room.topic("Anna")
    (transcript,) = lines_of(topic)
    assert transcript.startswith("Said before:\nAnna: Can I return an appliance?\nBot: You can return")
    assert "About: Return or refund" in card_of(topic).text
    assert "we have it: #1" in anna.last.text
    assert {"answered_by_bot", "answer_judged", "handed_over"} <= await house.timeline()


async def test_h13_from_handoff_until_resolve_the_bot_is_silent(
    emulator: Emulator, people: Staff, house: House
) -> None:
    anna, topic = await taken_by_lin(emulator, people, house)
    said = len(anna.received)
    anna.writes(QUESTION)
    anna.writes("hello?")
    await house.is_quiet()
    assert len(anna.received) == said
    people.lin.writes("/resolve", topic=topic)
    await house.is_quiet()
    emulator.assert_each_once(people.room)


async def test_q5_a_bad_score_is_asked_for_its_reason(emulator: Emulator, people: Staff, house: House) -> None:
    anna, topic = await taken_by_lin(emulator, people, house)
    people.lin.writes("/resolve", topic=topic)
    await house.passes(minutes=11)
    scale = anna.last
    anna.presses(scale, "2 ★★")
    await house.until(lambda: "What should we have done better?" in anna.last.text, what="the question")
    anna.writes("It took three weeks")
    await house.until(lambda: "Thank you for telling us" in anna.last.text, what="the thanks")
    await house.is_quiet()
    assert {"survey_answered", "survey_explained"} <= await house.timeline()
    assert "ticket_reopened" not in await house.timeline()
    assert "It took three weeks" not in lines_of(topic)


async def test_q4_going_on_before_the_answer_takes_the_survey_back(
    emulator: Emulator, people: Staff, house: House
) -> None:
    anna, topic = await taken_by_lin(emulator, people, house)
    people.lin.writes("/resolve", topic=topic)
    await house.passes(minutes=11)
    scale = anna.last
    anna.writes("It still leaks, please help")
    await house.until(lambda: "so we'll ask you later" in scale.text, what="the survey is withdrawn")
    await house.is_quiet()
    assert lines_of(topic)[-1] == "It still leaks, please help"
    assert "Status: open" in card_of(topic).text
    assert scale.buttons == []


async def test_s6_thanks_does_not_open_a_resolved_ticket(emulator: Emulator, people: Staff, house: House) -> None:
    anna, topic = await taken_by_lin(emulator, people, house)
    people.lin.writes("/resolve", topic=topic)
    await house.is_quiet()
    anna.writes("thanks!")
    await house.is_quiet()
    assert "Status: resolved" in card_of(topic).text
    assert "ticket_reopened" not in await house.timeline()


async def test_j1_a_new_lead_is_welcomed_and_stop_ends_it(
    emulator: Emulator, people: Staff, database_url: str, tmp_path: Path
) -> None:
    async with open_house(emulator, settings(database_url, tmp_path), company(nudges=True)) as house:
        anna, ben = emulator.customer(501, "Anna"), emulator.customer(502, "Ben")
        anna.starts()
        ben.starts()
        ben.writes("/stop")
        await house.passes(seconds=5)
        assert anna.texts[-1] == "Welcome, Anna! Ask me anything."
        assert "no more news" in ben.texts[-1]
        ben.writes("/stop")
        await house.is_quiet()
        assert sum("no more news" in text for text in ben.texts) == 1
        ben.starts()
        await house.until(lambda: "Welcome back" in ben.texts[-1], what="consent is given again")
        assert {"nudge_sent", "nudge_skipped", "consent_withdrawn", "consent_given"} <= await house.timeline()


async def test_j6_a_nudge_waits_for_the_end_of_quiet_hours(
    emulator: Emulator, people: Staff, database_url: str, tmp_path: Path
) -> None:
    async with open_house(emulator, settings(database_url, tmp_path), company(nudges=True)) as house:
        await house.passes(hours=12)
        anna = emulator.customer(501, "Anna")
        anna.starts()
        await house.passes(seconds=5)
        assert not any(text.startswith("Welcome, Anna") for text in anna.texts)
        await house.passes(hours=11)
        assert anna.texts[-1] == "Welcome, Anna! Ask me anything."


async def test_orders_of_customers(emulator: Emulator, people: Staff, house: House) -> None:
    anna = emulator.customer(501, "Anna")
    await _asks(anna, house, "/status")
    assert anna.last.text == "Nothing is open at the moment. Just write if you need something."
    await _asks(anna, house, "/lang zh")
    await _asks(anna, house, "/help")
    assert "/status" in anna.last.text
    assert "直接" in anna.last.text
    await _asks(anna, house, "人工客服")
    await _asks(anna, house, "/status")
    assert "#1 人工客服" in anna.last.text
    assert [topic.name for topic in people.room.topics] == ["🆕 Anna #1"]
