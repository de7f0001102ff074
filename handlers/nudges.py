"""Nudges: what the company says of its own accord, within consent, quiet hours and caps (J1, J4 to J7)."""

from datetime import datetime, timedelta

from desk.commands import DeadlineReached, DueKind
from desk.facts import FactKind
from desk.outgoing import Rank
from desk.tickets import Conversation
from handlers.scene import Scene
from lifecycle.nudging import allowed_from, cap_reached_until
from lifecycle.outreach import Journey, SendStep
from store.casefile import Deadline, NudgeRecord

#: A nudge that could not be sent for so long is no longer worth it (J5).
WORTH = timedelta(days=3)


def due(scene: Scene, command: DeadlineReached) -> None:
    """A nudge's time has come: every condition is asked again, right before sending (J1, J6)."""
    journey = scene.rules.configuration.outreach.journeys.get(str(command.data["journey"]))
    step = journey.steps[0] if journey and journey.steps else None
    if journey is None or not isinstance(step, SendStep):
        return
    conversation = scene.case.conversation(int(command.data["conversation"]))
    reason = _why_never(scene, conversation)
    if reason is not None:
        _skip(scene, journey, reason)
        return
    later = _not_before(scene)
    if later > scene.now:
        _defer(scene, journey, command, later)
        return
    _send(scene, journey, step, conversation)


def _why_never(scene: Scene, conversation: Conversation) -> str | None:
    if not scene.contact.consent:
        return "opted_out"
    if conversation.blocked_at is not None:
        return "channel_closed"
    if scene.rules.configuration.outreach.nudges.not_while_ticket_open and scene.case.open_tickets():
        return "ticket_open"
    return None


def _not_before(scene: Scene) -> datetime:
    """The first moment at which quiet hours and caps allow a nudge (J5, J6)."""
    rules = scene.rules.configuration.outreach.nudges
    free = scene.now
    if rules.at_most:
        longest = max(limit.per for limit in rules.at_most)
        sent = [nudge.at for nudge in scene.case.look.nudges_since(scene.contact.id, scene.now - longest)]
        free = cap_reached_until(rules.at_most, sent, scene.now)
    return allowed_from(rules.quiet_hours, free, scene.zone())


def _defer(scene: Scene, journey: Journey, command: DeadlineReached, later: datetime) -> None:
    first = datetime.fromisoformat(str(command.data.get("first", command.due_at.isoformat())))
    if later > first + WORTH:
        _skip(scene, journey, "no_longer_worth_it")
        return
    scene.record(FactKind.NUDGE_DEFERRED, by="clock", journey=journey.name, until=later.isoformat())
    conversation = scene.case.conversation(int(command.data["conversation"]))
    data = {**command.data, "first": first.isoformat()}
    scene.case.schedule(
        Deadline(
            key=command.key,
            kind=DueKind.NUDGE,
            due_at=later,
            contact_id=scene.contact.id,
            lane=conversation.key,
            data=data,
        )
    )


def _skip(scene: Scene, journey: Journey, reason: str) -> None:
    scene.record(FactKind.NUDGE_SKIPPED, by="clock", journey=journey.name, reason=reason)


def _send(scene: Scene, journey: Journey, step: SendStep, conversation: Conversation) -> None:
    key = f"nudge:{journey.name}:{scene.contact.id}:0"
    text = scene.company.text(step.texts, scene.contact.language).replace("{customer.name}", scene.contact.name)
    scene.tell_customer(conversation, text, rank=Rank.NUDGE, key=key, again=False)
    scene.case.effects.nudges.append(
        NudgeRecord(contact_id=scene.contact.id, key=key, journey=journey.name, at=scene.now)
    )
    scene.record(FactKind.NUDGE_SENT, by="clock", journey=journey.name)
