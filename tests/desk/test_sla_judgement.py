"""What clocks tell, and when (S9, S16)."""

from datetime import timedelta

import pytest

from desk.clocks import meet, pause, reopen, resume, retarget
from desk.sla import (
    BREACH,
    Breached,
    Clock,
    Figures,
    Metric,
    Moot,
    NotYet,
    Outcome,
    Repeated,
    Warned,
    judge,
    next_alert,
)
from tests.desk.sla_examples import FIGURES, WORKDAY, at, running, terms


def told(clock: Clock, when: str, day: int = 6) -> Clock:
    """The clock after it told what was due at that instant."""
    judgement = judge(clock, WORKDAY, at(when, day), FIGURES)
    assert isinstance(judgement, Warned | Breached | Repeated)
    return judgement.clock


def test_s16_each_level_is_due_in_turn() -> None:
    clock = running(Metric.RESOLVE, 1)
    for level, when in ((50, "09:30"), (80, "09:48"), (100, "10:00"), (101, "10:15"), (102, "11:00")):
        assert next_alert(clock, WORKDAY, FIGURES) == NotYet(level=level, at=at(when))
        clock = told(clock, when)
        assert clock.level == level
    assert next_alert(clock, WORKDAY, FIGURES) is None
    assert judge(clock, WORKDAY, at("16:00"), FIGURES) == Moot()


def test_s16_a_second_too_early_is_not_yet() -> None:
    clock = running(Metric.RESOLVE, 1)
    assert judge(clock, WORKDAY, at("09:29:59"), FIGURES) == NotYet(level=50, at=at("09:30"))


def test_s16_a_level_fires_once_whatever_rings() -> None:
    clock = told(running(Metric.RESOLVE, 1), "09:30")
    assert judge(clock, WORKDAY, at("09:30"), FIGURES) == NotYet(level=80, at=at("09:48"))


def test_s16_a_breach_is_recorded_at_its_due_second_however_late_it_is_told() -> None:
    clock = running(Metric.RESOLVE, 1)
    judgement = judge(clock, WORKDAY, at("10:10"), FIGURES)
    assert isinstance(judgement, Breached)
    assert judgement.skipped == (50, 80)
    assert (judgement.clock.breached_at, judgement.clock.outcome) == (at("10:00"), Outcome.BREACHED)


def test_s16_after_a_downtime_only_the_highest_level_fires() -> None:
    judgement = judge(running(Metric.RESOLVE, 1), WORKDAY, at("12:00"), FIGURES)
    assert isinstance(judgement, Repeated)
    assert (judgement.number, judgement.skipped) == (2, (50, 80, BREACH, 101))
    assert judgement.clock.breached_at == at("10:00")


def test_s16_repeats_are_counted_in_open_time() -> None:
    clock = told(running(Metric.RESOLVE, 7.9), "16:54")
    assert next_alert(clock, WORKDAY, FIGURES) == NotYet(level=101, at=at("09:09", day=7))


def test_s16_shares_are_rounded_up_to_the_second() -> None:
    clock = running(Metric.RESOLVE, 7 / 3600)
    assert next_alert(clock, WORKDAY, FIGURES) == NotYet(level=50, at=at("09:00:04"))


def test_s16_no_figures_leave_the_breach_alone() -> None:
    assert next_alert(running(Metric.RESOLVE, 1), WORKDAY, Figures(warn_at=())) == NotYet(level=BREACH, at=at("10:00"))


@pytest.mark.parametrize("when", ["09:45", "16:00"])
def test_s16_without_a_target_nothing_is_told(when: str) -> None:
    assert judge(running(Metric.RESOLVE, None), WORKDAY, at(when), FIGURES) == Moot()


def test_s9_a_paused_clock_tells_nothing() -> None:
    paused = pause(running(Metric.RESOLVE, 1), WORKDAY, at("09:40"))
    assert judge(paused, WORKDAY, at("16:00"), FIGURES) == Moot()
    assert next_alert(paused, WORKDAY, FIGURES) is None


def test_s9_after_a_pause_the_alerts_come_with_what_is_left() -> None:
    clock = told(running(Metric.RESOLVE, 1), "09:40")
    resumed = resume(pause(clock, WORKDAY, at("09:40")), WORKDAY, at("12:00"))
    assert next_alert(resumed, WORKDAY, FIGURES) == NotYet(level=80, at=at("12:08"))


def test_s9_a_breach_before_an_early_pause_is_told_when_the_clock_goes_on() -> None:
    paused = pause(running(Metric.RESOLVE, 1), WORKDAY, at("10:05"))
    judgement = judge(resume(paused, WORKDAY, at("12:00")), WORKDAY, at("12:00"), FIGURES)
    assert isinstance(judgement, Breached)
    assert judgement.clock.breached_at == at("10:00")


def test_s9_the_time_of_a_pause_does_not_bring_the_repeats_nearer() -> None:
    breached = told(running(Metric.RESOLVE, 1), "10:00")
    resumed = resume(pause(breached, WORKDAY, at("10:05")), WORKDAY, at("12:00"))
    assert next_alert(resumed, WORKDAY, FIGURES) == NotYet(level=101, at=at("12:10"))


def test_s10_what_was_answered_meanwhile_is_moot() -> None:
    met = meet(running(Metric.FIRST_REPLY, 1), WORKDAY, at("09:50"))
    assert judge(met, WORKDAY, at("10:00"), FIGURES) == Moot()


def test_s11_a_reopened_breach_is_not_told_as_new_and_repeats_after_its_new_due() -> None:
    breached = told(running(Metric.RESOLVE, 1), "10:00")
    reopened = reopen(meet(breached, WORKDAY, at("10:30")), WORKDAY, at("13:00"))
    assert next_alert(reopened, WORKDAY, FIGURES) == NotYet(level=101, at=at("13:30"))


def test_s15_an_upgrade_in_flight_tells_the_new_shares() -> None:
    faster = retarget(running(Metric.RESOLVE, 8), terms(2), at("10:00"))
    judgement = judge(faster, WORKDAY, at("10:00"), FIGURES)
    assert isinstance(judgement, Warned)
    assert next_alert(judgement.clock, WORKDAY, FIGURES) == NotYet(level=80, at=at("10:36"))


def test_s15_a_raised_priority_after_the_breach_gives_time_before_the_next_repeat() -> None:
    breached = told(running(Metric.RESOLVE, 2), "11:00")
    raised = retarget(breached, terms(1), at("11:00"))
    assert raised.due_at == at("11:15")
    assert next_alert(raised, WORKDAY, FIGURES) == NotYet(level=101, at=at("11:30"))
    assert raised.breached_at == at("11:00")


def test_s16_a_clock_that_is_met_after_a_warning_stays_met() -> None:
    met = meet(told(running(Metric.RESOLVE, 1), "09:50"), WORKDAY, at("09:50"))
    assert (met.outcome, met.met_at) == (Outcome.MET, at("09:50"))
    assert met.ended_at is not None
    assert met.ended_at - met.started_at == timedelta(minutes=50)
