"""The figures of readings as lines: weeks, intents with bars, what was taken for what."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.tallies import BAR_HEIGHT, BEFORE, Corrected, Taken, corrected, intent_lines, taken, week_lines
from desk.drift import Verdict
from store.tagging import Misreading, Mix

USUAL = {"invoice": 200, "praise": 100}
MONDAYS = [date(2026, 11, 16) - timedelta(weeks=back) for back in reversed(range(BEFORE + 12))]


def mix(counts: dict[str, int], reader: str | None = "keywords") -> Mix:
    """A week of that mix."""
    total = sum(counts.values())
    return Mix(counts=counts, confidence=0.8 if total else None, unsure=total // 10, reader=reader if total else None)


def season(*last: Mix) -> list[Mix]:
    """Sixteen weeks that end so."""
    return [*[mix(USUAL)] * (len(MONDAYS) - len(last)), *last]


def test_a_week_is_held_against_the_four_before_it() -> None:
    lines = week_lines(MONDAYS, season(mix({"invoice": 100, "praise": 200}), mix({"invoice": 20})))
    assert len(lines) == 12
    assert [line.is_running for line in lines] == [*[False] * 11, True]
    calm, turned, running = lines[-3:]
    assert calm.drift is not None
    assert calm.drift.index == pytest.approx(0, abs=1e-4)
    assert calm.drift.verdict is Verdict.STABLE
    assert turned.drift is not None
    assert turned.drift.verdict is Verdict.CHANGED
    assert (turned.monday, turned.messages, turned.confidence, turned.unsure) == (date(2026, 11, 9), 300, 0.8, 0.1)
    assert (running.messages, running.drift) == (20, None)


def test_a_new_reader_is_named_in_the_week_in_which_it_began() -> None:
    silent, new = mix({}), mix(USUAL, "small-1")
    lines = week_lines(MONDAYS, season(mix(USUAL), silent, new, new))
    assert [line.new_reader for line in lines[-4:]] == [None, None, "small-1", None]
    assert (lines[-3].confidence, lines[-3].unsure, lines[-3].drift) == (None, None, None)


def test_a_start_with_new_corrections_is_no_new_reader() -> None:
    marked = [mix(USUAL, "small-1"), mix(USUAL, "small-1+c0ffee12"), mix(USUAL, None), mix(USUAL, "small-2+c0ffee12")]
    assert [line.new_reader for line in week_lines(MONDAYS, season(*marked))[-4:]] == ["small-1", None, None, "small-2"]


def test_weeks_before_anybody_wrote_are_left_out() -> None:
    silent = [mix({})] * (len(MONDAYS) - 2)
    assert [line.messages for line in week_lines(MONDAYS, [*silent, mix(USUAL), mix({"praise": 1})])] == [300, 1]
    assert week_lines(MONDAYS, [*silent, mix({}), mix({})]) == ()
    assert intent_lines(MONDAYS, [*silent, mix({}), mix({})]) == ()


def test_an_intents_line_has_its_share_its_bars_and_its_change() -> None:
    invoice, praise = intent_lines(MONDAYS, season(mix({"invoice": 100, "praise": 200}), mix({})))
    assert (invoice.intent, praise.intent) == ("invoice", "praise")
    assert invoice.messages == 10 * 200 + 100
    assert praise.last == pytest.approx(2 / 3)
    assert praise.before == pytest.approx(1 / 3)
    assert praise.change == pytest.approx(1 / 3)
    assert [bar.height for bar in praise.bars] == [*[BAR_HEIGHT / 2] * 10, BAR_HEIGHT, 0]


def test_a_rare_intent_draws_no_mountain() -> None:
    lines = intent_lines(MONDAYS, season(mix({"invoice": 199, "referral": 1}), mix(USUAL)))
    rare = next(line for line in lines if line.intent == "referral")
    assert max(bar.height for bar in rare.bars) < BAR_HEIGHT / 4


COUNTS = st.dictionaries(st.sampled_from(["invoice", "praise", "other"]), st.integers(0, 99))


@given(st.lists(COUNTS, min_size=len(MONDAYS), max_size=len(MONDAYS)))
def test_shares_add_up_and_bars_stay_in_their_row(weeks: list[dict[str, int]]) -> None:
    lines = intent_lines(MONDAYS, [mix({name: count for name, count in week.items() if count}) for week in weeks])
    assert sum(line.share for line in lines) == (pytest.approx(1) if lines else 0)
    assert all(0 <= bar.height <= BAR_HEIGHT for line in lines for bar in line.bars)
    assert [line.messages for line in lines] == sorted((line.messages for line in lines), reverse=True)


def misread(read: str, meant: str, messages: int, now: str | None = None) -> Misreading:
    """So many of a pair; read the same today unless it is said otherwise."""
    return Misreading(read=read, meant=meant, now=now or read, messages=messages)


def test_pairs_come_by_their_number_and_a_mere_tone_is_none() -> None:
    found = [
        misread("invoice", "praise", 2),
        misread("praise", "other", 4),
        misread("invoice", "praise", 3, now="praise"),
        misread("invoice", "invoice", 9),
    ]
    assert taken(found) == (
        Taken(read="invoice", meant="praise", messages=5),
        Taken(read="praise", meant="other", messages=4),
    )


def test_a_message_counts_for_what_was_read_in_it_at_first() -> None:
    """Ten were read as invoices; two were corrected, and one of these is read right since."""
    found = [
        misread("invoice", "praise", 1),
        misread("invoice", "praise", 1, now="praise"),
        misread("other", "other", 3),
    ]
    lines = corrected(mix({"invoice": 9, "praise": 31, "other": 3}), found)
    assert lines == (Corrected(intent="invoice", read=10, wrong=2),)
    assert lines[0].share == pytest.approx(0.2)
