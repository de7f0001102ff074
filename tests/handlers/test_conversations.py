"""Stories of what customers say at once, in which language, within which time: S6, S11, H13, Q5, J7."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from desk.commands import Action
from desk.facts import FactKind
from desk.messages import Attachment, AttachmentKind
from desk.outgoing import CustomerMessage, Relay
from desk.readings import Sentiment
from desk.sla import Metric
from desk.tickets import Priority, Status
from store.tables import contacts, surveys
from tests.handlers.desk_driver import LIN, WANG, Desk, hit, when

PHOTO = Attachment(kind=AttachmentKind.PHOTO, file="telegram:F1")


async def _resolved(desk: Desk) -> None:
    """Wang asks at 10:00, Lin answers and resolves at 11:00."""
    await desk.at("23 10:00").write("订单在哪里")
    await desk.reply(LIN, "已送达")
    await desk.deliver()
    await desk.at("23 11:00").act(LIN, Action.RESOLVE)


async def _rated(desk: Desk, score: int = 2) -> None:
    """The survey of 11:10 is answered at 12:00."""
    await _resolved(desk)
    await desk.until("23 11:10")
    sent = [each.content for each in desk.sent if isinstance(each.content, CustomerMessage)][-1]
    await desk.at("23 12:00").press(f"{sent.buttons[0][0].action.rpartition(':')[0]}:{score}")


def _relayed(desk: Desk) -> list[str]:
    return [content.text for content in desk.seen() if isinstance(content, Relay)]


async def _reason(desk: Desk) -> object:
    return (await desk.rows(select(surveys.c.reason)))[0]["reason"]


# ---- several messages at once ----------------------------------------------------------------------------------------


async def test_who_asks_for_a_person_among_other_words_gets_one(desk: Desk) -> None:
    desk.teach("保修多久", "how_to", hit(0.95))
    desk.teach("转人工", "human_agent")
    await desk.write("保修多久", "转人工")
    assert (await desk.ticket()).handoff_reason == "human_agent"


async def test_what_is_urgent_among_other_words_makes_all_of_them_urgent(desk: Desk) -> None:
    desk.teach("保修多久", "how_to", hit(0.95))
    desk.teach("漏水了，快", "other", confidence=0.3, urgent=True)
    await desk.write("漏水了，快", "保修多久")
    assert (await desk.ticket()).priority is Priority.URGENT


async def test_nobody_who_sounds_upset_is_answered_from_knowledge(desk: Desk) -> None:
    desk.teach("保修多久", "how_to", hit(0.95))
    desk.teach("气死了", "other", confidence=0.3, sentiment=Sentiment.NEGATIVE)
    await desk.write("气死了", "保修多久")
    assert (await desk.ticket()).intent == "how_to"


@pytest.mark.parametrize(
    ("pleasant", "intent"), [("服务真好", "praise"), ("好的", "other"), ("谢谢", "thanks"), ("你好", "greeting")]
)
async def test_a_wish_beside_a_courtesy_is_not_lost(desk: Desk, pleasant: str, intent: str) -> None:
    desk.teach(pleasant, intent, confidence=0.99)
    desk.teach("SF123 那个", "order_status", confidence=0.4)
    await desk.write(pleasant, "SF123 那个")
    assert (await desk.ticket()).intent == "order_status"


@pytest.mark.parametrize("intent", ["thanks", "goodbye", "praise"])
async def test_a_request_that_may_end_in_thanks_goes_to_a_person(desk: Desk, intent: str) -> None:
    await desk.write(desk.teach("my kettle arrived cracked, thanks", intent, confidence=0.79))
    assert (await desk.ticket()).subject == "my kettle arrived cracked, thanks"


@pytest.mark.parametrize(("words", "intent"), [("很好用！有红色的吗？", "praise"), ("谢谢，什么时候到", "thanks")])
async def test_a_courtesy_with_a_question_goes_to_a_person(desk: Desk, words: str, intent: str) -> None:
    await desk.write(desk.teach(words, intent))
    assert (await desk.ticket()).subject == words


@pytest.mark.parametrize(
    ("words", "intent"), [("thanks for nothing", "thanks"), ("了不起，又坏了", "praise"), ("再见吧", "goodbye")]
)
async def test_ironic_thanks_are_no_courtesy(desk: Desk, words: str, intent: str) -> None:
    desk.teach(words, intent, confidence=0.95, sentiment=Sentiment.NEGATIVE)
    await desk.write(words)
    assert (await desk.ticket()).handoff_reason == "no_answer"


async def test_a_greeting_put_as_a_question_is_a_greeting(desk: Desk) -> None:
    await desk.write(desk.teach("在吗？", "greeting", confidence=0.66))
    await desk.deliver()
    assert desk.heard() == [desk.say("courtesy.greeting")]


# ---- opened again ----------------------------------------------------------------------------------------------------


async def test_s6_s11_thanks_and_a_complaint_at_once_reopen_from_the_complaint_on(desk: Desk) -> None:
    await _resolved(desk)
    desk.teach("谢谢", "thanks")
    early, late = when("23 11:30"), when("23 11:31")
    await desk.at("23 11:32").tell(desk.message("谢谢", at=early), desk.message("还是没到", at=late))
    ticket = await desk.ticket()
    assert (ticket.status, ticket.waiting_since) == (Status.OPEN, late)
    resolve = await desk.clock(Metric.RESOLVE)
    assert resolve.segments[-1].start == late


@pytest.mark.parametrize(("late", "reopened"), [(-1, True), (0, False)])
async def test_s11_72_hours_are_counted_from_resolved_to_written(desk: Desk, late: int, *, reopened: bool) -> None:
    await _resolved(desk)
    written = when("26 11:00") + timedelta(seconds=late)
    await desk.at("26 11:30").tell(desk.message("还是没到", at=written))
    assert ((await desk.ticket()).status is Status.OPEN) is reopened
    if not reopened:
        assert (await desk.ticket(2)).follows == 1


async def test_s11_a_customers_answer_to_a_waiting_ticket_is_no_reopening(desk: Desk) -> None:
    await desk.write("订单在哪里")
    await desk.act(LIN, Action.TAKE)
    await desk.act(LIN, Action.WAITING)
    await desk.at("23 10:20").write("订单 123")
    ticket = await desk.ticket()
    assert (ticket.status, ticket.reopen_count, ticket.assignee) == (Status.OPEN, 0, "Lin")


# ---- consent ---------------------------------------------------------------------------------------------------------


async def test_j7_stop_works_while_a_person_has_the_case_and_they_see_it(desk: Desk) -> None:
    await desk.write("订单在哪里")
    await desk.write(desk.teach("退订", "unsubscribe"))
    await desk.deliver()
    assert desk.heard()[-1] == desk.say("consent.withdrawn")
    assert (await desk.rows(select(contacts.c.consent)))[0]["consent"] is False
    assert _relayed(desk)[-1] == "退订"


async def test_j7_stop_reopens_nothing(desk: Desk) -> None:
    await _resolved(desk)
    await desk.at("23 11:30").write(desk.teach("退订", "unsubscribe"))
    await desk.deliver()
    assert (await desk.ticket()).status is Status.RESOLVED
    assert desk.heard()[-1] == desk.say("consent.withdrawn")


async def test_j7_a_question_beside_stop_is_heard_as_well(desk: Desk) -> None:
    await desk.write(desk.teach("退订", "unsubscribe"), "订单在哪里")
    assert (await desk.ticket()).subject == "订单在哪里"
    assert len(await desk.facts(FactKind.CONSENT_WITHDRAWN)) == 1


async def test_j7_whether_somebody_wants_out_is_not_guessed(desk: Desk) -> None:
    await desk.write(desk.teach("别再发了吧", "unsubscribe", confidence=0.3))
    assert await desk.facts(FactKind.CONSENT_WITHDRAWN) == []
    assert (await desk.ticket()).handoff_reason == "unsure"


# ---- a rating's reason -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "intent", "confidence"),
    [("订单 456", "order_status", 0.56), ("你们什么时候来", "other", 0.2), ("Can you call me", "other", 0.2)],
)
async def test_q5_in_doubt_a_person_sees_it(desk: Desk, words: str, intent: str, confidence: float) -> None:
    await _rated(desk)
    await desk.at("23 12:05").write(desk.teach(words, intent, confidence=confidence))
    assert await _reason(desk) is None
    assert (await desk.ticket()).status is Status.OPEN


@pytest.mark.parametrize(
    ("words", "intent", "confidence"),
    [("太慢了", "other", 0.2), ("等了三天", "delivery_problem", 0.4), ("态度不好", "complaint", 0.9)],
)
async def test_q5_what_asks_for_nothing_is_the_reason(desk: Desk, words: str, intent: str, confidence: float) -> None:
    await _rated(desk)
    await desk.at("23 12:05").write(desk.teach(words, intent, confidence=confidence))
    assert await _reason(desk) == words
    assert (await desk.ticket()).status is Status.RESOLVED


async def test_q5_a_photo_is_no_reason_in_words(desk: Desk) -> None:
    await _rated(desk)
    await desk.at("23 12:05").tell(desk.message("", attachments=(PHOTO,)))
    assert await _reason(desk) is None
    assert (await desk.ticket()).status is Status.OPEN


async def test_q5_after_a_new_request_nothing_is_taken_for_the_reason(desk: Desk) -> None:
    await _rated(desk)
    await desk.at("23 12:03").write("订单 456 在哪里")
    await desk.at("23 12:05").write(desk.teach("太慢了", "complaint"))
    await desk.deliver()
    assert await _reason(desk) is None
    assert desk.heard()[-1] != desk.say("survey.explained")


# ---- languages -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["ok", "SF1234567", "iPhone 15 Pro", "HB-20 XL"])
async def test_latin_letters_alone_are_no_other_language(desk: Desk, words: str) -> None:
    await desk.write(desk.teach(words, "other", language="en", confidence=0.9 if words == "ok" else 0.2))
    assert (await desk.rows(select(contacts.c.language)))[0]["language"] == "zh"


@pytest.mark.parametrize(
    ("tag", "language"), [("zh-Hant", "zh"), ("zh-TW", "zh"), ("en-GB", "en"), ("fr", "zh"), (None, "zh"), ("", "zh")]
)
async def test_the_channels_hint_is_a_language_of_the_company(desk: Desk, tag: str | None, language: str) -> None:
    guest = type(WANG)(channel="telegram", address="777", name="Guest", language=tag)
    await desk.start(by=guest)
    assert (await desk.rows(select(contacts.c.language)))[0]["language"] == language


async def test_words_in_no_language_change_none(desk: Desk) -> None:
    await desk.write(desk.teach("Bonjour tout le monde ici", "other", language="other"))
    assert (await desk.rows(select(contacts.c.language)))[0]["language"] == "zh"


async def test_slash_lang_knows_varieties(desk: Desk) -> None:
    await desk.write("/lang EN-gb")
    await desk.deliver()
    assert desk.heard() == [desk.say("slash.language_chosen", language="en")]


# ---- the edges of a message ------------------------------------------------------------------------------------------


async def test_a_photo_alone_is_a_ticket_without_words(desk: Desk) -> None:
    await desk.tell(desk.message("", attachments=(PHOTO,)))
    assert (await desk.ticket()).subject == desk.say("ticket.no_words")


async def test_a_very_long_text_is_kept_whole(desk: Desk) -> None:
    words = "很长" * 10_000
    await desk.write(words)
    assert len((await desk.ticket()).subject) == 80
    await desk.deliver()
    assert _relayed(desk) == [words]


async def test_status_tells_of_every_open_ticket(desk: Desk) -> None:
    await _resolved(desk)
    await desk.press("human")
    await desk.act(LIN, Action.REOPEN)
    await desk.write("/status")
    await desk.deliver()
    lines = desk.heard()[-1].splitlines()
    assert [line.partition(" ")[0] for line in lines] == ["#1", "#2"]


async def test_h13_orders_are_obeyed_in_handoff_and_the_bot_says_no_more(desk: Desk) -> None:
    await desk.write("订单在哪里")
    await desk.deliver()
    await desk.write("/help")
    desk.teach("保修多久", "how_to", hit(0.95))
    await desk.write("保修多久")
    await desk.start()
    await desk.deliver()
    assert desk.heard() == [desk.say("ack.open", number=1), desk.say("slash.help")]


@pytest.mark.parametrize("zone", ["Mars/Base", "Asia", "../etc/passwd", "x" * 5000, "a\0b", "é"])
async def test_h16_a_time_zone_that_is_none_is_the_companys(desk: Desk, zone: str) -> None:
    guest = type(WANG)(channel="webchat", address="v1", name="Guest", language="zh", timezone=zone.replace("\0", " "))
    await desk.at("23 20:00").write("订单在哪里", by=guest)
    await desk.deliver()
    assert "11月24日周二 09:00" in desk.heard(by=guest)[0]
