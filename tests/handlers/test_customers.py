"""Stories of customers: the bot in front, silence after the handoff, bursts and albums, closed channels, idleness.

H10 to H16, what a slash orders, and events (L4).
"""

from functools import partial

import pytest
from sqlalchemy import select

from desk.commands import (
    Action,
    Actor,
    AtTicket,
    CustomerBlocked,
    CustomerPressed,
    CustomerRead,
    CustomerUnblocked,
    EventRecorded,
    StaffActed,
)
from desk.facts import FactKind
from desk.messages import Attachment, AttachmentKind
from desk.outgoing import CustomerMessage, Relay
from desk.readings import Sentiment
from desk.tickets import Status
from desk.values import replace
from store.database import Database
from store.tables import contacts, conversations, deadlines, events, messages, outbox
from tests.handlers.desk_driver import ANNA, CHEN, LIN, WANG, Desk, Refusal, hit, shanhai, when


async def test_a_question_that_is_known_is_answered_and_asked_whether_it_helped(desk: Desk) -> None:
    desk.teach("保修多久", "how_to", hit(0.9, "保修三年。"))
    await desk.write("保修多久")
    await desk.deliver()
    assert desk.heard() == [f"保修三年。\n\n{desk.say('answer.helped')}"]
    assert await desk.press("helped:yes") == desk.say("answer.glad")
    assert desk.seen() == []


async def test_a_judged_answer_keeps_its_words_and_loses_its_buttons(desk: Desk, database: Database) -> None:
    desk.teach("保修多久", "how_to", hit(0.9, "保修三年。"))
    await desk.write("保修多久")
    await desk.deliver()
    answer = select(messages.c.id, messages.c.text).where(messages.c.buttons.is_not(None))
    own, words = await database.read(lambda connection: connection.execute(answer).one())
    await desk.tell(CustomerPressed(sender=WANG, action="helped:yes", at=desk.now, external_id=str(own)))
    await desk.deliver()
    assert [(each.message, each.text, each.buttons) for each in desk.changed()] == [(own, words, ())]
    assert await database.read(lambda connection: connection.execute(answer).all()) == []


async def test_h1_a_start_alone_makes_no_thread(desk: Desk) -> None:
    await desk.start()
    await desk.deliver()
    assert desk.heard() == [desk.say("start.greeting", name="Wang", company="Shanhai Appliances")]
    assert desk.seen() == []


async def test_a_greeting_is_returned_with_a_way_to_a_person(desk: Desk) -> None:
    desk.teach("hello", "greeting", language="en")
    await desk.write("hello", by=ANNA)
    await desk.deliver()
    assert desk.heard(by=ANNA) == [desk.say("courtesy.greeting", language="en", name="Anna", company="")]
    await desk.press("human", by=ANNA)
    assert (await desk.ticket()).handoff_reason == "asked"


@pytest.mark.parametrize(
    ("intent", "changes", "reason"),
    [
        ("human_agent", {}, "human_agent"),
        ("complaint", {}, "complaint"),
        ("order_status", {"urgent": True}, "urgent"),
        ("order_status", {"confidence": 0.3}, "unsure"),
        ("order_status", {}, "no_answer"),
    ],
)
async def test_what_the_bot_cannot_do_goes_to_a_person(
    desk: Desk, intent: str, changes: dict[str, object], reason: str
) -> None:
    await desk.write(desk.teach("……", intent, **changes))
    assert (await desk.ticket()).handoff_reason == reason


async def test_small_talk_is_led_back_and_who_goes_on_gets_a_person(desk: Desk) -> None:
    await desk.write(desk.teach("今天天气真好", "other"))
    await desk.deliver()
    assert desk.heard() == [desk.say("answer.beside", company="Shanhai Appliances")]
    assert desk.seen() == []
    await desk.at("23 10:05").write(desk.teach("哈哈哈", "other"))
    assert (await desk.ticket()).handoff_reason == "failed_answers"


async def test_small_talk_of_another_day_is_led_back_again(desk: Desk) -> None:
    desk.teach("今天天气真好", "other")
    await desk.write("今天天气真好")
    await desk.at("24 10:05").write("今天天气真好")
    await desk.deliver()
    assert desk.heard() == 2 * [desk.say("answer.beside", company="Shanhai Appliances")]
    assert desk.seen() == []


@pytest.mark.parametrize(
    "changes",
    [
        {"confidence": 0.4},
        {"confidence": 0.79},
        {"sentiment": Sentiment.NEGATIVE},
        {"urgent": True},
        {"language": "other"},
    ],
)
async def test_what_is_not_surely_small_talk_goes_to_a_person(desk: Desk, changes: dict[str, object]) -> None:
    await desk.write(desk.teach("……", "other", **changes))
    assert (await desk.ticket()).handoff_reason in {"unsure", "no_answer", "urgent"}


async def test_small_talk_beside_a_request_is_not_what_is_wanted(desk: Desk) -> None:
    desk.teach("今天天气真好", "other", confidence=0.98)
    desk.teach("包裹呢", "order_status", confidence=0.7)
    await desk.write("包裹呢", "今天天气真好")
    assert (await desk.ticket()).intent == "order_status"


async def test_h13_from_handoff_until_resolve_the_bot_is_silent(desk: Desk) -> None:
    desk.teach("保修多久", "how_to", hit(0.95))
    await desk.write("订单在哪里")
    await desk.at("23 10:05").write("保修多久")
    await desk.press("helped:no")
    await desk.press("helped:yes")
    assert desk.heard() == [desk.say("ack.open", number=1)]
    await desk.act(LIN, Action.RESOLVE)
    await desk.at("27 10:00").write("保修多久")
    await desk.deliver()
    assert desk.heard()[-1].startswith("保修三年")


async def test_a_burst_of_three_lines_is_one_answer_and_one_ticket(desk: Desk) -> None:
    await desk.write("在吗", "我的洗衣机", "不转了")
    await desk.deliver()
    assert desk.heard() == [desk.say("ack.open", number=1)]
    assert [each.text for each in desk.seen() if isinstance(each, Relay)] == ["在吗", "我的洗衣机", "不转了"]
    assert len(await desk.facts(FactKind.TICKET_OPENED)) == 1


async def test_an_album_is_one_message(desk: Desk) -> None:
    photos = [Attachment(kind=AttachmentKind.PHOTO, file=f"telegram:{n}") for n in range(3)]
    parts = [desk.message("漏水" if n == 0 else "", attachments=(each,), group="g") for n, each in enumerate(photos)]
    await desk.tell(*parts)
    await desk.deliver()
    relayed = [each for each in desk.seen() if isinstance(each, Relay)]
    assert [(each.text, each.attachments) for each in relayed] == [("漏水", tuple(photos))]


async def test_two_lanes_of_one_contact_in_the_same_round_see_each_other(desk: Desk) -> None:
    """The customer writes while an agent resolves at the console: one file, nothing overwritten."""
    await desk.write("订单在哪里")
    await desk.act(LIN, Action.TAKE)
    resolve = StaffActed(by=Actor(name="Lin"), action=Action.RESOLVE, at=desk.now, place=AtTicket(number=1))
    await desk.tell(resolve, desk.message("还是没到"))
    ticket = await desk.ticket()
    facts = [fact.kind for fact in await desk.facts(FactKind.TICKET_RESOLVED, FactKind.TICKET_REOPENED)]
    assert ticket.resolutions == 1
    assert (ticket.status is Status.OPEN) == (FactKind.TICKET_REOPENED in facts)
    assert ticket.assignee == "Lin"
    kept = await desk.rows(select(messages.c.text).where(messages.c.author == "customer"))
    assert len(kept) == 2


async def test_h16_acknowledged_once_per_ticket_not_per_message(desk: Desk) -> None:
    await desk.write("订单在哪里")
    await desk.at("23 10:05").write("单号 123")
    await desk.at("23 11:00").write("在吗")
    await desk.deliver()
    assert desk.heard() == [desk.say("ack.open", number=1)]
    await desk.at("24 10:30").write("还在吗")
    await desk.deliver()
    assert desk.heard() == [desk.say("ack.open", number=1)] * 2


async def test_h16_out_of_hours_with_the_next_opening_time(desk: Desk) -> None:
    desk.teach("Where is my order?", language="en")
    await desk.at("27 18:30").write("订单在哪里")
    await desk.write("Where is my order?", by=replace(ANNA, timezone="Europe/Berlin"))
    await desk.deliver()
    assert "11月30日周一 09:00" in desk.heard()[0]
    assert "Monday, November 30, 02:00" in desk.heard(by=ANNA)[0]


async def test_h16_over_the_lunch_break_too(desk: Desk) -> None:
    await desk.at("23 12:10").write("订单在哪里")
    await desk.deliver()
    assert "11月23日周一 13:30" in desk.heard()[0]


async def test_customers_are_answered_in_their_language(desk: Desk) -> None:
    desk.teach("Where is my parcel?", language="en")
    await desk.write("Where is my parcel?")
    await desk.deliver()
    assert desk.heard() == [desk.say("ack.open", language="en", number=1)]
    assert desk.card().headline == desk.say("card.headline", number=1, name="Wang")


async def test_slash_help_status_and_lang(desk: Desk) -> None:
    english = partial(desk.say, language="en")
    await desk.write("/status")
    await desk.write("/help")
    await desk.write("订单在哪里")
    await desk.write("/status")
    await desk.write("/lang en")
    await desk.write("还有")
    await desk.write("/status")
    await desk.deliver()
    assert desk.heard() == [
        desk.say("slash.no_ticket"),
        desk.say("slash.help"),
        desk.say("ack.open", number=1),
        desk.say("slash.ticket", number=1, subject="订单在哪里", status=desk.say("progress.new")),
        english("slash.language_chosen"),
        desk.say(
            "slash.ticket",
            language="en",
            number=1,
            subject="订单在哪里",
            status=desk.say("progress.new", language="en"),
        ),
    ], "a language that was chosen is not changed by what is written"


async def test_slash_lang_asks_which_and_a_button_answers(desk: Desk) -> None:
    await desk.write("/lang")
    await desk.deliver()
    asked = [each.content for each in desk.sent if isinstance(each.content, CustomerMessage)][-1]
    assert [(button.label, button.action) for button in asked.buttons[0]] == [
        ("中文", "lang:zh"),
        ("English", "lang:en"),
    ]
    await desk.press("lang:en")
    assert desk.heard()[-1] == desk.say("slash.language_chosen", language="en")
    assert await desk.press("lang:xx") == desk.say("press.unknown", language="en")


async def test_an_order_that_is_none_is_read_as_a_message(desk: Desk) -> None:
    await desk.write("/refund please")
    assert (await desk.ticket()).subject == "/refund please"


async def test_h12_blocked_what_waits_stops_and_the_thread_is_told(desk: Desk) -> None:
    await desk.write("订单在哪里")
    await desk.deliver()
    await desk.reply(LIN, "在路上")
    await desk.tell(CustomerBlocked(sender=WANG, at=desk.now))
    await desk.deliver()
    assert "在路上" not in desk.heard()
    assert desk.say("room.blocked", name="Wang") in desk.lines()
    assert desk.say("room.not_delivered", text="在路上", reason=desk.say("room.blocked_reason")) in desk.lines()
    assert (await desk.ticket()).first_reply_at is None
    assert await desk.rows(select(outbox.c.id).where(outbox.c.state == "waiting")) == []
    fate = await desk.rows(select(messages.c.delivery).where(messages.c.text == "在路上"))
    assert fate == [{"delivery": "failed"}]


async def test_h12_a_reply_to_whoever_blocked_us_is_refused_until_they_come_back(desk: Desk) -> None:
    await desk.write("订单在哪里")
    await desk.tell(CustomerBlocked(sender=WANG, at=desk.now))
    assert await desk.reply(LIN, "在吗") == desk.say("refused.blocked")
    await desk.tell(CustomerUnblocked(sender=WANG, at=desk.now))
    assert await desk.reply(LIN, "在吗") is None
    await desk.deliver()
    assert desk.heard()[-1] == "在吗"
    assert desk.say("room.unblocked", name="Wang") in desk.lines()


async def test_h12_a_delivery_can_be_what_shows_it(desk: Desk) -> None:
    await desk.write("订单在哪里")
    await desk.reply(LIN, "在路上")
    await desk.deliver(Refusal(reason="bot was blocked by the user", blocked=True))
    assert desk.say("room.blocked", name="Wang") in desk.lines()
    assert (await desk.rows(select(conversations.c.blocked_at)))[0]["blocked_at"] == desk.now


async def test_h12_writing_again_opens_the_channel(desk: Desk) -> None:
    await desk.write("订单在哪里")
    await desk.tell(CustomerBlocked(sender=WANG, at=desk.now))
    await desk.write("我回来了")
    assert (await desk.rows(select(conversations.c.blocked_at))) == [{"blocked_at": None}]


async def _waiting(desk: Desk) -> None:
    await desk.at("23 10:00").write("订单在哪里")
    await desk.reply(LIN, "单号是多少")
    await desk.deliver()
    await desk.at("23 10:10").act(LIN, Action.WAITING)


async def test_h14_a_silent_customer_is_nudged_then_resolved_without_a_survey(desk: Desk) -> None:
    await _waiting(desk)
    await desk.until("25 18:00")
    assert desk.heard()[-2:] == [desk.say("idle.nudge", number=1), desk.say("idle.resolved", number=1)]
    assert [each.at for each in desk.sent if each.lane == WANG.key][-2:] == [when("24 10:10"), when("25 10:10")]
    assert (await desk.ticket()).status is Status.RESOLVED
    assert desk.say("room.resolved_unanswered", number=1, name="clock") in desk.lines()
    assert await desk.facts(FactKind.SURVEY_SENT) == []


async def test_h14_whoever_answers_is_left_alone(desk: Desk) -> None:
    await _waiting(desk)
    await desk.at("23 11:00").write("123")
    await desk.reply(LIN, "明天到")
    await desk.until("26 18:00")
    assert desk.say("idle.nudge", number=1) not in desk.heard()
    assert (await desk.ticket()).status is Status.OPEN


async def test_h14_thanks_alone_lets_the_patience_begin_again(desk: Desk) -> None:
    desk.teach("好的谢谢", "thanks")
    await _waiting(desk)
    await desk.at("23 12:00").write("好的谢谢")
    await desk.until("25 11:59")
    assert (await desk.ticket()).status is Status.WAITING_ON_CUSTOMER
    await desk.until("25 12:00")
    assert (await desk.ticket()).status is Status.RESOLVED


async def test_h14_resolved_in_time_there_is_nothing_to_nudge(desk: Desk) -> None:
    await _waiting(desk)
    await desk.at("23 11:00").act(LIN, Action.RESOLVE)
    await desk.until("26 18:00")
    assert desk.say("idle.nudge", number=1) not in desk.heard()


async def test_l4_an_event_counts_once(desk: Desk) -> None:
    await desk.start()
    contact = (await desk.rows(select(contacts.c.id)))[0]["id"]
    paid = EventRecorded(contact_id=contact, id="pay-1", name="order_paid", at=desk.now, data={"amount": 120})
    await desk.tell(paid, paid)
    await desk.tell(paid)
    assert len(await desk.facts(FactKind.EVENT_RECORDED)) == 1
    assert await desk.rows(select(events.c.id, events.c.data)) == [{"id": "pay-1", "data": {"amount": 120}}]


async def test_l4_an_event_of_nobody_is_refused(desk: Desk) -> None:
    nobody = EventRecorded(contact_id=404, id="pay-1", name="order_paid", at=desk.now)
    assert await desk.tell(nobody) == [desk.say("refused.no_contact", number=404)]


async def test_reading_marks_a_message_of_ours_and_of_nobody_elses(desk: Desk) -> None:
    await desk.start()
    await desk.deliver()
    ours = (await desk.rows(select(messages.c.id)))[0]["id"]
    await desk.tell(CustomerRead(sender=ANNA, message=ours, at=desk.now))
    assert await desk.rows(select(messages.c.delivery)) == [{"delivery": "sent"}]
    await desk.tell(CustomerRead(sender=WANG, message=ours, at=desk.now))
    assert await desk.rows(select(messages.c.delivery)) == [{"delivery": "read"}]


async def test_a_room_without_telegram_is_told_nothing(database: Database) -> None:
    rooms = {name: replace(room, telegram_chat=None) for name, room in shanhai().company.rooms.items()}
    desk = Desk(database=database, configuration=shanhai(rooms=rooms))
    await desk.write("订单在哪里")
    assert await desk.act(CHEN, Action.REPLY, argument="在路上") is None
    await desk.deliver()
    await desk.act(CHEN, Action.RESOLVE)
    await desk.deliver()
    assert [each.lane for each in desk.sent] == [WANG.key] * 2
    assert await desk.rows(select(deadlines.c.key).where(deadlines.c.kind == "sla")) == []
