"""Token buckets as values, and the budget of a bot."""

import math

from hypothesis import given
from hypothesis import strategies as st

from channels.limits import SWEEP_ABOVE, Bucket, Budget, Limits, Rate

EXACT = Limits(margin=0.0)


@given(
    st.integers(1, 8),
    st.floats(0.5, 60),
    st.lists(st.tuples(st.floats(0, 20), st.integers(1, 3)), min_size=1, max_size=60),
)
def test_never_more_than_the_tokens_within_any_period(
    tokens: int, seconds: float, asked: list[tuple[float, int]]
) -> None:
    bucket, now, taken = Bucket(rate=Rate(tokens=tokens, seconds=seconds)), 0.0, []
    for gap, cost in asked:
        now += gap
        now += bucket.wait(min(cost, tokens), now)
        bucket = bucket.take(min(cost, tokens), now)
        taken += [now] * min(cost, tokens)
    for start in taken:
        assert sum(start <= at < start + seconds * (1 - 1e-9) for at in taken) <= tokens
    assert len(bucket.taken) <= tokens


def test_a_storm_uses_the_whole_rate() -> None:
    budget, now = Budget(Limits(group=Rate(tokens=20, seconds=10.0), bot=None)), 0.0
    for _ in range(60):
        while (wait := budget.pause("-1", now, is_group=True)) > 0:
            now += wait
    assert 20.0 <= now <= 20.0 / 0.9


def test_a_chat_has_its_burst_and_then_one_a_second() -> None:
    budget, now, at = Budget(EXACT), 0.0, []
    for _ in range(9):
        while (wait := budget.pause("7", now, is_group=False)) > 0:
            now += wait
        at.append(now)
    assert at == [0.0, 0.0, 0.0, 3.0, 3.0, 3.0, 6.0, 6.0, 6.0]
    assert budget.pause("8", now, is_group=False) == 0.0


def test_the_bot_has_a_limit_over_all_chats() -> None:
    budget = Budget(EXACT)
    waits = [budget.pause(str(chat), 0.0, is_group=False) for chat in range(31)]
    assert waits[:30] == [0.0] * 30
    assert math.isclose(waits[30], 1.0)


def test_a_refused_parcel_spends_nothing() -> None:
    budget = Budget(Limits(chat=Rate(tokens=1, seconds=1.0), bot=Rate(tokens=2, seconds=1.0), margin=0.0))
    assert budget.pause("7", 0.0, is_group=False) == 0.0
    assert budget.pause("7", 0.5, is_group=False) == 0.5
    assert budget.pause("8", 0.5, is_group=False) == 0.0


def test_an_album_costs_as_many_as_it_has_and_more_than_the_bucket_holds_still_goes() -> None:
    budget = Budget(Limits(chat=Rate(tokens=3, seconds=3.0), bot=None, margin=0.0))
    assert budget.pause("7", 0.0, is_group=False, cost=10) == 0.0
    assert budget.pause("7", 1.0, is_group=False) == 2.0


def test_a_pause_asked_for_holds_one_chat_or_all() -> None:
    budget = Budget(EXACT)
    budget.block("-1", 17.0)
    assert budget.pause("-1", 10.0, is_group=True) == 7.0
    assert budget.pause("-2", 10.0, is_group=True) == 0.0
    budget.block(None, 12.0)
    assert budget.pause("-2", 10.0, is_group=True) == 2.0
    assert budget.pause("-1", 17.0, is_group=True) == 0.0


def test_no_figures_no_limit() -> None:
    budget = Budget(Limits(chat=None, group=None, bot=None))
    assert all(budget.pause("7", 0.0, is_group=False) == 0.0 for _ in range(1000))
    assert budget.kept == 0


def test_idle_chats_are_forgotten() -> None:
    budget = Budget(Limits(bot=None))
    for number in range(20 * SWEEP_ABOVE):
        budget.pause(str(number), number / 10, is_group=False)
    assert budget.kept <= 2 * SWEEP_ABOVE


def test_the_margin_widens_the_period() -> None:
    budget = Budget(Limits(chat=Rate(tokens=1, seconds=1.0), bot=None, margin=0.25))
    budget.pause("7", 0.0, is_group=False)
    assert math.isclose(budget.pause("7", 1.0, is_group=False), 0.25)
