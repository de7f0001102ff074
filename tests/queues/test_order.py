"""What goes out keeps the order in which it was said."""

from datetime import UTC, datetime

from desk.outgoing import CustomerMessage, Outgoing, Rank
from store import outbox
from store.bulk import gathered
from store.database import Connection, Database
from store.outbox import OutboxRow
from tests.queues.post import WANG, drift, text_of

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)


async def test_the_outbox_keeps_the_order_of_rows_with_and_without_a_key(database: Database) -> None:
    items = [
        Outgoing(to=WANG, content=CustomerMessage(text=text), rank=Rank.REPLY, key=key)
        for text, key in [("1", "note:1"), ("2", None), ("3", "note:2"), ("again", "note:1"), ("4", None)]
    ]

    def put(connection: Connection) -> list[OutboxRow]:
        with gathered(connection):
            outbox.add(connection, items, NOW)
        rows, _ = outbox.next_rows(connection, [WANG.lane])
        return rows[WANG.lane]

    assert [text_of(row.content) for row in await database.transaction(put)] == ["1", "2", "3", "4"]
    assert await drift(database) == {}
