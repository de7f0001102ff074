"""A calendar was changed in the company's file: what runs by it is computed again, from that moment on (S13)."""

from desk.commands import DeadlineReached
from handlers import promises, room
from handlers.scene import Scene


def due(scene: Scene, command: DeadlineReached) -> None:
    """The new version is in force since `due_at`; what came in before is handled by now, since the lane is in order."""
    ticket = scene.case.tickets.get(command.ticket or 0)
    if ticket is not None and promises.follow_calendars(scene, ticket, command.due_at):
        room.show_card(scene, ticket)
