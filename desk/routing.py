"""Routing: how pressing a matter is and which team gets it, by the company's rules."""

from dataclasses import dataclass

from desk.company import Company, RoutingRule
from desk.conditions import Subject, holds
from desk.sla import SlaPolicy
from desk.tickets import Priority


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """Where a matter goes; `skills` are those that its agent should have."""

    team: str
    priority: Priority
    skills: frozenset[str] = frozenset()


def route(company: Company, subject: Subject) -> Route:
    """The first rule that fits, on top of what the message itself says of its priority.

    A file without a rule for everything ends at its first team.
    """
    said = message_priority(company, subject) or Priority.NORMAL
    for rule in company.routing.rules:
        if holds(rule.when, subject):
            return Route(team=rule.team, priority=_priority(rule, said), skills=rule.skills)
    return Route(team=next(iter(company.teams)), priority=said)


def _priority(rule: RoutingRule, said: Priority) -> Priority:
    return (rule.priority or said).raised(rule.raise_by)


def message_priority(company: Company, subject: Subject) -> Priority | None:
    """What a message says of its own priority, if anything."""
    for rule in company.routing.priorities:
        if holds(rule.when, subject):
            return rule.priority
    return None


def policy(company: Company, subject: Subject) -> SlaPolicy | None:
    """The first SLA policy that fits a ticket."""
    for each in company.sla.policies:
        if holds(each.when, subject):
            return each
    return None
