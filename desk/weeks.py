"""Days and weeks as a zone's calendars have them: they begin at its midnight, and a week on a Monday."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

_WEEK = timedelta(weeks=1)


def begins(day: date, zone: tzinfo) -> datetime:
    """The first moment of a day, in UTC. A midnight that the clocks skip is the moment at which they do."""
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def days_back(now: datetime, zone: tzinfo, count: int) -> datetime:
    """When the last `count` days began, today being one of them."""
    return begins(now.astimezone(zone).date() - timedelta(days=count - 1), zone)


def last_weeks(now: datetime, zone: tzinfo, count: int) -> tuple[date, ...]:
    """The Mondays of the last `count` weeks, oldest first; this week is the last."""
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    return tuple(monday - _WEEK * back for back in reversed(range(count)))
