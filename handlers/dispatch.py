"""Which handler carries out which command, and whose case each one is about."""

from collections.abc import Callable, Mapping

from desk.commands import (
    Action,
    AtTicket,
    Command,
    CustomerBlocked,
    CustomerCommand,
    CustomerEdited,
    CustomerPressed,
    CustomerReacted,
    CustomerRead,
    CustomerStarted,
    CustomerUnblocked,
    DeadlineReached,
    DeliveryReported,
    DueKind,
    EventRecorded,
    RoomMoved,
    StaffActed,
    StaffEdited,
    StaffWrote,
    ThreadClosed,
    ThreadLost,
    ThreadsRefused,
)
from handlers import (
    alerts,
    calendars,
    customer_actions,
    deliveries,
    digests,
    events,
    idle,
    nudges,
    staff_actions,
    surveys,
    threads,
    titles,
)
from handlers.scene import Scene
from store.loading import ByContact, ByConversation, Found, Reference

#: What is done when something falls due.
FALLING_DUE: Mapping[DueKind, Callable[[Scene, DeadlineReached], None]] = {
    DueKind.SLA: alerts.due,
    DueKind.ALERTS: digests.due,
    DueKind.CALENDAR: calendars.due,
    DueKind.TITLE: titles.due,
    DueKind.SURVEY: surveys.due,
    DueKind.SURVEY_EXPIRY: surveys.expire,
    DueKind.NUDGE: nudges.due,
    DueKind.IDLE_NUDGE: idle.due,
    DueKind.IDLE_RESOLVE: idle.due,
}


def reference_of(command: Command) -> Reference | None:
    """Whose case a command is about; None where it is about nobody's."""
    match command:
        case StaffActed(action=Action.ACKNOWLEDGE):
            return _alerted(command.argument)
        case StaffWrote() | StaffEdited() | StaffActed() | ThreadClosed():
            return command.place
        case DeadlineReached(kind=DueKind.ALERTS):
            return None
        case DeadlineReached() | DeliveryReported() | EventRecorded() | ThreadLost():
            return ByContact(contact_id=command.contact_id)
        case RoomMoved() | ThreadsRefused():
            return None
        case _:
            return ByConversation(key=command.sender.key)


def _alerted(key: str) -> Reference | None:
    """An alert's key names its ticket: "sla:TICKET:METRIC:GENERATION:LEVEL"."""
    parts = key.split(":")
    return AtTicket(number=int(parts[1])) if len(parts) == 5 and parts[1].isdecimal() else None


def handle(scene: Scene, command: Command, found: Found | None) -> str | None:
    """Carry out one command; customers' messages go to handlers.customer_messages together.

    Returns what a door that waits is told: a refusal, or None.
    """
    match command:
        case StaffActed():
            return staff_actions.act(scene, command, found)
        case StaffWrote():
            return staff_actions.wrote(scene, command, found)
        case StaffEdited():
            staff_actions.edited(scene, command)
        case DeadlineReached():
            FALLING_DUE[command.kind](scene, command)
        case DeliveryReported():
            deliveries.reported(scene, command)
        case EventRecorded():
            return events.recorded(scene, command)
        case ThreadClosed() | RoomMoved() | ThreadLost() | ThreadsRefused():
            threads.changed(scene, command, found)
        case _:
            _customer(scene, command)
    return None


def _customer(scene: Scene, command: CustomerCommand) -> None:
    match command:
        case CustomerStarted():
            customer_actions.started(scene, command)
        case CustomerPressed():
            customer_actions.pressed(scene, command)
        case CustomerEdited():
            customer_actions.edited(scene, command)
        case CustomerReacted():
            customer_actions.reacted(scene, command)
        case CustomerRead():
            customer_actions.read(scene, command)
        case CustomerBlocked():
            customer_actions.blocked(scene, command)
        case CustomerUnblocked():
            customer_actions.unblocked(scene, command)
        case _:
            raise TypeError(f"{type(command).__name__} is handled with the rest of its burst")
