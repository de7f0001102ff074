"""Clocks against a stopwatch: whatever happens to a clock, it counts the same open time (S2, S8, S9, S16)."""

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from desk.clocks import close, meet, pause, reopen, resume, retarget
from desk.hours import is_open
from desk.sla import Breached, Clock, Figures, Metric, NotYet, Outcome, Repeated, Warned, consumed, judge, next_alert
from tests.desk.sla_examples import FIGURES, WORKDAY, at, running, terms

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
#: Two days around a night, in minutes after the first noon.
LONG = 26 * 60
NOON = at("12:00")

minutes = st.integers(0, LONG)
pauses = st.lists(st.tuples(st.booleans(), minutes), max_size=8).map(
    lambda events: sorted(events, key=lambda one: one[1])
)


def minute(number: int) -> datetime:
    return NOON + number * MINUTE


def played(clock: Clock, events: list[tuple[bool, int]]) -> Clock:
    """The clock after these pauses (True) and resumptions (False)."""
    for pauses_it, when in events:
        clock = pause(clock, WORKDAY, minute(when)) if pauses_it else resume(clock, WORKDAY, minute(when))
    return clock


def stopwatch(events: list[tuple[bool, int]], until: int) -> timedelta:
    """The open minutes in which the last event was no pause, one by one."""
    counted, position, paused = 0, 0, False
    for number in range(until):
        while position < len(events) and events[position][1] <= number:
            paused = events[position][0]
            position += 1
        counted += not paused and is_open(WORKDAY, minute(number))
    return counted * MINUTE


@settings(max_examples=40, deadline=None)
@given(pauses, minutes)
def test_s9_any_pauses_count_what_a_stopwatch_counts(events: list[tuple[bool, int]], until: int) -> None:
    so_far = [event for event in events if event[1] <= until]
    clock = played(running(Metric.RESOLVE, 8, since="12:00"), so_far)
    assert consumed(clock, WORKDAY, minute(until)) == stopwatch(so_far, until)


@settings(max_examples=40, deadline=None)
@given(pauses, st.lists(minutes, min_size=2, max_size=2))
def test_s2_what_is_consumed_never_decreases(events: list[tuple[bool, int]], two: list[int]) -> None:
    earlier, later = sorted(two)
    before = played(running(Metric.RESOLVE, 8, since="12:00"), [event for event in events if event[1] <= earlier])
    after = played(before, [event for event in events if earlier < event[1] <= later])
    assert consumed(before, WORKDAY, minute(earlier)) <= consumed(after, WORKDAY, minute(later))


@settings(max_examples=40, deadline=None)
@given(pauses, st.integers(1, 10 * 60))
def test_s2_the_due_second_is_the_first_at_which_the_target_is_used_up(
    events: list[tuple[bool, int]], target: int
) -> None:
    clock = played(running(Metric.RESOLVE, target / 60, since="12:00"), events)
    if clock.is_paused:
        assert clock.due_at is None
        return
    assert clock.due_at is not None
    last = clock.segments[-1]
    if clock.due_at >= last.start:
        assert consumed(clock, WORKDAY, clock.due_at) == timedelta(minutes=target)
        assert clock.due_at == last.start or consumed(clock, WORKDAY, clock.due_at - SECOND) < timedelta(minutes=target)
    else:
        assert clock.counted >= timedelta(minutes=target)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 20 * 60), max_size=12).map(sorted), st.sampled_from([(50, 80), (), (25, 50, 75)]))
def test_s16_whenever_it_is_asked_each_level_is_told_or_skipped_once(
    ticks: list[int], warn_at: tuple[int, ...]
) -> None:
    figures = Figures(warn_at=warn_at, again_after=FIGURES.again_after)
    clock = running(Metric.RESOLVE, 2, since="12:00")
    seen: list[int] = []
    for tick in [*ticks, 21 * 60 + 60]:
        following = next_alert(clock, WORKDAY, figures)
        judgement = judge(clock, WORKDAY, minute(tick), figures)
        match judgement:
            case Warned() | Breached() | Repeated():
                assert following is not None
                assert following.at <= minute(tick)
                clock = judgement.clock
                seen += [*judgement.skipped, clock.level]
            case NotYet():
                assert judgement == following
                assert judgement.at > minute(tick)
            case _:
                assert following is None
    assert seen == [*warn_at, 100, 101, 102]
    assert clock.breached_at == at("14:00")


@settings(max_examples=40, deadline=None)
@given(events=pauses, done=minutes, judged_before=st.booleans())
def test_s10_a_promise_is_met_exactly_when_it_was_done_by_its_due_second(
    events: list[tuple[bool, int]], done: int, *, judged_before: bool
) -> None:
    so_far = [event for event in events if event[1] <= done]
    clock = played(running(Metric.RESOLVE, 3, since="12:00"), so_far)
    if judged_before:
        judgement = judge(clock, WORKDAY, minute(done), FIGURES)
        clock = judgement.clock if isinstance(judgement, Warned | Breached | Repeated) else clock
    met = meet(clock, WORKDAY, minute(done))
    used, target = stopwatch(so_far, done), timedelta(hours=3)
    assert met.met_at == minute(done)
    assert (met.breached_at is None) is (met.outcome is Outcome.MET)
    if used != target:  # a target used up to the second is kept or broken by when that was
        assert met.outcome is (Outcome.MET if used < target else Outcome.BREACHED)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 600), st.integers(0, 900), st.integers(0, 900))
def test_s11_a_reopened_ticket_always_has_its_least_time_left(target: int, resolved: int, away: int) -> None:
    clock = close(running(Metric.RESOLVE, target / 60, since="12:00"), WORKDAY, minute(resolved))
    reopened = reopen(clock, WORKDAY, minute(resolved + away))
    assert reopened.allowance is not None
    left = reopened.allowance - consumed(reopened, WORKDAY, minute(resolved + away))
    assert left >= max(timedelta(minutes=target) * 0.1, 15 * MINUTE)
    assert reopened.segments[:-1] == clock.segments


@settings(max_examples=40, deadline=None)
@given(pauses, st.integers(1, 600), st.integers(0, 60))
def test_s15_after_new_terms_a_clock_is_never_due_in_the_past(
    events: list[tuple[bool, int]], target: int, later: int
) -> None:
    now = minute(LONG + later)
    clock = played(running(Metric.RESOLVE, 8, since="12:00"), events)
    moved = retarget(clock, terms(target / 60), now)
    assert moved.segments == clock.segments
    assert moved.is_paused or (moved.due_at is not None and (moved.due_at > now or target == 480))
