"""The relationship's part of the company's file as values: stages, scores, health, loyalty, opportunities."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from desk.conditions import ALWAYS, Condition


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    """So many within any stretch of so long: "1 per 7d"."""

    count: int
    per: timedelta


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskOrder:
    """A task that a rule opens for a team, to be done within plain time."""

    team: str
    title: str
    within: timedelta


@dataclass(frozen=True, kw_only=True, slots=True)
class Transition:
    """From any of these stages to another one when the condition holds; the first that fits decides."""

    from_stages: tuple[str, ...]
    to: str
    when: Condition = ALWAYS


@dataclass(frozen=True, kw_only=True, slots=True)
class Signal:
    """Points for what a condition sees; `at_most` caps the points that count within a stretch of time."""

    points: int
    when: Condition
    at_most: Limit | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Band:
    """A score that, once reached, opens a task or starts a journey (L2)."""

    at: int
    task: TaskOrder | None = None
    journey: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Learning:
    """From which event on how many contacts the weights of the signals are fitted."""

    from_event: str
    at_least: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoringRules:
    """Fit (never fades) and engagement (halves in `half_life`), 50 points each (L1)."""

    half_life: timedelta = timedelta(days=30)
    fit: tuple[Signal, ...] = ()
    engagement: tuple[Signal, ...] = ()
    bands: tuple[Band, ...] = ()
    learn: Learning | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class HealthRules:
    """Weights of a customer's health, together 100; a fall of `warn_drop` within a week opens a task."""

    recency: int = 35
    frequency: int = 20
    satisfaction: int = 25
    service: int = 20
    warn_drop: int = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class PointsRule:
    """Loyalty points for an event: `points` flat, or `points` for each full `per_amount` of its `event_property`."""

    points: int
    per_amount: int | None = None
    event_property: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LoyaltyRules:
    """Points by event, tiers by the points they need (lowest first); a tier is kept for `keep_tier`."""

    points: Mapping[str, PointsRule] = field(default_factory=dict)
    tiers: Mapping[str, int] = field(default_factory=lambda: {"member": 0})
    expire_after: timedelta | None = None
    keep_tier: timedelta | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PointsReward:
    """Loyalty points as a reward."""

    points: int


@dataclass(frozen=True, kw_only=True, slots=True)
class CouponReward:
    """A coupon as a reward."""

    code: str


Reward = PointsReward | CouponReward


@dataclass(frozen=True, kw_only=True, slots=True)
class ReferralRules:
    """The event of the friend that counts, and what both sides get for it."""

    counts_when: str
    referrer: Reward | None = None
    friend: Reward | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LifecycleRules:
    """All that stands under `lifecycle`."""

    stages: tuple[str, ...] = ("lead", "customer")
    transitions: tuple[Transition, ...] = ()
    scoring: ScoringRules = field(default_factory=ScoringRules)
    health: HealthRules = field(default_factory=HealthRules)
    loyalty: LoyaltyRules = field(default_factory=LoyaltyRules)
    referral: ReferralRules | None = None

    @property
    def first_stage(self) -> str:
        """The stage of a contact of whom nothing else is known."""
        return self.stages[0]


@dataclass(frozen=True, kw_only=True, slots=True)
class OpportunityRules:
    """The stages of a sale with their chance in per cent; `senior` is the name of a member of the staff."""

    stages: Mapping[str, int] = field(default_factory=dict)
    stale_after: timedelta | None = None
    senior: str | None = None
