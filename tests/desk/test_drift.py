"""The stability index of the intents' mix: zero for the same, never below, and silent where chance explains it."""

import math
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.drift import ENOUGH, Verdict, by_chance, drift, stability_index
from desk.readings import INTENTS

MIXES = st.dictionaries(st.sampled_from(INTENTS), st.integers(0, 5000), min_size=1)
SOME = MIXES.filter(lambda mix: sum(mix.values()) > 0)

#: A few intents make most of the messages, as everywhere.
WEIGHTS = [1 / (place + 1) for place in range(len(INTENTS))]


def drawn(random_source: random.Random, count: int) -> Counter[str]:
    """So many messages of that mix."""
    return Counter(random_source.choices(INTENTS, WEIGHTS, k=count))


@given(SOME, SOME)
def test_it_is_never_below_zero_and_the_same_both_ways(one: dict[str, int], other: dict[str, int]) -> None:
    assert stability_index(one, other) >= 0
    assert math.isclose(stability_index(one, other), stability_index(other, one), abs_tol=1e-12)


@given(SOME)
def test_of_the_same_mix_it_is_zero(mix: dict[str, int]) -> None:
    assert stability_index(mix, mix) == 0


@given(SOME, st.sampled_from(INTENTS))
def test_an_intent_that_nobody_meant_changes_little(mix: dict[str, int], name: str) -> None:
    more = mix | {name: mix.get(name, 0)}
    assert stability_index(more, mix) == 0


def test_it_is_siddiqis() -> None:
    """Shares of 50, 30 and 20 % become 40, 30 and 30 %; by hand: 0.1 ln(5/4) + 0.1 ln(3/2)."""
    before = {"invoice": 500_000, "praise": 300_000, "other": 200_000}
    now = {"invoice": 400_000, "praise": 300_000, "other": 300_000}
    assert stability_index(now, before) == pytest.approx(0.1 * math.log(5 / 4) + 0.1 * math.log(3 / 2), abs=1e-5)


@pytest.mark.parametrize(
    ("invoices", "verdict"),
    [(500, Verdict.STABLE), (600, Verdict.STABLE), (690, Verdict.MOVES), (800, Verdict.CHANGED)],
)
def test_its_bounds_are_a_tenth_and_a_quarter(invoices: int, verdict: Verdict) -> None:
    found = drift({"invoice": invoices, "other": 1000 - invoices}, {"invoice": 2000, "other": 2000})
    assert found is not None
    assert found.verdict is verdict


@pytest.mark.parametrize(("now", "before"), [(ENOUGH - 1, 400), (400, ENOUGH - 1), (0, 0), (0, 400)])
def test_of_few_messages_nothing_is_said(now: int, before: int) -> None:
    assert drift({"invoice": now}, {"invoice": before}) is None
    assert drift({"invoice": ENOUGH}, {"invoice": ENOUGH}) is not None


@pytest.mark.parametrize("count", [50, 100, 200, 400, 1000])
def test_chance_alone_rarely_raises_an_alarm(count: int) -> None:
    source = random.Random(count)
    alarms = 0
    for _ in range(200):
        found = drift(drawn(source, count), drawn(source, 4 * count))
        assert found is not None
        alarms += found.verdict in (Verdict.MOVES, Verdict.CHANGED)
    assert alarms <= 4


def test_a_true_change_is_told_from_chance() -> None:
    source = random.Random(1)
    before = drawn(source, 1600)
    now = drawn(source, 300) + Counter({"repair_visit": 100})
    found = drift(now, before)
    assert found is not None
    assert found.index > by_chance(now, before)
    assert found.verdict in (Verdict.MOVES, Verdict.CHANGED)


def test_what_few_messages_do_by_chance_is_called_so() -> None:
    source = random.Random(2)
    found = drift(drawn(source, 60), drawn(source, 240))
    assert found is not None
    assert found.index > 0.25
    assert found.verdict is Verdict.CHANCE
