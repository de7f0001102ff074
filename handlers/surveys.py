"""Surveys: asked after a resolved ticket, answered by a button, explained in words (Q1 to Q5)."""

from collections.abc import Sequence
from datetime import timedelta

from desk.commands import DeadlineReached, DueKind
from desk.facts import FactKind
from desk.messages import Message
from desk.outgoing import Button, Buttons
from desk.tickets import Conversation, Ticket
from desk.values import replace
from handlers.scene import Scene
from lifecycle.outreach import AfterTicket, Survey, SurveyKind
from store.casefile import Deadline, SurveyRecord

#: How long a given answer can be changed, and how long its reason is waited for (Q5).
SECOND_THOUGHTS = timedelta(minutes=10)


def plan(scene: Scene, ticket: Ticket) -> None:
    """Ask about this resolution when its time has come; agent and team are those of now (Q1, Q2)."""
    conversation = scene.case.conversation(ticket.conversation_id)
    for survey in _after_resolve(scene):
        planned = SurveyRecord(
            id=scene.case.numbers.next_id(),
            key=f"{survey.name}:{ticket.number}:{ticket.resolutions}",
            name=survey.name,
            kind=survey.kind.value,
            contact_id=ticket.contact_id,
            conversation_id=conversation.id,
            channel=conversation.channel,
            state="planned",
            planned_at=scene.now,
            ticket=ticket.number,
            resolution=ticket.resolutions,
            agent=ticket.answered_by,
            team=ticket.team,
        )
        scene.case.effects.surveys[planned.id] = planned
        _schedule(scene, planned, DueKind.SURVEY, survey.wait)


def _after_resolve(scene: Scene) -> list[Survey]:
    surveys = scene.rules.configuration.outreach.surveys
    return [each for each in surveys if each.after == AfterTicket(status="resolved")]


def _schedule(scene: Scene, survey: SurveyRecord, kind: DueKind, after: timedelta) -> None:
    conversation = scene.case.conversation(survey.conversation_id)
    scene.case.schedule(
        Deadline(
            key=f"{kind.value}:{survey.id}",
            kind=kind,
            due_at=scene.now + after,
            contact_id=survey.contact_id,
            lane=conversation.key,
            ticket=survey.ticket,
            data={"survey": survey.id},
        )
    )


def due(scene: Scene, command: DeadlineReached) -> None:
    """A survey's time has come: it is sent, or left out for a reason that is kept (Q3)."""
    survey = scene.case.look.survey(int(command.data["survey"]))
    rules = None if survey is None else _rules_of(scene, survey)
    if survey is None or rules is None or survey.state != "planned":
        return
    survey = _credited(scene, survey)
    reason = _why_not(scene, survey, rules)
    if reason is not None:
        _put(scene, replace(survey, state="skipped"))
        scene.record(FactKind.SURVEY_SKIPPED, by="clock", ticket=survey.ticket, survey=survey.name, reason=reason)
        return
    conversation = scene.case.conversation(survey.conversation_id)
    question = scene.say(f"survey.{rules.kind.value}", number=survey.ticket)
    message = scene.tell_customer(
        conversation, question, buttons=_scale(survey, rules.kind), ticket=survey.ticket, key=f"survey:{survey.key}"
    )
    sent = _put(scene, replace(survey, state="sent", sent_at=scene.now, message_id=message.id))
    _schedule(scene, sent, DueKind.SURVEY_EXPIRY, rules.expires_after)
    scene.record(FactKind.SURVEY_SENT, by="clock", ticket=survey.ticket, survey=survey.name)


def _credited(scene: Scene, survey: SurveyRecord) -> SurveyRecord:
    """With its agent, where their reply was still on its way when they resolved the ticket (Q2)."""
    ticket = scene.case.tickets.get(survey.ticket or 0)
    if survey.agent is not None or ticket is None or ticket.resolutions != survey.resolution:
        return survey
    return replace(survey, agent=ticket.answered_by)


def _why_not(scene: Scene, survey: SurveyRecord, rules: Survey) -> str | None:
    """The reason to leave a survey out (Q3), None where it is to be sent."""
    conversation = scene.case.conversation(survey.conversation_id)
    if conversation.blocked_at is not None:
        return "channel_closed"
    if not scene.contact.consent:
        return "opted_out"
    ticket = scene.case.tickets.get(survey.ticket or 0)
    if ticket is not None and (ticket.is_open or ticket.resolutions != survey.resolution):
        return "reopened"
    if survey.agent is None:
        return "nobody_answered"
    if rules.at_most is not None:
        since = scene.now - rules.at_most.per
        sent = [each for each in scene.case.look.surveys_of(survey.contact_id) if each.name == survey.name]
        if sum(each.sent_at is not None and each.sent_at > since for each in sent) >= rules.at_most.count:
            return "cool_down"
    return None


def _scores(kind: SurveyKind) -> range:
    return range(1, 6) if kind is SurveyKind.CSAT else range(11)


def _scale(survey: SurveyRecord, kind: SurveyKind) -> Buttons:
    match kind:
        case SurveyKind.CSAT:
            return (tuple(_score(survey, score, f"{score} {'★' * score}") for score in _scores(kind)),)
        case SurveyKind.NPS:
            scores = tuple(_score(survey, score, str(score)) for score in _scores(kind))
            return scores[:6], scores[6:]


def _score(survey: SurveyRecord, score: int, label: str) -> Button:
    return Button(label=label, action=f"score:{survey.id}:{score}")


def answer(scene: Scene, conversation: Conversation, survey_id: int, score: int) -> str:
    """A tap on the scale: the first counts, and can be changed for ten minutes (Q5). Returns what the tap is told."""
    survey = scene.case.look.survey(survey_id)
    if survey is None or survey.contact_id != scene.contact.id or survey.state not in ("sent", "answered"):
        return scene.say("survey.closed")
    if score not in _scores(SurveyKind(survey.kind)):
        return scene.say("press.unknown")
    if survey.score == score:
        return scene.say("survey.thanks")
    if survey.answered_at is not None and scene.now > survey.answered_at + SECOND_THOUGHTS:
        return scene.say("survey.answered_before")
    rules = _rules_of(scene, survey)
    _keep_answer(scene, survey, score)
    asks = rules is not None and rules.ask_why_below is not None and score < rules.ask_why_below
    if asks:
        scene.case.put_conversation(replace(conversation, awaiting_reason=survey.id))
        if survey.score is None or survey.reason is None:
            scene.tell_customer(conversation, scene.say("survey.why"), ticket=survey.ticket)
    return scene.say("survey.thanks")


def _keep_answer(scene: Scene, survey: SurveyRecord, score: int) -> None:
    changed = survey.score is not None
    answered = replace(
        survey,
        state="answered",
        score=score,
        first_score=survey.score if survey.first_score is None else survey.first_score,
        answered_at=survey.answered_at or scene.now,
    )
    _put(scene, answered)
    scene.record(
        FactKind.SURVEY_ANSWERED, by="customer", ticket=survey.ticket, survey=survey.name, score=score, changed=changed
    )
    if survey.message_id is not None and not changed:
        text = scene.say("survey.noted", score=score)
        _edit(scene, survey.message_id, text, _scale(survey, SurveyKind(survey.kind)))
    elif survey.message_id is not None:
        _edit(scene, survey.message_id, scene.say("survey.noted", score=score), ())


def explain(scene: Scene, conversation: Conversation, said: Sequence[Message], survey: SurveyRecord) -> None:
    """The customer's words on why (Q5)."""
    reason = "\n".join(message.text for message in said if message.text)
    _put(scene, replace(survey, reason=reason))
    scene.case.put_conversation(replace(conversation, awaiting_reason=None))
    scene.record(FactKind.SURVEY_EXPLAINED, by="customer", ticket=survey.ticket, survey=survey.name, message=said[0].id)
    scene.tell_customer(conversation, scene.say("survey.explained"), ticket=survey.ticket)


def awaits_reason(scene: Scene, conversation: Conversation) -> SurveyRecord | None:
    """The survey whose reason is still waited for."""
    if conversation.awaiting_reason is None:
        return None
    survey = scene.case.look.survey(conversation.awaiting_reason)
    if survey is None or survey.answered_at is None or scene.now > survey.answered_at + SECOND_THOUGHTS:
        scene.case.put_conversation(replace(conversation, awaiting_reason=None))
        return None
    return survey


def withdraw(scene: Scene, ticket: Ticket) -> None:
    """The ticket goes on before the survey was answered: it is taken back, its message says so (Q4)."""
    for survey in scene.case.look.surveys_of(ticket.contact_id):
        if survey.ticket != ticket.number or survey.state not in ("planned", "sent"):
            continue
        _put(scene, replace(survey, state="withdrawn"))
        scene.case.cancel(f"{DueKind.SURVEY.value}:{survey.id}")
        scene.case.cancel(f"{DueKind.SURVEY_EXPIRY.value}:{survey.id}")
        scene.record(FactKind.SURVEY_WITHDRAWN, by="customer", ticket=ticket, survey=survey.name)
        if survey.message_id is not None:
            _edit(scene, survey.message_id, scene.say("survey.withdrawn"), ())


def expire(scene: Scene, command: DeadlineReached) -> None:
    """Nobody answered in time: the buttons go."""
    survey = scene.case.look.survey(int(command.data["survey"]))
    if survey is None or survey.state != "sent":
        return
    _put(scene, replace(survey, state="expired"))
    if survey.message_id is not None:
        _edit(scene, survey.message_id, scene.say("survey.expired"), ())


def _edit(scene: Scene, message_id: int, text: str, buttons: Buttons) -> None:
    message = scene.case.look.message(message_id)
    if message is not None:
        scene.rewrite(message, text, buttons)


def _rules_of(scene: Scene, survey: SurveyRecord) -> Survey | None:
    return next((each for each in scene.rules.configuration.outreach.surveys if each.name == survey.name), None)


def _put(scene: Scene, survey: SurveyRecord) -> SurveyRecord:
    scene.case.effects.surveys[survey.id] = survey
    return survey
