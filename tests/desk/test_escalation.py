"""Who is told of what (S16), silence and digests (S17)."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.clocks import meet
from desk.escalation import Escalation, Heat, Listener, crowded_until, escalate, gather, heat
from desk.sla import Breached, Metric, Repeated, Warned, judge
from desk.tickets import Priority
from tests.desk.sla_examples import FIGURES, WORKDAY, at, running

SECOND = timedelta(seconds=1)


def judged(when: str) -> Warned | Breached | Repeated:
    """What a clock of one hour from nine o'clock tells then, for the first time."""
    judgement = judge(running(Metric.RESOLVE, 1), WORKDAY, at(when), FIGURES)
    assert isinstance(judgement, Warned | Breached | Repeated)
    return judgement


def escalated(when: str, assignee: str | None = "Lin", *, raise_priority: bool = False) -> Escalation:
    return escalate(
        judged(when),
        now=at(when),
        assignee=assignee,
        priority=Priority.NORMAL,
        warn_at=FIGURES.warn_at,
        raise_priority=raise_priority,
    )


def repeated_after(acknowledged: str | None, when: str = "10:15") -> Escalation:
    breached = judged("10:00")
    judgement = judge(breached.clock, WORKDAY, at(when), FIGURES)
    assert isinstance(judgement, Repeated)
    return escalate(
        judgement,
        now=at(when),
        assignee="Lin",
        priority=Priority.NORMAL,
        warn_at=FIGURES.warn_at,
        raise_priority=True,
        acknowledged_at=at(acknowledged) if acknowledged else None,
    )


@pytest.mark.parametrize(
    ("when", "assignee", "listeners"),
    [
        ("09:30", "Lin", ()),
        ("09:48", "Lin", (Listener.ASSIGNEE,)),
        ("09:48", None, (Listener.TEAM_ROOM,)),
        ("10:00", "Lin", (Listener.ASSIGNEE, Listener.SUPERVISORS)),
        ("10:00", None, (Listener.TEAM_ROOM, Listener.SUPERVISORS)),
        ("10:15", "Lin", (Listener.ASSIGNEE, Listener.SUPERVISORS)),
    ],
)
def test_s16_who_is_told_grows_with_the_level(when: str, assignee: str | None, listeners: tuple[Listener, ...]) -> None:
    assert escalated(when, assignee).listeners == listeners


def test_s16_the_last_warning_is_told_whatever_its_figure() -> None:
    judgement = judged("09:30")
    early = escalate(judgement, now=at("09:30"), assignee="Lin", priority=Priority.LOW, warn_at=(50,))
    assert early.listeners == (Listener.ASSIGNEE,)


def test_s16_an_alert_has_one_name_for_its_clock_generation_and_level() -> None:
    assert escalated("09:30").key == "sla:7:resolve:1:50"
    assert escalated("10:15").key == "sla:7:resolve:1:101"


def test_s16_a_breach_raises_the_priority_once_and_never_beyond_urgent() -> None:
    assert escalated("10:00", raise_priority=True).priority is Priority.HIGH
    assert escalated("10:00").priority is None
    assert escalated("09:48", raise_priority=True).priority is None
    assert repeated_after(None).priority is None
    urgent = escalate(
        judged("10:00"), now=at("10:00"), assignee=None, priority=Priority.URGENT, warn_at=(), raise_priority=True
    )
    assert urgent.priority is None


def test_s16_a_breach_that_a_downtime_skipped_raises_the_priority_all_the_same() -> None:
    assert escalated("12:00", raise_priority=True).priority is Priority.HIGH


@pytest.mark.parametrize(
    ("acknowledged", "heard"), [(None, True), ("10:05", False), ("09:45:01", False), ("09:45", True)]
)
def test_s17_acknowledge_silences_repeats_for_30_minutes(acknowledged: str | None, *, heard: bool) -> None:
    repeat = repeated_after(acknowledged)
    assert bool(repeat.listeners) is heard
    assert repeat.level == 101


def test_s17_a_breach_that_was_never_told_is_not_silenced() -> None:
    told = escalate(
        judged("10:20"),
        now=at("10:20"),
        assignee="Lin",
        priority=Priority.LOW,
        warn_at=(50, 80),
        acknowledged_at=at("10:10"),
    )
    assert Listener.SUPERVISORS in told.listeners


def test_s16_a_card_has_the_colour_of_its_hottest_running_clock() -> None:
    calm = running(Metric.FIRST_REPLY, 8)
    assert heat([calm]) is Heat.CALM
    assert heat([calm, judged("09:30").clock]) is Heat.WARM
    assert heat([judged("09:48").clock, calm]) is Heat.HOT
    assert heat([judged("10:15").clock]) is Heat.BREACHED
    assert heat([meet(judged("10:15").clock, WORKDAY, at("10:20"))]) is Heat.CALM


def instants(*seconds: int) -> list[datetime]:
    return [at("09:00") + second * SECOND for second in seconds]


def sizes(waiting: int, told: list[datetime], now: str) -> list[int]:
    return [len(message) for message in gather(range(waiting), told, at(now))]


def test_s17_five_alerts_within_a_minute_are_told_one_by_one() -> None:
    assert sizes(5, [], "09:00") == [1] * 5
    assert sizes(2, instants(0, 1, 2), "09:00:59") == [1, 1]
    assert sizes(5, instants(0, 1, 2, 3, 4), "09:01:04") == [1] * 5


def test_s17_more_than_five_within_a_minute_become_one_digest() -> None:
    assert sizes(6, [], "09:00") == [6]
    assert sizes(3, instants(0, 1, 2), "09:00:59") == [3]


def test_s17_one_more_after_five_within_the_minute_waits_for_its_end() -> None:
    told = instants(0, 1, 2, 3, 4)
    assert crowded_until(told, at("09:00:59")) == at("09:01")
    assert crowded_until(told, at("09:01")) is None
    assert crowded_until(told[1:], at("09:00:59")) is None
    assert crowded_until(instants(0, *[30] * 20), at("09:00:31")) == at("09:01:30"), "after a digest, a minute"


@given(st.lists(st.integers(0, 400), max_size=60))
def test_s17_every_alert_is_told_once_and_no_minute_holds_more_than_five_single_ones(drawn: list[int]) -> None:
    fired = sorted(drawn)
    told: list[datetime] = []
    messages: list[tuple[datetime, tuple[int, ...]]] = []
    number = 0
    for second in range(500):
        now, come = at("09:00") + second * SECOND, sum(each <= second for each in fired)
        if come == number or crowded_until(told, now) is not None:
            continue
        new = gather(range(number, come), told, now)
        messages += [(now, message) for message in new]
        told += [now] * (come - number)
        number = come
    assert [alert for _, message in messages for alert in message] == list(range(len(fired)))
    assert all((now - at("09:00")).total_seconds() - fired[each] <= 60 for now, message in messages for each in message)
    single = [now for now, message in messages if len(message) == 1]
    assert all(later - earlier >= 60 * SECOND for earlier, later in zip(single, single[5:], strict=False))
    assert all(later[0] - earlier[0] >= 60 * SECOND for earlier, later in zip(messages, messages[6:], strict=False))
