"""Who hears of a clock that runs out, and how loudly: listeners by level, silence, digests (S16, S17)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from desk.sla import BREACH, Breached, Clock, Repeated, Warned
from desk.tickets import Priority

Told = TypeVar("Told")

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


def crowded_until(told: Iterable[datetime], now: datetime) -> datetime | None:
    """Until when a place that was told alerts at these instants has heard enough for a minute, if it has (S17)."""
    recent = sorted(_recent(told, now))
    return recent[-CROWD] + CROWD_WINDOW if len(recent) >= CROWD else None


def gather(waiting: Sequence[Told], told: Iterable[datetime], now: datetime) -> tuple[tuple[Told, ...], ...]:
    """The messages that tell a place what waits for it: an alert each, or all as one digest.

    It is a digest where they and those told there within the last minute are more than five (S17).
    """
    if len(waiting) + len(_recent(told, now)) > CROWD:
        return (tuple(waiting),)
    return tuple((alert,) for alert in waiting)


def _recent(told: Iterable[datetime], now: datetime) -> list[datetime]:
    return [at for at in told if now - CROWD_WINDOW < at <= now]
