"""Reading what the company sends of its own accord: journeys, nudges, surveys."""

from datetime import timedelta

from bot.company.conditions import condition, condition_parts
from bot.company.lifecycle import task
from bot.company.names import Names
from bot.company.people import distinct, once
from bot.company.places import Place, Reader, Section, by_name, checked, filled, listed
from bot.company.routing import unreached_after_always
from bot.company.scalars import (
    DURATION,
    LIMIT,
    NAME,
    TIME,
    TRUTH,
    known,
    parse_time,
    scalar,
    texts_in,
    whole,
    word_of,
)
from desk.company import FieldType
from desk.conditions import ALWAYS
from lifecycle.outreach import (
    AfterStage,
    AfterTicket,
    Choice,
    ChooseStep,
    EnterBeforeNextOrder,
    EnterOnDate,
    EnterWhen,
    Entry,
    Goal,
    Journey,
    NudgeRules,
    QuietHours,
    SendStep,
    SplitArm,
    Step,
    StepButton,
    Survey,
    SurveyAlerts,
    SurveyKind,
    TaskStep,
    WaitStep,
)

_SCALES = {SurveyKind.CSAT: 5, SurveyKind.NPS: 10}


def journeys(place: Place, names: Names) -> dict[str, Journey]:
    """Reads `journeys`."""
    once(place.items(), "name")
    return {journey.name: journey for journey in listed(lambda item: _journey(item, names))(place)}


def _journey(place: Place, names: Names) -> Journey:
    with Section(place) as keys:
        journey = Journey(
            name=keys.required("name", NAME),
            enter=keys.required("enter", lambda enter: _entry(enter, names)),
            steps=keys.optional("steps", filled(listed(lambda step: _step(step, names)), "step"), ()),
            split=keys.optional("split", lambda split: _split(split, names), ()),
            exit=keys.optional("exit", condition(names), None),
            again_after=keys.optional("again_after", DURATION, None),
            goal=keys.optional("goal", lambda goal: _goal(goal, names), None),
        )
        if keys.has("steps") == keys.has("split") and not keys.spoiled:
            place.wrong("has both steps and a split, or neither; expected one of them")
    return journey


def _entry(place: Place, names: Names) -> Entry:
    with Section(place) as keys:
        if keys.has("date"):
            dates = [name for name, field in names.fields.items() if field.type is FieldType.DATE]
            return EnterOnDate(
                field=keys.required("date", known(dates, "a contact's field of the type date")),
                at=keys.required("at", TIME),
            )
        if keys.has("before_next_order"):
            return EnterBeforeNextOrder(lead=keys.required("before_next_order", DURATION))
        found = condition_parts(keys, names)
    if found == ALWAYS and not keys.spoiled and not place.entries():
        place.wrong("empty; expected a condition, a date or before_next_order")
    return EnterWhen(condition=found)


def _goal(place: Place, names: Names) -> Goal:
    with Section(place) as keys:
        within = keys.optional("within", DURATION, None)
        found = condition_parts(keys, names)
    if found == ALWAYS and not keys.spoiled and not place.entries().keys() - {"within"}:
        place.wrong("empty; expected a condition")
    return Goal(condition=found, within=within)


def _step(place: Place, names: Names) -> Step:
    with Section(place) as keys:
        kinds = [kind for kind in ("send", "wait", "task", "choose") if keys.has(kind)]
        if len(kinds) > 1:
            place.wrong(f"does {' and '.join(kinds)} in one; expected a step for each")
            keys.others()
        match kinds:
            case ["wait", *_]:
                return WaitStep(duration=keys.required("wait", DURATION))
            case ["task", *_]:
                return TaskStep(task=keys.required("task", task(names)))
            case ["choose", *_]:
                return ChooseStep(choices=keys.required("choose", lambda choose: _choices(choose, names)))
            case ["send", *_]:
                return _send(keys, names)
        unknown = keys.others()
    if not keys.spoiled:
        found = ", ".join(unknown) or "nothing"
        place.wrong(f"no step ({found}); expected one of send, wait, task, choose")
    return WaitStep(duration=timedelta(1))


def _send(keys: Section, names: Names) -> SendStep:
    return SendStep(
        texts=keys.required("send", texts_in(names.languages)),
        buttons=keys.optional("buttons", listed(lambda button: _button(button, names)), ()),
    )


def _send_or_nothing(keys: Section, names: Names) -> SendStep | None:
    if keys.has("send"):
        return _send(keys, names)
    keys.at("send")
    if keys.has("buttons"):
        keys.at("buttons").wrong("buttons without a message; expected `send` beside them")
    return None


def _button(place: Place, names: Names) -> StepButton:
    with Section(place) as keys:
        return StepButton(
            label=keys.required("label", texts_in(names.languages)),
            intent=keys.required("intent", known(names.intents, "an intent")),
        )


def _choices(place: Place, names: Names) -> tuple[Choice, ...]:
    choices = filled(listed(lambda item: _choice(item, names)), "choice")(place)
    unreached_after_always(place)
    return choices


def _choice(place: Place, names: Names) -> Choice:
    with Section(place) as keys:
        return Choice(when=keys.optional("when", condition(names), ALWAYS), send=_send_or_nothing(keys, names))


def _split(place: Place, names: Names) -> tuple[SplitArm, ...]:
    arms = checked(filled(by_name(lambda arm: _arm(arm, names)), "arm"), _shares_fault)(place)
    return tuple(arms.values())


def _shares_fault(arms: dict[str, SplitArm]) -> str | None:
    total = sum(arm.share for arm in arms.values())
    return None if total == 100 else f"the shares make {total}; expected 100 together"


def _arm(place: Place, names: Names) -> SplitArm:
    with Section(place) as keys:
        return SplitArm(name=place.key, share=keys.required("share", whole(1, 100)), send=_send_or_nothing(keys, names))


def nudges(place: Place, names: Names) -> NudgeRules:
    """Reads `nudges`."""
    channels = known(("last_used", *names.channels), "a channel")
    with Section(place) as keys:
        return NudgeRules(
            quiet_hours=keys.optional("quiet_hours", _QUIET_HOURS, None),
            at_most=keys.optional("at_most", listed(LIMIT), ()),
            not_while_ticket_open=keys.optional("not_while_ticket_open", TRUTH, default=True),
            channels=keys.optional("channels", filled(distinct(channels), "channel"), ("last_used",)),
        )


def _parse_quiet_hours(text: str) -> QuietHours:
    start, dash, end = text.partition("-")
    hours = QuietHours(start=parse_time(start.strip()), end=parse_time(end.strip()))
    if not dash or hours.start == hours.end:
        raise ValueError
    return hours


_QUIET_HOURS: Reader[QuietHours] = scalar(
    "quiet hours",
    'some like "21:00-09:00"',
    _parse_quiet_hours,
    QuietHours(start=parse_time("00:00"), end=parse_time("01:00")),
)


def surveys(place: Place, names: Names) -> tuple[Survey, ...]:
    """Reads `surveys`."""
    once(place.items(), "name")
    return listed(lambda item: _survey(item, names))(place)


def _survey(place: Place, names: Names) -> Survey:
    with Section(place) as keys:
        kind = keys.required("kind", word_of(SurveyKind))
        return Survey(
            name=keys.required("name", NAME),
            kind=kind,
            after=keys.required("after", lambda after: _after(after, names)),
            wait=keys.optional("wait", DURATION, timedelta(0)),
            every=keys.optional("every", DURATION, None),
            ask_why_below=keys.optional("ask_why_below", whole(1, _SCALES[kind]), None),
            expires_after=keys.optional("expires_after", DURATION, timedelta(days=7)),
            at_most=keys.optional("at_most", LIMIT, None),
        )


def _after(place: Place, names: Names) -> AfterTicket | AfterStage:
    with Section(place) as keys:
        if keys.has("stage"):
            stages = filled(distinct(known(names.stages, "a stage")), "stage")
            return AfterStage(stages=keys.required("stage", stages))
        ticket = keys.at("ticket")
        if ticket.node is None and not keys.spoiled:
            place.wrong("names no cause; expected `ticket: resolved` or `stage: [...]`")
            return AfterTicket(status="resolved")
        return AfterTicket(status=known(("resolved", "closed"), "a status to ask after")(ticket))


def survey_alerts(place: Place) -> SurveyAlerts:
    """Reads `survey_alerts`."""
    with Section(place) as keys:
        return SurveyAlerts(
            csat_at_or_below=keys.optional("csat_at_or_below", whole(1, 5), None),
            falling=keys.optional("falling", whole(2, 20), None),
        )
