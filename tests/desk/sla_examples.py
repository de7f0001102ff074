"""A calendar, terms and instants for the tests of clocks: all on one quiet Tuesday, nine to five."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from desk.clocks import start
from desk.hours import Calendar, Interval
from desk.sla import Clock, Figures, Metric, Terms

WORKDAY = Calendar(
    name="workday",
    timezone=ZoneInfo("UTC"),
    weekly={weekday: (Interval.parse("09:00-17:00"),) for weekday in range(7)},
)
ALWAYS = Calendar(
    name="always",
    timezone=ZoneInfo("UTC"),
    weekly={weekday: (Interval.parse("00:00-24:00"),) for weekday in range(7)},
)
FIGURES = Figures(warn_at=(50, 80), again_after=(timedelta(minutes=15), timedelta(minutes=60)))


def at(clock_time: str, day: int = 6) -> datetime:
    """An instant of January 2026; the 6th is the Tuesday."""
    return datetime.fromisoformat(f"2026-01-{day:02}T{clock_time}").replace(tzinfo=UTC)


def terms(hours: float | None, calendar: Calendar = WORKDAY, version: str = "1") -> Terms:
    target = None if hours is None else timedelta(hours=hours)
    return Terms(
        calendar=calendar, target=target, calendar_version=version, policy="standard", policy_version=str(hours)
    )


def running(metric: Metric, hours: float | None, since: str = "09:00", calendar: Calendar = WORKDAY) -> Clock:
    """A clock of ticket 7 with a target of so many hours."""
    return start(ticket=7, metric=metric, terms=terms(hours, calendar), at=at(since))
