"""Lanes: what is handled, or sent, strictly in order.

A lane is ready while it has waiting rows, its time has come and nobody holds its lease. The count of waiting rows is
raised by those who insert and lowered by who has handled them, so a row that arrives meanwhile is never missed.

Whoever touches several lanes first locks them in the order of their names' code points (by `arrive`, or by `held`), and
the inbox's before the outbox's: so none waits for another in a ring. A claim waits for nobody.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Row,
    Select,
    Table,
    Text,
    and_,
    bindparam,
    case,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.types import TypeEngine

from desk.values import Value
from store.bulk import Bulk, BulkReturning, Rows, Values, inserting
from store.dialects import among, chosen, listed
from store.types import INSTANT


class Lease(Value, frozen=True, kw_only=True):
    """The right to work on a lane until `until`; `owner` is unique for each claim."""

    lane: str
    owner: str
    attempts: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """Who wants up to `limit` of the lanes that rows arrive in and that nobody has, until when (see `arrive_for`)."""

    owner: str
    until: datetime
    limit: int


class Arrivals(Value, frozen=True, kw_only=True):
    """Rows that were just inserted into a lane; the lowest rank among them."""

    lane: str
    count: int
    rank: int = 0


ARRIVING = ("lane", "waiting", "ready_at", "rank")
CLAIMING = (*ARRIVING, "owner", "leased_until")


@cache
def _arrive(dialect: str, lanes: Table) -> Bulk:
    return inserting(dialect, lanes, ARRIVING, lambda insert: counted(insert, lanes))


def counted(insert: Any, lanes: Table, more: Mapping[str, Any] = MappingProxyType({})) -> Any:
    """A lane that is known counts the new rows to those that wait; `more` is what else changes."""
    new = insert.excluded
    lower = and_(lanes.c.waiting > 0, lanes.c.rank < new.rank)
    sums = {
        "waiting": lanes.c.waiting + new.waiting,
        "rank": case((lower, lanes.c.rank), else_=new.rank),
        # An empty lane waits for nothing: what it said before may come from a clock that was set back since.
        "ready_at": case((lanes.c.waiting > 0, lanes.c.ready_at), else_=new.ready_at),
    }
    return insert.on_conflict_do_update(index_elements=[lanes.c.lane], set_={**sums, **more})


def claimed(insert: Any, lanes: Table) -> Any:
    """The same, and a lane in which nothing waited is the claimant's from now on."""
    new = insert.excluded
    is_unleased = or_(lanes.c.leased_until.is_(None), lanes.c.leased_until < new.ready_at)
    is_free = and_(lanes.c.waiting == text("0"), is_unleased, new.owner.is_not(None))
    taken = {name: case((is_free, new[name]), else_=lanes.c[name]) for name in ("owner", "leased_until")}
    return counted(insert, lanes, taken)


#: What `claimed` tells of each lane: whose it is.
OWNED = ("lane", "owner", "attempts")


@cache
def arriving_for(dialect: str, lanes: Table) -> BulkReturning:
    """The statement of `arrive_for`."""
    return BulkReturning(dialect, lanes, CLAIMING, lambda insert: claimed(insert, lanes), OWNED)


def arrive(connection: Connection, lanes: Table, arrivals: Sequence[Arrivals], now: datetime) -> None:
    """Say that rows were inserted."""
    in_order = sorted(arrivals, key=lambda each: each.lane)
    rows = [(each.lane, each.count, now, each.rank) for each in in_order]
    _arrive(connection.dialect.name, lanes).run(connection, rows)


def arrive_for(
    connection: Connection, lanes: Table, arrivals: Mapping[Arrivals, bool], claim: Claim, now: datetime
) -> list[Lease]:
    """Say that rows were inserted, and lease those lanes to the claimant that are wanted (True) and were empty."""
    found = arriving_for(connection.dialect.name, lanes).run(connection, arrival_rows(arrivals, claim, now))
    return [lease_of(row) for row in found if row.owner == claim.owner]


def arrival_rows(arrivals: Mapping[Arrivals, bool], claim: Claim, now: datetime) -> Rows:
    """What `arriving_for` is told of each lane."""
    return [
        (each.lane, each.count, now, each.rank, claim.owner if wanted else None, claim.until if wanted else None)
        for each, wanted in sorted(arrivals.items(), key=lambda item: item[0].lane)
    ]


def lease_of(row: Row[Any]) -> Lease:
    """The lease that a row with the columns OWNED tells of."""
    return Lease(lane=row.lane, owner=row.owner, attempts=row.attempts)


def _has_work(lanes: Table) -> ColumnElement[bool]:
    # A constant and no parameter: so the plan is known to need the partial index's rows alone.
    return lanes.c.waiting > text("0")


@cache
def _claim(dialect: str, lanes: Table) -> Any:
    now = bindparam("now", type_=INSTANT)
    ready = (
        select(lanes.c.lane)
        .where(_has_work(lanes), lanes.c.ready_at <= now)
        .where(or_(lanes.c.leased_until.is_(None), lanes.c.leased_until < now))
        .order_by(lanes.c.rank, lanes.c.ready_at)
        .limit(bindparam("limit"))
    )
    return (
        update(lanes)
        .where(chosen(dialect, lanes.c.lane, ready))
        .values(owner=bindparam("claimant"), leased_until=bindparam("until", type_=INSTANT))
        .returning(lanes.c.lane, lanes.c.attempts)
    )


def claim(
    connection: Connection, lanes: Table, *, owner: str, now: datetime, lease: timedelta, limit: int
) -> list[Lease]:
    """Lease up to `limit` free lanes that have work; a dead worker's come back when its lease is over."""
    found = connection.execute(
        _claim(connection.dialect.name, lanes), {"claimant": owner, "now": now, "until": now + lease, "limit": limit}
    )
    return [Lease(lane=lane, owner=owner, attempts=attempts) for lane, attempts in found]


@cache
def owners_of(dialect: str, lanes: Table) -> Select[Any]:
    """(lane, owner) of the lanes bound to `lanes`, which are locked in their order until the commit."""
    # The database's collation may know another order than `sorted`.
    name = lanes.c.lane.collate("C") if dialect == "postgresql" else lanes.c.lane
    wanted = among(dialect, lanes.c.lane, "lanes")
    return select(lanes.c.lane, lanes.c.owner).where(wanted).order_by(name).with_for_update()


def held(connection: Connection, lanes: Table, leases: Collection[Lease]) -> set[Lease]:
    """Those leases that are still their claimant's; the lanes are locked until the commit: what may be saved."""
    names = listed(connection, [lease.lane for lease in leases])
    rows = connection.execute(owners_of(connection.dialect.name, lanes), {"lanes": names})
    return still_held(leases, [(lane, owner) for lane, owner in rows])


def still_held(leases: Collection[Lease], owners: Collection[tuple[str, str | None]]) -> set[Lease]:
    """Those leases that are still their claimant's, where the lanes are these owners'."""
    of_lane = dict(owners)
    return {lease for lease in leases if of_lane.get(lease.lane) == lease.owner}


@cache
def _extend(dialect: str, lanes: Table) -> Any:
    return (
        update(lanes)
        .where(among(dialect, lanes.c.lane, "lanes"))
        .values(leased_until=bindparam("until", type_=INSTANT))
    )


def extend(connection: Connection, lanes: Table, leases: Collection[Lease], until: datetime) -> None:
    """Hold lanes for longer, those whose lease is still ours: one that was lost stays lost."""
    ours = held(connection, lanes, leases)
    names = listed(connection, [lease.lane for lease in ours])
    connection.execute(_extend(connection.dialect.name, lanes), {"lanes": names, "until": until})


class Deferral(Value, frozen=True, kw_only=True):
    """A lane given back for later; `attempts` counts the failures in a row."""

    lease: Lease
    ready_at: datetime
    attempts: int
    handled: int = 0


def release(connection: Connection, lanes: Table, handled: Mapping[Lease, int], now: datetime) -> None:
    """Give lanes back, so many of whose waiting rows are dealt with; a lane that has more queues behind the others."""
    done = [Deferral(lease=lease, ready_at=now, attempts=0, handled=count) for lease, count in handled.items()]
    defer(connection, lanes, done)


_DEFERRING: Mapping[str, TypeEngine[Any]] = {
    "handled": Integer(),
    "not_before": INSTANT,
    "tried": Integer(),
    "of_lane": Text(),
    "claimant": Text(),
}


@cache
def _defer(dialect: str, lanes: Table) -> Bulk:
    def build(given: Values) -> Any:
        # The lane and its claimant together: a lease that was lost stays lost.
        mine = (lanes.c.lane == given["of_lane"], lanes.c.owner == given["claimant"])
        return (
            update(lanes)
            .where(*mine)
            .values(
                waiting=lanes.c.waiting - given["handled"],
                owner=None,
                leased_until=None,
                ready_at=given["not_before"],
                attempts=given["tried"],
            )
        )

    return Bulk(dialect, lanes, _DEFERRING, build)


def defer(connection: Connection, lanes: Table, deferrals: Sequence[Deferral]) -> None:
    """Give lanes back, not to be claimed before their time."""
    in_order = sorted(deferrals, key=lambda each: each.lease.lane)
    rows = [(each.handled, each.ready_at, each.attempts, each.lease.lane, each.lease.owner) for each in in_order]
    _defer(connection.dialect.name, lanes).run(connection, rows)


@cache
def _leave(lanes: Table) -> Any:
    # Whoever holds the lane: these rows are not among those that its holder has in hand.
    gone = lanes.c.waiting - bindparam("gone")
    return update(lanes).where(lanes.c.lane == bindparam("of_lane")).values(waiting=gone)


def leave(connection: Connection, lanes: Table, gone: Mapping[str, int]) -> None:
    """Say that so many waiting rows of each lane went without being handled."""
    if gone:
        connection.execute(_leave(lanes), [{"of_lane": lane, "gone": gone[lane]} for lane in sorted(gone)])


@cache
def _clear(dialect: str, lanes: Table) -> Any:
    mine = (among(dialect, lanes.c.lane, "lanes"), lanes.c.owner == bindparam("claimant"))
    return update(lanes).where(*mine).values(waiting=0, owner=None, leased_until=None, attempts=0)


def clear(connection: Connection, lanes: Table, leases: Collection[Lease]) -> None:
    """Give back lanes without a row, which have just been claimed in this transaction.

    The claim locked the lane, and whoever inserts rows counts them into it before the commit: so there are none.
    """
    for owner in {lease.owner for lease in leases}:
        names = [lease.lane for lease in leases if lease.owner == owner]
        connection.execute(
            _clear(connection.dialect.name, lanes), {"lanes": listed(connection, names), "claimant": owner}
        )
