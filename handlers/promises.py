"""The SLA clocks of a ticket: what happens to it starts, pauses, meets and closes them, and sets their next alert."""

from datetime import datetime, timedelta

from desk import clocks
from desk.commands import DueKind
from desk.company import FirstReplyStart
from desk.hours import Calendar
from desk.routing import policy
from desk.sla import Clock, Figures, Metric, SlaPolicy, Terms, next_alert
from desk.tickets import Conversation, Status, Ticket
from desk.values import replace
from handlers.scene import Scene
from store.casefile import Deadline, key_of


def begin(scene: Scene, ticket: Ticket, conversation: Conversation) -> Ticket:
    """Match the policy of a ticket that a person is needed for, and start what it promises (S3, S14)."""
    chosen = policy(scene.company, scene.subject(conversation=conversation, ticket=ticket))
    if chosen is None:
        return ticket
    handed_over = ticket.handed_over_at or scene.now
    from_handoff = scene.company.sla.first_reply_starts is FirstReplyStart.HANDOFF
    starts = {
        Metric.ASSIGN: handed_over,
        Metric.FIRST_REPLY: handed_over if from_handoff else ticket.created_at,
        Metric.RESOLVE: handed_over,
    }
    for metric, at in starts.items():
        found = _terms(scene, chosen, ticket, metric)
        if found is not None:
            put(scene, ticket, clocks.start(ticket=ticket.number, metric=metric, terms=found, at=at))
    return scene.case.put_ticket(replace(ticket, policy=chosen.name))


def await_next_reply(scene: Scene, ticket: Ticket, at: datetime) -> Ticket:
    """A customer waits for a person since `at`: next_reply runs, but while the first reply is still awaited (S4)."""
    if ticket.waiting_since is not None:
        return ticket
    ticket = replace(ticket, waiting_since=at)
    chosen = _policy_of(scene, ticket)
    terms = None if chosen is None else _terms(scene, chosen, ticket, Metric.NEXT_REPLY)
    if terms is None or _is_awaited(scene, ticket, Metric.FIRST_REPLY):
        return ticket
    ticket = replace(ticket, waits=ticket.waits + 1)
    started = clocks.start(ticket=ticket.number, metric=Metric.NEXT_REPLY, terms=terms, at=at, generation=ticket.waits)
    put(scene, ticket, started)
    return ticket


def _is_awaited(scene: Scene, ticket: Ticket, *metrics: Metric) -> bool:
    return any(clock.metric in metrics for clock in scene.case.running(ticket.number))


def answer_after_all(scene: Scene, ticket: Ticket, written_at: datetime, at: datetime) -> None:
    """A reply arrived whose ticket was resolved while it was on its way (S5)."""
    for clock in list(scene.case.clocks.values()):
        if clock.ticket == ticket.number:
            calendar = calendar_of(scene, clock)
            put(scene, ticket, clocks.answer_after_all(clock, calendar, written_at=written_at, at=at))


def meet(scene: Scene, ticket: Ticket, metric: Metric, at: datetime) -> None:
    """What was promised was done."""
    for clock in scene.case.running(ticket.number):
        if clock.metric is metric:
            put(scene, ticket, clocks.meet(clock, calendar_of(scene, clock), at))


def pause(scene: Scene, ticket: Ticket, at: datetime) -> None:
    """The ticket's status pauses what may be paused (S7)."""
    for clock in scene.case.running(ticket.number):
        put(scene, ticket, clocks.pause(clock, calendar_of(scene, clock), at))


def resume(scene: Scene, ticket: Ticket, at: datetime) -> None:
    """What was paused goes on from `at` (S8)."""
    for clock in scene.case.running(ticket.number):
        put(scene, ticket, clocks.resume(clock, calendar_of(scene, clock), at))


def close(scene: Scene, ticket: Ticket, at: datetime) -> None:
    """The ticket is resolved (S5, S10)."""
    for clock in scene.case.running(ticket.number):
        put(scene, ticket, clocks.close(clock, calendar_of(scene, clock), at))


def reopen(scene: Scene, ticket: Ticket, at: datetime) -> None:
    """The resolve clock goes on (S11)."""
    for clock in list(scene.case.clocks.values()):
        if clock.ticket == ticket.number and clock.metric is Metric.RESOLVE:
            reopened = clocks.reopen(clock, calendar_of(scene, clock), at)
            put(scene, ticket, _followed(scene, reopened, at))


def hold_to_new_terms(scene: Scene, ticket: Ticket, conversation: Conversation) -> Ticket:
    """The priority or team changed: the clocks are held to what is promised now (S14, S15).

    A promise that is broken already stays as it was.
    """
    chosen = policy(scene.company, scene.subject(conversation=conversation, ticket=ticket))
    if chosen is None:
        return ticket
    for clock in scene.case.running(ticket.number):
        if clock.breached_at is None:
            terms = _held_to(scene, chosen, chosen.target(ticket.priority, clock.metric))
            put(scene, ticket, clocks.retarget(_followed(scene, clock, scene.now), terms, scene.now))
    return scene.case.put_ticket(replace(ticket, policy=chosen.name))


def follow_calendars(scene: Scene, ticket: Ticket, at: datetime) -> bool:
    """Since `at` other versions of the calendars are in force: the future is counted by these (S13).

    Returns whether that concerned any clock.
    """
    before = scene.case.running(ticket.number)
    after = [_followed(scene, clock, at) for clock in before]
    for clock in after:
        put(scene, ticket, clock)
    return any(old is not new for old, new in zip(before, after, strict=True))


def _followed(scene: Scene, clock: Clock, at: datetime) -> Clock:
    """The clock by the version of its calendar that is in force."""
    in_force = scene.company.calendars.get(clock.calendar)
    version = scene.company.calendar_versions.get(clock.calendar, clock.calendar_version)
    if in_force is None or version == clock.calendar_version:
        return clock
    return clocks.change_calendar(clock, calendar_of(scene, clock), in_force, version, at)


def begin_late(scene: Scene, ticket: Ticket) -> Ticket:
    """Start what was not promised before: to be taken, where nobody ever has, and to be answered, where one waits."""
    chosen = _policy_of(scene, ticket)
    if chosen is None:
        return ticket
    assign = _terms(scene, chosen, ticket, Metric.ASSIGN)
    if assign is not None and ticket.status is Status.NEW and not _is_awaited(scene, ticket, Metric.ASSIGN):
        _start_late(scene, ticket, Metric.ASSIGN, assign, since=ticket.handed_over_at)
    reply = _terms(scene, chosen, ticket, Metric.NEXT_REPLY)
    awaited = _is_awaited(scene, ticket, Metric.FIRST_REPLY, Metric.NEXT_REPLY)
    if reply is not None and ticket.waiting_since is not None and not awaited:
        ticket = scene.case.put_ticket(replace(ticket, waits=ticket.waits + 1))
        _start_late(scene, ticket, Metric.NEXT_REPLY, reply, since=ticket.waiting_since)
    return ticket


def _start_late(scene: Scene, ticket: Ticket, metric: Metric, terms: Terms, *, since: datetime | None) -> None:
    """A clock that ran unpromised until now; what would be late already gets its grace (S15)."""
    generation = ticket.waits if metric is Metric.NEXT_REPLY else 1
    unpromised = replace(terms, target=None)
    clock = clocks.start(
        ticket=ticket.number, metric=metric, terms=unpromised, at=since or scene.now, generation=generation
    )
    put(scene, ticket, clocks.retarget(clock, terms, scene.now))


def put(scene: Scene, ticket: Ticket, clock: Clock) -> None:
    """Keep a changed clock and let its next alert fall due, or none (S9)."""
    if scene.case.clocks.get(key_of(clock)) is clock:
        return
    scene.case.put_clock(clock)
    following = next_alert(clock, calendar_of(scene, clock), figures(scene))
    if following is None:
        scene.case.cancel(clock.key)
    else:
        rearm(scene, ticket, clock, following.at)


def rearm(scene: Scene, ticket: Ticket, clock: Clock, at: datetime) -> None:
    """Let a clock's alarm ring at this moment."""
    conversation = scene.case.conversation(ticket.conversation_id)
    scene.case.schedule(
        Deadline(
            key=clock.key,
            kind=DueKind.SLA,
            due_at=at,
            contact_id=ticket.contact_id,
            lane=conversation.key,
            ticket=ticket.number,
            data={"metric": clock.metric.value, "generation": clock.generation},
        )
    )


def figures(scene: Scene) -> Figures:
    """When the company wants to hear of a clock."""
    sla = scene.company.sla
    return Figures(warn_at=sla.warn_at, again_after=sla.breach.again_after)


def calendar_of(scene: Scene, clock: Clock) -> Calendar:
    """The calendar a clock counts by, in the version that it was computed with (S13).

    Where nobody knows that version it is what the company's file has of that name, or first of all.
    """
    calendars = scene.company.calendars
    known = scene.rules.calendars.get(clock.calendar_version)
    return known or calendars.get(clock.calendar) or next(iter(calendars.values()))


def next_due(scene: Scene, ticket: Ticket) -> Clock | None:
    """The running clock that is due first."""
    due = [clock for clock in scene.case.running(ticket.number) if clock.due_at is not None]
    return min(due, key=lambda clock: clock.due_at or clock.started_at, default=None)


def _policy_of(scene: Scene, ticket: Ticket) -> SlaPolicy | None:
    return next((each for each in scene.company.sla.policies if each.name == ticket.policy), None)


def _terms(scene: Scene, chosen: SlaPolicy, ticket: Ticket, metric: Metric) -> Terms | None:
    target = chosen.target(ticket.priority, metric)
    return None if target is None else _held_to(scene, chosen, target)


def _held_to(scene: Scene, chosen: SlaPolicy, target: timedelta | None) -> Terms:
    company = scene.company
    return Terms(
        calendar=company.calendars[chosen.calendar],
        target=target,
        calendar_version=company.calendar_versions.get(chosen.calendar, ""),
        policy=chosen.name,
        policy_version=company.policy_versions.get(chosen.name, ""),
    )
