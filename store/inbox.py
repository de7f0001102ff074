"""The inbox: raw updates, stored before anything is acknowledged, handled lane by lane."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, Text, bindparam, delete, func, literal, select, update

from desk.values import Value
from store import lanes
from store.bulk import Bulk, BulkReturning, Values, ignoring
from store.dialects import among, constant, listed, upsert
from store.lanes import Claim, Lease
from store.tables import inbox, inbox_lanes
from store.types import INSTANT


class InboxState(StrEnum):
    """Where a row stands."""

    WAITING = "waiting"
    DONE = "done"
    IGNORED = "ignored"
    PARKED = "parked"


class Arrival(Value, frozen=True, kw_only=True):
    """A raw update to store; see channels.base.Raw for the fields."""

    key: str
    lane: str
    channel: str
    payload: str
    received_at: datetime


class InboxRow(Value, frozen=True, kw_only=True):
    """A stored update that waits to be handled."""

    id: int
    key: str
    lane: str
    channel: str
    payload: str
    received_at: datetime


ClaimedRows = tuple[Lease, Sequence[InboxRow]]
"""A lane that is leased, with the rows that wait in it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Stored:
    """What `add_for` stored: the lanes that are the claimant's now, and whether there are others."""

    claimed: Sequence[ClaimedRows]
    has_others: bool


_ARRIVING = ("key", "lane", "channel", "payload", "received_at", "state")


@cache
def _insert(dialect: str) -> BulkReturning:
    return BulkReturning(dialect, inbox, _ARRIVING, ignoring, ["id", "lane", "key"])


def add(connection: Connection, arrivals: Sequence[Arrival], now: datetime) -> int:
    """Store updates and count them into their lanes, but those whose key is known. Returns how many are new."""
    rows = [_row(each) for each in arrivals]
    insert = _insert(connection.dialect.name)
    if connection.dialect.name == "postgresql":
        found: int = connection.execute(
            _insert_and_count(), insert.values(connection, rows) | {"now": now}
        ).scalar_one()
        return found
    new = Counter(row.lane for row in insert.run(connection, rows))
    lanes.arrive(connection, inbox_lanes, [lanes.Arrivals(lane=lane, count=n) for lane, n in new.items()], now)
    return new.total()


def _row(arrival: Arrival) -> tuple[object, ...]:
    return (
        arrival.key, arrival.lane, arrival.channel, arrival.payload, arrival.received_at, InboxState.WAITING.value
    )  # fmt: skip


def add_for(connection: Connection, arrivals: Sequence[Arrival], claim: Claim, now: datetime) -> Stored:
    """The same as `add`, for a claimant who is there to handle the rows: what was an empty lane is leased to them."""
    rows = [_row(each) for each in arrivals]
    insert = _insert(connection.dialect.name)
    found: Sequence[Row[Any]]
    if connection.dialect.name == "postgresql":
        values = insert.values(connection, rows) | {"now": now, "claimant": claim.owner, "until": claim.until}
        found = connection.execute(_insert_and_claim(), values).all()
        owned = {row.lane: lanes.lease_of(row) for row in found if row.owner == claim.owner}
    else:
        found = insert.run(connection, rows)
        new = Counter(row.lane for row in found)
        arrived = {lanes.Arrivals(lane=lane, count=count): True for lane, count in new.items()}
        owned = {each.lane: each for each in lanes.arrive_for(connection, inbox_lanes, arrived, claim, now)}
    return _stored(arrivals, found, owned)


def _stored(arrivals: Sequence[Arrival], found: Sequence[Row[Any]], owned: Mapping[str, Lease]) -> Stored:
    by_key = {each.key: each for each in reversed(arrivals)}
    of_lane: dict[Lease, list[InboxRow]] = {}
    for row in sorted(found, key=lambda each: each.id):
        if row.lane in owned:
            arrival = by_key[row.key]
            of_lane.setdefault(owned[row.lane], []).append(
                InboxRow(
                    id=row.id,
                    key=row.key,
                    lane=row.lane,
                    channel=arrival.channel,
                    payload=arrival.payload,
                    received_at=arrival.received_at,
                )
            )
    return Stored(claimed=list(of_lane.items()), has_others=any(row.lane not in owned for row in found))


@cache
def _insert_and_claim() -> Any:
    new = _insert("postgresql").statement.cte("new")
    claimant, until = bindparam("claimant", type_=Text()), bindparam("until", type_=INSTANT)
    counted = (new.c.lane, func.count(), bindparam("now", type_=INSTANT), literal(0), claimant, until)
    by_lane = select(*counted).group_by(new.c.lane).order_by(new.c.lane.collate("C"))
    arrive = lanes.claimed(upsert("postgresql", inbox_lanes).from_select(lanes.CLAIMING, by_lane), inbox_lanes)
    arrived = arrive.returning(*(inbox_lanes.c[name] for name in lanes.OWNED)).cte("arrived")
    told = select(new.c.id, new.c.key, new.c.lane, arrived.c.owner, arrived.c.attempts)
    return told.join(arrived, arrived.c.lane == new.c.lane)


@cache
def _insert_and_count() -> Any:
    """PostgreSQL stores and counts in one statement: at the door, the way there and back is what takes time."""
    new = _insert("postgresql").statement.cte("new")
    # In the order in which everybody locks lanes.
    by_lane = select(new.c.lane, func.count(), bindparam("now", type_=INSTANT), literal(0)).group_by(new.c.lane)
    arrive = upsert("postgresql", inbox_lanes).from_select(lanes.ARRIVING, by_lane.order_by(new.c.lane.collate("C")))
    return select(func.count()).select_from(new).add_cte(lanes.counted(arrive, inbox_lanes).cte("arrived"))


@cache
def _waiting(dialect: str) -> Any:
    # The partial index holds the waiting rows alone, so a lane's history costs nothing.
    return (
        select(inbox.c.id, inbox.c.key, inbox.c.lane, inbox.c.channel, inbox.c.payload, inbox.c.received_at)
        .where(among(dialect, inbox.c.lane, "lanes"), inbox.c.state == constant(InboxState.WAITING))
        .order_by(inbox.c.id)
        .limit(bindparam("limit"))
    )


def waiting(connection: Connection, of: Collection[str], limit: int) -> list[InboxRow]:
    """The waiting rows of these lanes, oldest first."""
    rows = connection.execute(_waiting(connection.dialect.name), {"lanes": listed(connection, of), "limit": limit})
    return [
        InboxRow(id=id_, key=key, lane=lane, channel=channel, payload=payload, received_at=received_at)
        for id_, key, lane, channel, payload, received_at in rows
    ]


@cache
def _finish(dialect: str) -> Bulk:
    def build(given: Values) -> Any:
        return (
            update(inbox).where(inbox.c.id == given["id"]).values(state=given["state"], handled_at=given["handled_at"])
        )

    return Bulk(dialect, inbox, {name: inbox.c[name].type for name in ("state", "handled_at", "id")}, build)


def finish(connection: Connection, ids: Collection[int], now: datetime, state: InboxState = InboxState.DONE) -> None:
    """Mark rows as dealt with."""
    _finish(connection.dialect.name).run(connection, [(state.value, now, each) for each in ids])


@cache
def _answer() -> Any:
    return update(inbox).where(inbox.c.id == bindparam("row")).values(result=bindparam("answer"))


def answer(connection: Connection, results: dict[int, str]) -> None:
    """Keep what whoever waits for a row is told."""
    connection.execute(_answer(), [{"row": row, "answer": text} for row, text in results.items()])


def outcome(connection: Connection, key: str) -> tuple[InboxState, str | None] | None:
    """Where the row of this key stands, and its answer; None where there is none."""
    found = connection.execute(select(inbox.c.state, inbox.c.result).where(inbox.c.key == key)).one_or_none()
    return None if found is None else (InboxState(found.state), found.result)


def park(connection: Connection, row: int, reason: str, now: datetime) -> None:
    """Set a row aside for a person to look at; its lane goes on without it."""
    connection.execute(
        update(inbox).where(inbox.c.id == row).values(state=InboxState.PARKED.value, result=reason, handled_at=now)
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class ParkedRow:
    """A row that could not be handled, and why."""

    id: int
    key: str
    lane: str
    received_at: datetime
    reason: str
    payload: str


def parked(connection: Connection, limit: int = 1000) -> list[ParkedRow]:
    """The parked rows, oldest first (by the partial index of the parked)."""
    rows = connection.execute(
        select(inbox.c.id, inbox.c.key, inbox.c.lane, inbox.c.received_at, inbox.c.result, inbox.c.payload)
        .where(inbox.c.state == constant(InboxState.PARKED))
        .order_by(inbox.c.id)
        .limit(limit)
    )
    return [
        ParkedRow(
            id=row.id,
            key=row.key,
            lane=row.lane,
            received_at=row.received_at,
            reason=row.result or "",
            payload=row.payload,
        )
        for row in rows
    ]


def replay(connection: Connection, ids: Collection[int] | None, now: datetime) -> int:
    """Let parked rows wait again, all of them where no ids are given. Returns how many."""
    statement = update(inbox).where(inbox.c.state == constant(InboxState.PARKED)).values(state=InboxState.WAITING.value)
    if ids is not None:
        statement = statement.where(inbox.c.id.in_(ids))
    back = Counter(lane for (lane,) in connection.execute(statement.returning(inbox.c.lane)))
    if back:
        lanes.arrive(connection, inbox_lanes, [lanes.Arrivals(lane=lane, count=n) for lane, n in back.items()], now)
    return back.total()


def purge(connection: Connection, before: datetime, limit: int) -> int:
    """Forget handled rows that came in before a moment; their keys are no longer redelivered by then.

    Only the first `limit` handled rows are looked at, by the primary key, for they are the oldest: reading further for
    rows that are not there would take the whole table. Returns how many went; fewer than `limit` is all there were.
    """
    handled = inbox.c.state.in_([InboxState.DONE.value, InboxState.IGNORED.value])
    oldest = select(inbox.c.id, inbox.c.received_at).where(handled).order_by(inbox.c.id).limit(limit).subquery()
    old = select(oldest.c.id).where(oldest.c.received_at < before)
    return connection.execute(delete(inbox).where(inbox.c.id.in_(old))).rowcount


def depth(connection: Connection) -> tuple[int, datetime | None, int]:
    """(waiting rows, the oldest one's arrival, parked rows), from the partial indexes alone."""
    waits, oldest = connection.execute(
        select(func.count(), func.min(inbox.c.received_at)).where(inbox.c.state == constant(InboxState.WAITING))
    ).one()
    aside = connection.execute(select(func.count()).where(inbox.c.state == constant(InboxState.PARKED))).scalar_one()
    return waits, oldest, aside
