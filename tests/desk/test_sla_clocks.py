"""What happens to clocks, rule by rule (S1 to S11, S13, S15)."""

from datetime import timedelta

import pytest

from desk.clocks import change_calendar, close, meet, pause, reopen, resume, retarget, start
from desk.hours import Calendar, Interval
from desk.sla import Metric, Outcome, SlaPolicy, consumed
from desk.tickets import Priority
from desk.values import replace
from tests.desk.sla_examples import ALWAYS, WORKDAY, at, running, terms

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
#: The workday in its second version.
SHORT = Calendar(
    name="workday",
    timezone=WORKDAY.timezone,
    weekly={weekday: (Interval.parse("12:00-14:00"),) for weekday in range(7)},
)


def test_s1_a_clock_keeps_what_it_was_promised_under() -> None:
    clock = start(ticket=7, metric=Metric.ASSIGN, terms=terms(1), at=at("09:00"), generation=3)
    assert (clock.ticket, clock.metric, clock.generation, clock.target) == (7, Metric.ASSIGN, 3, HOUR)
    assert (clock.calendar, clock.calendar_version) == ("workday", "1")
    assert (clock.policy, clock.policy_version) == ("standard", "1")
    assert clock.key == "sla:7:assign:3"


def test_s1_without_a_target_a_clock_counts_and_is_never_due() -> None:
    clock = running(Metric.RESOLVE, None)
    assert clock.due_at is None
    assert clock.allowance is None
    assert consumed(clock, WORKDAY, at("11:00")) == 2 * HOUR
    met = meet(pause(clock, WORKDAY, at("11:00")), WORKDAY, at("12:00"))
    assert met.outcome is Outcome.MET
    assert consumed(met, WORKDAY, at("16:00")) == 2 * HOUR


def test_s1_a_policy_promises_by_priority_and_metric() -> None:
    policy = SlaPolicy(name="p", calendar="office", targets={Priority.HIGH: {Metric.ASSIGN: HOUR}})
    assert policy.target(Priority.HIGH, Metric.ASSIGN) == HOUR
    assert policy.target(Priority.HIGH, Metric.RESOLVE) is None
    assert policy.target(Priority.LOW, Metric.ASSIGN) is None


def test_s2_due_is_the_target_in_open_time() -> None:
    assert running(Metric.RESOLVE, 10).due_at == at("11:00", day=7)
    assert running(Metric.RESOLVE, 1, since="20:00").due_at == at("10:00", day=7)


def test_s2_consumed_counts_open_seconds() -> None:
    clock = running(Metric.RESOLVE, 8)
    assert consumed(clock, WORKDAY, at("09:00:01")) == timedelta(seconds=1)
    assert consumed(clock, WORKDAY, at("09:30", day=7)) == 8.5 * HOUR
    assert consumed(clock, WORKDAY, at("08:00")) == timedelta()


def test_s2_instants_are_cut_to_whole_seconds() -> None:
    clock = start(ticket=7, metric=Metric.ASSIGN, terms=terms(1), at=at("09:00:00.900000"))
    assert clock.started_at == at("09:00:00")
    assert meet(clock, WORKDAY, at("10:00:00.900000")).outcome is Outcome.MET


def test_s5_resolved_without_a_reply_is_an_outcome_of_its_own() -> None:
    closed = close(running(Metric.FIRST_REPLY, 4), WORKDAY, at("10:00"))
    assert (closed.outcome, closed.met_at, closed.ended_at) == (Outcome.CLOSED_NO_REPLY, None, at("10:00"))


def test_s5_a_breach_before_the_ticket_is_resolved_stays_a_breach() -> None:
    closed = close(running(Metric.FIRST_REPLY, 1), WORKDAY, at("10:30"))
    assert (closed.outcome, closed.breached_at, closed.met_at) == (Outcome.BREACHED, at("10:00"), None)


@pytest.mark.parametrize("metric", [Metric.ASSIGN, Metric.FIRST_REPLY, Metric.NEXT_REPLY])
def test_s7_only_resolve_pauses_by_status(metric: Metric) -> None:
    clock = running(metric, 4)
    assert pause(clock, WORKDAY, at("10:00")) is clock


def test_s8_a_message_resumes_the_clock_at_its_own_timestamp() -> None:
    paused = pause(running(Metric.RESOLVE, 4), WORKDAY, at("10:00"))
    handled_at_10_25 = resume(paused, WORKDAY, at("10:20"))
    assert handled_at_10_25.segments[-1].start == at("10:20")
    assert handled_at_10_25.due_at == at("13:20")
    assert consumed(handled_at_10_25, WORKDAY, at("10:25")) == 65 * MINUTE


def test_s8_a_message_written_just_before_the_pause_counts_nothing_twice() -> None:
    paused = pause(running(Metric.RESOLVE, 4), WORKDAY, at("10:00"))
    resumed = resume(paused, WORKDAY, at("09:59"))
    assert consumed(resumed, WORKDAY, at("11:00")) == 2 * HOUR


def test_s9_while_paused_nothing_is_due() -> None:
    paused = pause(running(Metric.RESOLVE, 8), WORKDAY, at("10:00"))
    assert paused.is_paused
    assert paused.due_at is None
    assert consumed(paused, WORKDAY, at("16:00")) == HOUR


@pytest.mark.parametrize(
    ("since", "due"), [("09:00", at("17:00")), ("13:00", at("13:00", day=7)), ("16:59:59", at("16:59:59", day=7))]
)
def test_s9_a_hold_from_closing_to_opening_does_not_move_the_due(since: str, due: object) -> None:
    clock = running(Metric.RESOLVE, 8, since=since)
    held = resume(pause(clock, WORKDAY, at("17:00")), WORKDAY, at("09:00", day=7))
    assert clock.due_at == due
    assert held.due_at == due


def test_s9_from_one_paused_status_to_another_nothing_counts_twice() -> None:
    paused = pause(running(Metric.RESOLVE, 8), WORKDAY, at("10:00"))
    assert pause(paused, WORKDAY, at("11:00")) is paused
    running_on = resume(paused, WORKDAY, at("12:00"))
    assert resume(running_on, WORKDAY, at("13:00")) is running_on


def test_s9_a_breach_that_nobody_saw_before_the_pause_is_kept() -> None:
    paused = pause(running(Metric.RESOLVE, 1), WORKDAY, at("10:30"))
    assert (paused.breached_at, paused.outcome) == (at("10:00"), Outcome.BREACHED)
    assert resume(paused, WORKDAY, at("12:00")).due_at == at("10:00")


def test_s10_resolving_meets_resolve_and_closes_the_others() -> None:
    met = close(running(Metric.RESOLVE, 4), WORKDAY, at("10:00"))
    assert (met.outcome, met.met_at, met.ended_at) == (Outcome.MET, at("10:00"), at("10:00"))
    for metric in (Metric.NEXT_REPLY, Metric.ASSIGN):
        closed = close(running(metric, 4), WORKDAY, at("10:00"))
        assert (closed.outcome, closed.met_at) == (Outcome.CLOSED, None)


def test_s10_resolving_from_a_pause_meets_resolve_with_what_was_counted() -> None:
    paused = pause(running(Metric.RESOLVE, 4), WORKDAY, at("10:00"))
    met = close(paused, WORKDAY, at("16:00"))
    assert (met.met_at, met.outcome, consumed(met, WORKDAY, at("17:00"))) == (at("16:00"), Outcome.MET, HOUR)


def test_s10_what_is_over_stays_as_it_is() -> None:
    met = meet(running(Metric.RESOLVE, 4), WORKDAY, at("10:00"))
    for event in (pause, resume, meet, close):
        assert event(met, WORKDAY, at("11:00")) is met
    assert retarget(met, terms(1), at("11:00")) is met
    assert change_calendar(met, WORKDAY, SHORT, "2", at("11:00")) is met


def test_s10_a_late_reply_keeps_the_breach_and_the_moment_of_the_reply() -> None:
    met = meet(running(Metric.FIRST_REPLY, 1), WORKDAY, at("10:00:01"))
    assert (met.outcome, met.breached_at, met.met_at) == (Outcome.BREACHED, at("10:00"), at("10:00:01"))


def test_s10_in_time_is_up_to_the_due_second_even_where_the_alarm_rang_first() -> None:
    rang = replace(running(Metric.FIRST_REPLY, 1), breached_at=at("10:00"), outcome=Outcome.BREACHED, level=100)
    met = meet(rang, WORKDAY, at("10:00"))
    assert (met.outcome, met.breached_at, met.met_at) == (Outcome.MET, None, at("10:00"))


def test_s11_the_time_in_resolved_does_not_count() -> None:
    reopened = reopen(close(running(Metric.RESOLVE, 4), WORKDAY, at("10:00")), WORKDAY, at("14:00"))
    assert (reopened.met_at, reopened.ended_at, reopened.outcome) == (None, None, Outcome.RUNNING)
    assert reopened.due_at == at("17:00")
    assert consumed(reopened, WORKDAY, at("15:00")) == 2 * HOUR


@pytest.mark.parametrize(("target", "left"), [(2.0, 15 * MINUTE), (7.0, 42 * MINUTE)])
def test_s11_a_reopened_ticket_has_a_tenth_of_the_target_or_a_quarter_of_an_hour_left(
    target: float, left: timedelta
) -> None:
    clock = running(Metric.RESOLVE, target)
    last_minute = at("09:00") + target * HOUR - MINUTE
    reopened = reopen(close(clock, WORKDAY, last_minute), WORKDAY, at("09:00", day=7))
    assert reopened.due_at == at("09:00", day=7) + left
    assert reopened.target == target * HOUR


def test_s11_a_reopened_breach_stays_a_breach_with_time_to_answer() -> None:
    resolved = close(running(Metric.RESOLVE, 1), WORKDAY, at("12:00"))
    reopened = reopen(resolved, WORKDAY, at("13:00"))
    assert (reopened.outcome, reopened.breached_at, reopened.due_at) == (Outcome.BREACHED, at("10:00"), at("13:15"))
    assert meet(reopened, WORKDAY, at("13:05")).outcome is Outcome.BREACHED


def test_s11_without_a_target_a_reopened_clock_only_counts_on() -> None:
    reopened = reopen(close(running(Metric.RESOLVE, None), WORKDAY, at("10:00")), WORKDAY, at("14:00"))
    assert (reopened.due_at, consumed(reopened, WORKDAY, at("15:00"))) == (None, 2 * HOUR)


def test_s11_a_clock_that_runs_is_not_reopened() -> None:
    clock = running(Metric.RESOLVE, 4)
    assert reopen(clock, WORKDAY, at("10:00")) is clock


def test_s13_a_new_calendar_version_counts_the_future_and_leaves_the_past() -> None:
    changed = change_calendar(running(Metric.RESOLVE, 4), WORKDAY, SHORT, "2", at("11:00"))
    assert changed.calendar_version == "2"
    assert consumed(changed, SHORT, at("13:00")) == 3 * HOUR
    assert changed.due_at == at("14:00")


def test_s13_a_breach_stays_when_the_calendar_changes() -> None:
    seen = replace(running(Metric.RESOLVE, 1), breached_at=at("10:00"), outcome=Outcome.BREACHED)
    for clock in (seen, running(Metric.RESOLVE, 1)):
        changed = change_calendar(clock, WORKDAY, ALWAYS, "2", at("10:00" if clock is seen else "10:30"))
        assert (changed.breached_at, changed.outcome) == (at("10:00"), Outcome.BREACHED)
        assert changed.due_at == at("10:00")


def test_s13_another_target_leaves_what_an_older_version_counted() -> None:
    changed = change_calendar(running(Metric.RESOLVE, 4), WORKDAY, SHORT, "2", at("11:00"))
    faster = retarget(changed, terms(3, SHORT, "2"), at("11:30"))
    assert (faster.counted, faster.due_at) == (2 * HOUR, at("13:00"))


def test_s13_a_paused_clock_goes_on_by_the_new_version() -> None:
    paused = pause(running(Metric.RESOLVE, 4), WORKDAY, at("10:00"))
    changed = change_calendar(paused, WORKDAY, ALWAYS, "2", at("11:00"))
    assert changed.is_paused
    assert resume(changed, ALWAYS, at("20:00")).due_at == at("23:00")


def test_s15_a_new_target_keeps_start_segments_and_pauses() -> None:
    held = resume(pause(running(Metric.RESOLVE, 8), WORKDAY, at("10:00")), WORKDAY, at("11:00"))
    faster = retarget(held, terms(4), at("12:00"))
    assert (faster.started_at, faster.segments) == (held.started_at, held.segments)
    assert (faster.target, faster.due_at, faster.upgraded_late) == (4 * HOUR, at("14:00"), False)


def test_s15_a_new_calendar_counts_the_segments_again() -> None:
    clock = running(Metric.RESOLVE, 8, since="16:00")
    moved = retarget(clock, terms(24, ALWAYS), at("09:00", day=7))
    assert (moved.calendar, moved.due_at) == ("always", at("16:00", day=7))
    paused = pause(running(Metric.RESOLVE, 8, since="16:00"), WORKDAY, at("20:00"))
    assert retarget(paused, terms(24, ALWAYS), at("21:00")).counted == 4 * HOUR


@pytest.mark.parametrize(("target", "grace"), [(1.0, 15 * MINUTE), (0.1, 5 * MINUTE)])
def test_s15_an_upgrade_that_comes_too_late_gets_a_due_that_can_be_kept(target: float, grace: timedelta) -> None:
    late = retarget(running(Metric.RESOLVE, 8), terms(target), at("12:00"))
    assert (late.due_at, late.upgraded_late, late.breached_at) == (at("12:00") + grace, True, None)


def test_s15_the_same_terms_change_nothing_but_the_policy() -> None:
    late = retarget(running(Metric.RESOLVE, 8), terms(1), at("12:00"))
    again = retarget(late, replace(terms(1), policy="vip"), at("12:10"))
    assert again == replace(late, policy="vip")


def test_s15_a_breach_stays_under_new_terms() -> None:
    relaxed = retarget(running(Metric.RESOLVE, 1), terms(8), at("11:00"))
    assert (relaxed.due_at, relaxed.breached_at, relaxed.outcome) == (at("17:00"), at("10:00"), Outcome.BREACHED)


def test_s15_a_paused_clock_gets_its_grace_when_it_goes_on() -> None:
    paused = pause(running(Metric.RESOLVE, 8), WORKDAY, at("12:00"))
    late = retarget(paused, terms(1), at("13:00"))
    assert (late.due_at, late.upgraded_late) == (None, True)
    assert resume(late, WORKDAY, at("14:00")).due_at == at("14:15")


def test_s15_a_metric_without_a_target_is_no_longer_due() -> None:
    free = retarget(running(Metric.RESOLVE, 1), terms(None), at("09:30"))
    assert (free.due_at, free.upgraded_late) == (None, False)
