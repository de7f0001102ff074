"""Old handled rows are forgotten, the oldest first, at a cost that grows with them."""

from datetime import timedelta

from sqlalchemy import select

from bot.schedule import Schedule, Ticks
from store import inbox, tables
from store.inbox import Arrival
from tests.handlers.desk_driver import WANG, Desk


async def test_a_purge_takes_all_that_is_old_and_nothing_else(desk: Desk) -> None:
    now = desk.now
    arrivals = [
        Arrival(key=f"k{each}", lane=WANG.key, channel="telegram", payload="", received_at=now - timedelta(days=days))
        for days, count in ((20, 2500), (3, 5))
        for each in range(days * 10_000, days * 10_000 + count)
    ]
    await desk.database.transaction(lambda connection: inbox.add(connection, arrivals, now))
    handled = [*range(2, 2500), 2501, 2502]
    await desk.database.transaction(lambda connection: inbox.finish(connection, handled, now))
    schedule = Schedule(database=desk.database, now=lambda: desk.now, ring=lambda _topic: None, ticks=Ticks())
    await schedule.purge()
    ids = select(tables.inbox.c.id).order_by(tables.inbox.c.id)
    left = await desk.database.read(lambda connection: list(connection.execute(ids).scalars()))
    assert left == [1, 2500, *range(2501, 2506)]
