"""SLA clocks: what was promised, how much of it is used, and what there is to tell about it (S1, S2, S5, S9, S16).

A clock counts open time over its running segments. It is due at the first instant at which that count reaches its
allowance (the target, and what S11 and S15 add to it), so neither a pause nor a late tick moves what is not theirs to
move. All instants are aware and cut to whole seconds. desk/clocks.py says what happens to a clock.

A level names an alert by a number that grows in the order of firing: 1 to 99 are the shares of the allowance, in per
cent, at which a warning is due; 100 is the breach; 101, 102 … are its repeats.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from desk.conditions import ALWAYS, Condition
from desk.hours import Calendar, add, open_between
from desk.tickets import Priority
from desk.values import replace

BREACH = 100
_SECOND = timedelta(seconds=1)


class Metric(StrEnum):
    """What is measured against a target."""

    ASSIGN = "assign"
    FIRST_REPLY = "first_reply"
    NEXT_REPLY = "next_reply"
    RESOLVE = "resolve"


class Outcome(StrEnum):
    """How a clock stands: BREACHED is kept for good, also when the clock is met late."""

    RUNNING = "running"
    MET = "met"
    BREACHED = "breached"
    CLOSED = "closed"
    CLOSED_NO_REPLY = "closed_no_reply"


@dataclass(frozen=True, kw_only=True, slots=True)
class SlaPolicy:
    """What is promised to the tickets that `when` fits; a target left out is not measured. `calendar` is a name."""

    name: str
    calendar: str
    targets: Mapping[Priority, Mapping[Metric, timedelta]]
    when: Condition = ALWAYS

    def target(self, priority: Priority, metric: Metric) -> timedelta | None:
        """The open time promised, or None where nothing is."""
        return self.targets.get(priority, {}).get(metric)


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """What a clock is held to: a target in open time of a calendar (None: only counted), and where that comes from."""

    calendar: Calendar
    target: timedelta | None
    calendar_version: str = ""
    policy: str | None = None
    policy_version: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Segment:
    """A stretch during which a clock runs. `counted` is its open time, fixed when it ends (S13)."""

    start: datetime
    end: datetime | None = None
    counted: timedelta = timedelta()


@dataclass(frozen=True, kw_only=True, slots=True)
class Clock:
    """One promise on one ticket; a new generation for each customer message that waits anew (S1).

    `due_at` is None while the clock is paused (S9) or has no target. `ended_at` is None as long as it may go on;
    `extension` is the open time added to the target (S11, S15); `level` the highest alert that fired or was skipped.
    """

    ticket: int
    metric: Metric
    started_at: datetime
    calendar: str
    segments: tuple[Segment, ...]
    generation: int = 1
    target: timedelta | None = None
    extension: timedelta = timedelta()
    calendar_version: str = ""
    policy: str | None = None
    policy_version: str = ""
    due_at: datetime | None = None
    met_at: datetime | None = None
    breached_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: Outcome = Outcome.RUNNING
    level: int = 0
    upgraded_late: bool = False

    @property
    def key(self) -> str:
        """The clock's name for good, across all tickets."""
        return f"sla:{self.ticket}:{self.metric}:{self.generation}"

    @property
    def is_over(self) -> bool:
        """Whether the clock was met or closed."""
        return self.ended_at is not None

    @property
    def is_paused(self) -> bool:
        """Whether the clock stands still and may go on."""
        return not self.is_over and self.segments[-1].end is not None

    @property
    def allowance(self) -> timedelta | None:
        """All the open time that the clock has."""
        return None if self.target is None else self.target + self.extension

    @property
    def counted(self) -> timedelta:
        """The open time of the segments that have ended."""
        return sum((segment.counted for segment in self.segments), timedelta())


def consumed(clock: Clock, calendar: Calendar, now: datetime) -> timedelta:
    """The open time that the clock has counted up to `now` (S2)."""
    last = clock.segments[-1]
    return clock.counted + (timedelta() if last.end else open_between(calendar, last.start, now))


def reached_at(clock: Clock, calendar: Calendar, count: timedelta) -> datetime | None:
    """The first instant at which the clock has counted so much; None where it stands still before."""
    for segment in clock.segments:
        if segment.end is None:
            return add(calendar, segment.start, count)
        if count <= segment.counted:
            return min(add(calendar, segment.start, count), segment.end)
        count -= segment.counted
    return None


def share(whole: timedelta, percent: int) -> timedelta:
    """A share in whole seconds, rounded up."""
    return -(-whole * percent // (100 * _SECOND)) * _SECOND


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """When alerts are due: shares of the allowance in per cent, and open time after the breach (S16)."""

    warn_at: Sequence[int] = (50, 80)
    again_after: Sequence[timedelta] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Moot:
    """Nothing is to be told: over, paused, without a target, or everything told already."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NotYet:
    """The next alert is of this level, at this instant, if nothing happens before."""

    level: int
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Warned:
    """A warning's share is used up. `skipped` are the lower levels that were never told, `clock` the state after."""

    clock: Clock
    level: int
    skipped: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Breached:
    """The promise was broken, at `clock.breached_at`."""

    clock: Clock
    skipped: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Repeated:
    """The promise is still broken, told for the `number`-th time again. BREACH in `skipped`: nobody was told before."""

    clock: Clock
    number: int
    skipped: tuple[int, ...] = ()


Judgement = Moot | NotYet | Warned | Breached | Repeated


def next_alert(clock: Clock, calendar: Calendar, figures: Figures) -> NotYet | None:
    """The lowest level that has not fired, and when it is due; None while or where there is none (S9)."""
    levels = _levels(clock, figures)
    if clock.is_over or clock.is_paused or not levels:
        return None
    level, count = levels[0]
    at = reached_at(clock, calendar, count)
    return None if at is None else NotYet(level=level, at=at)


def judge(clock: Clock, calendar: Calendar, now: datetime, figures: Figures) -> Judgement:
    """What a clock has to tell at `now`: only the highest level that is due, each level once (S16).

    It asks the clock alone, never the alarm that rang, so that a stale or doubled alarm is harmless.
    """
    following = next_alert(clock, calendar, figures)
    if following is None:
        return Moot()
    used = consumed(clock, calendar, now)
    reached = [level for level, count in _levels(clock, figures) if count <= used]
    if not reached:
        return following
    level, lower = reached[-1], tuple(reached[:-1])
    told = replace(clock, level=level)
    if level < BREACH:
        return Warned(clock=told, level=level, skipped=lower)
    late = replace(told, breached_at=clock.breached_at or clock.due_at, outcome=Outcome.BREACHED)
    if level == BREACH:
        return Breached(clock=late, skipped=lower)
    return Repeated(clock=late, number=level - BREACH, skipped=lower)


def _levels(clock: Clock, figures: Figures) -> list[tuple[int, timedelta]]:
    """The levels that have not fired, lowest first, each with the count at which it is due."""
    allowance = clock.allowance
    if allowance is None:
        return []
    warnings = [(percent, share(allowance, percent)) for percent in sorted(set(figures.warn_at)) if percent < BREACH]
    repeats = [
        (BREACH + number, allowance + after) for number, after in enumerate(sorted(figures.again_after), start=1)
    ]
    return [one for one in (*warnings, (BREACH, allowance), *repeats) if one[0] > clock.level]
