"""SLA deadlines: judged when they fall due, told to whom it concerns, silenced by an acknowledgement (S16, S17).

The ticket's own thread is told at once. A room hears from handlers/digests.py, which knows what else it is told.
"""

from datetime import datetime, timedelta

from desk.commands import DeadlineReached
from desk.errors import NotFound
from desk.escalation import Escalation, Listener, escalate
from desk.facts import FactKind
from desk.outgoing import Rank
from desk.sla import Breached, Clock, Metric, Moot, NotYet, Repeated, Warned, judge
from desk.tickets import Ticket
from desk.values import replace
from handlers import digests, promises, room, tickets
from handlers.scene import Scene
from store.casefile import Alert


def due(scene: Scene, command: DeadlineReached) -> None:
    """A clock's alarm rang: the clock itself says whether there is anything to tell (a stale alarm is harmless)."""
    ticket = scene.case.tickets.get(command.ticket or 0)
    clock = _clock(scene, command)
    if ticket is None or clock is None:
        return
    calendar = promises.calendar_of(scene, clock)
    judgement = judge(clock, calendar, scene.now, promises.figures(scene))
    match judgement:
        case Moot():
            return
        case NotYet(at=at):
            promises.rearm(scene, ticket, clock, at)
        case Warned() | Breached() | Repeated():
            _tell(scene, ticket, judgement)


def _clock(scene: Scene, command: DeadlineReached) -> Clock | None:
    key = (command.ticket or 0, Metric(str(command.data["metric"])), int(command.data["generation"]))
    return scene.case.clocks.get(key)


def _tell(scene: Scene, ticket: Ticket, judgement: Warned | Breached | Repeated) -> None:
    clock = judgement.clock
    promises.put(scene, ticket, clock)
    sla = scene.company.sla
    escalation = escalate(
        judgement,
        now=scene.now,
        assignee=ticket.assignee,
        priority=ticket.priority,
        warn_at=sla.warn_at,
        raise_priority=sla.breach.raise_priority,
        acknowledged_at=_acknowledged_at(scene, clock),
    )
    scene.record(
        _fact(judgement),
        by="clock",
        ticket=ticket,
        metric=clock.metric.value,
        level=clock.level,
        skipped=list(judgement.skipped),
        assignee=ticket.assignee,
        team=ticket.team,
    )
    _post(scene, ticket, clock, escalation)
    if escalation.priority is not None:
        tickets.reprioritise(scene, ticket, escalation.priority, by="clock")
    else:
        room.show_card(scene, ticket)


def _fact(judgement: Warned | Breached | Repeated) -> FactKind:
    match judgement:
        case Warned():
            return FactKind.SLA_WARNED
        case Breached():
            return FactKind.SLA_BREACHED
        case Repeated():
            return FactKind.SLA_REPEATED


def _acknowledged_at(scene: Scene, clock: Clock) -> datetime | None:
    """When somebody last acknowledged an alert of this clock; asked only where a repeat may be silenced."""
    if clock.level <= 100:
        return None
    known = (scene.case.look.alert(f"{clock.key}:{level}") for level in range(100, clock.level))
    times = [alert.acknowledged_at for alert in known if alert is not None and alert.acknowledged_at is not None]
    return max(times, default=None)


def _post(scene: Scene, ticket: Ticket, clock: Clock, escalation: Escalation) -> None:
    if not escalation.listeners:
        return
    text = _words(scene, ticket, clock)
    alert = Alert(key=escalation.key, ticket=ticket.number, metric=clock.metric, level=clock.level, at=scene.now)
    for listener in escalation.listeners:
        match listener:
            case Listener.ASSIGNEE | Listener.TEAM_ROOM:
                room.line(scene, ticket, text, rank=Rank.ALERT)
            case Listener.SUPERVISORS:
                alert = digests.put(scene, alert, text)
    scene.case.effects.alerts[alert.key] = alert


def _words(scene: Scene, ticket: Ticket, clock: Clock) -> str:
    level = "warned" if clock.level < 100 else "breached" if clock.level == 100 else "repeated"
    return scene.say_staff(
        f"alert.{level}",
        number=ticket.number,
        name=scene.contact.name,
        metric=scene.say_staff(f"metric.{clock.metric.value}"),
        percent=clock.level,
        at=f"{_promised_for(scene, clock).astimezone(scene.company.timezone):%m-%d %H:%M}",
        late=_late(scene, clock),
        assignee=ticket.assignee or scene.say_staff("card.nobody"),
        priority=scene.say_staff(f"priority.{ticket.priority.value}"),
    )


def _promised_for(scene: Scene, clock: Clock) -> datetime:
    return clock.breached_at or clock.due_at or scene.now


def _late(scene: Scene, clock: Clock) -> str:
    """Plain time since the clock was due."""
    late = max(scene.now - _promised_for(scene, clock), timedelta())
    hours, minutes = divmod(late // timedelta(minutes=1), 60)
    return scene.say_staff("time.hours" if hours else "time.minutes", hours=hours, minutes=minutes)


def acknowledge(scene: Scene, key: str, by: str) -> str:
    """A supervisor has seen an alert: its clock keeps quiet for 30 minutes. Returns what the presser is told."""
    alert = scene.case.look.alert(key)
    if alert is None:
        raise NotFound(key)
    if alert.acknowledged_by is not None:
        return scene.say_staff("alert.acknowledged_before", name=alert.acknowledged_by)
    scene.case.effects.alerts[key] = replace(alert, acknowledged_by=by, acknowledged_at=scene.now)
    scene.record(FactKind.ALERT_ACKNOWLEDGED, by=by, ticket=alert.ticket, metric=alert.metric.value, level=alert.level)
    return scene.say_staff("alert.acknowledged")
