"""The staff wrote where a case is discussed: a reply to the customer, or a note that stays inside (H6, H13)."""

from desk.commands import Action, StaffActed, StaffEdited, StaffWrote
from desk.company import StaffMember
from desk.errors import NotFound, Refused
from desk.messages import Author, Delivery, Message
from desk.outgoing import CustomerEdit, CustomerMessage, Outgoing, Rank, ToConversation
from desk.tickets import Ticket
from desk.values import replace
from handlers import room, tickets
from handlers.scene import Scene, is_supervisor
from store.casefile import MessageChange


def wrote(scene: Scene, ticket: Ticket, member: StaffMember, command: StaffWrote) -> None:
    """Plain words: the assignee's go to the customer, whoever writes first takes the ticket, others' are notes."""
    if ticket.status.is_over:
        message = _keep(scene, ticket, member, command, public=False)
        room.line(scene, ticket, scene.say_staff("room.kept_after_resolve", number=ticket.number), message=message.id)
        return
    if not command.text.strip() and not command.attachments:
        raise Refused("refused.not_relayable")
    if scene.holder(ticket) is None:
        ticket = tickets.take(scene, ticket, member.name)
    if ticket.assignee == member.name:
        reply(scene, ticket, member, command)
        return
    message = _keep(scene, ticket, member, command, public=False)
    actions = (Action.TAKE_AND_SEND, Action.SEND_NOTE, Action.KEEP_NOTE)
    buttons = (tuple(room.action_button(scene, action, ticket, message.id) for action in actions),)
    text = scene.say_staff("room.kept_as_note", name=ticket.assignee)
    room.line(scene, ticket, text, buttons=buttons)


def reply(scene: Scene, ticket: Ticket, member: StaffMember, command: StaffWrote | StaffActed) -> None:
    """A person's public reply: it counts when the channel has taken it (S5), and its fate is reported (H8)."""
    _check_reachable(scene, ticket)
    send(scene, ticket, _keep(scene, ticket, member, command, public=True))


def _check_reachable(scene: Scene, ticket: Ticket) -> None:
    if scene.case.conversation(ticket.conversation_id).blocked_at is not None:
        raise Refused("refused.blocked")


def note(scene: Scene, ticket: Ticket, member: StaffMember, command: StaffActed) -> None:
    """Words for the staff alone."""
    if not command.argument.strip() and not command.attachments:
        raise Refused("refused.empty_note")
    _keep(scene, ticket, member, command, public=False)
    if command.chat is None:
        room.line(scene, ticket, scene.say_staff("room.note", name=member.name, text=room.words(command)))


def send(scene: Scene, ticket: Ticket, message: Message, *, key: str | None = None) -> None:
    """Put a reply on its way to the customer; one of a `key` goes once, however often it is asked for."""
    conversation = scene.case.conversation(ticket.conversation_id)
    scene.case.send(
        Outgoing(
            to=ToConversation(channel=conversation.channel, address=conversation.address),
            content=CustomerMessage(text=message.text, attachments=message.attachments),
            rank=Rank.REPLY,
            contact_id=ticket.contact_id,
            message=message.id,
            report=True,
            key=key,
        )
    )


def _keep(
    scene: Scene, ticket: Ticket, member: StaffMember, command: StaffWrote | StaffActed, *, public: bool
) -> Message:
    message = Message(
        id=scene.case.numbers.next_id(),
        contact_id=ticket.contact_id,
        conversation_id=ticket.conversation_id,
        ticket_id=ticket.number,
        author=Author.AGENT,
        author_name=member.name,
        public=public,
        text=command.text if isinstance(command, StaffWrote) else command.argument,
        attachments=command.attachments,
        # A channel may tell whole seconds: by the house's clock it stands after what it answers.
        at=max(command.at, scene.now),
        delivery=Delivery.QUEUED if public else Delivery.INTERNAL,
    )
    if command.chat is not None and command.external_id is not None:
        scene.case.effects.links.append((f"telegram:{command.chat}", command.external_id, message.id))
    return scene.case.keep(message)


def settle_note(scene: Scene, ticket: Ticket, member: StaffMember, command: StaffActed) -> str:
    """What becomes of another agent's words: sent once, sent after taking the ticket, or kept inside (H6)."""
    message = scene.case.look.message(int(command.argument)) if command.argument.isdecimal() else None
    if message is None or message.ticket_id != ticket.number:
        raise NotFound(command.argument)
    if member.name not in (message.author_name, ticket.assignee) and not is_supervisor(member):
        raise Refused("refused.not_yours", name=message.author_name)
    if message.public:
        raise Refused("refused.sent_already")
    if command.action is Action.KEEP_NOTE:
        return scene.say_staff("room.kept")
    if ticket.status.is_over:
        raise Refused("refused.over", number=ticket.number)
    _check_reachable(scene, ticket)
    if command.action is Action.TAKE_AND_SEND and ticket.assignee != member.name:
        ticket = tickets.take(scene, ticket, member.name)
    send(scene, ticket, replace(message, public=True), key=f"note:{message.id}")
    scene.case.effects.message_changes.append(
        MessageChange(message_id=message.id, at=scene.now, public=True, delivery=Delivery.QUEUED)
    )
    return scene.say_staff("room.sent")


def edited(scene: Scene, command: StaffEdited) -> tuple[Ticket, str] | None:
    """An agent changed their words: the customer's copy follows, every version is kept (H10).

    What became a note after it was sent never follows (H6). Returns what to tell in which ticket's thread.
    """
    message = scene.case.standing_at(f"telegram:{command.chat}", command.external_id)
    if message is None or message.author is not Author.AGENT or message.contact_id != scene.contact.id:
        return None
    if command.is_note and message.public:
        ticket = scene.case.tickets.get(message.ticket_id or 0)
        reason = scene.say_staff("room.sent_before")
        told = scene.say_staff("room.not_changed", text=command.text[:80], reason=reason)
        return None if ticket is None else (ticket, told)
    scene.case.effects.message_changes.append(MessageChange(message_id=message.id, at=command.at, text=command.text))
    if message.public:
        conversation = scene.case.conversation(message.conversation_id)
        scene.case.send(
            Outgoing(
                to=ToConversation(channel=conversation.channel, address=conversation.address),
                content=CustomerEdit(message=message.id, text=command.text),
                rank=Rank.REPLY,
                contact_id=message.contact_id,
                message=message.id,
                replaces=f"edit:{message.id}",
            )
        )
    return None
