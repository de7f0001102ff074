"""What became of an agent's reply: taken by the channel it counts (S5), otherwise its writer learns why (H8)."""

from desk.commands import DeliveryReported, Outcome
from desk.courtesy import closes
from desk.facts import FactKind
from desk.messages import Author, Delivery, Message
from desk.outgoing import Mark, Outgoing, Rank, ToThread
from desk.sla import Metric
from desk.tickets import Ticket
from desk.values import replace
from handlers import promises, room
from handlers.customer_actions import close_channel
from handlers.scene import Scene
from store.casefile import MessageChange

SENT, FAILED = "👌", "👎"
#: So many messages at the most are looked through for those that crossed a reply.
_MISSED = 20


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
    answered = ticket.waiting_since is None or ticket.waiting_since <= command.at
    promises.meet(scene, ticket, Metric.FIRST_REPLY, command.at)
    if answered:
        promises.meet(scene, ticket, Metric.NEXT_REPLY, command.at)
    promises.answer_after_all(scene, ticket, message.at, command.at)
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
    _await_again(scene, scene.case.tickets[ticket.number], command)
    room.show_card(scene, scene.case.tickets[ticket.number])


def _await_again(scene: Scene, ticket: Ticket, command: DeliveryReported) -> None:
    """What the customer wrote after the reply, and before we heard of its fate, waits anew (S4, S6)."""
    conversation = scene.case.conversation(ticket.conversation_id)
    if ticket.waiting_since is not None or (conversation.last_message_at or command.at) <= command.at:
        return
    for message in scene.case.look.recent_messages(conversation.id, _MISSED):
        is_later = message.author is Author.CUSTOMER and message.at > command.at
        if is_later and not closes(message.text, message.reading, message.attachments):
            scene.case.put_ticket(promises.await_next_reply(scene, ticket, message.at))
            return


def _fail(scene: Scene, ticket: Ticket | None, message: Message, command: DeliveryReported) -> None:
    if command.is_change:
        _fail_change(scene, ticket, message, command)
        return
    fate = Delivery.FAILED if command.outcome is Outcome.FAILED else Delivery.UNKNOWN
    scene.case.effects.message_changes.append(
        MessageChange(message_id=message.id, at=scene.now, delivery=fate, reason=command.reason)
    )
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


def _fail_change(scene: Scene, ticket: Ticket | None, message: Message, command: DeliveryReported) -> None:
    """The message stands with the customer as it was; its writer learns that the new words do not (H10)."""
    if message.author is Author.AGENT and ticket is not None:
        text = scene.say_staff("room.not_changed", text=message.text[:80], reason=command.reason or "")
        room.line(scene, ticket, text)


def _mark(scene: Scene, ticket: Ticket | None, message: Message, emoji: str) -> None:
    """Show the fate on the agent's own message, where it was written in a room."""
    written = scene.case.look.staff_message(message.id)
    if ticket is None or written is None:
        return
    chat, external_id = written
    to = ToThread(room=scene.team(ticket).room, contact_id=ticket.contact_id)
    content = Mark(chat=chat, external_id=external_id, emoji=emoji)
    scene.case.send(Outgoing(to=to, content=content, rank=Rank.CARD, contact_id=ticket.contact_id))
