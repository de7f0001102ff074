"""Stories of SLA clocks: what a customer, an agent and the calendar do to the promises on a ticket (S3 to S15).

The company is that of the specification: support answers 09:00-12:00 and 13:30-18:00 in Shanghai; a normal ticket is
promised a first reply in 4 h, the next in 8 h, a resolution in 40 h of that time.
"""

from datetime import timedelta

import pytest
from sqlalchemy import select

from desk.commands import Action, Actor, CustomerReacted
from desk.company import FirstReplyStart
from desk.facts import FactKind
from desk.messages import Delivery
from desk.outgoing import Relay
from desk.readings import Sentiment
from desk.sla import Metric, Outcome
from desk.tickets import Priority, Status
from desk.values import replace
from store.database import Database
from store.tables import deadlines, messages
from tests.handlers.desk_driver import CHEN, LIN, WANG, Desk, Refusal, hit, shanhai, when

CONSOLE = Actor(name="Lin")


async def _failed_answers(desk: Desk) -> None:
    """The bot answers at 10:00 and at 10:05, and helps neither time; the second no comes at 10:07."""
    desk.teach("保修多久", "how_to", hit(0.9))
    await desk.at("23 10:00").write("保修多久")
    await desk.at("23 10:04").press("helped:no")
    await desk.at("23 10:05").write("保修多久")
    await desk.at("23 10:07").press("helped:no")


async def _answered(desk: Desk) -> None:
    """Wang asks at 10:00, Lin answers at 10:10."""
    await desk.at("23 10:00").write("订单在哪里")
    await desk.at("23 10:10").reply(LIN, "在路上")
    await desk.deliver()


async def test_s3_first_reply_starts_at_the_handoff_and_both_figures_are_kept(desk: Desk) -> None:
    await _failed_answers(desk)
    ticket = await desk.ticket()
    assert (ticket.created_at, ticket.handed_over_at) == (when("23 10:00"), when("23 10:07"))
    assert (await desk.clock(Metric.FIRST_REPLY)).started_at == when("23 10:07")
    assert ticket.subject == "保修多久"


async def test_s3_or_at_the_first_message_where_the_company_says_so(database: Database) -> None:
    created = replace(shanhai().company.sla, first_reply_starts=FirstReplyStart.CREATED)
    desk = Desk(database=database, configuration=shanhai(sla=created))
    await _failed_answers(desk)
    assert (await desk.clock(Metric.FIRST_REPLY)).started_at == when("23 10:00")


async def test_s3_a_matter_of_last_week_is_another_matter(desk: Desk) -> None:
    desk.teach("保修多久", "how_to", hit(0.9))
    await desk.at("23 10:00").write("保修多久")
    await desk.at("27 10:00").write("洗衣机漏水")
    ticket = await desk.ticket()
    assert ticket.created_at == when("27 10:00")
    await desk.deliver()
    assert not any("保修" in line for line in desk.lines())


async def test_s3_the_channels_own_timestamp_counts_however_late_it_is_handled(desk: Desk) -> None:
    desk.at("23 10:30")
    await desk.tell(desk.message("订单在哪里", at=when("23 10:02")))
    assert (await desk.clock(Metric.FIRST_REPLY)).started_at == when("23 10:02")


async def test_s4_next_reply_starts_at_the_oldest_unanswered_message_and_a_reply_ends_it(desk: Desk) -> None:
    await _answered(desk)
    await desk.at("23 11:00").write("哪天到")
    await desk.at("23 11:10").write("急着用")
    first = await desk.clock(Metric.NEXT_REPLY)
    assert (first.started_at, first.due_at) == (when("23 11:00"), when("24 11:30"))
    await desk.at("23 11:20").reply(LIN, "明天")
    await desk.deliver()
    assert (await desk.clock(Metric.NEXT_REPLY)).met_at == when("23 11:20")
    await desk.at("23 14:00").write("上午还是下午")
    assert [clock.generation for clock in await desk.clocks(Metric.NEXT_REPLY)] == [1, 2]


async def test_s5_a_reply_counts_at_the_moment_the_channel_took_it(desk: Desk) -> None:
    await desk.at("23 10:00").write("订单在哪里")
    await desk.at("23 10:10").reply(LIN, "在路上")
    assert (await desk.clock(Metric.FIRST_REPLY)).met_at is None
    await desk.at("23 10:11").deliver()
    clock = await desk.clock(Metric.FIRST_REPLY)
    assert (clock.met_at, clock.outcome) == (when("23 10:11"), Outcome.MET)
    assert (await desk.ticket()).answered_by == "Lin"


async def test_s5_a_note_the_bots_text_and_a_reaction_do_not_count(desk: Desk) -> None:
    await desk.at("23 10:00").write("订单在哪里")
    await desk.act(LIN, Action.TAKE)
    await desk.act(LIN, Action.NOTE, argument="老客户")
    await desk.write("/status")
    await desk.deliver()
    ours = await desk.rows(select(messages.c.id).where(messages.c.author == "bot"))
    reaction = CustomerReacted(sender=WANG, external_id=f"c{ours[0]['id']}", emoji="👍", at=desk.now)
    await desk.tell(reaction)
    await desk.deliver()
    assert (await desk.clock(Metric.FIRST_REPLY)).outcome is Outcome.RUNNING
    assert (await desk.ticket()).first_reply_at is None


async def test_s5_a_failed_delivery_does_not_count(desk: Desk) -> None:
    await desk.at("23 10:00").write("订单在哪里")
    await desk.reply(LIN, "在路上")
    await desk.deliver(Refusal(reason="message is too long"))
    assert (await desk.clock(Metric.FIRST_REPLY)).outcome is Outcome.RUNNING
    assert (await desk.ticket()).waiting_since == when("23 10:00")


async def test_s5_resolved_without_a_reply_is_closed_no_reply(desk: Desk) -> None:
    await desk.at("23 10:00").write("订单在哪里")
    await desk.at("23 10:20").act(LIN, Action.RESOLVE)
    clock = await desk.clock(Metric.FIRST_REPLY)
    assert (clock.outcome, clock.met_at) == (Outcome.CLOSED_NO_REPLY, None)


async def test_s5_a_reply_on_its_way_while_its_ticket_is_resolved_counts_all_the_same(desk: Desk) -> None:
    await desk.at("23 10:00").write("订单在哪里")
    await desk.at("23 10:10").reply(LIN, "已送达，祝好")
    await desk.act(CONSOLE, Action.RESOLVE)
    await desk.deliver()
    assert (await desk.clock(Metric.FIRST_REPLY)).outcome is Outcome.MET
    ticket = await desk.ticket()
    assert (ticket.answered_by, ticket.first_reply_at) == ("Lin", when("23 10:10"))


async def test_s6_a_closing_courtesy_starts_no_clock_and_reopens_nothing(desk: Desk) -> None:
    desk.teach("好的谢谢", "thanks")
    await _answered(desk)
    await desk.at("23 10:12").write("好的谢谢")
    assert await desk.clocks(Metric.NEXT_REPLY) == []
    await desk.act(LIN, Action.RESOLVE)
    await desk.at("23 10:30").write("好的谢谢")
    await desk.deliver()
    assert (await desk.ticket()).status is Status.RESOLVED
    assert desk.heard()[-1] == desk.say("courtesy.thanks")
    assert len(await desk.facts(FactKind.COURTESY_IGNORED)) == 2
    shown = [content.text for content in desk.seen() if isinstance(content, Relay)]
    assert shown[-2:] == ["好的谢谢", "好的谢谢"], "the staff see both, and may open it again"
    button = desk.button(Action.REOPEN)
    assert await desk.tap(LIN, button) == desk.say("room.reopened", number=1)


@pytest.mark.parametrize(
    ("confidence", "sentiment", "urgent"),
    [(0.95, Sentiment.NEGATIVE, False), (0.95, Sentiment.NEUTRAL, True), (0.79, Sentiment.NEUTRAL, False)],
)
async def test_s6_thanks_of_who_is_upset_or_pressed_or_hardly_thanks_at_all_reopen(
    desk: Desk, confidence: float, sentiment: Sentiment, *, urgent: bool
) -> None:
    desk.teach("谢谢，东西全毁了", "thanks", confidence=confidence, sentiment=sentiment, urgent=urgent)
    await desk.at("23 10:00").write("订单在哪里")
    await desk.at("23 11:00").act(LIN, Action.RESOLVE)
    await desk.at("23 12:00").write("谢谢，东西全毁了")
    assert (await desk.ticket()).status is not Status.RESOLVED


async def test_s6_thanks_with_a_question_is_no_courtesy(desk: Desk) -> None:
    desk.teach("谢谢，什么时候到？", "thanks")
    await _answered(desk)
    await desk.at("23 10:12").write("谢谢，什么时候到？")
    assert (await desk.clock(Metric.NEXT_REPLY)).started_at == when("23 10:12")


async def test_s8_paused_at_10_00_a_message_of_10_20_handled_at_10_25_resumes_at_10_20(desk: Desk) -> None:
    await desk.at("23 09:30").write("订单在哪里")
    await desk.act(LIN, Action.TAKE)
    await desk.at("23 10:00").act(LIN, Action.WAITING)
    desk.at("23 10:25")
    await desk.tell(desk.message("单号是 123", at=when("23 10:20")))
    clock = await desk.clock(Metric.RESOLVE)
    assert [(each.start, each.end) for each in clock.segments] == [
        (when("23 09:30"), when("23 10:00")),
        (when("23 10:20"), None),
    ]
    assert (await desk.ticket()).status is Status.OPEN


async def test_s9_while_paused_nothing_is_due_and_its_alerts_are_cancelled(desk: Desk) -> None:
    await _answered(desk)
    await desk.act(LIN, Action.WAITING)
    assert (await desk.clock(Metric.RESOLVE)).due_at is None
    due = await desk.rows(select(deadlines.c.key).where(deadlines.c.kind == "sla"))
    assert due == []


async def test_s10_resolving_meets_resolve_closes_next_reply_and_cancels_the_alerts(desk: Desk) -> None:
    await _answered(desk)
    await desk.at("23 11:00").write("哪天到")
    await desk.at("23 11:30").act(LIN, Action.RESOLVE)
    assert (await desk.clock(Metric.RESOLVE)).met_at == when("23 11:30")
    assert (await desk.clock(Metric.NEXT_REPLY)).outcome is Outcome.CLOSED
    assert await desk.rows(select(deadlines.c.key).where(deadlines.c.kind == "sla")) == []


async def test_s11_a_message_within_72_hours_reopens(desk: Desk) -> None:
    await _answered(desk)
    await desk.at("23 11:00").act(LIN, Action.RESOLVE)
    await desk.at("25 11:00").write("还是没到")
    ticket = await desk.ticket()
    assert (ticket.status, ticket.reopen_count, ticket.assignee) == (Status.OPEN, 1, "Lin")
    resolve = await desk.clock(Metric.RESOLVE)
    assert (resolve.outcome, resolve.segments[-1].start) == (Outcome.RUNNING, when("25 11:00"))
    assert (await desk.clock(Metric.NEXT_REPLY)).started_at == when("25 11:00")
    assert len(await desk.facts(FactKind.TICKET_RESOLVED)) == 1


async def test_s11_next_reply_starts_after_a_reopening_though_nobody_ever_replied(desk: Desk) -> None:
    await desk.at("23 10:00").write("订单在哪里")
    await desk.at("23 10:30").act(LIN, Action.RESOLVE)
    await desk.at("23 11:00").write("怎么没人理我")
    assert (await desk.clock(Metric.NEXT_REPLY)).started_at == when("23 11:00")
    await desk.at("23 11:05").reply(LIN, "抱歉")
    await desk.deliver()
    assert (await desk.clock(Metric.NEXT_REPLY)).met_at == when("23 11:05")
    assert (await desk.clock(Metric.FIRST_REPLY)).outcome is Outcome.CLOSED_NO_REPLY


async def test_s11_later_a_new_ticket_follows_the_old_one(desk: Desk) -> None:
    await _answered(desk)
    await desk.at("23 11:00").act(LIN, Action.RESOLVE)
    await desk.at("26 11:01").write("又坏了")
    assert (await desk.ticket(1)).status is Status.RESOLVED
    following = await desk.ticket(2)
    assert (following.follows, following.status) == (1, Status.NEW)
    await desk.deliver()
    assert (desk.say("card.follows"), "#1") in desk.card(2).rows


async def test_s11_nobody_reopens_what_is_over_for_too_long(desk: Desk) -> None:
    await _answered(desk)
    await desk.at("23 11:00").act(LIN, Action.RESOLVE)
    refused = await desk.at("26 11:01").act(LIN, Action.REOPEN)
    assert refused == desk.say("refused.too_old", number=1)
    assert (await desk.ticket()).status is Status.RESOLVED


async def test_s14_s15_an_urgent_message_raises_the_priority_and_the_promise(desk: Desk) -> None:
    urgent = desk.teach("漏电了！", "technical_fault", urgent=True)
    await desk.at("23 10:00").write("订单在哪里")
    await desk.at("23 14:30").write(urgent)
    ticket = await desk.ticket()
    assert (ticket.priority, ticket.version) == (Priority.URGENT, 2)
    clock = await desk.clock(Metric.FIRST_REPLY)
    assert (clock.target, clock.started_at) == (timedelta(minutes=30), when("23 10:00"))
    assert clock.upgraded_late
    assert clock.due_at == when("23 14:37") + timedelta(seconds=30), "a quarter of the new target, from now"


async def test_s14_what_is_promised_only_now_is_measured_from_now_on(desk: Desk) -> None:
    """A normal ticket has no promise to be taken; an urgent one has."""
    urgent = desk.teach("漏电了！", "technical_fault", urgent=True)
    await desk.at("23 10:00").write("订单在哪里")
    assert await desk.clocks(Metric.ASSIGN) == []
    await desk.at("23 10:05").write(urgent)
    assert (await desk.clock(Metric.ASSIGN)).due_at == when("23 10:15")
    await desk.at("23 10:08").act(CHEN, Action.TAKE)
    assert (await desk.clock(Metric.ASSIGN)).met_at == when("23 10:08")


async def test_the_message_that_opened_a_ticket_belongs_to_it(desk: Desk) -> None:
    await _answered(desk)
    kept = await desk.rows(select(messages.c.text, messages.c.ticket_id, messages.c.delivery).order_by(messages.c.id))
    assert kept[0] == {"text": "订单在哪里", "ticket_id": 1, "delivery": Delivery.RECEIVED.value}
    await desk.act(LIN, Action.RESOLVE)
    await desk.at("23 12:00").write("还是没到")
    kept = await desk.rows(select(messages.c.ticket_id).where(messages.c.text == "还是没到"))
    assert kept == [{"ticket_id": 1}]
