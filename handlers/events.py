"""What a contact did elsewhere, told through the API: kept once, on the timeline (L4)."""

from desk.commands import EventRecorded
from desk.facts import FactKind
from handlers.scene import Scene


def recorded(scene: Scene, command: EventRecorded) -> str | None:
    """Keep the event; an id that is known counts no second time, an unknown contact is refused."""
    if scene.case.contact is None:
        return scene.say_staff("refused.no_contact", number=command.contact_id)
    if any(event.id == command.id for event in scene.case.effects.events) or scene.case.look.knows_event(command.id):
        return None
    scene.case.effects.events.append(command)
    scene.record(
        FactKind.EVENT_RECORDED, by="api", at=command.at, event=command.id, name=command.name, data=dict(command.data)
    )
    return None
