"""When a nudge may be sent: quiet hours in the contact's zone, and caps over any stretch of time (J5, J6)."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from lifecycle.outreach import QuietHours
from lifecycle.policy import Limit


def allowed_from(quiet: QuietHours | None, at: datetime, zone: ZoneInfo) -> datetime:
    """`at` itself where it is not within the quiet hours of the zone, else their end (UTC)."""
    if quiet is None:
        return at
    local = at.astimezone(zone)
    if not _within(quiet, local.time()):
        return at
    day = local.date() if local.time() < quiet.end else local.date() + timedelta(days=1)
    return datetime.combine(day, quiet.end, tzinfo=zone).astimezone(UTC)


def _within(quiet: QuietHours, now: time) -> bool:
    if quiet.start <= quiet.end:
        return quiet.start <= now < quiet.end
    return now >= quiet.start or now < quiet.end


def cap_reached_until(limits: Sequence[Limit], sent: Sequence[datetime], now: datetime) -> datetime:
    """The first moment, `now` or later, at which one more send stays within every limit; `sent` is in order."""
    free = now
    for limit in limits:
        counted = [at for at in sent if at > now - limit.per]
        if len(counted) >= limit.count:
            free = max(free, counted[-limit.count] + limit.per)
    return free
