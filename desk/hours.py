"""Opening hours: calendars, and exact sums over them in whole seconds (S12).

One rule explains every case: a calendar is open at an instant when the clock on the wall there shows a time inside an
interval of that date, or inside an interval of the date before that runs over midnight. So an hour that daylight saving
skips is no open time, an hour that it repeats counts twice, and everything between is real elapsed time. Intervals that
overlap or touch are one. Fractions of a second are cut off; results are in UTC.

What a date's hours are, the strongest first: its own (`extra`), none (`closed`), a working day's hours where the
country made it one (`make_up_workdays`), the hours of its weekday (`weekly`).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

HOUR = 3600
DAY = 24 * HOUR
#: How far the next open moment may lie ahead before the calendar counts as misconfigured.
PATIENCE = 400 * DAY
#: No zone changes its offset twice within so short a time, so equal offsets at both ends hold between them.
STRETCH = 5 * DAY

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_DAY = _EPOCH.date()
_INTERVAL = re.compile(r"(\d{1,2}):([0-5]\d)\s*-\s*(\d{1,2}):([0-5]\d)", re.ASCII)

Span = tuple[int, int]
"""From the first second up to, not including, the second one."""


class NoOpenTime(Exception):
    """The calendar has no open time within 400 days: a mistake in the company's file."""

    def __init__(self, calendar: str, after: datetime) -> None:
        """Name the calendar and where its open time ends."""
        super().__init__(f"calendar {calendar!r} has no open time within 400 days after {after:%Y-%m-%d %H:%M} UTC")
        self.calendar = calendar
        self.after = after


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Interval:
    """Open hours of one date, in seconds after its midnight by the clock on the wall.

    An interval over midnight belongs to the date that it starts on, so `closes` may exceed 24 hours.
    """

    opens: int
    closes: int

    def __post_init__(self) -> None:
        """Refuse what does not start within its date or is longer than a day."""
        if not (0 <= self.opens < DAY and self.opens < self.closes <= self.opens + DAY):
            message = f"not the hours of a day: from {self.opens} s to {self.closes} s after midnight"
            raise ValueError(message)

    @classmethod
    def parse(cls, text: str) -> "Interval":
        """Read "09:00-12:00"; "22:00-06:00" runs over midnight, "00:00-24:00" is the whole day.

        ValueError says what was expected.
        """
        found = _INTERVAL.fullmatch(text.strip())
        if found is None:
            message = f'expected hours like "09:00-18:00", not {text!r}'
            raise ValueError(message)
        hours, minutes, until_hours, until_minutes = map(int, found.groups())
        opens, closes = hours * HOUR + minutes * 60, until_hours * HOUR + until_minutes * 60
        if opens >= DAY or closes > DAY:
            message = f"expected times from 00:00 to 24:00 and a start before 24:00, not {text!r}"
            raise ValueError(message)
        if opens == closes:
            message = f'{text!r} ends when it starts; the whole day is "00:00-24:00"'
            raise ValueError(message)
        return cls(opens=opens, closes=closes if closes > opens else closes + DAY)


Hours = tuple[Interval, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Calendar:
    """When a team is there. `weekly` is by weekday, 0 for Monday; a weekday left out is closed.

    `closed` holds the company's own closures and the country's public holidays. A make-up working day has the hours of
    the weekday of the date that `stands_in_for` names for it, else of the first weekday that is open at all.
    """

    name: str
    timezone: ZoneInfo
    weekly: Mapping[int, Hours]
    closed: frozenset[date] = frozenset()
    extra: Mapping[date, Hours] = field(default_factory=dict)
    make_up_workdays: frozenset[date] = frozenset()
    stands_in_for: Mapping[date, date] = field(default_factory=dict)
    _week: tuple[tuple[Span, ...], ...] = field(init=False, repr=False, compare=False)
    _dated: Mapping[int, tuple[Span, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Lay out each weekday, and each date that departs from its weekday, as spans between two midnights."""
        if not set(self.weekly) <= set(range(7)):
            message = f"weekdays run from 0 (Monday) to 6, not {sorted(self.weekly)}"
            raise ValueError(message)
        week = tuple(
            _between_midnights(self.weekly.get((day - 1) % 7, ()), self.weekly.get(day, ())) for day in range(7)
        )
        special = {*self.closed, *self.extra, *self.make_up_workdays}
        touched = special | {day + _DAY for day in special}
        dated = {
            (day - _FIRST_DAY).days: _between_midnights(self.hours_on(day - _DAY), self.hours_on(day))
            for day in touched
        }
        object.__setattr__(self, "_week", week)
        object.__setattr__(self, "_dated", dated)

    def hours_on(self, day: date) -> Hours:
        """The intervals that start on a date."""
        if day in self.extra:
            return self.extra[day]
        if day in self.closed:
            return ()
        if day in self.make_up_workdays:
            return self.weekly.get(self._working_weekday(day), ())
        return self.weekly.get(day.weekday(), ())

    def spans_on(self, day: int) -> tuple[Span, ...]:
        """The open seconds after midnight of the day of that number (0 is 1970-01-01, a Thursday), in order."""
        dated = self._dated.get(day)
        return self._week[(day + 3) % 7] if dated is None else dated

    def _working_weekday(self, day: date) -> int:
        if day in self.stands_in_for:
            return self.stands_in_for[day].weekday()
        return next((weekday for weekday in range(7) if self.weekly.get(weekday)), 0)


def add(calendar: Calendar, start: datetime, open_time: timedelta) -> datetime:
    """The first instant at which so much open time has passed since `start`; no open time at all is `start` itself.

    Raises NoOpenTime where the calendar stays closed for more than 400 days on the way.
    """
    left = open_time // _SECOND
    if left < 0:
        message = f"open time to add cannot be negative: {open_time}"
        raise ValueError(message)
    begin = _seconds(start)
    if not left:
        return _instant(begin)
    spans = _spans_ahead(calendar, begin)
    opens, closes = next(spans)
    while left > closes - opens:
        left -= closes - opens
        opens, closes = next(spans)
    return _instant(opens + left)


def open_between(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """The open time from `start` to `end`; none where `end` is not later."""
    return timedelta(seconds=sum(closes - opens for opens, closes in _spans(calendar, _seconds(start), _seconds(end))))


def is_open(calendar: Calendar, at: datetime) -> bool:
    """Whether the calendar is open in the second that begins at `at`."""
    second = _seconds(at)
    return next(_spans(calendar, second, second + 1), None) is not None


def next_opening(calendar: Calendar, at: datetime) -> datetime:
    """The first open instant from `at` on, which is `at` itself while open. Raises NoOpenTime."""
    opens, _ = next(_spans_ahead(calendar, _seconds(at)))
    return _instant(opens)


def due_line(calendars: Mapping[str, Calendar], line: Mapping[str, object]) -> dict[str, str]:
    """Answer `{"calendar": "office", "start": "2026-01-05T09:00", "minutes": 90}`: `{"due": "2026-01-05T02:30:00Z"}`.

    A start without an offset is by the calendar's own clock; minutes may have a fraction. ValueError says what is
    wrong, NoOpenTime that the calendar is.
    """
    name, start, minutes = line.get("calendar"), line.get("start"), line.get("minutes")
    if not isinstance(name, str) or name not in calendars:
        message = f"calendar: expected one of {', '.join(calendars)}, not {name!r}"
        raise ValueError(message)
    if isinstance(minutes, bool) or not isinstance(minutes, int | float) or not minutes >= 0:
        message = f"minutes: expected a number from 0 up, not {minutes!r}"
        raise ValueError(message)
    begin = _read_instant(start, calendars[name].timezone)
    try:
        due = add(calendars[name], begin, timedelta(minutes=minutes))
    except (OverflowError, ValueError):
        message = f"start, minutes: beyond the years that a calendar knows: {start}, {minutes}"
        raise ValueError(message) from None
    return {"due": f"{due:%Y-%m-%dT%H:%M:%SZ}"}


def _read_instant(text: object, zone: ZoneInfo) -> datetime:
    try:
        instant = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        instant = None
    if instant is None:
        message = f"start: expected an instant like 2026-01-05T09:00:00Z, not {text!r}"
        raise ValueError(message)
    return instant if instant.tzinfo else instant.replace(tzinfo=zone)


def _spans(calendar: Calendar, start: int, end: int) -> Iterator[Span]:
    """The open spans of [start, end) in seconds since 1970, in order; one that runs on may come in several parts."""
    for begin, until, offset in _stretches(calendar.timezone, start, end):
        for day in range((begin + offset) // DAY, (until + offset - 1) // DAY + 1):
            midnight = day * DAY - offset
            for opens, closes in calendar.spans_on(day):
                if midnight + closes > begin and midnight + opens < until:
                    yield max(midnight + opens, begin), min(midnight + closes, until)


def _spans_ahead(calendar: Calendar, start: int) -> Iterator[Span]:
    """The open spans from `start` on, without end; raises NoOpenTime after 400 days without one."""
    while True:
        end = start
        for span in _spans(calendar, start, start + PATIENCE + 1):
            yield span
            end = span[1]
        if end == start:
            raise NoOpenTime(calendar.name, _instant(start))
        start = end


def _stretches(zone: ZoneInfo, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Cut [start, end) into parts within which the zone's offset stays the same: (from, until, offset), in seconds."""
    offset = _offset(zone, start)
    while start < end:
        until = min(start + STRETCH, end)
        if _offset(zone, until) != offset:
            until = _transition(zone, start, until)
        yield start, until, offset
        start, offset = until, _offset(zone, until)


def _transition(zone: ZoneInfo, before: int, after: int) -> int:
    """The first second of the new offset, where the offset changes between the two instants."""
    offset = _offset(zone, before)
    while after - before > 1:
        middle = (before + after) // 2
        if _offset(zone, middle) == offset:
            before = middle
        else:
            after = middle
    return after


def _offset(zone: ZoneInfo, at: int) -> int:
    """The zone's distance from UTC, in seconds east."""
    offset = datetime.fromtimestamp(at, zone).utcoffset() or timedelta()
    return offset.days * DAY + offset.seconds


def _between_midnights(before: Hours, own: Hours) -> tuple[Span, ...]:
    """A date's open spans: its own intervals up to midnight and what runs over from the date before, joined."""
    spans: list[Span] = []
    over = [(0, interval.closes - DAY) for interval in before if interval.closes > DAY]
    for opens, closes in sorted(over + [(interval.opens, min(interval.closes, DAY)) for interval in own]):
        if spans and opens <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], closes))
        else:
            spans.append((opens, closes))
    return tuple(spans)


def _seconds(at: datetime) -> int:
    return (at - _EPOCH) // _SECOND


def _instant(seconds: int) -> datetime:
    return _EPOCH + timedelta(seconds=seconds)
