"""Reading calendars: weekly hours, closures, the country's public holidays with its make-up working days (S12)."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from itertools import pairwise

from bot.company.holidays import PublicHolidays, country_code, public_holidays
from bot.company.places import Place, Reader, Section, by_name, checked, filled, listed
from bot.company.scalars import DATE, date_key, read_zone, scalar
from desk.hours import DAY, Calendar, Hours, Interval, NoOpenTime, next_opening

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_INTERVAL: Reader[Interval] = scalar(
    "hours", 'some like "09:00-12:00", "22:00-06:00" or "00:00-24:00"', Interval.parse, Interval(opens=0, closes=DAY)
)


_COUNTRY: Reader[str] = scalar("a country with known holidays", "a code like CN", country_code, "")


def calendars(place: Place, today: date) -> dict[str, Calendar]:
    """Reads `calendars`; public holidays are resolved for the years around `today`."""
    return filled(by_name(lambda entry: _calendar(entry, today)), "calendar")(place)


def _calendar(place: Place, today: date) -> Calendar:
    with Section(place) as keys:
        zone = keys.required("timezone", read_zone)
        weekly = keys.required("hours", _weekly)
        country = keys.optional("public_holidays", _COUNTRY, None)
        closures = keys.optional("holidays", listed(DATE), ())
        extra = keys.optional("extra_workdays", _extra, {})
    national = public_holidays(country, today.year) if country else PublicHolidays()
    calendar = Calendar(
        name=place.key,
        timezone=zone,
        weekly=weekly,
        closed=national.closed | set(closures),
        extra=extra,
        make_up_workdays=national.workdays,
        stands_in_for=national.stands_in_for,
    )
    if keys.is_sound:
        _check_opens(place, calendar, today)
    return calendar


def _check_opens(place: Place, calendar: Calendar, today: date) -> None:
    try:
        next_opening(calendar, datetime.combine(today, time(), UTC))
    except NoOpenTime:
        place.wrong("no open time within 400 days; expected hours that open some day")


def _weekly(place: Place) -> dict[int, Hours]:
    with Section(place) as keys:
        days = {index: keys.optional(day, _hours, ()) for index, day in enumerate(_WEEKDAYS)}
    return {index: hours for index, hours in days.items() if hours}


def _extra(place: Place) -> Mapping[date, Hours]:
    return {date_key(entry): _hours(entry) for entry in place.entries().values()}


def _hours(place: Place) -> Hours:
    read = checked(filled(listed(_INTERVAL), "interval"), _overlap_fault)
    return tuple(sorted(read(place)))


def _overlap_fault(hours: Hours) -> str | None:
    overlap = any(later.opens < earlier.closes for earlier, later in pairwise(sorted(hours)))
    return "the hours overlap; expected each after the one before" if overlap else None
