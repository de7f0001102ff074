"""What became of messages on their way to the customer."""

from collections.abc import Collection
from functools import cache
from typing import Any

from sqlalchemy import Connection, update

from desk.messages import Delivery
from store.bulk import Bulk, Values
from store.dialects import constant
from store.tables import messages


@cache
def _mark(dialect: str) -> Bulk:
    def build(given: Values) -> Any:
        # Only what is on its way: a message that was read meanwhile stays read.
        is_it = (messages.c.id == given["id"], messages.c.delivery == constant(Delivery.QUEUED))
        return update(messages).where(*is_it).values(delivery=given["delivery"])

    return Bulk(dialect, messages, {name: messages.c[name].type for name in ("delivery", "id")}, build)


def mark(connection: Connection, message_ids: Collection[int], fate: Delivery) -> None:
    """Keep what became of messages that were on their way."""
    _mark(connection.dialect.name).run(connection, [(fate.value, each) for each in message_ids])
