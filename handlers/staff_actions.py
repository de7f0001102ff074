"""What the staff do by command or button, from room or console: each checks the role and tells a refusal (H15)."""

from desk.commands import Action, Actor, AtThread, AtTicket, StaffActed, StaffEdited, StaffWrote
from desk.company import StaffMember
from desk.errors import NotFound, Refused
from desk.outgoing import Line, Outgoing, PressAnswer, Rank, ToRoom, ToThread
from desk.tickets import Status, Ticket
from handlers import alerts, corrections, idle, room, staff_messages, tickets
from handlers.scene import Scene, is_supervisor
from store.loading import Found


def act(scene: Scene, command: StaffActed, found: Found | None) -> str | None:
    """Carry out a command or button; returns a refusal as a sentence, for the door that waits for it."""
    try:
        member = member_of(scene, command.by)
        told = _carry_out(scene, command, member, found)
    except Refused as refusal:
        told = scene.say_staff(refusal.reason, **refusal.figures)
        tell(scene, command, found, told)
        return told
    except NotFound:
        told = scene.say_staff("refused.not_found")
        tell(scene, command, found, told)
        return told
    if told or command.press is not None:
        tell(scene, command, found, told)
    return None


def wrote(scene: Scene, command: StaffWrote, found: Found | None) -> str | None:
    """Plain words of the staff; a refusal is told where they were written."""
    if found is None and isinstance(command.place, AtThread):
        return None  # the staff have topics of their own, in which they talk among themselves
    try:
        member = member_of(scene, command.by)
        staff_messages.wrote(scene, ticket_of(scene, found), member, command)
    except Refused as refusal:
        told = scene.say_staff(refusal.reason, **refusal.figures)
        tell(scene, command, found, told)
        return told
    except NotFound:
        told = scene.say_staff("refused.not_found")
        tell(scene, command, found, told)
        return told
    return None


def edited(scene: Scene, command: StaffEdited) -> None:
    """Changed words of the staff; whoever has left it changes nothing of what they once said."""
    if scene.case.contact is not None and _is_staff(scene, command.by):
        told = staff_messages.edited(scene, command)
        if told is not None:
            room.line(scene, *told)


def _is_staff(scene: Scene, actor: Actor) -> bool:
    try:
        member_of(scene, actor)
    except Refused:
        return False
    return True


def member_of(scene: Scene, actor: Actor) -> StaffMember:
    """Who this is. Raises Refused for whoever is not in the company's file."""
    for member in scene.company.staff:
        if (actor.name is not None and member.name == actor.name) or (
            actor.telegram is not None and member.telegram == actor.telegram
        ):
            return member
    raise Refused("refused.not_staff")


def ticket_of(scene: Scene, found: Found | None) -> Ticket:
    """The ticket a command is about: the one it names, else the newest of the thread, open ones first (H1).

    Raises NotFound.
    """
    if found is None or scene.case.contact is None:
        raise NotFound("no case")
    if found.ticket is not None:
        named = scene.case.tickets.get(found.ticket)
        if named is None:
            raise Refused("refused.too_old", number=found.ticket)
        return named
    of_room = [
        ticket for ticket in scene.case.tickets.values() if found.room is None or scene.team(ticket).room == found.room
    ]
    newest = max(of_room, key=lambda ticket: (ticket.is_open, ticket.number), default=None)
    if newest is None:
        raise NotFound("no ticket")
    return newest


def _carry_out(scene: Scene, command: StaffActed, member: StaffMember, found: Found | None) -> str:
    match command.action:
        case Action.ONLINE | Action.AWAY:
            return _present(scene, member, online=command.action is Action.ONLINE)
        case Action.WHO:
            return _who(scene)
        case Action.HELP:
            return scene.say_staff("staff.help")
        case Action.ACKNOWLEDGE:
            if not is_supervisor(member):
                raise Refused("refused.supervisors_only")
            return alerts.acknowledge(scene, command.argument, member.name)
        case Action.TAKE | Action.RELEASE | Action.WAITING | Action.RESOLVE | Action.REOPEN:
            return _move(scene, command, member, ticket_of(scene, found))
        case Action.RETAG | Action.KEEP_TAG:
            return corrections.retag(scene, command, member, ticket_of(scene, found))
        case _:
            return _speak(scene, command, member, found)


def _speak(scene: Scene, command: StaffActed, member: StaffMember, found: Found | None) -> str:
    match command.action:
        case Action.NOTE:
            staff_messages.note(scene, ticket_of(scene, found), member, command)
            return scene.say_staff("room.noted") if command.chat is not None else ""
        case Action.REPLY:
            return _reply(scene, command, member, ticket_of(scene, found))
        case _:
            return staff_messages.settle_note(scene, ticket_of(scene, found), member, command)


def _move(scene: Scene, command: StaffActed, member: StaffMember, ticket: Ticket) -> str:
    match command.action:
        case Action.TAKE:
            return _take(scene, ticket, member)
        case Action.REOPEN:
            return _reopen(scene, ticket, member)
        case _:
            _check_open(scene, ticket, member, command)
            return _settle(scene, command, member, ticket)


def _reopen(scene: Scene, ticket: Ticket, member: StaffMember) -> str:
    if ticket.is_open:
        return scene.say_staff("room.open_already")
    if not tickets.may_change(scene, ticket):
        raise Refused("refused.too_old", number=ticket.number)
    tickets.reopen(scene, ticket, by=member.name, at=scene.now)
    return scene.say_staff("room.reopened", number=ticket.number)


def _take(scene: Scene, ticket: Ticket, member: StaffMember) -> str:
    if ticket.status.is_over:
        raise Refused("refused.over", number=ticket.number)
    if ticket.assignee == member.name:
        return scene.say_staff("room.yours_already")
    if scene.holder(ticket) is not None:
        room.show_card(scene, ticket)
        raise Refused("refused.taken", name=ticket.assignee)
    tickets.take(scene, ticket, member.name)
    return scene.say_staff("room.taken", number=ticket.number, name=member.name)


def _check_open(scene: Scene, ticket: Ticket, member: StaffMember, command: StaffActed) -> None:
    """A ticket can be moved by whoever holds it, by anyone while nobody does, and by supervisors."""
    if ticket.status.is_over:
        room.show_card(scene, ticket)
        raise Refused("refused.over", number=ticket.number)
    if command.seen is not None and command.seen != ticket.version:
        room.show_card(scene, ticket)
        raise Refused("refused.stale", number=ticket.number)
    if scene.holder(ticket) not in (None, member.name) and not is_supervisor(member):
        raise Refused("refused.not_yours", name=ticket.assignee)


def _settle(scene: Scene, command: StaffActed, member: StaffMember, ticket: Ticket) -> str:
    match command.action:
        case Action.RELEASE:
            if ticket.assignee is None:
                return scene.say_staff("room.free_already")
            tickets.release(scene, ticket, member.name)
            return scene.say_staff("room.released", number=ticket.number)
        case Action.WAITING:
            if ticket.status is not Status.WAITING_ON_CUSTOMER:
                idle.plan(scene, tickets.wait_on_customer(scene, ticket, member.name))
            return scene.say_staff("room.waiting", number=ticket.number)
        case _:
            tickets.resolve(scene, ticket, member.name)
            return ""


def _reply(scene: Scene, command: StaffActed, member: StaffMember, ticket: Ticket) -> str:
    """A reply from the console: whoever writes first in an unassigned ticket takes it; supervisors may step in."""
    if ticket.status.is_over:
        raise Refused("refused.over", number=ticket.number)
    if not command.argument.strip() and not command.attachments:
        raise Refused("refused.empty_reply")
    if scene.holder(ticket) is None:
        ticket = tickets.take(scene, ticket, member.name)
    if ticket.assignee != member.name and not is_supervisor(member):
        raise Refused("refused.not_yours", name=ticket.assignee)
    staff_messages.reply(scene, ticket, member, command)
    if command.chat is None:
        room.line(scene, ticket, scene.say_staff("room.replied", name=member.name, text=room.words(command)))
    return ""


def _present(scene: Scene, member: StaffMember, *, online: bool) -> str:
    scene.case.effects.presences[member.name] = online
    return scene.say_staff("staff.online" if online else "staff.away", name=member.name)


def _who(scene: Scene) -> str:
    known = {each.name: each for each in scene.case.look.presences()}
    lines = []
    for member in scene.company.staff:
        seen = known.get(member.name)
        state = scene.say_staff("staff.is_online" if seen and seen.online else "staff.is_away")
        lines.append(scene.say_staff("staff.line", name=member.name, state=state, count=seen.tickets if seen else 0))
    return "\n".join(lines)


def tell(scene: Scene, command: StaffActed | StaffWrote, found: Found | None, text: str) -> None:
    """Answer a member of the staff where they asked: on the button, in the thread, or in the room."""
    place = _room_of(scene, command, found)
    if place is None:
        return
    press = command.press if isinstance(command, StaffActed) else None
    if press is not None:
        content = PressAnswer(press=press, text=text)
        scene.case.send(Outgoing(to=ToRoom(room=place), content=content, rank=Rank.REPLY))
    elif text and command.chat is not None and scene.case.contact is not None:
        to = ToThread(room=place, contact_id=scene.contact.id)
        scene.case.send(Outgoing(to=to, content=Line(text=text), rank=Rank.REPLY, contact_id=scene.contact.id))
    elif text and command.chat is not None:
        reply_to = Line(text=text, reply_to_external=command.external_id)
        scene.case.send(Outgoing(to=ToRoom(room=place), content=reply_to, rank=Rank.REPLY))


def _room_of(scene: Scene, command: StaffActed | StaffWrote, found: Found | None) -> str | None:
    """The room that the command was given in; None for the console, which waits for the answer itself."""
    if found is not None and found.room is not None:
        return found.room
    chat = command.chat or (command.place.chat if isinstance(command.place, AtThread) else None)
    named = next((each.name for each in scene.company.rooms.values() if each.telegram_chat == chat and chat), None)
    if named is None and isinstance(command.place, AtTicket) and isinstance(command, StaffActed) and command.press:
        ticket = scene.case.tickets.get(command.place.number)
        return None if ticket is None else scene.team(ticket).room
    return named
