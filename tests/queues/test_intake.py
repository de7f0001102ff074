"""The front door: stored once, in order, and nobody's trouble is another's."""

import asyncio

import pytest
from sqlalchemy import select

from bot.intake import Intake
from channels.base import NotStored, Raw
from desk.values import replace
from store import tables
from store.database import Database
from tests.handlers.desk_driver import when
from tests.queues.post import drift

NOW = when("23 10:00")


def _raw(key: str, lane: str = "telegram:501") -> Raw:
    return Raw(key=key, lane=lane, channel="telegram", payload="{}", received_at=NOW)


async def _keys(database: Database) -> list[str]:
    rows = select(tables.inbox.c.key).order_by(tables.inbox.c.id)
    return await database.read(lambda connection: list(connection.execute(rows).scalars()))


async def test_what_the_database_does_not_take_is_its_own_callers_trouble(database: Database) -> None:
    rings: list[str] = []
    intake = Intake(database, rings.append, lambda: NOW)
    updates = [_raw("1"), _raw("half a pair: \ud800", "telegram:502"), _raw("2"), _raw("3", "telegram:503")]
    outcomes = await asyncio.gather(*(intake.accept([update]) for update in updates), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [type(None), NotStored, type(None), type(None)]
    assert await _keys(database) == ["1", "2", "3"]
    assert await drift(database) == {}
    assert rings


async def test_many_at_once_are_stored_once_and_in_order(database: Database) -> None:
    intake = Intake(database, lambda _topic: None, lambda: NOW)
    batch = [_raw(str(number)) for number in range(50)]
    await asyncio.gather(intake.accept(batch), intake.accept(batch[10:]), *(intake.accept([each]) for each in batch))
    assert await _keys(database) == [str(number) for number in range(50)]
    assert await drift(database) == {}


async def test_a_caller_who_went_away_keeps_nobody_from_being_stored(database: Database) -> None:
    intake = Intake(database, lambda _topic: None, lambda: NOW)
    gone = asyncio.create_task(intake.accept([_raw("1")]))
    stays = asyncio.create_task(intake.accept([_raw("2")]))
    await asyncio.sleep(0)
    gone.cancel()
    await stays
    with pytest.raises(asyncio.CancelledError):
        await gone
    assert await _keys(database) == ["1", "2"]


@pytest.mark.parametrize(
    ("payload", "stored"),
    [
        (r'{"text":"a\u0000b"}', r'{"text":"ab"}'),
        (r'{"text":"\u0000\u0000\\\u0000"}', r'{"text":"\\"}'),
        (r'{"text":"\\u0000"}', r'{"text":"\\u0000"}'),
        ('{"text":"a\x00b"}', '{"text":"ab"}'),
    ],
)
async def test_no_nul_is_stored_whatever_the_door(database: Database, payload: str, stored: str) -> None:
    await Intake(database, lambda _topic: None, lambda: NOW).accept([replace(_raw("1"), payload=payload)])
    kept = select(tables.inbox.c.payload)
    assert await database.read(lambda connection: connection.execute(kept).scalar_one()) == stored
