"""Stories of deadlines: who is told when a promise runs out, once, and what silences it (S16, S17)."""

import asyncio

from desk.commands import Action, Actor, DeadlineReached, DueKind
from desk.facts import FactKind
from desk.sla import Metric
from desk.tickets import Priority
from store import deadlines as due_rows
from store.database import Database
from tests.handlers.desk_driver import LIN, ZHAO, Desk, when


async def test_s16_warned_breached_and_told_again_each_once(desk: Desk) -> None:
    """First reply in 4 h from 10:00: half at 12:00, 80 % at 14:42, breached at 15:30, again after 15 and 60 minutes."""
    await desk.at("23 10:00").write("订单在哪里")
    await desk.until("23 14:41")
    assert [fact.data["level"] for fact in await desk.facts(FactKind.SLA_WARNED)] == [50]
    assert desk.lines() == [], "at half time the card's colour is enough"
    await desk.until("23 17:59")
    told = await desk.facts(FactKind.SLA_WARNED, FactKind.SLA_BREACHED, FactKind.SLA_REPEATED)
    assert [(fact.at, fact.data["level"]) for fact in told] == [
        (when("23 12:00"), 50),
        (when("23 14:42"), 80),
        (when("23 15:30"), 100),
        (when("23 15:45"), 101),
        (when("23 16:30"), 102),
    ]
    assert len(desk.lines("agents")) == 4
    assert len(desk.lines("supervisors")) == 3
    assert "11-23 15:30" in desk.lines("supervisors")[-1]
    assert desk.say("time.hours", hours=1, minutes=0) in desk.lines("supervisors")[-1]


async def test_s16_a_breach_raises_the_priority(desk: Desk) -> None:
    await desk.at("23 10:00").write("订单在哪里")
    await desk.until("23 15:30")
    assert (await desk.ticket()).priority is Priority.HIGH
    clock = await desk.clock(Metric.FIRST_REPLY)
    assert (clock.breached_at, clock.due_at) == (when("23 15:30"), when("23 15:30"))


async def test_s16_after_a_downtime_only_the_highest_level_fires(desk: Desk) -> None:
    await desk.at("23 10:00").write("订单在哪里")
    await desk.deliver()
    await desk.at("23 15:50").sweep()
    told = await desk.facts(FactKind.SLA_WARNED, FactKind.SLA_BREACHED, FactKind.SLA_REPEATED)
    assert [(fact.kind, fact.data["skipped"]) for fact in told] == [(FactKind.SLA_REPEATED, [50, 80, 100])]


async def test_s16_several_schedulers_tell_each_level_once(desk: Desk, database: Database) -> None:
    await desk.at("23 10:00").write("订单在哪里")
    desk.at("23 15:30")
    sweep = [database.transaction(lambda connection: due_rows.sweep(connection, desk.now, 100)) for _ in range(4)]
    assert sorted(await asyncio.gather(*sweep)) == [0, 0, 0, 2], "first_reply, and the welcome of the morning"
    await desk.work()
    assert len(await desk.facts(FactKind.SLA_BREACHED)) == 1


async def test_s16_a_stale_alarm_is_harmless(desk: Desk) -> None:
    await desk.at("23 10:00").write("订单在哪里")
    await desk.at("23 10:05").reply(LIN, "在路上")
    await desk.deliver()
    alarm = DeadlineReached(
        kind=DueKind.SLA,
        key="sla:1:first_reply:1",
        contact_id=(await desk.ticket()).contact_id,
        due_at=when("23 15:30"),
        ticket=1,
        data={"metric": "first_reply", "generation": 1},
    )
    await desk.at("23 15:30").tell(alarm, alarm)
    assert await desk.facts(FactKind.SLA_WARNED, FactKind.SLA_BREACHED) == []


async def test_s16_the_same_alarm_twice_tells_once(desk: Desk) -> None:
    await desk.at("23 10:00").write("订单在哪里")
    alarm = DeadlineReached(
        kind=DueKind.SLA,
        key="sla:1:first_reply:1",
        contact_id=(await desk.ticket()).contact_id,
        due_at=when("23 14:42"),
        ticket=1,
        data={"metric": "first_reply", "generation": 1},
    )
    await desk.at("23 14:42").tell(alarm)
    await desk.tell(alarm)
    assert [fact.data["level"] for fact in await desk.facts(FactKind.SLA_WARNED)] == [80]


async def test_s16_the_warning_goes_to_whoever_has_the_ticket(desk: Desk) -> None:
    await desk.at("23 10:00").write("订单在哪里")
    await desk.act(LIN, Action.TAKE)
    await desk.until("23 14:42")
    assert "Lin" in desk.lines("agents")[-1]


async def test_s17_acknowledged_a_clock_keeps_quiet_for_30_minutes_but_is_recorded(desk: Desk) -> None:
    await desk.at("23 10:00").write("订单在哪里")
    await desk.until("23 15:31")
    button = desk.button(Action.ACKNOWLEDGE, "supervisors")
    assert await desk.tap(LIN, button, room="supervisors") == desk.say("refused.supervisors_only")
    assert await desk.tap(ZHAO, button, room="supervisors") == desk.say("alert.acknowledged")
    assert await desk.tap(ZHAO, button, room="supervisors") == desk.say("alert.acknowledged_before", name="Zhao")
    await desk.until("23 15:50")
    assert len(desk.lines("supervisors")) == 1
    assert len(await desk.facts(FactKind.SLA_REPEATED)) == 1
    await desk.until("23 16:31")
    assert len(desk.lines("supervisors")) == 2


async def test_s17_the_console_acknowledges_as_well(desk: Desk) -> None:
    await desk.at("23 10:00").write("订单在哪里")
    await desk.until("23 15:31")
    key = desk.button(Action.ACKNOWLEDGE, "supervisors").partition(":")[2]
    assert await desk.act(Actor(name="Zhao"), Action.ACKNOWLEDGE, argument=key) is None
    facts = await desk.facts(FactKind.ALERT_ACKNOWLEDGED)
    assert [(fact.by, fact.ticket) for fact in facts] == [("Zhao", 1)]
