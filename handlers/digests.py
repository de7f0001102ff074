"""What the supervisors' room is told of SLA alerts: one by one, or as a digest where many come within a minute (S17).

An alert waits for its room until the next tick. The room has a lane of its own, in which all that waits is told
together: so alerts of many conversations, handled by several workers, are counted by one.
"""

from collections.abc import Sequence
from datetime import datetime

from desk.commands import Action, DeadlineReached, DueKind
from desk.escalation import CROWD_WINDOW, crowded_until, gather
from desk.outgoing import Button, Buttons, Rank
from desk.presses import Press, encode
from desk.values import replace
from handlers import room
from handlers.scene import Scene
from store.casefile import Alert, Deadline

#: So many alerts stand in a digest with their buttons; the console shows them all.
_LISTED = 20
_BUTTONS_IN_ROW = 2


def put(scene: Scene, alert: Alert, text: str) -> Alert:
    """Let an alert wait for the supervisors, where they have a room in a chat; returns it as it is to be kept."""
    name = scene.company.sla.breach.room
    if name is None or scene.company.rooms[name].telegram_chat is None:
        return alert
    _schedule(scene, f"told:{alert.key}", name, scene.contact.id, at=scene.now)
    return replace(alert, room=name, text=text)


def _schedule(scene: Scene, key: str, name: str, contact_id: int, *, at: datetime) -> None:
    lane, data = f"room:{name}", {"room": name}
    scene.case.schedule(Deadline(key=key, kind=DueKind.ALERTS, due_at=at, contact_id=contact_id, lane=lane, data=data))


def due(scene: Scene, command: DeadlineReached) -> None:
    """Tell a room what waits for it; one that has heard more than enough within a minute gets it afterwards."""
    name = str(command.data["room"])
    known = scene.case.look.alerts_for(name, scene.now - CROWD_WINDOW)
    waiting = [alert for alert in known if alert.told_at is None]
    if not waiting or name not in scene.company.rooms:
        return
    told = [alert.told_at for alert in known if alert.told_at is not None]
    until = crowded_until(told, scene.now)
    if until is not None:
        _schedule(scene, f"digest:{name}", name, command.contact_id, at=until)
        return
    for message in gather(waiting, told, scene.now):
        room.room_line(scene, name, _text(scene, message), buttons=_buttons(scene, message), rank=Rank.ALERT)
    keys = [alert.key for alert in waiting]
    scene.case.effects.told_alerts += keys
    scene.case.look.told_alerts(name, keys, scene.now)


def _text(scene: Scene, message: Sequence[Alert]) -> str:
    if len(message) == 1:
        return message[0].text
    lines = [scene.say_staff("alert.digest", count=len(message)), *(alert.text for alert in message[:_LISTED])]
    if len(message) > _LISTED:
        lines.append(scene.say_staff("alert.more", count=len(message) - _LISTED))
    return "\n".join(lines)


def _buttons(scene: Scene, message: Sequence[Alert]) -> Buttons:
    if len(message) == 1:
        return ((_button(scene.say_staff("action.acknowledge"), message[0]),),)
    buttons = [_button(_label(scene, alert), alert) for alert in message[:_LISTED]]
    return tuple(tuple(buttons[at : at + _BUTTONS_IN_ROW]) for at in range(0, len(buttons), _BUTTONS_IN_ROW))


def _label(scene: Scene, alert: Alert) -> str:
    metric = scene.say_staff(f"metric.{alert.metric.value}")
    return scene.say_staff("alert.acknowledge_one", number=alert.ticket, metric=metric)


def _button(label: str, alert: Alert) -> Button:
    return Button(label=label, action=encode(Press(action=Action.ACKNOWLEDGE, argument=alert.key)))
