"""Where new ids come from: blocks of ids for a process, and the tickets' own count without gaps."""

from collections.abc import Callable
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam

from store.dialects import upsert
from store.tables import counters

_IDS = "ids"
_TICKETS = "tickets"


@cache
def _advance(dialect: str) -> Any:
    statement = upsert(dialect, counters)
    return statement.on_conflict_do_update(
        index_elements=[counters.c.name], set_={"value": counters.c.value + bindparam("step")}
    ).returning(counters.c.value)


def _take(connection: Connection, name: str, count: int) -> range:
    """`count` numbers that nobody else gets, beginning after the last one given."""
    last = connection.execute(
        _advance(connection.dialect.name), {"name": name, "value": count, "step": count}
    ).scalar_one()
    return range(last - count + 1, last + 1)


def take_ids(connection: Connection, count: int) -> range:
    """A block of ids; what a process does not use of it is never used."""
    return _take(connection, _IDS, count)


class RoundNumbers:
    """The numbers of one round, within its transaction.

    Ticket numbers are taken in one statement, when the first ticket is opened, and what was not needed is given back
    in another, so that they have no gaps; the counter's row is locked from the one to the commit.
    """

    def __init__(self, connection: Connection, next_id: Callable[[], int], *, tickets_at_most: int) -> None:
        """`next_id` draws from the process's block; no more than `tickets_at_most` tickets are opened at a time."""
        self._connection = connection
        self._next_id = next_id
        self._step = tickets_at_most
        self._tickets: list[int] = []

    def next_id(self) -> int:
        """A fresh id."""
        return self._next_id()

    def next_ticket(self) -> int:
        """The next ticket's number."""
        if not self._tickets:
            self._tickets = list(reversed(_take(self._connection, _TICKETS, self._step)))
        return self._tickets.pop()

    def give_back(self) -> None:
        """Return the ticket numbers that nobody needed."""
        if self._tickets:
            _take(self._connection, _TICKETS, -len(self._tickets))
            self._tickets = []
