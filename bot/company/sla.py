"""Reading the promises: policies with their targets, warnings, breaches, pauses."""

from datetime import timedelta
from itertools import pairwise
from typing import TypeVar

from bot.company.conditions import condition
from bot.company.names import Names
from bot.company.people import distinct, once
from bot.company.places import Place, Section, checked, filled, listed
from bot.company.routing import unreached_after_always
from bot.company.scalars import DURATION, NAME, TRUTH, known, whole, word_of
from desk.company import BreachRules, FirstReplyStart, SlaRules
from desk.conditions import ALWAYS
from desk.sla import Metric, SlaPolicy
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
            warn_at=keys.optional("warn_at", checked(listed(whole(1, 99)), _rising_fault), usual.warn_at),
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


def _breach(place: Place, names: Names) -> BreachRules:
    with Section(place) as keys:
        return BreachRules(
            room=keys.optional("room", known(names.rooms, "a room"), None),
            again_after=keys.optional("again_after", checked(listed(DURATION), _rising_fault), ()),
            raise_priority=keys.optional("raise_priority", TRUTH, default=False),
        )


def _rising_fault(sizes: tuple[Size, ...]) -> str | None:
    rising = all(earlier < later for earlier, later in pairwise(sizes))
    return None if rising else "not rising; expected each larger than the one before"
