"""What became of an agent's reply: taken by the channel it counts (S5), otherwise its writer learns why (H8)."""

from dataclasses import replace

from desk.commands import DeliveryReported, Outcome
from desk.facts import FactKind
from desk.messages import Author, Message
from desk.outgoing import Mark, Outgoing, Rank, ToThread
from desk.sla import Metric
from desk.tickets import Ticket
from handlers import promises, room
from handlers.customer_actions import close_channel
from handlers.scene import Scene

SENT, FAILED = "👌", "👎"


def reported(scene: Scene, command: DeliveryReported) -> None:
    """The sender's report on one message."""
    message = scene.case.look.message(command.message)
    if message is None:
        return
    ticket = scene.case.tickets.get(message.ticket_id or 0)
    match command.outcome:
        case Outcome.SENT:
            if ticket is not None:
                _count(scene, ticket, message, command)
            _mark(scene, ticket, message, SENT)
        case Outcome.FAILED | Outcome.UNKNOWN:
            _fail(scene, ticket, message, command)


def _count(scene: Scene, ticket: Ticket, message: Message, command: DeliveryReported) -> None:
    """A person's public reply reached the customer (S5): first_reply and next_reply are met at that moment."""
    if message.author is not Author.AGENT:
        return
    first = ticket.first_reply_at is None
    metric = Metric.FIRST_REPLY if first else Metric.NEXT_REPLY
    promises.meet(scene, ticket, metric, command.at)
    answered = ticket.waiting_since is None or ticket.waiting_since <= command.at
    scene.case.put_ticket(
        replace(
            ticket,
            first_reply_at=ticket.first_reply_at or command.at,
            answered_by=message.author_name,
            waiting_since=None if answered else ticket.waiting_since,
            updated_at=scene.now,
        )
    )
    scene.record(FactKind.REPLY_DELIVERED, by=message.author_name or "", ticket=ticket, at=command.at, first=first)
    room.show_card(scene, scene.case.tickets[ticket.number])


def _fail(scene: Scene, ticket: Ticket | None, message: Message, command: DeliveryReported) -> None:
    if command.blocked:
        conversation = scene.case.conversation(message.conversation_id)
        if conversation.blocked_at is None:
            close_channel(scene, conversation)
    if message.author is not Author.AGENT:
        return
    reason = command.reason or ""
    scene.record(
        FactKind.DELIVERY_FAILED,
        by=message.author_name or "",
        ticket=ticket,
        message=message.id,
        outcome=command.outcome.value,
        reason=reason,
    )
    _mark(scene, ticket, message, FAILED)
    if ticket is not None:
        key = "room.not_delivered" if command.outcome is Outcome.FAILED else "room.maybe_delivered"
        room.line(scene, ticket, scene.say_staff(key, text=message.text[:80], reason=reason))


def _mark(scene: Scene, ticket: Ticket | None, message: Message, emoji: str) -> None:
    """Show the fate on the agent's own message, where it was written in a room."""
    written = scene.case.look.staff_message(message.id)
    if ticket is None or written is None:
        return
    chat, external_id = written
    to = ToThread(room=scene.team(ticket).room, contact_id=ticket.contact_id)
    content = Mark(chat=chat, external_id=external_id, emoji=emoji)
    scene.case.send(Outgoing(to=to, content=content, rank=Rank.CARD, contact_id=ticket.contact_id))
