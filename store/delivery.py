"""What became of messages on their way to the customer."""

from collections.abc import Collection
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, update

from desk.messages import Delivery
from store.dialects import among, listed
from store.tables import messages


@cache
def _mark(dialect: str) -> Any:
    # Only what is on its way: a message that was read meanwhile stays read.
    return (
        update(messages)
        .where(among(dialect, messages.c.id, "ids", numbers=True), messages.c.delivery == Delivery.QUEUED.value)
        .values(delivery=bindparam("fate"))
    )


def mark(connection: Connection, message_ids: Collection[int], fate: Delivery) -> None:
    """Keep what became of messages that were on their way."""
    connection.execute(_mark(connection.dialect.name), {"ids": listed(connection, message_ids), "fate": fate.value})
