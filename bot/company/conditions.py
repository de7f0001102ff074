"""Reading a `when`: a mapping whose keys must all hold; a list means any of; ">= 80" compares."""

import re
from collections.abc import Callable

from bot.company.mistakes import quoted, suggestion
from bot.company.names import Names
from bot.company.places import Place, Reader, Section, by_name, filled, listed_or_one
from bot.company.scalars import DURATION, EVENT, LANGUAGE, TEXT, TRUTH, known, parse_date, parse_number, scalar, whole
from desk.company import ContactField, FieldType
from desk.conditions import (
    ALWAYS,
    VALUE_KEYS,
    Compares,
    Comparison,
    Condition,
    CountTest,
    Equals,
    EventTest,
    Like,
    Option,
    Test,
)
from desk.readings import Sentiment
from desk.tickets import Priority, Status

_BLANK: Option = Equals(value="")
_COMPARISON = re.compile(r"(<=|>=|<|>) *(\S+)")


def condition(names: Names) -> Reader[Condition]:
    """The reader of a `when`."""

    def read(place: Place) -> Condition:
        with Section(place) as keys:
            found = condition_parts(keys, names)
        if found == ALWAYS and not keys.spoiled and not place.entries():
            place.wrong("empty; expected at least one key, or no condition at all")
        return found

    return read


def condition_parts(keys: Section, names: Names) -> Condition:
    """The condition in those keys of a section that nobody asked for yet, as in `goal: {event: …, within: …}`."""
    places = {key: keys.at(key) for key in sorted(VALUE_KEYS)}
    fields = keys.optional("field", filled(_fields(names), "field"), {})
    silent_for = keys.optional("silent_for", DURATION, None)
    count = keys.optional("count", _count, None)
    event = keys.optional("event", filled(listed_or_one(EVENT), "event"), None)
    properties = {name: _any_test(place) for name, place in keys.others().items()} if event else {}
    return Condition(
        values={key: _test_of(key, names)(place) for key, place in places.items() if place.node is not None},
        fields=fields,
        event=EventTest(names=event, properties=properties) if event else None,
        count=count,
        silent_for=silent_for,
    )


def _count(place: Place) -> CountTest:
    with Section(place) as keys:
        return CountTest(
            event=keys.required("event", EVENT),
            within=keys.optional("within", DURATION, None),
            at_least=keys.required("at_least", whole(1, 1_000_000)),
        )


def _test_of(key: str, names: Names) -> Reader[Test]:
    match key:
        case "urgent":
            return _truth_test
        case "score" | "health":
            return _figure_test
        case "streak":
            return _streak_test
        case "text" | "tag":
            return _pattern_test
        case _:
            return _tests(_word(key, names))


def _word(key: str, names: Names) -> Reader[str]:
    words: dict[str, Reader[str]] = {
        "intent": known(names.intents, "an intent"),
        "sentiment": known(Sentiment, "a sentiment"),
        "language": LANGUAGE,
        "channel": known(names.channels, "a channel"),
        "priority": known(Priority, "a priority"),
        "team": known(names.teams, "a team"),
        "status": known(Status, "a status"),
        "tier": known(names.tiers, "a tier"),
        "stage": known(names.stages, "a stage"),
    }
    return words[key]


def _tests(read: Reader[str]) -> Reader[Test]:
    return filled(listed_or_one(lambda place: Equals(value=read(place))), "value")


def _figure(text: str) -> Option:
    match = _COMPARISON.fullmatch(text)
    if match:
        return Compares(comparison=Comparison(match[1]), figure=parse_number(match[2]))
    return Equals(value=parse_number(text))


def _streak(text: str) -> Option:
    """A bare figure means at least so many: a third negative message in a row does not end what the second began."""
    option = _figure(text)
    if isinstance(option, Equals):
        return Compares(comparison=Comparison.AT_LEAST, figure=parse_number(text))
    return option


def _pattern(text: str) -> Option:
    if not text.strip():
        raise ValueError
    return Like(pattern=text) if "*" in text else Equals(value=text)


def _figures(parse: Callable[[str], Option]) -> Reader[Test]:
    expected = 'one like 80, ">= 80" or "< 40"'
    return filled(listed_or_one(scalar("a figure or a comparison", expected, parse, _BLANK)), "value")


def _truth_test(place: Place) -> Test:
    return filled(listed_or_one(lambda item: Equals(value=TRUTH(item))), "value")(place)


def _figure_test(place: Place) -> Test:
    return _figures(_figure)(place)


def _streak_test(place: Place) -> Test:
    return _figures(_streak)(place)


def _pattern_test(place: Place) -> Test:
    return filled(listed_or_one(scalar("a text", "one like *refund*", _pattern, _BLANK)), "value")(place)


def _any_test(place: Place) -> Test:
    """The test of an event's property, whose type nobody told us: what YAML takes the value for."""
    return filled(listed_or_one(_any_option), "value")(place)


def _any_option(place: Place) -> Option:
    text = place.scalar
    if text is None:
        TEXT(place)
        return _BLANK
    if place.tag == "bool":
        return Equals(value=text.lower() in {"true", "yes", "on"})
    try:
        return _figure(text) if place.tag in {"int", "float"} or _COMPARISON.fullmatch(text) else _pattern(text)
    except ValueError:
        place.wrong(f'{quoted(text)} cannot be compared; expected a value, a text with * or one like ">= 80"')
        return _BLANK


def _fields(names: Names) -> Reader[dict[str, Test]]:
    return by_name(lambda place: _field_test(place, names))


def _field_test(place: Place, names: Names) -> Test:
    if place.key not in names.fields:
        near = suggestion(place.key, names.fields) or f"; expected one of {', '.join(names.fields)}"
        place.wrong(f"not a field of a contact{near}")
        return ()
    return _test_of_field(names.fields[place.key])(place)


def _test_of_field(field: ContactField) -> Reader[Test]:
    match field.type:
        case FieldType.CHOICE:
            return _tests(known(field.choices, f"a choice of {field.name}"))
        case FieldType.NUMBER:
            return _figure_test
        case FieldType.BOOLEAN:
            return _truth_test
        case FieldType.DATE:
            return _tests(scalar("a date", 'one like "2026-12-31"', lambda text: str(parse_date(text)), ""))
        case FieldType.TEXT:
            return _pattern_test
