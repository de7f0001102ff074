"""Readers of single values: words, figures, durations, times of day, limits, rewards."""

import re
from collections.abc import Callable, Collection, Iterable
from datetime import date, time, timedelta
from enum import StrEnum
from math import isfinite
from typing import TypeVar
from zoneinfo import ZoneInfo

from bot.company.mistakes import quoted, suggestion
from bot.company.places import Place, Reader
from desk.company import Texts
from lifecycle.policy import CouponReward, Limit, PointsReward, PointsRule, Reward

T = TypeVar("T")
Word = TypeVar("Word", bound=StrEnum)

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_LONGEST = timedelta(days=3660)
_LONGEST_TEXT = 4000
_BLANK_DAY = date(2000, 1, 1)


def scalar(what: str, expected: str, parse: Callable[[str], T], blank: T) -> Reader[T]:
    """A reader of one value; `parse` raises ValueError where the text is not `what`."""

    def read(place: Place) -> T:
        text = place.scalar
        if place.is_empty or text is None:
            found = "missing" if place.is_empty else f"{place.shown()} is not {what}"
            place.wrong(f"{found}; expected {expected}")
            return blank
        try:
            return parse(text)
        except ValueError:
            place.wrong(f"{quoted(text)} is not {what}; expected {expected}")
            return blank

    return read


def _text(text: str) -> str:
    if not text.strip() or len(text) > _LONGEST_TEXT or "\0" in text:
        raise ValueError
    return text.strip()


def _name(text: str) -> str:
    if not text.strip() or len(text) > 64 or not text.isprintable():
        raise ValueError
    return text.strip()


def _event(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z][\w.:-]{0,63}", text, re.ASCII):
        raise ValueError
    return text


def _language(text: str) -> str:
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", text):
        raise ValueError
    return text


def parse_duration(text: str) -> timedelta:
    """90s, 5m, 4h, 3d or 2w; more than nothing and at most ten years."""
    match = re.fullmatch(r"([0-9]{1,9})([smhdw])", text)
    duration = timedelta(**{_UNITS[match[2]]: int(match[1])}) if match else timedelta(0)
    if not timedelta(0) < duration <= _LONGEST:
        raise ValueError
    return duration


def parse_time(text: str) -> time:
    """HH:MM from 00:00 to 23:59."""
    match = re.fullmatch(r"([0-9]{2}):([0-9]{2})", text)
    if not match:
        raise ValueError
    return time(int(match[1]), int(match[2]))


def parse_limit(text: str) -> Limit:
    """1 per 7d."""
    match = re.fullmatch(r"([0-9]{1,6}) +per +(\S+)", text)
    if not match or int(match[1]) == 0:
        raise ValueError
    return Limit(count=int(match[1]), per=parse_duration(match[2]))


def parse_points_rule(text: str) -> PointsRule:
    """200, or 1 per 10 amount."""
    if re.fullmatch(r"[0-9]{1,9}", text):
        return PointsRule(points=int(text))
    match = re.fullmatch(r"([0-9]{1,9}) +per +([0-9]{1,9}) +([A-Za-z]\w*)", text, re.ASCII)
    if not match or int(match[2]) == 0:
        raise ValueError
    return PointsRule(points=int(match[1]), per_amount=int(match[2]), event_property=match[3])


def parse_reward(text: str) -> Reward:
    """200 points, or coupon NEW10."""
    points = re.fullmatch(r"([0-9]{1,9}) +points", text)
    coupon = re.fullmatch(r"coupon +([A-Za-z0-9_-]{1,32})", text)
    if points:
        return PointsReward(points=int(points[1]))
    if coupon:
        return CouponReward(code=coupon[1])
    raise ValueError


def parse_date(text: str) -> date:
    if not re.fullmatch(r"(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}", text):
        raise ValueError
    return date.fromisoformat(text)


def _zone(text: str) -> ZoneInfo:
    if not re.fullmatch(r"[A-Za-z0-9_+/-]{1,64}", text):
        raise ValueError
    try:
        return ZoneInfo(text)
    except (LookupError, OSError) as error:
        raise ValueError from error


def read_zone(place: Place) -> ZoneInfo:
    """A time zone of the IANA database."""
    return scalar("a time zone", "one like Asia/Shanghai or UTC", _zone, ZoneInfo("UTC"))(place)


def _truth(text: str) -> bool:
    match text.lower():
        case "true" | "yes" | "on":
            return True
        case "false" | "no" | "off":
            return False
        case _:
            raise ValueError


def parse_number(text: str) -> float:
    """A plain decimal number, nothing like `inf` or `0x10`."""
    if not re.fullmatch(r"[+-]?([0-9]{1,15}(\.[0-9]{1,15})?|\.[0-9]{1,15})", text) or not isfinite(float(text)):
        raise ValueError
    return float(text)


TEXT: Reader[str] = scalar("a text", f"1 to {_LONGEST_TEXT} characters", _text, "")
NAME: Reader[str] = scalar("a name", "1 to 64 characters on one line", _name, "")
EVENT: Reader[str] = scalar("the name of an event", "one like order_paid", _event, "")
LANGUAGE: Reader[str] = scalar("a language", "a code like zh or en", _language, "")
DURATION: Reader[timedelta] = scalar("a duration", "one like 90s, 5m, 4h, 3d or 2w", parse_duration, timedelta(1))
TIME: Reader[time] = scalar("a time of day", '"00:00" to "23:59"', parse_time, time())
DATE: Reader[date] = scalar("a date", 'one like "2026-12-31"', parse_date, _BLANK_DAY)
LIMIT: Reader[Limit] = scalar("a limit", "one like 1 per 7d", parse_limit, Limit(count=1, per=timedelta(1)))
TRUTH: Reader[bool] = scalar("true or false", "true or false", _truth, blank=False)
REWARD: Reader[Reward] = scalar("a reward", "one like 200 points or coupon NEW10", parse_reward, PointsReward(points=0))
POINTS_RULE: Reader[PointsRule] = scalar(
    "a rule for points", "one like 200 or 1 per 10 amount", parse_points_rule, PointsRule(points=0)
)


def date_key(place: Place) -> date:
    """The date that stands as the key of a place."""
    try:
        return parse_date(place.key)
    except ValueError:
        place.wrong(f'{quoted(place.key)} is not a date; expected one like "2026-12-31"')
        return _BLANK_DAY


def whole(lowest: int, highest: int) -> Reader[int]:
    """A whole number within bounds, both included."""

    def parse(text: str) -> int:
        if not re.fullmatch(r"[+-]?[0-9]{1,15}", text) or not lowest <= int(text) <= highest:
            raise ValueError
        return int(text)

    return scalar("a whole number in range", f"{lowest} to {highest}", parse, lowest)


def number(lowest: float, highest: float) -> Reader[float]:
    """A number within bounds, both included."""

    def parse(text: str) -> float:
        value = parse_number(text)
        if not lowest <= value <= highest:
            raise ValueError
        return value

    return scalar("a number in range", f"{lowest:g} to {highest:g}", parse, lowest)


def word_of(words: type[Word], only: Collection[Word] = ()) -> Reader[Word]:
    """A word of an enumeration, or of those of its words that are allowed here."""
    allowed = tuple(only) or tuple(words)

    def parse(text: str) -> Word:
        word = words(text)
        if word not in allowed:
            raise ValueError
        return word

    return scalar("allowed here", f"one of {', '.join(allowed)}", parse, allowed[0])


def known(names: Iterable[str], what: str) -> Reader[str]:
    """A name that the file itself (or the program) gives somewhere; `what` is like "a team"."""
    allowed = tuple(names)

    def read(place: Place) -> str:
        text = place.scalar
        expected = f"expected one of {', '.join(allowed)}" if allowed else "expected none: the file names none"
        if text is None:
            found = "missing" if place.is_empty else f"{place.shown()} is not {what}"
            place.wrong(f"{found}; {expected}")
        elif text not in allowed:
            near = suggestion(text, allowed) if len(allowed) > 8 else ""
            place.wrong(f"{quoted(text)} is not {what}{near or f'; {expected}'}")
        return text or ""

    return read


def texts_in(languages: Iterable[str]) -> Reader[Texts]:
    """One text in each of the company's languages, and in no other."""
    wanted = tuple(languages)

    def read(place: Place) -> Texts:
        texts: dict[str, str] = {}
        entries = place.entries()
        for language, entry in entries.items():
            if language not in wanted:
                entry.wrong(f"not a language of the company; expected {', '.join(wanted)}")
            texts[language] = TEXT(entry)
        missing = [language for language in wanted if language not in entries]
        if missing and (place.is_mapping or place.tag == "null"):
            place.wrong(f"no text in {', '.join(missing)}; expected one in each language of the company")
        return texts

    return read
