"""A country's public holidays and make-up working days, from the package `holidays`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

import holidays
from holidays import HolidayBase

_YEARS_BACK = 1
_YEARS_AHEAD = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class PublicHolidays:
    """The closed dates, the working days that make up for some, and the closed date that each stands in for."""

    closed: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()
    stands_in_for: Mapping[date, date] = field(default_factory=dict)


def country_code(text: str) -> str:
    """The code of a country whose holidays are known; ValueError for any other text."""
    if text not in holidays.list_supported_countries(include_aliases=False):
        raise ValueError
    return text


def public_holidays(country: str, year: int) -> PublicHolidays:
    """The holidays of the years around `year`.

    A country announces its make-up working days a year at a time: those of later years are known when the package is.
    """
    years = range(year - _YEARS_BACK, year + _YEARS_AHEAD + 1)
    official = holidays.country_holidays(country, years=years)
    workdays = frozenset(day for day in official.weekend_workdays if day.year in years)
    swaps = {workday: off for off, workday in _swaps(official) if workday in workdays}
    return PublicHolidays(closed=frozenset(official) - workdays, workdays=workdays, stands_in_for=swaps)


def _swaps(official: HolidayBase) -> Iterator[tuple[date, date]]:
    """Each day off with the working day that makes up for it: (month, day, from month, from day[, from year])."""
    announced: dict[int, tuple[object, ...]] = getattr(official, "special_public_holidays", {})
    for year, entries in announced.items():
        for entry in entries if isinstance(entries[0], tuple) else (entries,):
            match entry:
                case (int(month), int(day), int(from_month), int(from_day)):
                    yield date(year, month, day), date(year, from_month, from_day)
                case (int(month), int(day), int(from_month), int(from_day), int(from_year)):
                    yield date(year, month, day), date(from_year, from_month, from_day)
