"""Reading where tickets go: routing, handoff, knowledge, the company's own intents, replies and fields."""

from bot.company.conditions import condition
from bot.company.names import Names
from bot.company.people import distinct, once
from bot.company.places import Place, Section, by_name, filled, listed
from bot.company.scalars import DURATION, NAME, TEXT, TIME, known, number, texts_in, whole, word_of
from desk.company import (
    BUILT_IN_FIELDS,
    ContactField,
    Digest,
    FieldType,
    HandoffRules,
    IdleRules,
    KnowledgeRules,
    MetricsRules,
    OwnIntent,
    PriorityRule,
    RoutingRule,
    RoutingRules,
    Texts,
)
from desk.conditions import ALWAYS
from desk.readings import INTENTS
from desk.tickets import Priority


def routing(place: Place, names: Names) -> RoutingRules:
    """Reads `routing`."""
    with Section(place) as keys:
        return RoutingRules(
            rules=keys.required("rules", lambda rules: _rules(rules, names)),
            priorities=keys.optional("priorities", listed(lambda rule: _priority(rule, names)), ()),
            handoff=keys.optional("handoff", lambda handoff: _handoff(handoff, names), HandoffRules()),
            idle=keys.optional("idle", _idle, IdleRules()),
        )


def _rules(place: Place, names: Names) -> tuple[RoutingRule, ...]:
    rules = filled(listed(lambda rule: _rule(rule, names)), "rule")(place)
    unreached_after_always(place)
    items = place.items()
    if items and items[-1].is_mapping and "when" in items[-1].entries():
        items[-1].wrong("the last rule has a `when`; expected one without, so that every ticket finds a team")
    return rules


def unreached_after_always(place: Place) -> None:
    """Notes what stands after an item without `when`, which fits everything."""
    always: Place | None = None
    for item in place.items():
        if always is not None:
            item.wrong(f"never reached; expected before the one without `when` (line {always.line})")
        elif item.is_mapping and "when" not in item.entries():
            always = item


def _rule(place: Place, names: Names) -> RoutingRule:
    with Section(place) as keys:
        return RoutingRule(
            when=keys.optional("when", condition(names), ALWAYS),
            team=keys.required("team", known(names.teams, "a team")),
            priority=keys.optional("priority", word_of(Priority), None),
            raise_by=keys.optional("raise", whole(1, len(Priority) - 1), 0),
            skills=frozenset(
                keys.optional("skills", distinct(known(names.skills, "a skill of anyone on the staff")), ())
            ),
        )


def _priority(place: Place, names: Names) -> PriorityRule:
    with Section(place) as keys:
        return PriorityRule(
            when=keys.required("when", condition(names)), priority=keys.required("priority", word_of(Priority))
        )


def _handoff(place: Place, names: Names) -> HandoffRules:
    usual = HandoffRules()
    with Section(place) as keys:
        intents = keys.optional("intents", distinct(known(names.intents, "an intent")), usual.intents)
        return HandoffRules(
            intents=frozenset(intents),
            after_failed_answers=keys.optional("after_failed_answers", whole(1, 100), usual.after_failed_answers),
            below_confidence=keys.optional("below_confidence", number(0, 1), usual.below_confidence),
        )


def _idle(place: Place) -> IdleRules:
    with Section(place) as keys:
        idle = IdleRules(
            nudge_after=keys.optional("nudge_after", DURATION, None),
            resolve_after=keys.optional("resolve_after", DURATION, None),
        )
    if keys.is_sound and idle.nudge_after and idle.resolve_after and idle.resolve_after <= idle.nudge_after:
        place.wrong("resolves before it nudges; expected resolve_after longer than nudge_after")
    return idle


def knowledge(place: Place) -> KnowledgeRules:
    """Reads `knowledge`."""
    usual = KnowledgeRules()
    with Section(place) as keys:
        rules = KnowledgeRules(
            folder=keys.optional("folder", TEXT, usual.folder),
            answer_above=keys.optional("answer_above", number(0, 1), usual.answer_above),
            suggest_above=keys.optional("suggest_above", number(0, 1), usual.suggest_above),
        )
    if keys.is_sound and rules.suggest_above > rules.answer_above:
        place.wrong("answers before it suggests; expected suggest_above at most answer_above")
    return rules


def intents(place: Place) -> tuple[OwnIntent, ...]:
    """Reads `intents`."""
    once(place.items(), "name")
    return listed(_intent)(place)


def _intent(place: Place) -> OwnIntent:
    with Section(place) as keys:
        name = keys.required("name", NAME)
        examples = keys.required("examples", filled(distinct(TEXT), "example message"))
    if name in INTENTS:
        place.entries()["name"].wrong("a built-in intent; expected a name of the company's own")
    return OwnIntent(name=name, examples=examples)


def replies(place: Place, names: Names) -> dict[str, Texts]:
    """Reads `replies`."""
    return by_name(texts_in(names.languages))(place)


def contact_fields(place: Place) -> dict[str, ContactField]:
    """Reads `contact_fields`; the names of the fields every contact has are taken."""
    once(place.items(), "name")
    return {field.name: field for field in listed(_contact_field)(place)}


def _contact_field(place: Place) -> ContactField:
    with Section(place) as keys:
        name = keys.required("name", NAME)
        kind = keys.required("type", word_of(FieldType))
        choices = keys.at("choices")
        read = filled(distinct(NAME), "choice")(choices) if kind is FieldType.CHOICE else ()
    if kind is not FieldType.CHOICE and choices.node is not None:
        choices.wrong("choices belong to the type choice; expected none")
    if any(name == field.name for field in BUILT_IN_FIELDS):
        place.entries()["name"].wrong("a field that every contact has; expected a name of the company's own")
    return ContactField(name=name, type=kind, choices=read)


def metrics(place: Place, names: Names) -> MetricsRules:
    """Reads `metrics`."""
    with Section(place) as keys:
        return MetricsRules(
            off_baseline=keys.optional("off_baseline", number(1, 1000), None),
            digest=keys.optional("digest", lambda digest: _digest(digest, names), None),
        )


def _digest(place: Place, names: Names) -> Digest:
    with Section(place) as keys:
        return Digest(at=keys.required("at", TIME), room=keys.required("room", known(names.rooms, "a room")))
