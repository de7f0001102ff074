"""The titles of contacts' threads follow their tickets' states: when it differs, and at most once a minute (H4).

A change of state lets the title fall due at once; what changes until the next tick, or within the minute after the last
title, is one change. New threads are called rightly from the beginning.
"""

from datetime import datetime

from desk.commands import DeadlineReached, DueKind
from desk.outgoing import Outgoing, Rank, ThreadTitle, ToThread
from desk.tickets import Ticket
from desk.titles import MARKS, PAUSE, title
from handlers import threads
from handlers.scene import Scene
from store.casefile import Deadline, ThreadState, ThreadTitled


def follow(scene: Scene, before: Ticket, after: Ticket) -> None:
    """A ticket changed; one that is new in this round has no thread yet, or its opening has asked for the title."""
    if MARKS[before.status] != MARKS[after.status] and after.number in scene.case.before.tickets:
        plan(scene, after)


def plan(scene: Scene, ticket: Ticket) -> None:
    """Let the title of a ticket's thread be looked at."""
    name = scene.team(ticket).room
    if scene.company.rooms[name].telegram_chat is not None:
        _schedule(scene, ticket, name, at=scene.now)


def _schedule(scene: Scene, ticket: Ticket, name: str, *, at: datetime) -> None:
    scene.case.schedule(
        Deadline(
            key=f"{DueKind.TITLE.value}:{ticket.contact_id}:{name}",
            kind=DueKind.TITLE,
            due_at=at,
            contact_id=ticket.contact_id,
            lane=scene.case.conversation(ticket.conversation_id).key,
            ticket=ticket.number,
            data={"room": name},
        )
    )


def due(scene: Scene, command: DeadlineReached) -> None:
    """Give the thread the title of its newest ticket, if it has another one."""
    name = str(command.data["room"])
    ticket = threads.newest(scene, name)
    thread = scene.case.look.thread(name, command.contact_id)
    if ticket is None or thread is None:
        return
    wanted = title(scene.contact.name, ticket.number, ticket.status)
    quiet_until = scene.now if thread.titled_at is None else thread.titled_at + PAUSE
    if thread.state is ThreadState.CREATING:
        _schedule(scene, ticket, name, at=scene.now + PAUSE)
    elif thread.state not in (ThreadState.OPEN, ThreadState.CLOSED) or thread.title == wanted:
        return
    elif quiet_until > scene.now:
        _schedule(scene, ticket, name, at=quiet_until)
    else:
        _give(scene, ToThread(room=name, contact_id=ticket.contact_id), wanted)


def _give(scene: Scene, to: ToThread, wanted: str) -> None:
    titled = ThreadTitled(room=to.room, contact_id=to.contact_id, title=wanted, at=scene.now)
    scene.case.effects.titles.append(titled)
    content, replaces = ThreadTitle(title=wanted), f"title:{to.contact_id}:{to.room}"
    scene.case.send(Outgoing(to=to, content=content, rank=Rank.TITLE, contact_id=to.contact_id, replaces=replaces))
