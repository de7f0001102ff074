"""The language of `when`: what holds, and that what is not known does not."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.conditions import (
    ALWAYS,
    Compares,
    Comparison,
    Condition,
    CountTest,
    Equals,
    Event,
    EventTest,
    Like,
    Subject,
    Test,
    events_of,
    holds,
    passes,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ANGRY: Test = (Equals(value="negative"),)


def subject(**known: Any) -> Subject:
    return Subject(now=NOW, values=known)


def paid(days_ago: float, **properties: str | float) -> Event:
    return Event(name="order_paid", at=NOW - timedelta(days=days_ago), properties=properties)


def test_without_a_part_it_always_holds() -> None:
    assert holds(ALWAYS, subject())


def test_all_keys_must_hold() -> None:
    condition = Condition(values={"sentiment": ANGRY, "intent": (Equals(value="complaint"),)})

    assert holds(condition, subject(sentiment="negative", intent="complaint"))
    assert not holds(condition, subject(sentiment="negative", intent="invoice"))


def test_what_is_not_known_does_not_hold() -> None:
    assert not holds(Condition(values={"sentiment": ANGRY}), subject())
    assert not holds(Condition(values={"score": (Compares(comparison=Comparison.BELOW, figure=40),)}), subject())
    assert not holds(Condition(fields={"industry": (Equals(value="medical"),)}), subject())
    assert not holds(Condition(silent_for=timedelta(days=30)), subject())


def test_a_list_means_any_of() -> None:
    condition = Condition(values={"tier": (Equals(value="gold"), Equals(value="platinum"))})

    assert holds(condition, subject(tier="platinum"))
    assert not holds(condition, subject(tier="silver"))


def test_one_tag_of_many_is_enough() -> None:
    condition = Condition(values={"tag": (Like(pattern="vip*"),)})

    assert holds(condition, subject(tag=("new", "VIP-2026")))
    assert not holds(condition, subject(tag=("new",)))


def test_a_language_holds_for_its_scripts() -> None:
    chinese = Condition(values={"language": (Equals(value="zh"),)})
    traditional = Condition(values={"language": (Equals(value="zh-Hant"),)})

    assert holds(chinese, subject(language="zh-Hans"))
    assert not holds(traditional, subject(language="zh-Hans"))


def test_true_is_not_one() -> None:
    assert not passes((Equals(value=True),), 1)
    assert not passes((Compares(comparison=Comparison.AT_LEAST, figure=1),), value=True)


@pytest.mark.parametrize(
    ("comparison", "fitting"),
    [("<", [39]), ("<=", [39, 40]), (">=", [40, 41]), (">", [41])],
)
def test_a_figure_is_compared(comparison: str, fitting: list[int]) -> None:
    test: Test = (Compares(comparison=Comparison(comparison), figure=40),)

    assert [value for value in (39, 40, 41) if passes(test, value)] == fitting


@pytest.mark.parametrize(
    ("pattern", "fitting", "other"),
    [
        ("*退款*", "我要退款！", "我要退货"),
        ("/pricing*", "/pricing/2026", "/price"),
        ("*.pdf", "Manual.PDF", "manual.pdf.exe"),
        ("a*b*a", "abba", "aba b"),
        ("ab*ba", "abba", "aba"),
        ("*", "", None),
    ],
)
def test_a_star_is_any_run_of_characters(pattern: str, fitting: str, other: str | None) -> None:
    assert passes((Like(pattern=pattern),), fitting)
    assert other is None or not passes((Like(pattern=pattern),), other)


@given(st.lists(st.text("ab.+[", max_size=3), min_size=2, max_size=4), st.lists(st.text("ab", max_size=2), max_size=3))
def test_a_text_built_from_the_pattern_fits_it(pieces: list[str], runs: list[str]) -> None:
    filled = [*runs, "", "", ""]
    text = pieces[0] + "".join(run + piece for run, piece in zip(filled, pieces[1:], strict=False))

    assert passes((Like(pattern="*".join(pieces)),), text)


def test_an_event_with_its_properties() -> None:
    pricing = Condition(event=EventTest(names=("page_viewed",), properties={"page": (Like(pattern="/pricing*"),)}))
    viewed = Event(name="page_viewed", at=NOW, properties={"page": "/pricing/plans"})
    other = Event(name="page_viewed", at=NOW, properties={"page": "/about"})

    assert holds(pricing, Subject(now=NOW, events=[other, viewed]))
    assert not holds(pricing, Subject(now=NOW, events=[other]))
    assert not holds(pricing, Subject(now=NOW, events=[Event(name="page_viewed", at=NOW)]))


def test_a_count_within_a_time() -> None:
    five_a_year = Condition(count=CountTest(event="order_paid", within=timedelta(days=365), at_least=2))

    assert holds(five_a_year, Subject(now=NOW, events=[paid(10), paid(364)]))
    assert not holds(five_a_year, Subject(now=NOW, events=[paid(10), paid(366)]))


def test_a_count_of_all_time() -> None:
    twice = Condition(count=CountTest(event="order_paid", at_least=2))

    assert holds(twice, Subject(now=NOW, events=[paid(10), paid(3660)]))


def test_silence_is_counted_from_the_last_message() -> None:
    silent = Condition(silent_for=timedelta(days=30))

    assert holds(silent, Subject(now=NOW, last_heard=NOW - timedelta(days=30)))
    assert not holds(silent, Subject(now=NOW, last_heard=NOW - timedelta(days=29, hours=23)))


def test_the_events_to_load_before_asking() -> None:
    condition = Condition(
        event=EventTest(names=("form_submitted", "page_viewed")), count=CountTest(event="order_paid", at_least=2)
    )

    assert events_of(condition) == {"form_submitted", "page_viewed", "order_paid"}
    assert events_of(ALWAYS) == frozenset()
