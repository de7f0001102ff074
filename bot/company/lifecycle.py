"""Reading the relationship: stages, scoring, health, loyalty, referral, opportunities."""

from datetime import timedelta

from bot.company.conditions import condition
from bot.company.names import Names
from bot.company.people import distinct
from bot.company.places import Place, Reader, Section, by_name, checked, filled, listed
from bot.company.scalars import DURATION, EVENT, LIMIT, NAME, POINTS_RULE, REWARD, TEXT, known, whole
from desk.conditions import ALWAYS
from lifecycle.policy import (
    Band,
    HealthRules,
    Learning,
    LifecycleRules,
    LoyaltyRules,
    OpportunityRules,
    ReferralRules,
    ScoringRules,
    Signal,
    TaskOrder,
    Transition,
)


def lifecycle(place: Place, names: Names) -> LifecycleRules:
    """Reads `lifecycle`."""
    usual = LifecycleRules()
    with Section(place) as keys:
        return LifecycleRules(
            stages=keys.optional("stages", filled(distinct(NAME), "stage"), usual.stages),
            transitions=keys.optional("transitions", listed(lambda item: _transition(item, names)), ()),
            scoring=keys.optional("scoring", lambda scoring: _scoring(scoring, names), usual.scoring),
            health=keys.optional("health", _health, usual.health),
            loyalty=keys.optional("loyalty", _loyalty, usual.loyalty),
            referral=keys.optional("referral", _referral, None),
        )


def task(names: Names) -> Reader[TaskOrder]:
    """The reader of a `task`."""

    def read(place: Place) -> TaskOrder:
        with Section(place) as keys:
            return TaskOrder(
                team=keys.required("team", known(names.teams, "a team")),
                title=keys.required("title", TEXT),
                within=keys.required("within", DURATION),
            )

    return read


def _transition(place: Place, names: Names) -> Transition:
    stage = known(names.stages, "a stage")
    with Section(place) as keys:
        transition = Transition(
            from_stages=keys.required("from", filled(distinct(stage), "stage")),
            to=keys.required("to", stage),
            when=keys.optional("when", condition(names), ALWAYS),
        )
    if keys.is_sound and transition.to in transition.from_stages:
        place.wrong(f"leads from {transition.to} to itself; expected another stage")
    return transition


def _scoring(place: Place, names: Names) -> ScoringRules:
    usual = ScoringRules()
    signals = listed(lambda item: _signal(item, names))
    with Section(place) as keys:
        return ScoringRules(
            half_life=keys.optional("half_life", DURATION, usual.half_life),
            fit=keys.optional("fit", signals, ()),
            engagement=keys.optional("engagement", signals, ()),
            bands=keys.optional("bands", listed(lambda item: _band(item, names)), ()),
            learn=keys.optional("learn", _learning, None),
        )


def _signal(place: Place, names: Names) -> Signal:
    with Section(place) as keys:
        return Signal(
            when=keys.required("when", condition(names)),
            points=keys.required("points", whole(-50, 50)),
            at_most=keys.optional("at_most", LIMIT, None),
        )


def _band(place: Place, names: Names) -> Band:
    with Section(place) as keys:
        band = Band(
            at=keys.required("at", whole(1, 100)),
            task=keys.optional("task", task(names), None),
            journey=keys.optional("journey", known(names.journeys, "a journey"), None),
        )
    if keys.is_sound and band.task is None and band.journey is None:
        place.wrong("does nothing; expected a task or a journey")
    return band


def _learning(place: Place) -> Learning:
    with Section(place) as keys:
        return Learning(
            from_event=keys.required("from", EVENT), at_least=keys.required("at_least", whole(10, 1_000_000))
        )


def _health(place: Place) -> HealthRules:
    usual = HealthRules()
    with Section(place) as keys:
        weights = keys.optional(
            "weights", _weights, (usual.recency, usual.frequency, usual.satisfaction, usual.service)
        )
        warn_drop = keys.optional("warn_drop", whole(1, 100), usual.warn_drop)
    recency, frequency, satisfaction, service = weights
    return HealthRules(
        recency=recency, frequency=frequency, satisfaction=satisfaction, service=service, warn_drop=warn_drop
    )


def _weights(place: Place) -> tuple[int, int, int, int]:
    weight = whole(0, 100)
    with Section(place) as keys:
        weights = (
            keys.required("recency", weight),
            keys.required("frequency", weight),
            keys.required("satisfaction", weight),
            keys.required("service", weight),
        )
    if keys.is_sound and sum(weights) != 100:
        place.wrong(f"the weights make {sum(weights)}; expected 100 together")
    return weights


def _loyalty(place: Place) -> LoyaltyRules:
    with Section(place) as keys:
        return LoyaltyRules(
            points=keys.optional("points", by_name(POINTS_RULE), {}),
            tiers=keys.optional("tiers", _TIERS, {"member": 0}),
            expire_after=keys.optional("expire_after", DURATION, None),
            keep_tier=keys.optional("keep_tier", DURATION, None),
        )


def _tiers_fault(tiers: dict[str, int]) -> str | None:
    figures = list(tiers.values())
    rising = figures == sorted(set(figures)) and figures[:1] == [0]
    return None if rising else "the tiers do not rise from 0; expected the lowest first, at 0, and each next one higher"


_TIERS: Reader[dict[str, int]] = checked(filled(by_name(whole(0, 1_000_000_000)), "tier"), _tiers_fault)


def _referral(place: Place) -> ReferralRules:
    with Section(place) as keys:
        return ReferralRules(
            counts_when=keys.required("counts_when", EVENT),
            referrer=keys.optional("referrer", REWARD, None),
            friend=keys.optional("friend", REWARD, None),
        )


def opportunities(place: Place, names: Names) -> OpportunityRules:
    """Reads `opportunities`."""
    stale_after: timedelta | None
    with Section(place) as keys:
        stages = keys.required("stages", filled(by_name(whole(0, 100)), "stage"))
        stale_after = keys.optional("stale_after", DURATION, None)
        senior = keys.optional("senior", known(names.staff, "a member of the staff"), None)
    return OpportunityRules(stages=stages, stale_after=stale_after, senior=senior)
