"""Who hears of a clock that runs out, and how loudly: listeners by level, silence, digests (S16, S17)."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from desk.sla import BREACH, Breached, Clock, Repeated, Warned
from desk.tickets import Priority

#: From this share of the allowance on a warning is told to somebody; before, the card's colour is enough.
TOLD_FROM = 80
#: How long "Acknowledge" keeps a clock's repeats quiet.
SILENCE = timedelta(minutes=30)
#: So many alerts to one place within `CROWD_WINDOW` are told one by one; more become a digest.
CROWD = 5
CROWD_WINDOW = timedelta(minutes=1)


class Listener(StrEnum):
    """Who is told; where they read it is the desk's matter."""

    ASSIGNEE = "assignee"
    TEAM_ROOM = "team_room"
    SUPERVISORS = "supervisors"


class Heat(StrEnum):
    """The colour of a ticket's card."""

    CALM = "calm"
    WARM = "warm"
    HOT = "hot"
    BREACHED = "breached"


@dataclass(frozen=True, kw_only=True, slots=True)
class Escalation:
    """What follows from a judgement.

    `key` is the alert's name for good: an alert of that name is told once. No `listeners`: the card's colour alone, or
    an acknowledged clock's repeat, which is recorded and told nobody. `priority` is the ticket's new one, if it rises.
    """

    key: str
    level: int
    listeners: tuple[Listener, ...]
    priority: Priority | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Alert:
    """One alert on its way to a place (a room's name, or a person's)."""

    key: str
    place: str
    at: datetime


def escalate(
    judgement: Warned | Breached | Repeated,
    *,
    now: datetime,
    assignee: str | None,
    priority: Priority,
    warn_at: Sequence[int],
    raise_priority: bool = False,
    acknowledged_at: datetime | None = None,
) -> Escalation:
    """Who is told of what a clock had to tell; `acknowledged_at` is when that clock's alert was last acknowledged."""
    holder = Listener.TEAM_ROOM if assignee is None else Listener.ASSIGNEE
    level = judgement.clock.level
    is_new = isinstance(judgement, Breached) or (isinstance(judgement, Repeated) and BREACH in judgement.skipped)
    raised = priority.raised() if raise_priority and is_new else priority
    match judgement:
        case Warned():
            listeners: tuple[Listener, ...] = (holder,) if is_told(level, warn_at) else ()
        case Repeated() if not is_new and is_silenced(acknowledged_at, now):
            listeners = ()
        case Breached() | Repeated():
            listeners = (holder, Listener.SUPERVISORS)
    return Escalation(
        key=f"{judgement.clock.key}:{level}",
        level=level,
        listeners=listeners,
        priority=None if raised is priority else raised,
    )


def is_told(level: int, warn_at: Sequence[int]) -> bool:
    """Whether a warning is told to somebody: from 80 % on, and always the last one before the breach."""
    return level >= TOLD_FROM or level >= max(warn_at, default=0)


def is_silenced(acknowledged_at: datetime | None, now: datetime) -> bool:
    """Whether a clock's repeats are kept quiet at `now` (S17)."""
    return acknowledged_at is not None and now < acknowledged_at + SILENCE


def heat(clocks: Iterable[Clock]) -> Heat:
    """A card's colour: that of the ticket's running clock which is nearest to its breach, or past it."""
    level = max((clock.level for clock in clocks if not clock.is_over), default=0)
    if level >= BREACH:
        return Heat.BREACHED
    if level >= TOLD_FROM:
        return Heat.HOT
    return Heat.WARM if level else Heat.CALM


def is_crowded(told: Iterable[datetime], now: datetime) -> bool:
    """Whether one more alert to a place, after those told there at these instants, belongs into a digest (S17)."""
    return sum(now - CROWD_WINDOW < at <= now for at in told) >= CROWD


def gather(alerts: Iterable[Alert]) -> tuple[tuple[Alert, ...], ...]:
    """The messages that tell these alerts, in order: one alert each, or a digest where a place is crowded (S17)."""
    places: dict[str, list[Alert]] = {}
    for alert in sorted(alerts, key=lambda alert: (alert.at, alert.key)):
        places.setdefault(alert.place, []).append(alert)
    messages = [message for waiting in places.values() for message in _at_one_place(waiting)]
    return tuple(sorted(messages, key=lambda message: message[-1].at))


def _at_one_place(waiting: Sequence[Alert]) -> Iterable[tuple[Alert, ...]]:
    """The messages of one place, of alerts in order of time."""
    position = 0
    while position < len(waiting):
        end = bisect_left(waiting, waiting[position].at + CROWD_WINDOW, lo=position, key=lambda alert: alert.at)
        near = tuple(waiting[position:end])
        message = near if len(near) > CROWD else near[:1]
        yield message
        position += len(message)
