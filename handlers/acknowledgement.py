"""The customer is told that a person will come: once per ticket or 24 hours, not per message (H16)."""

from datetime import datetime, timedelta

from desk.hours import is_open, next_opening
from desk.tickets import Conversation, Ticket
from desk.values import replace
from handlers.scene import Scene

_AGAIN_AFTER = timedelta(hours=24)


def acknowledge(scene: Scene, conversation: Conversation, ticket: Ticket) -> None:
    """Say that it was received, and out of hours when the team is there again."""
    if not _is_due(scene, conversation, ticket):
        return
    scene.case.put_conversation(replace(conversation, acknowledged_at=scene.now, acknowledged_ticket=ticket.number))
    scene.tell_customer(conversation, _words(scene, ticket), ticket=ticket.number)


def _is_due(scene: Scene, conversation: Conversation, ticket: Ticket) -> bool:
    if conversation.acknowledged_at is None or conversation.acknowledged_ticket != ticket.number:
        return True
    nobody_answers = ticket.waiting_since is not None
    return nobody_answers and scene.now >= conversation.acknowledged_at + _AGAIN_AFTER


def _words(scene: Scene, ticket: Ticket) -> str:
    calendar = scene.company.calendars[scene.team(ticket).calendar]
    if is_open(calendar, scene.now):
        return scene.say("ack.open", number=ticket.number)
    return scene.say("ack.closed", number=ticket.number, at=local_time(scene, next_opening(calendar, scene.now)))


def local_time(scene: Scene, at: datetime) -> str:
    """A moment in the customer's own zone, else the company's."""
    local = at.astimezone(scene.zone())
    return scene.say(
        "time.day_and_hour",
        weekday=scene.say(f"weekday.{local.weekday()}"),
        month=scene.say(f"month.{local.month}"),
        day=local.day,
        time=f"{local:%H:%M}",
    )
