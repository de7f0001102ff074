"""The whole of a company's file: the desk and the relationship."""

from dataclasses import dataclass, field

from desk.company import Company
from lifecycle.outreach import OutreachRules
from lifecycle.policy import LifecycleRules, OpportunityRules


@dataclass(frozen=True, kw_only=True, slots=True)
class Configuration:
    """What `bot.company.load_company` reads from a file without a mistake."""

    company: Company
    lifecycle: LifecycleRules = field(default_factory=LifecycleRules)
    outreach: OutreachRules = field(default_factory=OutreachRules)
    opportunities: OpportunityRules = field(default_factory=OpportunityRules)
