"""What happens to an SLA clock: started, paused, met, closed, reopened, held to other terms (S3 to S11, S13, S15).

Each function is (clock, calendar, instant) -> clock. The instant is that of what happened, not of its handling; a clock
that the event no longer concerns is given back unchanged.
"""

from datetime import datetime, timedelta

from desk.hours import Calendar, open_between
from desk.sla import Clock, Metric, Outcome, Segment, Terms, consumed, reached_at, share
from desk.values import replace


def start(*, ticket: int, metric: Metric, terms: Terms, at: datetime, generation: int = 1) -> Clock:
    """A clock that runs from `at`: the channel's own timestamp of what it waits for (S3, S4)."""
    at = _second(at)
    clock = Clock(
        ticket=ticket,
        metric=metric,
        generation=generation,
        started_at=at,
        segments=(Segment(start=at),),
        calendar=terms.calendar.name,
        calendar_version=terms.calendar_version,
        policy=terms.policy,
        policy_version=terms.policy_version,
        target=terms.target,
    )
    return _timed(clock, terms.calendar)


def pause(clock: Clock, calendar: Calendar, at: datetime) -> Clock:
    """The ticket's status pauses the clock; only resolve pauses, and twice is once (S7, S9)."""
    if clock.is_over or clock.is_paused or clock.metric is not Metric.RESOLVE:
        return clock
    at = _second(at)
    return _timed(_stopped(_settled(clock, at), calendar, at), calendar)


def resume(clock: Clock, calendar: Calendar, at: datetime) -> Clock:
    """The clock goes on from `at`, the instant of what woke it, however late that is handled (S8)."""
    if not clock.is_paused:
        return clock
    return _timed(_running(clock, _second(at)), calendar)


def meet(clock: Clock, calendar: Calendar, at: datetime) -> Clock:
    """What was promised was done at `at`; in time is up to and with the due second."""
    if clock.is_over:
        return clock
    ended = _ended(clock, calendar, at, Outcome.MET)
    return replace(ended, met_at=ended.ended_at)


def close(clock: Clock, calendar: Calendar, at: datetime) -> Clock:
    """The ticket is resolved: that meets resolve, and ends the others without their being met (S5, S10)."""
    if clock.is_over:
        return clock
    match clock.metric:
        case Metric.RESOLVE:
            return meet(clock, calendar, at)
        case Metric.FIRST_REPLY:
            return _ended(clock, calendar, at, Outcome.CLOSED_NO_REPLY)
        case Metric.NEXT_REPLY | Metric.ASSIGN:
            return _ended(clock, calendar, at, Outcome.CLOSED)


def answer_after_all(clock: Clock, calendar: Calendar, *, written_at: datetime, at: datetime) -> Clock:
    """A reply that was on its way when its ticket was resolved has arrived at `at`: it was resolved with one (S5)."""
    if clock.outcome is not Outcome.CLOSED_NO_REPLY or clock.ended_at is None or _second(written_at) > clock.ended_at:
        return clock
    *before, last = clock.segments
    running = replace(last, end=None, counted=timedelta())
    return meet(replace(clock, ended_at=None, outcome=Outcome.RUNNING, segments=(*before, running)), calendar, at)


def reopen(clock: Clock, calendar: Calendar, at: datetime) -> Clock:
    """Resolve goes on, the time in resolved not counted, with at least 10 % of the target and 15 min left (S11)."""
    if not clock.is_over:
        return clock
    outcome = Outcome.RUNNING if clock.breached_at is None else Outcome.BREACHED
    clock = _running(replace(clock, met_at=None, ended_at=None, outcome=outcome), _second(at))
    if clock.target is not None:
        least = max(share(clock.target, 10), timedelta(minutes=15))
        left = clock.target + clock.extension - clock.counted
        clock = replace(clock, extension=clock.extension + max(least - left, timedelta()))
    return _timed(clock, calendar)


def retarget(clock: Clock, terms: Terms, now: datetime) -> Clock:
    """Hold the clock to other terms: start, segments and pauses stay, counted by the new calendar (S15).

    What was counted by an older version of the same calendar stays (S13). If the clock would have been due already, it
    is due 25 % of the new target (at least 5 min) of open time from now.
    """
    if clock.is_over:
        return clock
    same = (clock.target, clock.calendar, clock.calendar_version)
    sourced = replace(clock, policy=terms.policy, policy_version=terms.policy_version)
    if same == (terms.target, terms.calendar.name, terms.calendar_version):
        return sourced
    stays = clock.calendar == terms.calendar.name
    moved = replace(
        _overdue(sourced, _second(now)),
        calendar=terms.calendar.name,
        calendar_version=terms.calendar_version,
        target=terms.target,
        segments=clock.segments if stays else tuple(_recounted(each, terms.calendar) for each in clock.segments),
        extension=timedelta(),
        upgraded_late=False,
    )
    return _timed(_with_grace(moved, terms.calendar, now), terms.calendar)


def change_calendar(clock: Clock, old: Calendar, new: Calendar, version: str, now: datetime) -> Clock:
    """The same calendar in a new version: what was counted stays, the future is counted by the new one (S13)."""
    if clock.is_over:
        return clock
    now = _second(now)
    changed = replace(_overdue(clock, now), calendar_version=version)
    if not clock.is_paused and clock.segments[-1].start < now:
        changed = _running(_stopped(changed, old, now), now)
    return _timed(changed, new)


def _timed(clock: Clock, calendar: Calendar) -> Clock:
    """The clock with its due instant."""
    if clock.is_paused or clock.allowance is None:
        return replace(clock, due_at=None)
    return replace(clock, due_at=reached_at(clock, calendar, clock.allowance))


def _settled(clock: Clock, at: datetime) -> Clock:
    """The clock with the breach that happened before `at`, or without the one that did not.

    A command may be handled later than its own instant, and the deadline may ring first or not at all: what counts is
    which came first.
    """
    if clock.breached_at is not None and clock.breached_at >= at:
        return replace(clock, breached_at=None, outcome=Outcome.RUNNING)
    return _overdue(clock, at)


def _overdue(clock: Clock, now: datetime) -> Clock:
    """The clock with the breach that happened before `now`, if nobody has judged it yet."""
    if clock.breached_at is not None or clock.due_at is None or clock.due_at >= now:
        return clock
    return replace(clock, breached_at=clock.due_at, outcome=Outcome.BREACHED)


def _stopped(clock: Clock, calendar: Calendar, at: datetime) -> Clock:
    """The clock with its running segment, if any, ended at `at`."""
    *before, last = clock.segments
    if last.end is not None:
        return clock
    end = max(at, last.start)
    return replace(clock, segments=(*before, replace(last, end=end, counted=open_between(calendar, last.start, end))))


def _running(clock: Clock, at: datetime) -> Clock:
    """The stopped clock with a new segment, from where the last one ended at the earliest."""
    end = clock.segments[-1].end
    return replace(clock, segments=(*clock.segments, Segment(start=max(at, end) if end else at)))


def _ended(clock: Clock, calendar: Calendar, at: datetime, outcome: Outcome) -> Clock:
    """The clock stopped for good; a breach stays its outcome."""
    at = _second(at)
    stopped = _stopped(_settled(clock, at), calendar, at)
    ended_at = max(at, stopped.segments[-1].end or stopped.started_at)
    return replace(stopped, ended_at=ended_at, outcome=outcome if stopped.breached_at is None else Outcome.BREACHED)


def _with_grace(clock: Clock, calendar: Calendar, now: datetime) -> Clock:
    """S15: who comes late under a shorter target gets a due instant that can still be kept."""
    used = consumed(clock, calendar, now)
    if clock.target is None or used < clock.target:
        return clock
    grace = max(share(clock.target, 25), timedelta(minutes=5))
    return replace(clock, extension=used - clock.target + grace, upgraded_late=True)


def _recounted(segment: Segment, calendar: Calendar) -> Segment:
    if segment.end is None:
        return segment
    return replace(segment, counted=open_between(calendar, segment.start, segment.end))


def _second(at: datetime) -> datetime:
    return at.replace(microsecond=0)
