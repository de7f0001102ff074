"""Stories of what is rare or goes wrong: rooms that move, a changed file, forged buttons, the wrong person."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from desk.commands import (
    Action,
    AtThread,
    CustomerEdited,
    RoomMoved,
    StaffEdited,
    StaffWrote,
    ThreadLost,
    ThreadsRefused,
)
from desk.company import PriorityRule, RoutingRule
from desk.conditions import Compares, Comparison, Condition, Equals
from desk.facts import FactKind
from desk.messages import Attachment, AttachmentKind
from desk.outgoing import Card, CustomerMessage, Line, Relay, RelayEdit
from desk.readings import Sentiment
from desk.sla import Metric
from desk.tickets import Priority, Status
from desk.values import replace
from lifecycle.outreach import AfterTicket, Survey, SurveyKind
from store.casefile import ThreadState
from store.tables import messages, surveys, threads
from tests.handlers.desk_driver import CHEN, LIN, ROOMS, SUN, WANG, ZHAO, Desk, shanhai, when

PHOTO = Attachment(kind=AttachmentKind.PHOTO, file="local:1")


async def _open(desk: Desk) -> None:
    await desk.at("23 10:00").write("订单在哪里")
    await desk.deliver()


def _without(desk: Desk, **changes: Any) -> None:
    """The company's file is edited and read again."""
    desk.configuration = shanhai(**changes)


# ---- rooms and threads -----------------------------------------------------------------------------------------------


async def test_h3_a_lost_thread_is_told_what_was_said_and_shown_the_card(desk: Desk) -> None:
    await _open(desk)
    await desk.reply(LIN, "在路上")
    await desk.deliver()
    before = len(desk.seen())
    contact = (await desk.ticket()).contact_id
    await desk.tell(ThreadLost(contact_id=contact, room="agents", at=desk.now))
    assert (await desk.rows(select(threads.c.state)))[0]["state"] == ThreadState.WANTED.value
    await desk.deliver()
    transcript, card = desk.seen()[before:]
    assert isinstance(transcript, Line)
    assert transcript.text.splitlines() == [
        desk.say("room.transcript"), "Wang: 订单在哪里", f"机器人: {desk.heard()[0]}", "Lin: 在路上"
    ]  # fmt: skip
    assert isinstance(card, Card)


async def test_h3_a_lost_thread_of_a_contact_without_a_case_harms_nobody(desk: Desk) -> None:
    await desk.start()
    contact = (await desk.rows(select(messages.c.contact_id)))[0]["contact_id"]
    await desk.tell(ThreadLost(contact_id=contact, room="agents", at=desk.now))
    await desk.deliver()
    assert desk.seen() == []


async def test_a_room_that_moved_keeps_its_threads(desk: Desk) -> None:
    await _open(desk)
    await desk.tell(RoomMoved(chat=ROOMS["agents"], moved_to=-100777, at=desk.now))
    assert (await desk.rows(select(threads.c.chat)))[0]["chat"] == -100777


@pytest.mark.parametrize("room", ["supervisors", None])
async def test_h3_the_supervisors_hear_of_a_room_without_threads(desk: Desk, room: str | None) -> None:
    sla = desk.configuration.company.sla
    _without(desk, sla=replace(sla, breach=replace(sla.breach, room=room)))
    await desk.tell(ThreadsRefused(room="agents", reason="no rights", at=desk.now))
    await desk.deliver()
    told = [desk.say("alert.no_threads", room="agents", reason="no rights")]
    assert desk.lines("supervisors") == (told if room else [])


async def test_the_staffs_own_topics_are_left_alone(desk: Desk) -> None:
    await _open(desk)
    place = AtThread(chat=ROOMS["agents"], thread=31337)
    lunch = StaffWrote(by=LIN, place=place, text="吃什么", at=desk.now, chat=place.chat, external_id="5")
    assert await desk.tell(lunch) == [None]
    await desk.deliver()
    assert desk.lines() == []
    assert "吃什么" not in desk.heard()


# ---- the wrong person ------------------------------------------------------------------------------------------------


async def _note_of_chen(desk: Desk) -> None:
    await _open(desk)
    await desk.act(LIN, Action.TAKE)
    await desk.reply(CHEN, "我来看看")
    await desk.deliver()


@pytest.mark.parametrize("action", [Action.TAKE_AND_SEND, Action.SEND_NOTE, Action.KEEP_NOTE])
async def test_h6_words_are_sent_by_writer_holder_or_supervisor_alone(desk: Desk, action: Action) -> None:
    await _note_of_chen(desk)
    assert await desk.tap(SUN, desk.button(action)) == desk.say("refused.not_yours", name="Chen")
    assert "我来看看" not in desk.heard()
    assert (await desk.ticket()).assignee == "Lin"


async def test_h6_whoever_has_the_ticket_takes_it_no_second_time(desk: Desk) -> None:
    await _note_of_chen(desk)
    taken = len(await desk.facts(FactKind.TICKET_TAKEN))
    assert await desk.tap(LIN, desk.button(Action.TAKE_AND_SEND)) == desk.say("room.sent")
    assert len(await desk.facts(FactKind.TICKET_TAKEN)) == taken
    assert desk.heard()[-1] == "我来看看"


async def test_h6_a_supervisors_plain_words_and_notes_stay_inside(desk: Desk) -> None:
    await _open(desk)
    await desk.act(LIN, Action.TAKE)
    await desk.reply(ZHAO, "请加快")
    assert await desk.act(ZHAO, Action.NOTE, argument="大客户") is None
    await desk.deliver()
    assert (await desk.ticket()).assignee == "Lin"
    assert len(desk.heard()) == 1
    assert desk.lines()[-2:] == [
        desk.say("room.kept_as_note", name="Lin"),
        desk.say("room.note", name="Zhao", text="大客户"),
    ]


@pytest.mark.parametrize("action", [Action.WAITING, Action.RESOLVE, Action.RELEASE])
async def test_h15_an_agent_moves_no_ticket_of_another(desk: Desk, action: Action) -> None:
    await _open(desk)
    await desk.act(LIN, Action.TAKE)
    before = await desk.ticket()
    assert await desk.act(CHEN, action) == desk.say("refused.not_yours", name="Lin")
    assert await desk.ticket() == before
    assert await desk.act(ZHAO, action) is None


async def test_a_forged_button_names_no_ticket(desk: Desk) -> None:
    assert await desk.tap(LIN, f"take:{10**30}:1") == desk.say("refused.not_found")
    assert await desk.act(LIN, Action.TAKE, 2**63) == desk.say("refused.not_found")
    assert await desk.act(ZHAO, Action.ACKNOWLEDGE, argument=f"sla:{10**25}:assign:1:100") is not None


async def test_h6_a_reply_that_is_edited_into_a_note_does_not_reach_the_customer(desk: Desk) -> None:
    await _open(desk)
    thread = await desk.thread()
    wrote = StaffWrote(by=LIN, place=thread, text="明天到", at=desk.now, chat=thread.chat, external_id="77")
    edit = StaffEdited(
        by=LIN, place=thread, text="他在撒谎", at=desk.now, chat=thread.chat, external_id="77", is_note=True
    )
    await desk.tell(wrote)
    await desk.tell(edit)
    await desk.deliver()
    assert desk.changed() == []
    assert (desk.heard()[-1], "他在撒谎" in desk.lines()[-1]) == ("明天到", True)


async def test_h7_files_of_the_console_are_named_in_the_room(desk: Desk) -> None:
    await _open(desk)
    await desk.act(LIN, Action.REPLY, argument="请看", attachments=(PHOTO,))
    await desk.act(LIN, Action.NOTE, attachments=(PHOTO,))
    await desk.deliver()
    assert desk.lines()[-2:] == [
        desk.say("room.replied", name="Lin", text="[photo] 请看"),
        desk.say("room.note", name="Lin", text="[photo]"),
    ]


async def test_a_reply_by_command_is_not_told_twice_in_the_room(desk: Desk) -> None:
    await _open(desk)
    await desk.tell(desk.staff(LIN, Action.REPLY, argument="在路上", chat=ROOMS["agents"], external_id="8"))
    await desk.deliver()
    assert desk.heard()[-1] == "在路上"
    assert desk.lines() == []


# ---- albums ----------------------------------------------------------------------------------------------------------


async def _album(desk: Desk) -> list[str]:
    parts = [desk.message("看这里" if number == 0 else "", attachments=(PHOTO,), group="g") for number in range(2)]
    await desk.tell(*parts)
    await desk.deliver()
    return [part.external_id for part in parts]


async def test_h10_an_albums_caption_is_changed(desk: Desk) -> None:
    first, second = await _album(desk)
    await desk.tell(CustomerEdited(sender=WANG, external_id=first, text="看那里", at=desk.now))
    await desk.deliver()
    assert [content.text for content in desk.seen() if isinstance(content, RelayEdit)] == ["看那里"]
    await desk.tell(CustomerEdited(sender=WANG, external_id=second, text="", at=desk.now))
    kept = await desk.rows(select(messages.c.text).where(messages.c.external_id.is_not(None)))
    assert kept == [{"text": "看那里"}], "a photo was exchanged, the words stand on the other"


async def test_h10_an_id_that_is_a_part_of_another_is_no_part_of_an_album(desk: Desk) -> None:
    first, second = await _album(desk)
    for odd in (f"{first},", second[:1], "%", "_"):
        await desk.tell(CustomerEdited(sender=WANG, external_id=odd, text="?", at=desk.now))
    assert await desk.facts(FactKind.MESSAGE_EDITED) == []


# ---- the company's file changed --------------------------------------------------------------------------------------


async def test_whoever_left_the_company_holds_no_ticket(desk: Desk) -> None:
    await _open(desk)
    await desk.act(LIN, Action.TAKE)
    staff = desk.configuration.company.staff
    _without(desk, staff=tuple(member for member in staff if member.name != "Lin"))
    await desk.reply(CHEN, "我接着办")
    await desk.deliver()
    assert desk.heard()[-1] == "我接着办"
    assert (await desk.ticket()).assignee == "Chen"


async def test_the_ticket_of_whoever_left_can_be_taken(desk: Desk) -> None:
    await _open(desk)
    await desk.act(LIN, Action.TAKE)
    staff = desk.configuration.company.staff
    _without(desk, staff=tuple(member for member in staff if member.name != "Lin"))
    assert await desk.act(CHEN, Action.TAKE) is None
    await desk.deliver()
    assert (await desk.ticket()).assignee == "Chen"


async def test_s13_a_ticket_outlives_its_team_its_calendar_and_its_policy(desk: Desk) -> None:
    """Everything the ticket was opened under has another name now."""
    await _open(desk)
    company = desk.configuration.company
    team = replace(company.teams["vip"], name="care", room="vip", calendar="always", overflow=None)
    _without(
        desk,
        teams={"care": team},
        rooms={name: room for name, room in company.rooms.items() if name != "agents"},
        calendars={"always": company.calendars["always"]},
        routing=replace(company.routing, rules=(RoutingRule(team="care"),), priorities=()),
        sla=replace(company.sla, policies=()),
    )
    await desk.at("23 10:05").write("还在吗")
    await desk.until("23 23:00")
    for action in (Action.TAKE, Action.WAITING, Action.RELEASE):
        assert await desk.act(LIN, action) is None
    assert await desk.act(LIN, Action.REPLY, argument="在") is None
    assert await desk.act(LIN, Action.RESOLVE) is None
    await desk.until("24 10:00")
    ticket = await desk.ticket()
    assert (ticket.status, ticket.answered_by) == (Status.RESOLVED, "Lin")
    assert "还在吗" in [content.text for content in desk.seen("vip") if isinstance(content, Relay)]


async def test_what_waits_of_a_journey_or_survey_that_is_gone_is_dropped(desk: Desk) -> None:
    await desk.at("23 10:00").write("订单在哪里")
    await desk.act(LIN, Action.REPLY, argument="在路上")
    await desk.deliver()
    await desk.act(LIN, Action.RESOLVE)
    outreach = replace(desk.configuration.outreach, surveys=(), journeys={})
    desk.configuration = replace(desk.configuration, outreach=outreach)
    await desk.until("23 12:00")
    assert await desk.facts(FactKind.SURVEY_SENT, FactKind.NUDGE_SENT) == []


# ---- conditions ------------------------------------------------------------------------------------------------------


def _rules(desk: Desk, *conditions: Condition) -> None:
    company = desk.configuration.company
    rules = tuple(PriorityRule(when=condition, priority=Priority.HIGH) for condition in conditions)
    _without(desk, routing=replace(company.routing, priorities=rules))


@pytest.mark.parametrize(
    "condition",
    [
        Condition(values={"score": (Compares(comparison=Comparison.BELOW, figure=101),)}),
        Condition(values={"health": (Compares(comparison=Comparison.AT_LEAST, figure=0),)}),
        Condition(values={"tag": (Equals(value="vip"),)}),
        Condition(fields={"industry": (Equals(value="medical"),)}),
        Condition(silent_for=timedelta(days=1)),
    ],
)
async def test_what_is_not_known_yet_does_not_hold(desk: Desk, condition: Condition) -> None:
    _rules(desk, condition)
    await _open(desk)
    assert (await desk.ticket()).priority is Priority.NORMAL


@pytest.mark.parametrize(("count", "priority"), [(1, Priority.NORMAL), (2, Priority.HIGH), (3, Priority.HIGH)])
async def test_two_negative_messages_running_are_of_high_priority(desk: Desk, count: int, priority: Priority) -> None:
    for number in range(count):
        await desk.write(desk.teach(f"不行 {number}", "order_status", sentiment=Sentiment.NEGATIVE))
    assert (await desk.ticket()).priority is priority


# ---- alerts ----------------------------------------------------------------------------------------------------------


async def test_s16_the_alert_says_what_whose_and_how_late_and_the_priority_rises_once(desk: Desk) -> None:
    await _open(desk)
    await desk.act(LIN, Action.TAKE)
    await desk.until("23 15:30")
    assert desk.lines("supervisors") == [
        desk.say(
            "alert.breached", number=1, name="Wang", metric=desk.say("metric.first_reply"), at="11-23 15:30",
            assignee="Lin", priority=desk.say("priority.normal"), percent=100, late="",
        )
    ]  # fmt: skip
    assert desk.lines("agents")[-1] == desk.lines("supervisors")[-1]
    await desk.until("23 17:00")
    assert (await desk.ticket()).priority is Priority.HIGH
    assert (await desk.clock(Metric.FIRST_REPLY)).breached_at == when("23 15:30")


async def test_s16_without_a_supervisors_room_the_team_hears_of_the_breach(desk: Desk) -> None:
    sla = desk.configuration.company.sla
    _without(desk, sla=replace(sla, breach=replace(sla.breach, room=None)))
    await _open(desk)
    await desk.until("23 15:30")
    assert len(desk.lines("agents")) == 2
    assert desk.lines("supervisors") == []


# ---- nps -------------------------------------------------------------------------------------------------------------


def _nps(desk: Desk) -> None:
    survey = Survey(
        name="nps", kind=SurveyKind.NPS, after=AfterTicket(status="resolved"), wait=timedelta(minutes=10),
        ask_why_below=9, expires_after=timedelta(days=7),
    )  # fmt: skip
    outreach = replace(desk.configuration.outreach, surveys=(survey,))
    desk.configuration = replace(desk.configuration, outreach=outreach)


@pytest.mark.parametrize(("score", "asks"), [(0, True), (8, True), (9, False), (10, False)])
async def test_q1_nps_runs_from_0_to_10_and_asks_why_below_its_figure(desk: Desk, score: int, *, asks: bool) -> None:
    _nps(desk)
    await _open(desk)
    await desk.reply(LIN, "已送达")
    await desk.deliver()
    await desk.act(LIN, Action.RESOLVE)
    await desk.until("23 10:10")
    sent = [each.content for each in desk.sent if isinstance(each.content, CustomerMessage)][-1]
    assert [button.label for row in sent.buttons for button in row] == [str(each) for each in range(11)]
    survey = (await desk.rows(select(surveys.c.id)))[0]["id"]
    assert await desk.press(f"score:{survey}:11") == desk.say("press.unknown")
    assert await desk.press(f"score:{survey}:{score}") == desk.say("survey.thanks")
    assert (desk.heard()[-1] == desk.say("survey.why")) is asks
    assert (await desk.rows(select(surveys.c.score)))[0]["score"] == score
