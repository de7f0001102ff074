"""What a round costs: so many statements, whatever the number of lanes in it.

A batch of rows in one call is one statement here, as SQLAlchemy hands it to the driver; PostgreSQL's INSERT … RETURNING
of many rows is split into pages of a thousand. SQLite's figures hold two BEGINs.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from sqlalchemy import Engine, event, select

from desk.commands import Action, Actor, Sender
from desk.facts import FactKind
from store import deadlines
from store.tables import outbox
from tests.handlers.desk_driver import Desk

#: What a round of one lane may cost, from the claim to the release; the figures of today, so that none creeps in.
#: A new ticket asks once who is there. PostgreSQL writes, and reads what hangs on the contacts, in one statement each.
JOINING = {"sqlite": 16, "postgresql": 5}
HANDED_OVER = {"sqlite": 19, "postgresql": 9}


def _customer(number: int) -> Sender:
    return Sender(channel="telegram", address=str(7000 + number), name=f"Guest {number}", language="en")


@asynccontextmanager
async def counted() -> AsyncIterator[list[str]]:
    """The statements that are executed meanwhile, on any engine."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", note)


async def _round(desk: Desk, prepare: Callable[[], Awaitable[None]]) -> list[str]:
    await prepare()
    async with counted() as statements:
        assert await desk.worker.work_once()
    assert not await desk.worker.work_once()
    return statements


async def _newcomers(desk: Desk, numbers: range) -> None:
    await desk.store(*[desk.message("Where is my order?", by=_customer(number)) for number in numbers])


async def _lines(desk: Desk, numbers: range) -> None:
    await desk.store(*[desk.message("One more thing", by=_customer(number)) for number in numbers])


async def test_a_round_of_64_who_are_handed_over_costs_what_one_costs(desk: Desk, backend: str) -> None:
    await desk.worker.work_once()  # the first look takes a stock of ids
    one = await _round(desk, lambda: _newcomers(desk, range(1)))
    many = await _round(desk, lambda: _newcomers(desk, range(1, 65)))
    assert len(many) <= len(one)
    assert len(one) <= HANDED_OVER[backend]
    assert (await desk.ticket(65)).number == 65


async def test_a_round_of_64_who_add_to_their_tickets_costs_what_one_costs(desk: Desk, backend: str) -> None:
    await _round(desk, lambda: _newcomers(desk, range(64)))
    one = await _round(desk, lambda: _lines(desk, range(1)))
    many = await _round(desk, lambda: _lines(desk, range(64)))
    assert len(many) <= len(one)
    assert len(one) <= JOINING[backend]


async def _fall_due(desk: Desk) -> None:
    await desk.database.transaction(lambda connection: deadlines.sweep(connection, desk.now, 1000))


async def test_a_round_of_64_breaches_costs_what_one_costs(desk: Desk) -> None:
    await _newcomers(desk, range(1))
    await desk.work()
    await _newcomers(desk.at("23 10:01"), range(1, 65))
    await desk.work()
    await desk.until("23 15:29")
    one = await _round(desk.at("23 15:30"), lambda: _fall_due(desk))
    await desk.sweep()
    many = await _round(desk.at("23 15:31"), lambda: _fall_due(desk))
    assert len(await desk.facts(FactKind.SLA_BREACHED)) == 65
    assert len(many) <= len(one)
    telling = await _round(desk, lambda: _fall_due(desk))
    assert len(telling) <= len(one) + 1, "and to tell the supervisors of all"


async def test_a_round_of_64_titles_costs_what_one_costs(desk: Desk) -> None:
    await _newcomers(desk, range(65))
    await desk.work()
    await desk.until("23 10:01")
    await desk.act(Actor(name="Lin"), Action.TAKE, 1)
    one = await _round(desk, lambda: _fall_due(desk))
    for number in range(1, 65):
        await desk.act(Actor(name="Lin"), Action.TAKE, number + 1)
    many = await _round(desk.at("23 10:02"), lambda: _fall_due(desk))
    titles = await desk.rows(select(outbox.c.id).where(outbox.c.kind == "ThreadTitle"))
    assert len(titles) == 65
    assert len(many) <= len(one)


async def test_an_answered_customer_who_waits_again_costs_no_statement_for_each(desk: Desk) -> None:
    """next_reply starts for all of them: clocks and deadlines go in batches."""
    await _round(desk, lambda: _newcomers(desk, range(64)))
    for number in range(64):
        assert await desk.act(Actor(name="Lin"), Action.REPLY, number + 1, "On its way") is None
    await desk.deliver()
    many = await _round(desk, lambda: _lines(desk, range(64)))
    again = await _round(desk, lambda: _lines(desk, range(1)))
    assert len(many) <= len(again) + 3, "tickets, clocks and deadlines, each at once"
