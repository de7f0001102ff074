"""The outbox: everything that is to be sent, in order for each recipient, and what became of it.

A row is `sending` from before its call until its result is kept, and at no other time: what is found `sending` after a
crash may have happened (rules.md J4).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, func, select, update

from desk.commands import DeliveryReported, Outcome
from desk.messages import Delivery
from desk.outgoing import CONTENTS, Content, Outgoing
from desk.values import Value
from store import delivery, inbox, lanes
from store.bulk import Bulk, BulkReturning, Rows, Values, flush, ignoring, inserting, run_last
from store.deadlines import house_command
from store.dialects import among, constant, listed
from store.lanes import Claim, Lease
from store.tables import outbox, outbox_lanes
from store.types import INSTANT

#: So many rows of a lane are looked at in one claim: enough to merge a customer's lines.
LOOKAHEAD = 10


class OutboxState(StrEnum):
    """Where a row stands."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    REPLACED = "replaced"


class OutboxRow(Value, frozen=True, kw_only=True):
    """A row that waits to be sent. `attempts` counts the calls that may have happened."""

    id: int
    lane: str
    content: Content
    contact_id: int | None
    message_id: int | None
    report: bool
    again: bool
    replaces: str | None
    state: OutboxState
    attempts: int

    @property
    def kind(self) -> str:
        """What its content is called."""
        return type(self.content).__name__


@dataclass(frozen=True, kw_only=True, slots=True)
class BrokenRow:
    """A row that nobody can read, and why; `kind` is what its content is called."""

    id: int
    lane: str
    kind: str
    contact_id: int | None
    message_id: int | None
    attempts: int
    reason: str


_NEW = (
    "lane", "rank", "kind", "content", "contact_id", "message_id", "report", "again", "key", "replaces", "created_at",
    "state", "attempts",
)  # fmt: skip


@cache
def _insert(dialect: str) -> BulkReturning:
    return BulkReturning(dialect, outbox, _NEW, ignoring, ["id", "lane", "rank"])


@cache
def _insert_unkeyed(dialect: str) -> Bulk:
    return inserting(dialect, outbox, _NEW)


def add(connection: Connection, items: Sequence[Outgoing], now: datetime) -> None:
    """Put rows into the outbox; one whose key was sent before is left out (J4)."""
    rows = [_values(item, now) for item in items]
    if any(item.key is not None for item in items):
        # All in one statement, so that the rows keep their order.
        found = _insert(connection.dialect.name).run(connection, rows)
        arrivals = [(row.lane, row.rank) for row in found]
    else:
        arrivals = [(item.to.lane, int(item.rank)) for item in items]
        _insert_unkeyed(connection.dialect.name).run(connection, rows)
    lanes.arrive(connection, outbox_lanes, _counted(arrivals), now)


ClaimedRow = tuple[Lease, OutboxRow]
"""A lane that is leased, with the row that is to be sent first and is marked as begun."""


def add_for(
    connection: Connection, items: Sequence[Outgoing], wanted: Collection[str], claim: Claim, now: datetime
) -> list[ClaimedRow]:
    """The same as `add`, for a claimant who sends at once the first row of those wanted lanes in which nothing waited.

    No item of a wanted lane has a key.
    """
    first = _firsts(items, wanted)
    begun = set(first.values())
    rows = [_values(item, now, is_begun=place in begun) for place, item in enumerate(items)]
    arrivals = _counted([(item.to.lane, int(item.rank)) for item in items])
    ids, leases = _insert_for(connection, rows, {each: each.lane in first for each in arrivals}, claim, now)
    of_lane: dict[str, list[int]] = {}
    for place, item in enumerate(items):
        of_lane.setdefault(item.to.lane, []).append(place)
    row_of = {place: row for lane, places in of_lane.items() for place, row in zip(places, ids[lane], strict=False)}
    owned = {lease.lane: lease for lease in leases}
    back(connection, [(row_of[place], True) for lane, place in first.items() if lane not in owned])
    return [(owned[lane], _begun(row_of[place], items[place])) for lane, place in first.items() if lane in owned]


def _firsts(items: Sequence[Outgoing], wanted: Collection[str]) -> dict[str, int]:
    """The place of what goes first in each wanted lane."""
    first: dict[str, int] = {}
    for place, item in enumerate(items):
        lane = item.to.lane
        if lane in wanted and (lane not in first or item.rank < items[first[lane]].rank):
            first[lane] = place
    return first


def _insert_for(
    connection: Connection,
    rows: Rows,
    arrivals: Mapping[lanes.Arrivals, bool],
    claim: Claim,
    now: datetime,
) -> tuple[dict[str, list[int]], Sequence[Lease]]:
    """The ids of the rows of each lane, in order, and the lanes that are the claimant's now."""
    insert = _insert(connection.dialect.name)
    leases: Sequence[Lease]
    if connection.dialect.name == "postgresql":
        arrive = lanes.arriving_for("postgresql", outbox_lanes)
        values = insert.values(connection, rows) | arrive.values(connection, lanes.arrival_rows(arrivals, claim, now))
        found = run_last(connection, _insert_and_claim(), values, (outbox, outbox_lanes)).all()
        leases = [lanes.lease_of(row) for row in found if row.owner == claim.owner]
    else:
        found = insert.run(connection, rows)
        leases = lanes.arrive_for(connection, outbox_lanes, arrivals, claim, now)
    ids: dict[str, list[int]] = {}
    for id_, lane in sorted((row.id, row.lane) for row in found):
        ids.setdefault(lane, []).append(id_)
    return ids, leases


@cache
def _insert_and_claim() -> Any:
    new = _insert("postgresql").statement.cte("new")
    arrived = lanes.arriving_for("postgresql", outbox_lanes).statement.cte("arrived")
    told = select(new.c.id, new.c.lane, arrived.c.owner, arrived.c.attempts)
    return told.join(arrived, arrived.c.lane == new.c.lane)


def _begun(row: int, item: Outgoing) -> OutboxRow:
    return OutboxRow(
        id=row,
        lane=item.to.lane,
        content=item.content,
        contact_id=item.contact_id,
        message_id=item.message,
        report=item.report,
        again=item.again,
        replaces=item.replaces,
        state=OutboxState.WAITING,
        attempts=0,
    )


def _values(item: Outgoing, now: datetime, *, is_begun: bool = False) -> tuple[object, ...]:
    return (
        item.to.lane,
        int(item.rank),
        type(item.content).__name__,
        msgspec.json.encode(item.content).decode(),
        item.contact_id,
        item.message,
        item.report,
        item.again,
        item.key,
        item.replaces,
        now,
        OutboxState.SENDING.value if is_begun else OutboxState.WAITING.value,
        int(is_begun),
    )


def _counted(arrivals: Sequence[tuple[str, int]]) -> list[lanes.Arrivals]:
    ranks: dict[str, list[int]] = {}
    for lane, rank in arrivals:
        ranks.setdefault(lane, []).append(rank)
    return [lanes.Arrivals(lane=lane, count=len(of), rank=min(of)) for lane, of in ranks.items()]


def _is_pending() -> ColumnElement[bool]:
    """As the partial index says it, to the letter: only so does SQLite see that the index holds the rows."""
    return outbox.c.state.in_([constant(OutboxState.WAITING), constant(OutboxState.SENDING)])


@cache
def _next(dialect: str) -> Any:
    # Only rows that are still to be sent stand in the partial index.
    of_lane = func.row_number().over(partition_by=outbox.c.lane, order_by=(outbox.c.rank, outbox.c.id)).label("place")
    pending = (
        select(outbox, of_lane)
        .where(
            among(dialect, outbox.c.lane, "lanes"),
            _is_pending(),
        )
        .subquery()
    )
    columns = [pending.c[name] for name in (*_ROW, "kind", "content")]
    return select(*columns).where(pending.c.place <= LOOKAHEAD).order_by(pending.c.lane, pending.c.place)


_BROKEN = ("id", "lane", "kind", "contact_id", "message_id", "attempts")
_ROW = ("id", "lane", "contact_id", "message_id", "report", "again", "replaces", "state", "attempts")


Next = dict[str, list[OutboxRow]]
"""The first rows of each lane, in the order they are to be sent."""


def next_rows(connection: Connection, of: Collection[str]) -> tuple[Next, dict[str, BrokenRow]]:
    """Of each lane the first rows, up to the first that cannot be read; and that one."""
    found: Next = {}
    broken: dict[str, BrokenRow] = {}
    for row in connection.execute(_next(connection.dialect.name), {"lanes": listed(connection, of)}):
        if row.lane in broken:
            continue
        try:
            decoded = _read(row)
        except (KeyError, ValueError, RecursionError, msgspec.DecodeError) as error:
            broken[row.lane] = BrokenRow(
                reason=f"{type(error).__name__}: {error}", **{name: getattr(row, name) for name in _BROKEN}
            )
        else:
            found.setdefault(row.lane, []).append(decoded)
    return found, broken


def _read(row: Row[Any]) -> OutboxRow:
    *fields, kind, content = tuple(row)
    values = dict(zip(_ROW, fields, strict=True))
    values["state"] = OutboxState(values["state"])
    return OutboxRow(content=msgspec.json.decode(content, type=CONTENTS[kind]), **values)


@cache
def _mark(dialect: str) -> Any:
    return (
        update(outbox)
        .where(among(dialect, outbox.c.id, "ids", numbers=True))
        .values(state=OutboxState.SENDING.value, attempts=outbox.c.attempts + 1)
    )


def mark_sending(connection: Connection, ids: Collection[int]) -> None:
    """Say, before the calls, that these may have happened from now on."""
    connection.execute(_mark(connection.dialect.name), {"ids": listed(connection, ids)})


@cache
def _settle() -> Any:
    return (
        update(outbox)
        .where(outbox.c.id == bindparam("row"))
        .values(state=bindparam("to_state"), reason=bindparam("why"), done_at=bindparam("now", type_=INSTANT))
    )


def settle(connection: Connection, rows: Sequence[tuple[int, OutboxState, str | None]], now: datetime) -> None:
    """Keep what became of rows: (id, state, reason)."""
    connection.execute(
        _settle(), [{"row": row, "to_state": state.value, "why": why, "now": now} for row, state, why in rows]
    )


@cache
def _settle_sent(dialect: str) -> Bulk:
    def build(given: Values) -> Any:
        return update(outbox).where(outbox.c.id == given["id"]).values(state=given["state"], done_at=given["done_at"])

    return Bulk(dialect, outbox, {name: outbox.c[name].type for name in ("state", "done_at", "id")}, build)


def settle_sent(connection: Connection, ids: Collection[int], now: datetime) -> None:
    """Keep that the channel took these rows."""
    _settle_sent(connection.dialect.name).run(connection, [(OutboxState.SENT.value, now, each) for each in ids])


@cache
def _back() -> Any:
    return (
        update(outbox)
        .where(outbox.c.id == bindparam("row"))
        .values(state=OutboxState.WAITING.value, attempts=outbox.c.attempts - bindparam("unsent"))
    )


def back(connection: Connection, rows: Sequence[tuple[int, bool]]) -> None:
    """Let rows wait again: (id, whether the call certainly had no effect)."""
    if not rows:
        return
    connection.execute(_back(), [{"row": row, "unsent": int(unsent)} for row, unsent in rows])


def stop_lane(connection: Connection, lane: str, reason: str, now: datetime) -> int:
    """Give up everything that waits for a recipient who closed the channel (H12). Returns how many.

    Whoever waits to hear of a message is told as by the sender, by a command in the same lane (H8).
    """
    flush(connection)
    # The lane before its rows, as the sender locks them: so the two never wait for each other in a ring.
    connection.execute(select(outbox_lanes.c.lane).where(outbox_lanes.c.lane == lane).with_for_update())
    waits = and_(outbox.c.lane == lane, _is_pending(), outbox.c.state == OutboxState.WAITING.value)
    stopped = connection.execute(
        update(outbox)
        .where(waits)
        .values(state=OutboxState.FAILED.value, reason=reason, done_at=now)
        .returning(outbox.c.id, outbox.c.message_id, outbox.c.contact_id, outbox.c.report)
    ).all()
    lanes.leave(connection, outbox_lanes, {lane: len(stopped)})
    lost = [row.message_id for row in stopped if row.message_id is not None]
    if lost:
        delivery.mark(connection, lost, Delivery.FAILED)
    reports = [_report(row, lane, reason, now) for row in stopped if row.report]
    if reports:
        inbox.add(connection, reports, now)
    return len(stopped)


def _report(row: Row[Any], lane: str, reason: str, now: datetime) -> inbox.Arrival:
    command = DeliveryReported(
        contact_id=row.contact_id, message=row.message_id, outcome=Outcome.FAILED, at=now, reason=reason, blocked=True
    )
    return house_command(command, key=f"delivery:{row.id}:stopped", lane=lane, now=now)


@dataclass(frozen=True, kw_only=True, slots=True)
class FailedRow:
    """A row that did not arrive, and why."""

    id: int
    lane: str
    kind: str
    created_at: datetime
    reason: str


def failed(connection: Connection, limit: int = 1000) -> list[FailedRow]:
    """The rows that failed, oldest first (by the partial index of the failed)."""
    rows = connection.execute(
        select(outbox.c.id, outbox.c.lane, outbox.c.kind, outbox.c.created_at, outbox.c.reason)
        .where(outbox.c.state == constant(OutboxState.FAILED))
        .order_by(outbox.c.id)
        .limit(limit)
    )
    return [FailedRow(id=i, lane=lane, kind=kind, created_at=at, reason=why or "") for i, lane, kind, at, why in rows]


def retry(connection: Connection, ids: Collection[int] | None, now: datetime) -> int:
    """Let failed rows wait again, all of them where no ids are given. Returns how many."""
    statement = (
        update(outbox)
        .where(outbox.c.state == constant(OutboxState.FAILED))
        .values(state=OutboxState.WAITING.value, attempts=0, reason=None)
    )
    if ids is not None:
        statement = statement.where(outbox.c.id.in_(ids))
    again = [(lane, rank) for lane, rank in connection.execute(statement.returning(outbox.c.lane, outbox.c.rank))]
    lanes.arrive(connection, outbox_lanes, _counted(again), now)
    return len(again)


def depth(connection: Connection) -> tuple[int, datetime | None, int]:
    """(rows that wait or are being sent, the oldest one's age, failed rows), from the partial indexes alone."""
    waits, oldest = connection.execute(select(func.count(), func.min(outbox.c.created_at)).where(_is_pending())).one()
    aside = connection.execute(select(func.count()).where(outbox.c.state == constant(OutboxState.FAILED))).scalar_one()
    return waits, oldest, aside
