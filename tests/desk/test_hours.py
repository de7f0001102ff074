"""Calendars by example (S12): intervals, exceptions, daylight saving, the limits of what is asked."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from desk.hours import (
    Calendar,
    Hours,
    Interval,
    NoOpenTime,
    add,
    due_line,
    is_open,
    next_opening,
    open_between,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
HOUR = timedelta(hours=1)


def hours(*texts: str) -> Hours:
    return tuple(map(Interval.parse, texts))


def every_day(*texts: str) -> Mapping[int, Hours]:
    return {weekday: hours(*texts) for weekday in range(7)}


OFFICE = Calendar(
    name="office",
    timezone=SHANGHAI,
    weekly={weekday: hours("09:00-12:00", "13:30-18:00") for weekday in range(5)},
    closed=frozenset({date(2026, 12, 31), date(2027, 1, 1), date(2027, 1, 2)}),
    extra={date(2027, 1, 2): hours("09:00-18:00")},
    make_up_workdays=frozenset({date(2026, 10, 10)}),
)
ALWAYS = Calendar(name="always", timezone=ZoneInfo("UTC"), weekly=every_day("00:00-24:00"))
NIGHTS = Calendar(name="nights", timezone=NEW_YORK, weekly=every_day("22:00-06:00"))


def in_shanghai(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def in_new_york(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK, fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("text", "opens", "closes"),
    [
        ("09:00-12:00", 9, 12),
        ("9:00 - 12:00", 9, 12),
        ("22:00-06:00", 22, 30),
        ("00:00-24:00", 0, 24),
        ("18:00-00:00", 18, 24),
    ],
)
def test_s12_intervals_are_read(text: str, opens: int, closes: int) -> None:
    assert Interval.parse(text) == Interval(opens=opens * 3600, closes=closes * 3600)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nine to five", "expected hours like"),
        ("09:60-12:00", "expected hours like"),
        ("24:00-06:00", "start before 24:00"),
        ("09:00-24:01", "from 00:00 to 24:00"),
        ("09:00-09:00", "the whole day is"),
        ("0９:00-12:00", "expected hours like"),
    ],
)
def test_s12_wrong_intervals_are_refused_with_a_reason(text: str, expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        Interval.parse(text)


def test_s12_an_interval_starts_within_its_day() -> None:
    with pytest.raises(ValueError, match="hours of a day"):
        Interval(opens=86400, closes=86401)


def test_s12_weekdays_run_from_monday_to_sunday() -> None:
    with pytest.raises(ValueError, match="weekdays run from 0"):
        Calendar(name="wrong", timezone=SHANGHAI, weekly={7: hours("09:00-12:00")})


def test_s12_the_lunch_break_is_no_open_time() -> None:
    assert add(OFFICE, in_shanghai("2026-01-05T11:00"), 2 * HOUR) == in_shanghai("2026-01-05T14:30")


def test_s12_a_due_time_that_ends_with_the_hours_stays_on_that_day() -> None:
    assert add(OFFICE, in_shanghai("2026-01-05T09:00"), 3 * HOUR) == in_shanghai("2026-01-05T12:00")


def test_s12_the_weekend_is_skipped() -> None:
    assert add(OFFICE, in_shanghai("2026-01-09T17:30"), HOUR) == in_shanghai("2026-01-12T09:30")


def test_s12_results_are_in_utc_and_whole_seconds() -> None:
    due = add(ALWAYS, datetime(2026, 1, 5, 9, 0, 0, 999_999, tzinfo=UTC), timedelta(seconds=1, microseconds=999_999))
    assert due == datetime(2026, 1, 5, 9, 0, 1, tzinfo=UTC)
    assert due.tzinfo is UTC


def test_s12_nothing_to_add_is_the_start_itself_even_when_closed() -> None:
    sunday = in_shanghai("2026-01-04T12:00")
    assert add(OFFICE, sunday, timedelta()) == sunday


def test_s12_open_time_is_never_taken_away() -> None:
    with pytest.raises(ValueError, match="cannot be negative"):
        add(OFFICE, in_shanghai("2026-01-05T09:00"), -HOUR)
    assert open_between(OFFICE, in_shanghai("2026-01-05T12:00"), in_shanghai("2026-01-05T09:00")) == timedelta()


def test_s12_a_naive_instant_is_a_mistake() -> None:
    with pytest.raises(TypeError, match="naive"):
        add(OFFICE, datetime(2026, 1, 5, 9), HOUR)  # noqa: DTZ001 - the mistake under test


def test_s12_closed_dates_are_skipped_and_extra_workdays_win_over_closures() -> None:
    # Thursday 31 December and Friday 1 January are closed; Saturday 2 January has hours of its own.
    assert add(OFFICE, in_shanghai("2026-12-30T17:00"), 2 * HOUR) == in_shanghai("2027-01-02T10:00")
    assert is_open(OFFICE, in_shanghai("2027-01-02T12:30"))


def test_s12_a_make_up_working_day_has_the_hours_of_a_working_day() -> None:
    saturday = in_shanghai("2026-10-10T08:00")
    assert next_opening(OFFICE, saturday) == in_shanghai("2026-10-10T09:00")
    assert open_between(OFFICE, saturday, saturday + timedelta(days=1)) == 7.5 * HOUR


def test_s12_a_make_up_working_day_has_the_hours_of_the_day_that_it_stands_in_for() -> None:
    saturday, wednesday = date(2026, 10, 10), date(2026, 10, 7)
    calendar = Calendar(
        name="short wednesdays",
        timezone=SHANGHAI,
        weekly={0: hours("09:00-18:00"), 2: hours("10:00-12:00")},
        closed=frozenset({wednesday}),
        make_up_workdays=frozenset({saturday}),
        stands_in_for={saturday: wednesday},
    )
    assert calendar.hours_on(saturday) == hours("10:00-12:00")


def test_s12_closures_win_over_make_up_working_days() -> None:
    saturday = date(2026, 10, 10)
    calendar = Calendar(
        name="shut",
        timezone=SHANGHAI,
        weekly={0: hours("09:00-18:00")},
        closed=frozenset({saturday}),
        make_up_workdays=frozenset({saturday}),
    )
    assert calendar.hours_on(saturday) == ()


def test_s12_hours_over_midnight_belong_to_the_day_they_start_on() -> None:
    fridays = Calendar(name="fridays", timezone=SHANGHAI, weekly={4: hours("22:00-06:00")})
    assert is_open(fridays, in_shanghai("2026-01-10T05:59:59"))
    assert not is_open(fridays, in_shanghai("2026-01-10T06:00"))
    assert not is_open(fridays, in_shanghai("2026-01-09T05:00"))


def test_s12_a_closed_date_closes_the_night_that_starts_on_it_and_no_other() -> None:
    night = Calendar(
        name="night", timezone=SHANGHAI, weekly=every_day("22:00-06:00"), closed=frozenset({date(2026, 1, 7)})
    )
    assert is_open(night, in_shanghai("2026-01-07T05:00"))
    assert not is_open(night, in_shanghai("2026-01-07T23:00"))
    assert not is_open(night, in_shanghai("2026-01-08T05:00"))
    assert is_open(night, in_shanghai("2026-01-08T22:00"))


def test_s12_intervals_that_overlap_count_once() -> None:
    calendar = Calendar(name="twice", timezone=SHANGHAI, weekly=every_day("08:00-12:00", "10:00-14:00", "22:00-09:00"))
    day = in_shanghai("2026-01-06T00:00")
    assert open_between(calendar, day, day + timedelta(days=1)) == 16 * HOUR


def test_s12_a_whole_day_has_23_hours_when_the_clocks_go_forward_and_25_when_they_go_back() -> None:
    calendar = Calendar(name="new york", timezone=NEW_YORK, weekly=every_day("00:00-24:00"))
    assert open_between(calendar, in_new_york("2026-03-08T00:00"), in_new_york("2026-03-09T00:00")) == 23 * HOUR
    assert open_between(calendar, in_new_york("2026-11-01T00:00"), in_new_york("2026-11-02T00:00")) == 25 * HOUR


def test_s12_a_night_shift_is_as_long_as_it_really_lasts() -> None:
    assert add(NIGHTS, in_new_york("2026-03-07T22:00"), 7 * HOUR) == in_new_york("2026-03-08T06:00")
    assert add(NIGHTS, in_new_york("2026-10-31T22:00"), 9 * HOUR) == in_new_york("2026-11-01T06:00")


def test_s12_hours_that_start_in_the_skipped_hour_open_when_it_has_passed() -> None:
    calendar = Calendar(name="early", timezone=NEW_YORK, weekly=every_day("02:30-05:00"))
    assert next_opening(calendar, in_new_york("2026-03-08T00:00")) == in_new_york("2026-03-08T03:00")


def test_s12_hours_within_the_repeated_hour_are_open_twice() -> None:
    calendar = Calendar(name="late", timezone=NEW_YORK, weekly=every_day("01:00-01:30"))
    midnight = in_new_york("2026-11-01T00:00")
    assert open_between(calendar, midnight, in_new_york("2026-11-02T00:00")) == HOUR
    assert add(calendar, midnight, 0.75 * HOUR) == in_new_york("2026-11-01T01:15", fold=1)


def test_s12_the_next_opening_is_found() -> None:
    saturday = in_shanghai("2026-01-10T12:00")
    assert next_opening(OFFICE, saturday) == in_shanghai("2026-01-12T09:00")
    now = in_shanghai("2026-01-12T14:00")
    assert next_opening(OFFICE, now) == now


def test_s12_no_open_time_within_400_days_is_an_error() -> None:
    never = Calendar(name="never", timezone=SHANGHAI, weekly={})
    start = in_shanghai("2026-01-05T09:00")
    with pytest.raises(NoOpenTime, match="'never' has no open time within 400 days after 2026-01-05 01:00 UTC"):
        add(never, start, HOUR)
    with pytest.raises(NoOpenTime):
        next_opening(never, start)
    assert open_between(never, start, start + timedelta(days=1000)) == timedelta()


def test_s12_the_limit_is_400_days_from_the_last_open_moment() -> None:
    start = in_shanghai("2026-01-05T09:00")
    last = start + timedelta(days=400)
    calendar = Calendar(name="rare", timezone=SHANGHAI, weekly={}, extra={last.date(): hours("09:00-10:00")})
    assert add(calendar, start, HOUR) == last + HOUR
    with pytest.raises(NoOpenTime):
        add(calendar, start - timedelta(seconds=1), HOUR)


def test_s12_long_spans_take_time_in_proportion() -> None:
    assert add(ALWAYS, datetime(2026, 1, 1, tzinfo=UTC), timedelta(days=3652)) == datetime(2036, 1, 1, tzinfo=UTC)


CALENDARS = {"office": OFFICE, "always": ALWAYS}


@pytest.mark.parametrize(
    ("calendar", "start", "minutes", "due"),
    [
        ("office", "2026-01-05T11:00", 120, "2026-01-05T06:30:00Z"),
        ("office", "2026-01-05T03:00:00Z", 120, "2026-01-05T06:30:00Z"),
        ("office", "2026-01-05T11:00:00+08:00", 120, "2026-01-05T06:30:00Z"),
        ("always", "2026-01-05T11:00", 0.5, "2026-01-05T11:00:30Z"),
        ("always", "2026-01-05", 0, "2026-01-05T00:00:00Z"),
    ],
)
def test_due_lines_are_answered(calendar: str, start: str, minutes: float, due: str) -> None:
    assert due_line(CALENDARS, {"calendar": calendar, "start": start, "minutes": minutes}) == {"due": due}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ({}, "calendar: expected one of office, always, not None"),
        ({"calendar": "night", "start": "2026-01-05", "minutes": 1}, "calendar: expected one of"),
        ({"calendar": "office", "start": "soon", "minutes": 1}, "start: expected an instant like"),
        ({"calendar": "office", "start": 5, "minutes": 1}, "start: expected an instant like"),
        ({"calendar": "office", "start": "2026-01-05", "minutes": "ten"}, "minutes: expected a number"),
        ({"calendar": "office", "start": "2026-01-05", "minutes": True}, "minutes: expected a number"),
        ({"calendar": "office", "start": "2026-01-05", "minutes": -1}, "minutes: expected a number"),
        ({"calendar": "office", "start": "2026-01-05", "minutes": float("nan")}, "minutes: expected a number"),
        ({"calendar": "office", "start": "2026-01-05", "minutes": float("inf")}, "beyond the years"),
        ({"calendar": "always", "start": "9999-12-31T23:00", "minutes": 600}, "beyond the years"),
    ],
)
def test_wrong_due_lines_say_what_was_expected(line: Mapping[str, object], expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        due_line(CALENDARS, line)
