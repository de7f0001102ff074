"""Stories of deadlines: who is told when a promise runs out, once, and what silences it (S16, S17)."""

import asyncio
from datetime import timedelta

from sqlalchemy import select

from bot.worker import Worker
from desk.commands import Action, Actor, DeadlineReached, DueKind, Sender
from desk.facts import FactKind
from desk.outgoing import Line, Rank
from desk.sla import Metric
from desk.tickets import Priority
from store import deadlines as due_rows
from store.database import Database
from store.tables import alerts, outbox
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


async def test_s16_the_card_shows_how_near_the_breach_is(desk: Desk) -> None:
    await desk.at("23 10:00").write("订单在哪里")
    colours = []
    for moment in ("23 11:59", "23 12:00", "23 14:42", "23 15:30"):
        await desk.until(moment)
        colours.append(desk.card().headline.removesuffix("#1 Wang"))
    assert colours == ["", "🟡 ", "🟠 ", "🔴 "]
    await desk.reply(LIN, "在路上")
    await desk.deliver()
    assert desk.card().headline == "#1 Wang", "what is still promised has time"


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


async def _all_write(desk: Desk, count: int, *, seconds_apart: int = 0) -> None:
    """So many customers write from 10:00 on, each promised a first reply by 15:30."""
    for number in range(count):
        guest = Sender(channel="telegram", address=str(7000 + number), name=f"Guest {number + 1}", language="zh")
        desk.now = when("23 10:00") + timedelta(seconds=number * seconds_apart)
        await desk.write("订单在哪里", by=guest)


def _told_at(desk: Desk) -> list[timedelta]:
    """How long after 15:30 the supervisors were told something."""
    return [each.at - when("23 15:30") for each in desk.sent if each.lane == "room:supervisors"]


async def test_s17_five_alerts_at_once_are_told_one_by_one(desk: Desk) -> None:
    await _all_write(desk, 5)
    await desk.until("23 15:31")
    assert [line.split()[1] for line in desk.lines("supervisors")] == ["#1", "#2", "#3", "#4", "#5"]


async def test_s17_many_alerts_at_once_become_one_digest(desk: Desk) -> None:
    await _all_write(desk, 8)
    await desk.until("23 15:31")
    (digest,) = desk.lines("supervisors")
    first, *rest = digest.splitlines()
    assert first == desk.say("alert.digest", count=8)
    assert [line.split()[1] for line in rest] == [f"#{number}" for number in range(1, 9)]
    assert len(await desk.facts(FactKind.SLA_BREACHED)) == 8
    assert sum("15:30" in line for line in desk.lines("agents")) == 16, "each topic is told of its own, at 80 % too"


async def test_s17_each_alert_of_a_digest_is_acknowledged_by_itself(desk: Desk) -> None:
    await _all_write(desk, 8)
    await desk.until("23 15:31")
    (digest,) = [each for each in desk.seen("supervisors") if isinstance(each, Line)]
    buttons = [button for row in digest.buttons for button in row]
    assert [button.label.split()[1] for button in buttons] == [f"#{number}" for number in range(1, 9)]
    assert await desk.tap(ZHAO, buttons[2].action, room="supervisors") == desk.say("alert.acknowledged")
    await desk.until("23 15:46")
    again = desk.lines("supervisors")[-1].splitlines()[1:]
    assert [line.split()[1] for line in again] == ["#1", "#2", "#4", "#5", "#6", "#7", "#8"]
    assert [fact.ticket for fact in await desk.facts(FactKind.ALERT_ACKNOWLEDGED)] == [3]


async def test_s17_a_long_digest_says_how_many_more_there_are(desk: Desk) -> None:
    await _all_write(desk, 23)
    await desk.until("23 15:31")
    (digest,) = [each for each in desk.seen("supervisors") if isinstance(each, Line)]
    assert digest.text.splitlines()[-1] == desk.say("alert.more", count=3)
    assert sum(len(row) for row in digest.buttons) == 20


async def test_s17_after_five_within_the_minute_the_next_wait_for_its_end(desk: Desk) -> None:
    await _all_write(desk, 8, seconds_apart=5)
    await desk.until("23 15:33")
    assert _told_at(desk) == [timedelta(seconds=seconds) for seconds in (0, 5, 10, 15, 20, 60)]
    assert desk.lines("supervisors")[-1].startswith(desk.say("alert.digest", count=3))


async def test_s17_alerts_of_several_workers_become_one_digest(desk: Desk, database: Database) -> None:
    await _all_write(desk, 8)
    await desk.deliver()
    desk.at("23 15:30")
    workers = [desk.new_worker(lanes_at_once=1) for _ in range(4)]
    await database.transaction(lambda connection: due_rows.sweep(connection, desk.now, 1000))
    await asyncio.gather(*[_empties(worker) for worker in workers])
    await database.transaction(lambda connection: due_rows.sweep(connection, desk.now, 1000))
    await asyncio.gather(*[_empties(worker) for worker in workers])
    await desk.deliver()
    assert [len(line.splitlines()) for line in desk.lines("supervisors")] == [9]


async def _empties(worker: Worker) -> None:
    while await worker.work_once():
        pass


async def test_s17_a_room_that_is_looked_after_twice_is_told_once(desk: Desk) -> None:
    await _all_write(desk, 2)
    await desk.until("23 15:31")
    look = DeadlineReached(
        kind=DueKind.ALERTS, key="digest:supervisors", contact_id=1, due_at=desk.now, data={"room": "supervisors"}
    )
    await desk.tell(look, look)
    await desk.deliver()
    assert len(desk.lines("supervisors")) == 2
    kept = await desk.rows(select(alerts.c.told_at, alerts.c.text).where(alerts.c.room == "supervisors"))
    assert kept == [{"told_at": when("23 15:30"), "text": ""}] * 2


async def test_s17_acknowledged_in_the_console_before_its_room_was_told_it_is_told_once(desk: Desk) -> None:
    """The two are decided in lanes of their own: neither undoes the other."""
    await _all_write(desk, 1)
    await desk.deliver()
    desk.at("23 15:30")
    await desk.database.transaction(lambda connection: due_rows.sweep(connection, desk.now, 1000))
    await desk.work()
    assert await desk.act(Actor(name="Zhao"), Action.ACKNOWLEDGE, argument="sla:1:first_reply:1:100") is None
    await desk.sweep()
    await desk.sweep()
    assert len(desk.lines("supervisors")) == 1
    (kept,) = await desk.rows(select(alerts))
    assert (kept["acknowledged_by"], kept["told_at"]) == ("Zhao", when("23 15:30"))


async def test_alerts_go_after_what_people_say_to_each_other(desk: Desk) -> None:
    await desk.at("23 10:00").write("订单在哪里")
    await desk.until("23 15:31")
    ranks = await desk.rows(select(outbox.c.lane, outbox.c.rank).where(outbox.c.kind == "Line"))
    assert [row["rank"] for row in ranks if row["lane"] != "telegram:501"] == [Rank.ALERT.value] * 3
