"""Stories of a team in direct mode: a new ticket has an owner at once, if anybody is there (R1, R2, R4, R6, R11)."""

from collections import Counter

import pytest
from sqlalchemy import select

from desk.commands import Action, Actor, Sender
from desk.company import Assignment, AssignmentMode, Role, StaffMember
from desk.facts import FactKind
from desk.sla import Metric, Outcome
from desk.tickets import Status
from desk.values import replace
from store.tables import tickets
from tests.handlers.desk_driver import ANNA, CHEN, LIN, SUN, Desk, shanhai
from tests.handlers.test_statements import counted


async def _online(desk: Desk, *staff: Actor) -> None:
    for each in staff:
        await desk.act(each, Action.ONLINE)


async def test_r4_r6_a_new_ticket_has_an_owner_at_once_and_the_card_shows_it(desk: Desk) -> None:
    await _online(desk, LIN)
    await desk.write(desk.teach("着火了！", urgent=True))
    await desk.deliver()
    ticket = await desk.ticket()
    assert (ticket.assignee, ticket.status) == ("Lin", Status.OPEN)
    assert (desk.say("card.owner"), "Lin") in desk.card().rows
    assert (await desk.clock(Metric.ASSIGN)).outcome is Outcome.MET
    await desk.reply(LIN, "马上来")
    await desk.deliver()
    assert desk.heard()[-1] == "马上来"


async def test_r1_with_nobody_there_it_is_free_for_all(desk: Desk) -> None:
    await _online(desk, LIN, SUN)
    await desk.act(LIN, Action.AWAY)
    await desk.write("订单在哪里")
    assert (await desk.ticket()).assignee is None
    assert await desk.facts(FactKind.TICKET_ASSIGNED) == []
    assert await desk.act(CHEN, Action.TAKE) is None


async def test_r2_what_waits_on_its_customer_weighs_a_quarter(desk: Desk) -> None:
    await _online(desk, LIN, CHEN)
    await desk.write("订单在哪里")
    owner = (await desk.ticket()).assignee
    await desk.act(LIN if owner == "Lin" else CHEN, Action.WAITING)
    await desk.act(CHEN if owner == "Lin" else LIN, Action.RELEASE)
    guests = [Sender(channel="telegram", address=f"60{number}", name="Guest", language="zh") for number in range(3)]
    for guest in guests:
        await desk.write("订单在哪里", by=guest)
    owners = [(await desk.ticket(number)).assignee for number in range(2, 5)]
    assert owners[0] != owner, "a quarter is more than nothing"
    assert owners[1] == owner, "and less than one"
    fact = (await desk.facts(FactKind.TICKET_ASSIGNED, ticket=3))[0]
    loads = {each["name"]: each["load"] for each in fact.data["candidates"]}  # type: ignore[attr-defined]
    assert sorted(loads.values()) == [0.25, 1.0]


async def test_r5_r11_how_it_was_decided_is_kept(desk: Desk) -> None:
    """Chen speaks no English, Lin is away: the language is dropped."""
    await _online(desk, CHEN)
    await desk.write(desk.teach("Where is my order?", language="en"), by=ANNA)
    fact = (await desk.facts(FactKind.TICKET_ASSIGNED))[0]
    assert fact.data == {
        "assignee": "Chen",
        "dropped": ["language"],
        "candidates": [
            {"name": "Lin", "load": 0, "capacity": 5, "lost": ["away"]},
            {"name": "Chen", "load": 0, "capacity": 5, "lost": []},
        ],
    }


async def test_r1_beyond_their_capacity_nobody_is_given_more(desk: Desk) -> None:
    await _online(desk, LIN)
    guests = [Sender(channel="telegram", address=f"61{number}", name="Guest", language="zh") for number in range(7)]
    await desk.tell(*[desk.message("订单在哪里", by=guest) for guest in guests])
    owners = await desk.rows(select(tickets.c.assignee))
    assert Counter(each["assignee"] for each in owners) == {"Lin": 5, None: 2}


@pytest.mark.parametrize("change", [{"mode": AssignmentMode.OFFER}, {"assignment": Assignment.STICKY}])
async def test_other_forms_leave_the_ticket_free(desk: Desk, change: dict[str, object]) -> None:
    teams = desk.configuration.company.teams
    support = replace(teams["support"], **change)
    desk.configuration = shanhai(teams={**teams, "support": support})
    await _online(desk, LIN)
    await desk.write("订单在哪里")
    assert (await desk.ticket()).assignee is None


async def test_r4_a_round_of_60_is_shared_by_three_and_asks_once_who_is_there(desk: Desk) -> None:
    staff = tuple(
        StaffMember(name=name, role=Role.AGENT, teams=("support",), languages=("zh",), capacity=100) for name in "ABC"
    )
    desk.configuration = shanhai(staff=staff)
    await _online(desk, *[Actor(name=name) for name in "ABC"])
    guests = [Sender(channel="telegram", address=f"7{number}", name="Guest", language="zh") for number in range(60)]
    await desk.store(*[desk.message("订单在哪里", by=guest) for guest in guests])
    async with counted() as statements:
        await desk.work()
    assert sum("FROM presence" in each for each in statements) == 1
    owners = await desk.rows(select(tickets.c.assignee))
    assert Counter(each["assignee"] for each in owners) == {"A": 20, "B": 20, "C": 20}
