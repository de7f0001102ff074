"""What happens to the places where the staff discuss a case: closed by hand, deleted, not allowed, moved (H3)."""

from desk.commands import RoomMoved, ThreadClosed, ThreadLost, ThreadsRefused
from desk.outgoing import Rank
from desk.tickets import Ticket
from handlers import room
from handlers.scene import Scene
from store.casefile import ThreadChange, ThreadState, ThreadTitled
from store.loading import Found

_TRANSCRIPT = 20


def changed(scene: Scene, command: ThreadClosed | ThreadLost | ThreadsRefused | RoomMoved, found: Found | None) -> None:
    """Nothing is lost: a closed thread is opened again when needed, a deleted one made anew with what was said."""
    match command:
        case ThreadClosed():
            _closed(scene, found)
        case ThreadLost():
            _lost(scene, command)
        case ThreadsRefused():
            _refused(scene, command)
        case RoomMoved():
            scene.case.effects.moved_chats[command.chat] = command.moved_to


def _closed(scene: Scene, found: Found | None) -> None:
    if found is not None and found.room is not None:
        _set(scene, found.room, ThreadState.CLOSED)


def _lost(scene: Scene, command: ThreadLost) -> None:
    _set(scene, command.room, ThreadState.WANTED)
    scene.case.effects.titles.append(ThreadTitled(room=command.room, contact_id=scene.contact.id, title="", at=None))
    ticket = newest(scene, command.room)
    if ticket is not None:
        room.repair(scene, ticket, scene.case.look.recent_messages(ticket.conversation_id, _TRANSCRIPT))


def newest(scene: Scene, name: str) -> Ticket | None:
    """The ticket that a room's thread is about: the newest open one, else the newest."""
    of_room = [ticket for ticket in scene.case.tickets.values() if scene.team(ticket).room == name]
    return max(of_room, key=lambda ticket: (ticket.is_open, ticket.number), default=None)


def _set(scene: Scene, name: str, state: ThreadState) -> None:
    scene.case.effects.thread_changes.append(ThreadChange(room=name, contact_id=scene.contact.id, state=state))


def _refused(scene: Scene, command: ThreadsRefused) -> None:
    """The supervisors learn that a room works without threads."""
    name = scene.company.sla.breach.room
    if name is not None and name in scene.company.rooms:
        text = scene.say_staff("alert.no_threads", room=command.room, reason=command.reason)
        room.room_line(scene, name, text, rank=Rank.ALERT)
