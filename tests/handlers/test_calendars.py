"""Stories of a calendar that is changed in the company's file while promises run by it (S13).

The office answers 09:00-12:00 and 13:30-18:00; a first reply is promised in 4 h of that, so by 15:30 to who asks at 10.
"""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.company.versions import version_of
from desk.commands import Action
from desk.facts import FactKind
from desk.hours import Interval
from desk.sla import Metric
from desk.tickets import Status
from desk.values import replace
from lifecycle.configuration import Configuration
from store.tables import deadlines
from tests.handlers.desk_driver import LIN, Desk, shanhai, when

HOUR = timedelta(hours=1)


def with_office(*hours: str) -> Configuration:
    """The specification's company, whose office is open at these hours on working days."""
    company = shanhai().company
    weekly = {day: tuple(Interval.parse(each) for each in hours) for day in range(5)}
    office = replace(company.calendars["office"], weekly=weekly)
    return shanhai(
        calendars={**company.calendars, "office": office},
        calendar_versions={**company.calendar_versions, "office": version_of(office)},
    )


@pytest.fixture
async def asked(desk: Desk) -> Desk:
    """Wang has asked at 10:00."""
    await desk.opens(shanhai())
    await desk.at("23 10:00").write("订单在哪里")
    return desk


async def test_s13_a_running_clock_is_computed_again_for_the_future(asked: Desk) -> None:
    await asked.at("23 11:00").opens(with_office("09:00-12:00", "14:00-18:00"))
    await asked.sweep()
    clock = await asked.clock(Metric.FIRST_REPLY)
    assert (clock.due_at, clock.calendar_version) == (when("23 16:00"), version_of(_office(asked)))
    assert ("11-23 16:00") in dict(asked.card().rows)[asked.say("card.due")]
    await asked.until("23 15:59")
    assert await asked.facts(FactKind.SLA_BREACHED) == []
    await asked.until("23 16:00")
    assert [fact.at for fact in await asked.facts(FactKind.SLA_BREACHED)] == [when("23 16:00")]


def _office(desk: Desk) -> object:
    return desk.configuration.company.calendars["office"]


async def test_s13_what_has_passed_keeps_its_version(asked: Desk) -> None:
    await asked.at("23 11:00").opens(with_office("10:30-12:00", "13:30-18:00"))
    await asked.sweep()
    clock = await asked.clock(Metric.FIRST_REPLY)
    assert (clock.counted, clock.due_at) == (HOUR, when("23 15:30"))


async def test_s13_a_breach_stays(asked: Desk) -> None:
    await asked.until("23 15:31")
    await asked.at("23 15:40").opens(with_office("09:00-12:00", "16:00-18:00"))
    await asked.sweep()
    await asked.until("23 16:10")
    assert (await asked.clock(Metric.FIRST_REPLY)).breached_at == when("23 15:30")
    told = await asked.facts(FactKind.SLA_BREACHED, FactKind.SLA_REPEATED)
    assert [fact.at for fact in told] == [when("23 15:30"), when("23 16:05")], "15 minutes of open time later"


async def test_s13_until_it_is_computed_again_a_clock_counts_by_its_own_version(asked: Desk) -> None:
    await asked.at("23 11:00").opens(with_office("14:00-18:00"))
    await asked.at("23 11:05").reply(LIN, "在路上")
    await asked.deliver()
    assert (await asked.clock(Metric.FIRST_REPLY)).counted == timedelta(minutes=65)


async def test_s13_a_paused_clock_goes_on_by_the_new_version(asked: Desk) -> None:
    await asked.act(LIN, Action.TAKE)
    await asked.at("23 11:00").act(LIN, Action.WAITING)
    await asked.opens(with_office("14:00-18:00"))
    await asked.sweep()
    await asked.at("23 14:00").write("单号是 123")
    assert (await asked.ticket()).status is Status.OPEN
    clock = await asked.clock(Metric.RESOLVE)
    assert clock.counted == HOUR
    assert clock.due_at == when("30 17:00") + timedelta(days=4), "39 h more, four a day on working days"


async def test_s13_a_reopened_clock_goes_on_by_the_version_in_force(asked: Desk) -> None:
    await asked.at("23 11:00").act(LIN, Action.RESOLVE)
    await asked.at("23 12:00").opens(with_office("14:00-18:00"))
    await asked.sweep()
    await asked.at("23 14:00").write("还是没到")
    clock = await asked.clock(Metric.RESOLVE)
    assert (clock.calendar_version, clock.counted) == (version_of(_office(asked)), HOUR)


async def test_s13_s15_another_priority_leaves_what_the_old_version_counted(asked: Desk) -> None:
    await asked.at("23 11:00").opens(with_office("10:30-12:00", "13:30-18:00"))
    await asked.at("23 11:30").write(asked.teach("漏电了！", "technical_fault", urgent=True))
    clock = await asked.clock(Metric.RESOLVE)
    assert (clock.target, clock.counted) == (8 * HOUR, timedelta(minutes=90))


async def test_s13_the_same_file_again_concerns_nobody(asked: Desk) -> None:
    await asked.at("23 11:00").opens(shanhai())
    due = await asked.rows(select(deadlines.c.key).where(deadlines.c.kind == "calendar"))
    assert due == []


async def test_s13_every_version_is_kept_as_it_was(asked: Desk) -> None:
    old = asked.configuration.company
    await asked.opens(with_office("14:00-18:00"))
    assert asked.calendars[old.calendar_versions["office"]] == old.calendars["office"]
    assert set(asked.calendars) == {*old.calendar_versions.values(), version_of(_office(asked))}
