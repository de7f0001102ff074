"""The one small language of `when`: parsed conditions, and whether one holds of a subject at a moment.

All parts of a condition must hold; a test is a tuple of options of which any may pass. What the asker does not know
at that moment does not hold.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

Value = str | bool | int | float
"""One known value: of a key, of a contact's field, of an event's property."""

MESSAGE_KEYS = frozenset({"intent", "sentiment", "urgent", "language", "channel", "text", "streak"})
TICKET_KEYS = frozenset({"priority", "team", "status", "tag"})
CONTACT_KEYS = frozenset({"tier", "stage", "score", "health", "tag"})
VALUE_KEYS = MESSAGE_KEYS | TICKET_KEYS | CONTACT_KEYS
"""The keys that compare a plain value; `field`, `silent_for`, `event` and `count` have forms of their own."""


class Comparison(StrEnum):
    """How a figure is compared, as it is written before the figure."""

    BELOW = "<"
    AT_MOST = "<="
    AT_LEAST = ">="
    ABOVE = ">"


@dataclass(frozen=True, kw_only=True, slots=True)
class Equals:
    """The value itself; texts are compared without regard to case."""

    value: Value


@dataclass(frozen=True, kw_only=True, slots=True)
class Like:
    """A text with `*` for any run of characters, without regard to case; it must fit the whole value."""

    pattern: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Compares:
    """A figure on the right side of a comparison."""

    comparison: Comparison
    figure: float


Option = Equals | Like | Compares
Test = tuple[Option, ...]
"""Any of these options."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EventTest:
    """An event of one of these names happened, with these properties."""

    names: tuple[str, ...]
    properties: Mapping[str, Test] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class CountTest:
    """At least so many events of a name, of all time or within the time before the moment of asking."""

    event: str
    at_least: int
    within: timedelta | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """A parsed `when`; without any part it always holds."""

    values: Mapping[str, Test] = field(default_factory=dict)
    fields: Mapping[str, Test] = field(default_factory=dict)
    event: EventTest | None = None
    count: CountTest | None = None
    silent_for: timedelta | None = None


ALWAYS = Condition()


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """Something that happened to a contact, with the properties that the sender gave it."""

    name: str
    at: datetime
    properties: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """What is known of a message, its ticket and its contact when a condition is asked.

    `values` hold any of `VALUE_KEYS`; `tag` a collection of tags; `streak` how many messages running had the
    sentiment of the last one. `events` are those the condition may count (see `events_of`): all of the contact's
    where "ever" is meant, the one just received where a rule answers that event. `last_heard` is the contact's last
    message.
    """

    now: datetime
    values: Mapping[str, Value | Collection[str]] = field(default_factory=dict)
    fields: Mapping[str, Value] = field(default_factory=dict)
    events: Sequence[Event] = ()
    last_heard: datetime | None = None


def holds(condition: Condition, subject: Subject) -> bool:
    """Whether every part of the condition holds of the subject."""
    return (
        all(_value_passes(key, test, subject) for key, test in condition.values.items())
        and all(_known_passes(test, subject.fields.get(name)) for name, test in condition.fields.items())
        and (condition.event is None or any(_fits(event, condition.event) for event in subject.events))
        and (condition.count is None or _counted(condition.count, subject) >= condition.count.at_least)
        and (condition.silent_for is None or _silent(condition.silent_for, subject))
    )


def events_of(condition: Condition) -> frozenset[str]:
    """The names of the events that a condition asks about: what to load before asking it."""
    names = condition.event.names if condition.event else ()
    counted = (condition.count.event,) if condition.count else ()
    return frozenset((*names, *counted))


def passes(test: Test, value: Value) -> bool:
    """Whether any option of the test fits the value."""
    return any(_option_fits(option, value) for option in test)


def _value_passes(key: str, test: Test, subject: Subject) -> bool:
    value = subject.values.get(key)
    if key == "language" and isinstance(value, str):
        return passes(test, value) or passes(test, value.partition("-")[0])
    if value is None or isinstance(value, str | bool | int | float):
        return _known_passes(test, value)
    return any(passes(test, each) for each in value)


def _known_passes(test: Test, value: Value | None) -> bool:
    return value is not None and passes(test, value)


def _option_fits(option: Option, value: Value) -> bool:
    match option:
        case Equals(value=expected):
            return _equal(expected, value)
        case Like(pattern=pattern):
            return isinstance(value, str) and _like(pattern.casefold(), value.casefold())
        case Compares(comparison=comparison, figure=figure):
            return _is_number(value) and _compares(comparison, float(value), figure)


def _equal(expected: Value, value: Value) -> bool:
    if isinstance(expected, str) or isinstance(value, str):
        return str(expected).casefold() == str(value).casefold()
    return isinstance(expected, bool) == isinstance(value, bool) and expected == value


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _compares(comparison: Comparison, value: float, figure: float) -> bool:
    match comparison:
        case Comparison.BELOW:
            return value < figure
        case Comparison.AT_MOST:
            return value <= figure
        case Comparison.AT_LEAST:
            return value >= figure
        case Comparison.ABOVE:
            return value > figure


def _like(pattern: str, text: str) -> bool:
    """Each piece between the stars is found as early as it can be: linear, whatever a customer writes."""
    first, *middle = pattern.split("*")
    if not middle:
        return text == pattern
    *middle, last = middle
    if not text.startswith(first) or len(text) < len(first) + len(last) or not text.endswith(last):
        return False
    position, end = len(first), len(text) - len(last)
    for piece in middle:
        found = text.find(piece, position, end)
        if found < 0:
            return False
        position = found + len(piece)
    return True


def _fits(event: Event, test: EventTest) -> bool:
    return event.name in test.names and all(
        _known_passes(options, event.properties.get(name)) for name, options in test.properties.items()
    )


def _counted(test: CountTest, subject: Subject) -> int:
    since = None if test.within is None else subject.now - test.within
    return sum(event.name == test.event and (since is None or event.at > since) for event in subject.events)


def _silent(silence: timedelta, subject: Subject) -> bool:
    return subject.last_heard is not None and subject.now - subject.last_heard >= silence
