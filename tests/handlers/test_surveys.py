"""Stories of surveys: asked once after a resolution, changed for ten minutes, explained in words (Q1 to Q5)."""

import pytest
from sqlalchemy import select

from desk.commands import Action, Actor, CustomerBlocked
from desk.facts import FactKind
from desk.outgoing import CustomerMessage
from desk.tickets import Status
from store.tables import surveys
from tests.handlers.desk_driver import ANNA, CHEN, LIN, WANG, Desk


async def _resolved(desk: Desk, day: int = 23, ticket: int = 1) -> None:
    """Wang asks at 10:00, Lin answers and resolves at 11:00."""
    await desk.at(f"{day} 10:00").write("订单在哪里")
    await desk.reply(LIN, "已送达")
    await desk.deliver()
    assert await desk.at(f"{day} 11:00").act(LIN, Action.RESOLVE, ticket) is None


async def _asked(desk: Desk) -> str:
    """The survey is sent at 11:10; returns the action of its buttons without the score."""
    await _resolved(desk)
    await desk.until("23 11:10")
    sent = [each.content for each in desk.sent if isinstance(each.content, CustomerMessage)][-1]
    return sent.buttons[0][0].action.rpartition(":")[0]


async def _kept(desk: Desk) -> list[dict[str, object]]:
    columns = (surveys.c.state, surveys.c.score, surveys.c.first_score, surveys.c.reason)
    return await desk.rows(select(*columns).order_by(surveys.c.id))


async def _reason_for_none(desk: Desk) -> object:
    await desk.until("23 11:10")
    skipped = await desk.facts(FactKind.SURVEY_SKIPPED)
    assert await desk.facts(FactKind.SURVEY_SENT) == []
    return skipped[0].data["reason"]


async def test_q1_asked_once_per_resolution_with_buttons_from_1_to_5(desk: Desk) -> None:
    await _asked(desk)
    sent = [each for each in desk.sent if isinstance(each.content, CustomerMessage)][-1]
    assert desk.heard()[-1] == desk.say("survey.csat", number=1)
    assert isinstance(sent.content, CustomerMessage)
    assert [button.action[-2:] for button in sent.content.buttons[0]] == [":1", ":2", ":3", ":4", ":5"]
    assert len(await desk.facts(FactKind.SURVEY_SENT)) == 1


async def test_q2_agent_and_team_of_the_resolution_are_kept(desk: Desk) -> None:
    await _resolved(desk)
    await desk.until("23 11:10")
    rows = await desk.rows(select(surveys.c.agent, surveys.c.team, surveys.c.channel, surveys.c.resolution))
    assert rows == [{"agent": "Lin", "team": "support", "channel": "telegram", "resolution": 1}]


async def test_q2_a_reply_that_arrives_just_after_the_resolution_is_its_agents(desk: Desk) -> None:
    await desk.at("23 10:00").write("订单在哪里")
    await desk.at("23 11:00").reply(LIN, "已送达")
    await desk.act(LIN, Action.RESOLVE)
    await desk.until("23 11:10")
    assert await desk.rows(select(surveys.c.agent, surveys.c.state)) == [{"agent": "Lin", "state": "sent"}]


async def test_q3_not_where_nobody_answered(desk: Desk) -> None:
    await desk.at("23 10:00").write("订单在哪里")
    await desk.at("23 11:00").act(LIN, Action.RESOLVE)
    assert await _reason_for_none(desk) == "nobody_answered"


async def test_q3_not_to_whoever_opted_out(desk: Desk) -> None:
    await _resolved(desk)
    await desk.write("/stop")
    assert await _reason_for_none(desk) == "opted_out"


async def test_q3_not_where_the_channel_is_closed(desk: Desk) -> None:
    await _resolved(desk)
    await desk.tell(CustomerBlocked(sender=WANG, at=desk.now))
    assert await _reason_for_none(desk) == "channel_closed"


async def test_q3_not_within_the_cool_down_which_counts_sends(desk: Desk) -> None:
    await _asked(desk)
    await _resolved(desk, 27, 2)
    await desk.until("27 11:10")
    assert [fact.data["reason"] for fact in await desk.facts(FactKind.SURVEY_SKIPPED)] == ["cool_down"]


async def test_q4_a_reopening_before_the_answer_withdraws_it(desk: Desk) -> None:
    await _asked(desk)
    await desk.at("23 11:30").write("还是没到")
    await desk.deliver()
    assert [row["state"] for row in await _kept(desk)] == ["withdrawn"]
    assert (desk.changed()[-1].text, desk.changed()[-1].buttons) == (desk.say("survey.withdrawn"), ())


async def test_q4_a_planned_one_is_not_sent_after_a_reopening(desk: Desk) -> None:
    await _resolved(desk)
    await desk.at("23 11:05").write("还是没到")
    await desk.until("23 11:30")
    assert await desk.facts(FactKind.SURVEY_SENT) == []


async def test_q4_also_where_both_happen_in_one_round(desk: Desk) -> None:
    """What was planned in a round stands in no table yet when the same round opens the ticket again."""
    await desk.at("23 10:00").write("订单在哪里")
    await desk.reply(LIN, "已送达")
    await desk.deliver()
    commands = [desk.staff(Actor(name="Lin"), action) for action in (Action.RESOLVE, Action.REOPEN)]
    await desk.at("23 11:00").tell(*commands)
    assert (await desk.ticket()).status is Status.OPEN
    await desk.until("23 11:30")
    assert await desk.facts(FactKind.SURVEY_SENT) == []


async def test_q5_the_first_tap_counts_and_can_be_changed_for_ten_minutes(desk: Desk) -> None:
    button = await _asked(desk)
    assert await desk.at("23 12:00").press(f"{button}:5") == desk.say("survey.thanks")
    await desk.at("23 12:09").press(f"{button}:4")
    assert await _kept(desk) == [{"state": "answered", "score": 4, "first_score": 5, "reason": None}]
    assert await desk.at("23 12:11").press(f"{button}:1") == desk.say("survey.answered_before")
    assert (await _kept(desk))[0]["score"] == 4


async def test_q5_the_same_tap_twice_is_one_answer(desk: Desk) -> None:
    button = await _asked(desk)
    await desk.at("23 12:00").press(f"{button}:5")
    await desk.press(f"{button}:5")
    assert await _kept(desk) == [{"state": "answered", "score": 5, "first_score": None, "reason": None}]
    await desk.press(f"{button}:3")
    assert (await _kept(desk))[0]["first_score"] == 5


@pytest.mark.parametrize("score", ["0", "6", "10", "99", "x", "-1", "9" * 50])
async def test_q1_a_score_beyond_the_scale_is_none(desk: Desk, score: str) -> None:
    button = await _asked(desk)
    assert await desk.press(f"{button}:{score}") == desk.say("press.unknown")
    assert await _kept(desk) == [{"state": "sent", "score": None, "first_score": None, "reason": None}]


async def test_a_forged_survey_is_closed(desk: Desk) -> None:
    await desk.start()
    assert await desk.press(f"score:{'9' * 50}:5") == desk.say("survey.closed")


async def test_a_survey_of_somebody_else_cannot_be_answered(desk: Desk) -> None:
    button = await _asked(desk)
    assert await desk.press(f"{button}:1", by=ANNA) == desk.say("survey.closed", language="en")
    assert (await _kept(desk))[0]["score"] is None


async def test_q5_a_low_score_asks_why_once_and_the_next_words_are_the_answer(desk: Desk) -> None:
    button = await _asked(desk)
    desk.teach("太慢了", "complaint")
    desk.teach("态度也不好", "complaint")
    await desk.at("23 12:00").press(f"{button}:2")
    assert desk.heard()[-1] == desk.say("survey.why")
    await desk.at("23 12:05").write("太慢了", "态度也不好")
    await desk.deliver()
    assert (await _kept(desk))[0]["reason"] == "太慢了\n态度也不好"
    assert desk.heard()[-1] == desk.say("survey.explained")
    assert (await desk.ticket()).status is Status.RESOLVED


async def test_q5_a_new_request_is_no_reason(desk: Desk) -> None:
    button = await _asked(desk)
    await desk.at("23 12:00").press(f"{button}:2")
    await desk.at("23 12:05").write("订单 456 在哪里")
    assert (await _kept(desk))[0]["reason"] is None
    assert (await desk.ticket()).status is Status.OPEN


async def test_q5_after_ten_minutes_words_are_just_words(desk: Desk) -> None:
    button = await _asked(desk)
    desk.teach("太慢了", "complaint")
    await desk.at("23 12:00").press(f"{button}:2")
    await desk.at("23 12:11").write("太慢了")
    assert (await _kept(desk))[0]["reason"] is None


async def test_an_unanswered_survey_ends_after_a_week(desk: Desk) -> None:
    button = await _asked(desk)
    await desk.until("30 11:10")
    assert (await _kept(desk))[0]["state"] == "expired"
    assert desk.changed()[-1].text == desk.say("survey.expired")
    assert await desk.press(f"{button}:5") == desk.say("survey.closed")


async def test_resolved_again_a_reopened_ticket_is_a_resolution_of_its_own(desk: Desk) -> None:
    await _resolved(desk)
    await desk.at("23 11:05").write("还是没到")
    await desk.reply(CHEN, "我来")
    await desk.at("23 12:00").act(LIN, Action.RESOLVE)
    rows = await desk.rows(select(surveys.c.resolution, surveys.c.state).order_by(surveys.c.id))
    assert rows == [{"resolution": 1, "state": "withdrawn"}, {"resolution": 2, "state": "planned"}]
