"""The staff correct what was read in a message: in the room by a tap, in the console any message of the thread."""

from typing import Any

import pytest
from sqlalchemy import select, update

from desk.commands import Action, Actor, CustomerEdited, CustomerPressed
from desk.company import OwnIntent
from desk.facts import FactKind
from desk.outgoing import Button
from desk.presses import decode
from desk.readings import INTENTS, Correction, Sentiment
from desk.tickets import Status
from store import corrections
from store.database import Database
from store.tables import messages, tickets
from tests.handlers.desk_driver import ANNA, CHEN, LIN, WANG, ZHAO, Desk, shanhai

STRANGER = Actor(telegram=404)
TEXT = "快递还没到，我很生气"


async def _open(desk: Desk, **changes: Any) -> None:
    desk.teach(TEXT, "complaint", **{"sentiment": Sentiment.NEGATIVE, "confidence": 0.7, "reader": "tiny 1"} | changes)
    await desk.at("23 10:00").write(TEXT)
    await desk.deliver()


def _buttons(desk: Desk) -> list[Button]:
    return [button for row in desk.card().buttons for button in row]


def _about(desk: Desk) -> str:
    return dict(desk.card().rows)["意图"]


async def _choose(desk: Desk, label: str, *, by: Actor = LIN) -> str:
    """Tap the button on the card and then the tag."""
    await desk.tap(by, desk.button(Action.RETAG))
    return await desk.tap(by, next(button.action for button in _buttons(desk) if button.label == label))


async def _kept(desk: Desk) -> list[Correction]:
    return list(await desk.read(lambda connection: corrections.since(connection, None)))


async def _message(desk: Desk, text: str) -> int:
    rows = await desk.rows(select(messages.c.id).where(messages.c.text == text))
    number: int = rows[0]["id"]
    return number


# ---- in the room -----------------------------------------------------------------------------------------------------


async def test_h5_the_card_says_how_a_message_was_read(desk: Desk) -> None:
    await _open(desk, urgent=True)
    assert _about(desk) == "投诉 · 负面 · 紧急"


async def test_h5_the_card_says_that_the_reading_is_not_sure(desk: Desk) -> None:
    await _open(desk, confidence=0.42, sentiment=Sentiment.NEUTRAL)
    assert _about(desk) == "投诉 · 不确定（42%）"


async def test_a_burst_opens_a_ticket_in_the_tone_of_all_and_by_the_message_that_decides(desk: Desk) -> None:
    desk.teach("退货", "return_refund", confidence=0.9)
    desk.teach("气死了", "product_question", confidence=0.6, sentiment=Sentiment.NEGATIVE)
    await desk.write("退货", "气死了")
    ticket = await desk.ticket()
    assert ticket.asked_in == await _message(desk, "退货")
    assert (ticket.intent, ticket.sentiment, ticket.confidence) == ("return_refund", Sentiment.NEGATIVE, 0.9)


async def test_a_tap_and_another_correct_the_tag(desk: Desk) -> None:
    await _open(desk)
    assert await desk.tap(LIN, desk.button(Action.RETAG)) == desk.say("room.choose_tag")
    chosen = next(button for button in _buttons(desk) if button.label == "配送问题")
    told = await desk.tap(LIN, chosen.action)
    assert told == desk.say("room.retagged", before="投诉", intent="配送问题")
    ticket = await desk.ticket()
    assert (ticket.intent, ticket.confidence, ticket.sentiment) == ("delivery_problem", None, Sentiment.NEGATIVE)
    assert _about(desk) == "配送问题 · 负面"
    assert [button.label for button in _buttons(desk)] == ["接单", "解决", "标签"]


async def test_a_correction_keeps_what_was_read_and_what_is_right(desk: Desk) -> None:
    await _open(desk)
    await _choose(desk, "配送问题", by=CHEN)
    (kept,) = await _kept(desk)
    assert (kept.text, kept.intent, kept.sentiment, kept.urgent) == (TEXT, "delivery_problem", None, None)
    assert (kept.by, kept.at) == ("Chen", desk.now)
    read = (kept.read.intent, kept.read.confidence, kept.read.sentiment, kept.read.urgent, kept.read.reader)
    assert read == ("complaint", 0.7, Sentiment.NEGATIVE, False, "tiny 1")
    rows = await desk.rows(select(messages.c.intent).where(messages.c.text == TEXT))
    assert rows == [{"intent": "complaint"}], "the reading stays what its reader said"


async def test_the_timeline_says_who_corrected_what(desk: Desk) -> None:
    await _open(desk)
    await _choose(desk, "配送问题")
    (fact,) = await desk.facts(FactKind.READING_CORRECTED, ticket=1)
    number = await _message(desk, TEXT)
    assert (fact.by, dict(fact.data)) == (
        "Lin",
        {"message": number, "old_intent": "complaint", "intent": "delivery_problem"},
    )


async def test_a_corrected_ticket_is_not_routed_anew(desk: Desk) -> None:
    await _open(desk)
    before = await desk.ticket()
    await _choose(desk, "发票")
    after = await desk.ticket()
    assert (after.team, after.priority, after.policy, after.assignee) == (
        before.team,
        before.priority,
        before.policy,
        before.assignee,
    )


async def test_every_tag_can_be_chosen_and_fits_its_button(database: Database) -> None:
    names = ("warranty_extension", "请求上门安装并且调试全部智能家居设备的服务意图")
    own = tuple(OwnIntent(name=name, examples=("x",)) for name in names)
    desk = Desk(database=database, configuration=shanhai(intents=own))
    await _open(desk)
    await desk.tap(LIN, desk.button(Action.RETAG))
    choices = _buttons(desk)
    assert len(choices) == len(INTENTS) - 1 + len(own) + 1
    assert [button.label for button in choices[:2]] == ["warranty extension", names[1]]
    assert all(len(button.action.encode()) <= 64 for button in choices)
    assert max(len(row) for row in desk.card().buttons) == 3
    await desk.tap(LIN, choices[1].action)
    assert (await desk.ticket()).intent == names[1]


async def test_what_was_made_of_a_reading_before_is_offered_first(desk: Desk) -> None:
    await _open(desk)
    await _choose(desk, "上门维修")
    desk.teach("又坏了", "complaint")
    await desk.write("又坏了", by=ANNA)
    await desk.deliver()
    await desk.tap(LIN, next(b.action for row in desk.card(2).buttons for b in row if b.label == "标签"))
    assert desk.card(2).buttons[0][0].label == "上门维修"


async def test_the_choice_can_be_left(desk: Desk) -> None:
    await _open(desk)
    await desk.tap(LIN, desk.button(Action.RETAG))
    assert await desk.tap(LIN, desk.button(Action.KEEP_TAG)) == ""
    assert [button.label for button in _buttons(desk)] == ["接单", "解决", "标签"]
    assert await _kept(desk) == []


async def test_h5_a_choice_made_on_an_old_card_is_stale(desk: Desk) -> None:
    await _open(desk)
    await desk.tap(LIN, desk.button(Action.RETAG))
    old = next(button.action for button in _buttons(desk) if button.label == "配送问题")
    await desk.act(CHEN, Action.TAKE)
    assert await desk.tap(LIN, old) == desk.say("refused.stale", number=1)
    assert (await desk.ticket()).intent == "complaint"
    assert await _kept(desk) == []


async def test_the_choice_opens_from_an_old_card_as_well(desk: Desk) -> None:
    await _open(desk)
    old = desk.button(Action.RETAG)
    await desk.act(CHEN, Action.TAKE)
    assert await desk.tap(LIN, old) == desk.say("room.choose_tag")
    await desk.tap(LIN, next(button.action for button in _buttons(desk) if button.label == "配送问题"))
    assert (await desk.ticket()).intent == "delivery_problem"


async def test_the_same_press_twice_makes_one_correction(desk: Desk) -> None:
    await _open(desk)
    await desk.tap(LIN, desk.button(Action.RETAG))
    chosen = decode(next(button.action for button in _buttons(desk) if button.label == "配送问题"))
    tap = desk.staff(LIN, Action.RETAG, 1, chosen.argument, seen=chosen.seen)
    assert await desk.tell(tap, tap) == [None, None]
    assert await desk.tell(tap) == [None]
    assert len(await _kept(desk)) == 1
    assert len(await desk.facts(FactKind.READING_CORRECTED)) == 1


async def test_whoever_corrects_again_is_believed(desk: Desk) -> None:
    await _open(desk)
    await _choose(desk, "配送问题")
    await _choose(desk, "投诉", by=ZHAO)
    (kept,) = await _kept(desk)
    assert (kept.intent, kept.by, kept.read.intent) == ("complaint", "Zhao", "complaint")
    assert (await desk.ticket()).intent == "complaint"
    facts = await desk.facts(FactKind.READING_CORRECTED)
    assert [each.data["intent"] for each in facts] == ["delivery_problem", "complaint"]


async def test_a_resolved_ticket_can_be_corrected(desk: Desk) -> None:
    await _open(desk)
    await desk.act(LIN, Action.TAKE)
    await desk.act(LIN, Action.RESOLVE)
    await desk.deliver()
    await _choose(desk, "配送问题", by=CHEN)
    ticket = await desk.ticket()
    assert (ticket.intent, ticket.status) == ("delivery_problem", Status.RESOLVED)


async def test_what_can_no_longer_be_opened_again_is_not_corrected(desk: Desk) -> None:
    await _open(desk)
    await desk.act(LIN, Action.TAKE)
    await desk.act(LIN, Action.RESOLVE)
    await desk.deliver()
    desk.at("30 10:00")
    assert await desk.tap(LIN, desk.button(Action.RETAG)) == desk.say("refused.too_old", number=1)
    assert await desk.act(LIN, Action.RETAG, 1, "delivery_problem") == desk.say("refused.too_old", number=1)
    assert await _kept(desk) == []


async def test_strangers_correct_nothing(desk: Desk) -> None:
    await _open(desk)
    assert await desk.tap(STRANGER, desk.button(Action.RETAG)) == desk.say("refused.not_staff")
    assert await desk.act(STRANGER, Action.RETAG, 1, "invoice") == desk.say("refused.not_staff")
    assert await _kept(desk) == []


# ---- in the console --------------------------------------------------------------------------------------------------


async def test_an_intent_that_nobody_knows_is_refused(desk: Desk) -> None:
    await _open(desk)
    assert await desk.act(LIN, Action.RETAG, 1, "warranty") == desk.say("refused.no_intent", name="warranty")
    assert (await desk.ticket()).intent == "complaint"


async def test_any_message_of_the_thread_can_be_corrected_and_the_ticket_stays(desk: Desk) -> None:
    await _open(desk)
    desk.teach("发票也没收到", "delivery_problem")
    await desk.write("发票也没收到")
    number = await _message(desk, "发票也没收到")
    before = await desk.ticket()
    assert await desk.act(LIN, Action.RETAG, 1, "invoice", message=number) is None
    assert await desk.ticket() == before
    (kept,) = await _kept(desk)
    assert (kept.text, kept.read.intent, kept.intent) == ("发票也没收到", "delivery_problem", "invoice")
    (fact,) = await desk.facts(FactKind.READING_CORRECTED)
    assert (fact.ticket, fact.data["message"]) == (1, number)


async def test_tone_and_urgency_are_corrected_with_it(desk: Desk) -> None:
    await _open(desk)
    number = await _message(desk, TEXT)
    said = {"message": number, "sentiment": Sentiment.NEUTRAL, "urgent": True}
    assert await desk.act(LIN, Action.RETAG, 1, "complaint", **said) is None
    (kept,) = await _kept(desk)
    assert (kept.intent, kept.sentiment, kept.urgent) == ("complaint", Sentiment.NEUTRAL, True)
    ticket = await desk.ticket()
    assert (ticket.sentiment, ticket.urgent) == (Sentiment.NEUTRAL, True)
    (fact,) = await desk.facts(FactKind.READING_CORRECTED)
    told = {name: value for name, value in fact.data.items() if name != "message"}
    assert told == {"old_sentiment": "negative", "sentiment": "neutral", "urgency": "urgent"}


async def test_what_was_said_of_the_tone_holds_when_the_intent_is_corrected_later(desk: Desk) -> None:
    await _open(desk)
    await desk.act(LIN, Action.RETAG, 1, "complaint", sentiment=Sentiment.POSITIVE)
    await desk.act(LIN, Action.RETAG, 1, "praise")
    (kept,) = await _kept(desk)
    assert (kept.intent, kept.sentiment) == ("praise", Sentiment.POSITIVE)
    await desk.act(LIN, Action.RETAG, 1, "praise", sentiment=Sentiment.NEGATIVE)
    (kept,) = await _kept(desk)
    assert kept.sentiment is None, "as it was read"


async def test_a_message_of_another_thread_or_of_the_staff_is_not_there_to_be_corrected(desk: Desk) -> None:
    await _open(desk)
    await desk.write("我的订单呢", by=ANNA)
    await desk.reply(LIN, "在路上")
    for text, refusal in (("我的订单呢", "refused.not_found"), ("在路上", "refused.not_read")):
        number = await _message(desk, text)
        assert await desk.act(LIN, Action.RETAG, 1, "invoice", message=number) == desk.say(refusal)
    assert await desk.act(LIN, Action.RETAG, 1, "invoice", message=2**70) == desk.say("refused.not_found")
    assert await _kept(desk) == []


async def test_the_words_that_were_judged_are_kept_whatever_is_edited_later(desk: Desk) -> None:
    await _open(desk)
    await desk.act(LIN, Action.RETAG, 1, "delivery_problem")
    rows = await desk.rows(select(messages.c.external_id).where(messages.c.text == TEXT))
    await desk.tell(CustomerEdited(sender=WANG, external_id=rows[0]["external_id"], text="没事了", at=desk.now))
    (kept,) = await _kept(desk)
    assert kept.text == TEXT


# ---- tickets that do not know their message --------------------------------------------------------------------------


async def test_a_ticket_of_before_is_about_its_first_message(desk: Desk) -> None:
    await _open(desk)
    forget = update(tickets).values(asked_in=None, confidence=None, sentiment=None, urgent=None)
    await desk.database.transaction(lambda connection: connection.execute(forget))
    await desk.write("还在吗")
    assert await desk.act(LIN, Action.RETAG, 1, "delivery_problem") is None
    ticket = await desk.ticket()
    assert (ticket.intent, ticket.asked_in) == ("delivery_problem", await _message(desk, TEXT))


async def test_of_two_tickets_about_one_message_the_pressed_one_follows(desk: Desk) -> None:
    await _open(desk)
    await desk.act(LIN, Action.TAKE)
    await desk.act(LIN, Action.RESOLVE)
    await desk.tell(CustomerPressed(sender=WANG, action="human", at=desk.now))
    first, second = await desk.ticket(1), await desk.ticket(2)
    assert first.asked_in == second.asked_in
    await desk.act(LIN, Action.RETAG, 2, "delivery_problem")
    assert ((await desk.ticket(1)).intent, (await desk.ticket(2)).intent) == ("complaint", "delivery_problem")
    await desk.act(LIN, Action.RETAG, 1, "delivery_problem")
    assert (await desk.ticket(1)).intent == "delivery_problem"


async def test_a_ticket_without_a_word_of_the_customers_has_nothing_to_correct(desk: Desk) -> None:
    await desk.start()
    await desk.tell(CustomerPressed(sender=WANG, action="human", at=desk.now))
    assert (await desk.ticket()).asked_in is None
    assert await desk.act(LIN, Action.RETAG, 1, "invoice") == desk.say("refused.not_read")


# ---- what is handed on -----------------------------------------------------------------------------------------------


async def test_the_newest_to_known_intents_are_learnt_from(desk: Desk) -> None:
    await _open(desk)
    for intent in ("invoice", "delivery_problem"):
        await desk.act(LIN, Action.RETAG, 1, intent)
    desk.teach("查订单", "how_to")
    await desk.write("查订单")
    await desk.act(LIN, Action.RETAG, 1, "order_status", message=await _message(desk, "查订单"))

    async def newest(*intents: str, limit: int = 9) -> list[str]:
        found = await desk.read(lambda connection: corrections.newest(connection, intents, limit))
        return [each.intent for each in found]

    assert await newest("invoice", "delivery_problem", "order_status") == ["order_status", "delivery_problem"]
    assert await newest("invoice", "delivery_problem") == ["delivery_problem"]
    assert await newest("delivery_problem", "order_status", limit=1) == ["order_status"]


@pytest.mark.parametrize("intent", ["complaint", "praise"])
async def test_a_message_that_was_read_anew_still_corrects_its_ticket(desk: Desk, intent: str) -> None:
    """`guanxi tag --again` changes readings and leaves tickets where they are."""
    await _open(desk)
    anew = update(messages).where(messages.c.text == TEXT).values(intent="praise", reader="tiny 2")
    await desk.database.transaction(lambda connection: connection.execute(anew))
    assert await desk.act(LIN, Action.RETAG, 1, "praise") is None
    assert (await desk.ticket()).intent == "praise"
    assert await desk.act(LIN, Action.RETAG, 1, intent) is None
    assert (await desk.ticket()).intent == intent


async def test_a_reading_that_is_wrong_anew_can_be_made_what_the_ticket_says(desk: Desk) -> None:
    await _open(desk)
    anew = update(messages).where(messages.c.text == TEXT).values(intent="praise", reader="tiny 2")
    await desk.database.transaction(lambda connection: connection.execute(anew))
    assert await desk.act(LIN, Action.RETAG, 1, "complaint") is None
    (kept,) = await _kept(desk)
    assert (kept.read.intent, kept.intent) == ("praise", "complaint")
    (fact,) = await desk.facts(FactKind.READING_CORRECTED)
    assert (fact.data["old_intent"], fact.data["intent"]) == ("praise", "complaint")
    assert (await desk.ticket()).intent == "complaint"
