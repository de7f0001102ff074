"""A ticket that waits on a silent customer: one nudge, then it is resolved as unanswered, without a survey (H14)."""

from datetime import datetime, timedelta

from desk.commands import DeadlineReached, DueKind
from desk.tickets import Status, Ticket
from handlers import tickets
from handlers.scene import Scene
from store.casefile import Deadline


def plan(scene: Scene, ticket: Ticket) -> None:
    """It is the customer's turn now: let the company's patience run."""
    idle = scene.company.routing.idle
    for kind, after in ((DueKind.IDLE_NUDGE, idle.nudge_after), (DueKind.IDLE_RESOLVE, idle.resolve_after)):
        if after is not None:
            _schedule(scene, ticket, kind, after, since=scene.now)


def _schedule(scene: Scene, ticket: Ticket, kind: DueKind, after: timedelta, *, since: datetime) -> None:
    conversation = scene.case.conversation(ticket.conversation_id)
    scene.case.schedule(
        Deadline(
            key=f"{kind.value}:{ticket.number}",
            kind=kind,
            due_at=since + after,
            contact_id=ticket.contact_id,
            lane=conversation.key,
            ticket=ticket.number,
            data={"since": since.isoformat()},
        )
    )


def due(scene: Scene, command: DeadlineReached) -> None:
    """The customer has not answered; a stale alarm (they did, or it was resolved) is harmless.

    A mere "thanks" leaves the ticket waiting, and the patience begins again.
    """
    ticket = scene.case.tickets.get(command.ticket or 0)
    if ticket is None or ticket.status is not Status.WAITING_ON_CUSTOMER:
        return
    conversation = scene.case.conversation(ticket.conversation_id)
    since = datetime.fromisoformat(str(command.data["since"]))
    if conversation.last_message_at is not None and conversation.last_message_at > since:
        _schedule(scene, ticket, command.kind, command.due_at - since, since=conversation.last_message_at)
        return
    if command.kind is DueKind.IDLE_NUDGE:
        scene.tell_customer(conversation, scene.say("idle.nudge", number=ticket.number), ticket=ticket.number)
    else:
        tickets.resolve(scene, ticket, "clock", ask=False)
        scene.tell_customer(conversation, scene.say("idle.resolved", number=ticket.number), ticket=ticket.number)
