"""Weeks begin on Monday at the zone's midnight, whatever its clocks do that night."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.weeks import begins, days_back, last_weeks

ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/Havana", "Asia/Beirut", "Pacific/Apia", "UTC")
#: Thirty years of seconds.
MOMENTS = st.integers(0, 30 * 365 * 86_400).map(
    lambda seconds: datetime(2005, 1, 1, tzinfo=UTC) + timedelta(0, seconds)
)


@given(MOMENTS, st.sampled_from(ZONES))
def test_the_last_week_holds_the_moment(now: datetime, name: str) -> None:
    zone = ZoneInfo(name)
    weeks = last_weeks(now, zone, 5)
    assert all(monday.weekday() == 0 for monday in weeks)
    assert [later - earlier for earlier, later in pairwise(weeks)] == [timedelta(weeks=1)] * 4
    assert begins(weeks[-1], zone) <= now < begins(weeks[-1] + timedelta(weeks=1), zone)


@given(MOMENTS, st.sampled_from(ZONES), st.integers(1, 90))
def test_today_is_one_of_the_last_days(now: datetime, name: str, count: int) -> None:
    zone = ZoneInfo(name)
    since = days_back(now, zone, count)
    assert since <= now
    assert (now.astimezone(zone).date() - since.astimezone(zone).date()).days == count - 1


@pytest.mark.parametrize(
    ("zone", "day", "moment"),
    [
        ("Asia/Shanghai", date(2026, 11, 16), datetime(2026, 11, 15, 16, tzinfo=UTC)),
        ("Europe/Berlin", date(2026, 10, 26), datetime(2026, 10, 25, 23, tzinfo=UTC)),
        # Beirut's clocks go from 24:00 to 1:00, Havana's from 1:00 to 0:00 again.
        ("Asia/Beirut", date(2026, 3, 29), datetime(2026, 3, 28, 22, tzinfo=UTC)),
        ("America/Havana", date(2026, 11, 1), datetime(2026, 11, 1, 4, tzinfo=UTC)),
    ],
)
def test_a_day_begins_at_its_first_midnight(zone: str, day: date, moment: datetime) -> None:
    assert begins(day, ZoneInfo(zone)) == moment


def test_a_late_sunday_is_still_the_week_before() -> None:
    shanghai = ZoneInfo("Asia/Shanghai")
    assert last_weeks(datetime(2026, 11, 15, 15, 59, tzinfo=UTC), shanghai, 1) == (date(2026, 11, 9),)
    assert last_weeks(datetime(2026, 11, 15, 16, tzinfo=UTC), shanghai, 1) == (date(2026, 11, 16),)
