"""Reading the promises: policies with their targets, warnings, breaches, pauses."""

from datetime import timedelta
from itertools import pairwise
from typing import TypeVar

from desk.sla import Metric, SlaPolicy

from bot.company.conditions import condition
from bot.company.names import Names
from bot.company.people import distinct, once
from bot.company.places import Place, Section, filled, listed
from bot.company.routing import unreached_after_always
from bot.company.scalars import DURATION, NAME, TRUTH, known, whole, word_of
from desk.company import BreachRules, FirstReplyStart, SlaRules
from desk.conditions import ALWAYS
from desk.tickets import Priority, Status

Size = TypeVar("Size", int, timedelta)

_PAUSING = (Status.WAITING_ON_CUSTOMER, Status.ON_HOLD)
_TARGETS = (Metric.ASSIGN, Metric.FIRST_REPLY, Metric.NEXT_REPLY, Metric.RESOLVE)


def sla(place: Place, names: Names) -> SlaRules:
    """Reads `sla`."""
    usual = SlaRules()
    with Section(place) as keys:
        pauses = keys.optional("pause_while", distinct(word_of(Status, only=_PAUSING)), usual.pause_while)
        return SlaRules(
            policies=keys.required("policies", lambda policies: _policies(policies, names)),
            first_reply_starts=keys.optional("first_reply_starts", word_of(FirstReplyStart), usual.first_reply_starts),
            pause_while=frozenset(map(Status, pauses)),
            warn_at=keys.optional("warn_at", _warnings, usual.warn_at),
            breach=keys.optional("breach", lambda breach: _breach(breach, names), usual.breach),
            reopen_within=keys.optional("reopen_within", DURATION, usual.reopen_within),
        )


def _policies(place: Place, names: Names) -> tuple[SlaPolicy, ...]:
    once(place.items(), "name")
    unreached_after_always(place)
    return filled(listed(lambda policy: _policy(policy, names)), "policy")(place)


def _policy(place: Place, names: Names) -> SlaPolicy:
    with Section(place) as keys:
        return SlaPolicy(
            name=keys.required("name", NAME),
            when=keys.optional("when", condition(names), ALWAYS),
            calendar=keys.required("calendar", known(names.calendars, "a calendar")),
            targets=keys.required("targets", _targets),
        )


def _targets(place: Place) -> dict[Priority, dict[Metric, timedelta]]:
    with Section(place) as keys:
        targets = {priority: keys.optional(priority.value, _metrics, {}) for priority in Priority}
    return {priority: metrics for priority, metrics in targets.items() if metrics}


def _metrics(place: Place) -> dict[Metric, timedelta]:
    with Section(place) as keys:
        durations = {metric: keys.optional(metric.value, DURATION, None) for metric in _TARGETS}
    return {metric: duration for metric, duration in durations.items() if duration is not None}


def _warnings(place: Place) -> tuple[int, ...]:
    return _rising(place, listed(whole(1, 99))(place))


def _breach(place: Place, names: Names) -> BreachRules:
    with Section(place) as keys:
        return BreachRules(
            room=keys.optional("room", known(names.rooms, "a room"), None),
            again_after=keys.optional("again_after", _repeats, ()),
            raise_priority=keys.optional("raise_priority", TRUTH, default=False),
        )


def _repeats(place: Place) -> tuple[timedelta, ...]:
    return _rising(place, listed(DURATION)(place))


def _rising(place: Place, sizes: tuple[Size, ...]) -> tuple[Size, ...]:
    if any(later <= earlier for earlier, later in pairwise(sizes)):
        place.wrong("not rising; expected each larger than the one before")
    return sizes
