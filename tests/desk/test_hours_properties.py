"""Calendars against a clock on the wall: every answer equals that of asking each minute whether it is open (S12)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from desk.hours import Calendar, Hours, Interval, NoOpenTime, add, is_open, next_opening, open_between

MINUTE = timedelta(minutes=1)
ZONES = (
    "UTC",
    "Asia/Shanghai",
    "America/New_York",
    "Australia/Lord_Howe",  # daylight saving of half an hour
    "America/Santiago",  # changes at midnight
    "America/Havana",
    "Asia/Kathmandu",
    "Pacific/Apia",
)
#: Days around which the zones above change their clocks, and quiet ones between.
DAYS = tuple(date(2026, month, day) for month, day in ((3, 7), (3, 28), (4, 4), (6, 1), (9, 5), (10, 3), (10, 31)))


@st.composite
def intervals(draw: st.DrawFn) -> Interval:
    """Hours on full quarters, over midnight or not, up to a whole day."""
    opens = draw(st.integers(0, 95))
    return Interval(opens=opens * 900, closes=(opens + draw(st.integers(1, 96))) * 900)


def hours() -> st.SearchStrategy[Hours]:
    return st.lists(intervals(), max_size=2).map(tuple)


def dates() -> st.SearchStrategy[date]:
    return st.builds(lambda day, offset: day + timedelta(days=offset), st.sampled_from(DAYS), st.integers(-2, 4))


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    return Calendar(
        name="random",
        timezone=ZoneInfo(draw(st.sampled_from(ZONES))),
        weekly=draw(st.dictionaries(st.integers(0, 6), hours(), max_size=7)),
        closed=draw(st.frozensets(dates(), max_size=3)),
        extra=draw(st.dictionaries(dates(), hours(), max_size=3)),
        make_up_workdays=draw(st.frozensets(dates(), max_size=2)),
    )


def instants() -> st.SearchStrategy[datetime]:
    return st.builds(
        lambda day, seconds: datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=seconds),
        dates(),
        st.integers(0, 86399),
    )


def shows_open(calendar: Calendar, at: datetime) -> bool:
    """The rule itself, word for word: the wall's clock within hours of its date, or of the date before."""
    wall = at.astimezone(calendar.timezone)
    second = wall.hour * 3600 + wall.minute * 60 + wall.second
    before = calendar.hours_on(wall.date() - timedelta(days=1))
    return any(one.opens <= second < one.closes for one in calendar.hours_on(wall.date())) or any(
        one.opens <= second + 86400 < one.closes for one in before
    )


@settings(max_examples=20, deadline=None)
@given(calendars(), instants(), st.integers(0, 1500))
def test_s12_open_time_is_the_number_of_open_minutes(calendar: Calendar, start: datetime, minutes: int) -> None:
    start = start.replace(second=0)
    counted = sum(shows_open(calendar, start + minute * MINUTE) for minute in range(minutes))
    assert open_between(calendar, start, start + minutes * MINUTE) == counted * MINUTE


@settings(max_examples=20, deadline=None)
@given(calendars(), instants(), st.integers(1, 600))
def test_s12_the_due_minute_is_found_by_counting(calendar: Calendar, start: datetime, minutes: int) -> None:
    start = start.replace(second=0)
    at, left = start, minutes
    while left and at - start < timedelta(days=2):
        left -= shows_open(calendar, at)
        at += MINUTE
    if not left:
        assert add(calendar, start, minutes * MINUTE) == at


@settings(max_examples=40, deadline=None)
@given(calendars(), instants(), st.integers(0, 400_000))
def test_s12_add_is_the_inverse_of_open_between(calendar: Calendar, start: datetime, seconds: int) -> None:
    try:
        due = add(calendar, start, timedelta(seconds=seconds))
    except NoOpenTime:
        assert open_between(calendar, start, start + timedelta(days=400)) < timedelta(seconds=seconds)
        return
    assert open_between(calendar, start, due) == timedelta(seconds=seconds)
    if seconds:
        assert open_between(calendar, start, due - timedelta(seconds=1)) == timedelta(seconds=seconds - 1)


@settings(max_examples=25, deadline=None)
@given(calendars(), st.tuples(instants(), instants(), instants()))
def test_s12_open_time_of_the_parts_is_that_of_the_whole(
    calendar: Calendar, three: tuple[datetime, datetime, datetime]
) -> None:
    first, middle, last = sorted(three)
    whole = open_between(calendar, first, last)
    assert open_between(calendar, first, middle) + open_between(calendar, middle, last) == whole
    assert timedelta() <= whole <= last - first


@settings(max_examples=25, deadline=None)
@given(calendars(), instants(), st.lists(st.integers(0, 200_000), min_size=2, max_size=2))
def test_s12_more_open_time_is_never_due_earlier(calendar: Calendar, start: datetime, two: list[int]) -> None:
    less, more = sorted(two)
    try:
        later = add(calendar, start, timedelta(seconds=more))
    except NoOpenTime:
        return
    assert start <= add(calendar, start, timedelta(seconds=less)) <= later


@settings(max_examples=25, deadline=None)
@given(calendars(), instants())
def test_s12_the_next_opening_agrees_with_the_clock_on_the_wall(calendar: Calendar, at: datetime) -> None:
    second = timedelta(seconds=1)
    assert is_open(calendar, at) == shows_open(calendar, at)
    try:
        opening = next_opening(calendar, at)
    except NoOpenTime:
        return
    assert shows_open(calendar, opening)
    assert opening == at or not shows_open(calendar, opening - second)
    assert open_between(calendar, at, opening) == timedelta()
