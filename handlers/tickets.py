"""What happens to a ticket, whoever asked for it: opened, taken, answered, left waiting, resolved, opened again."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from desk.facts import FactKind
from desk.messages import Author, Message
from desk.readings import Reading
from desk.routing import Route, message_priority, route
from desk.sla import Metric
from desk.tickets import Conversation, Priority, Status, Ticket
from desk.values import replace
from handlers import assignment, promises, room, surveys, titles
from handlers.scene import Scene

_SUBJECT = 80


def change(scene: Scene, ticket: Ticket, **changes: object) -> Ticket:
    """Change what the card shows: the version goes up, so that a button pressed on the old card is stale."""
    changed = replace(ticket, **changes, updated_at=scene.now, version=ticket.version + 1)
    scene.case.put_ticket(changed)
    room.show_card(scene, changed)
    titles.follow(scene, ticket, changed)
    return changed


def may_change(scene: Scene, ticket: Ticket) -> bool:
    """Whether it is open, or over for no longer than it may be opened again."""
    since = scene.now - scene.company.sla.reopen_within
    return ticket.is_open or ticket.resolved_at is None or ticket.resolved_at > since


def hand_over(
    scene: Scene,
    conversation: Conversation,
    said: Sequence[Message],
    reading: Reading,
    reason: str,
    *,
    asked_in: int | None,
    asked_at: datetime | None = None,
) -> Ticket:
    """A person is needed: open a ticket for what the customer is on about, and show it to the team (H1, S3).

    `said` is what led to it, `asked_in` the message that `reading` is of; `asked_at` is when a person was asked for
    where no message did (a button).
    """
    at = asked_at or said[0].at
    dialogue = _dialogue(scene, conversation)
    chosen = _routed(scene, conversation, said, reading)
    ticket = Ticket(
        number=scene.case.numbers.next_ticket(),
        contact_id=scene.contact.id,
        conversation_id=conversation.id,
        status=Status.NEW,
        priority=chosen.priority,
        team=chosen.team,
        subject=_subject(scene, [*dialogue, *said]),
        **_tags(reading, asked_in),
        created_at=min(conversation.matter_since or at, at),
        handed_over_at=at,
        handoff_reason=reason,
        waiting_since=at,
        follows=_last_closed(scene),
        updated_at=scene.now,
    )
    scene.record(FactKind.TICKET_OPENED, by="bot", ticket=ticket, team=ticket.team, priority=ticket.priority.value)
    scene.record(FactKind.HANDED_OVER, by="bot", ticket=ticket, reason=reason)
    ticket = promises.begin(scene, scene.case.put_ticket(ticket), conversation)
    ticket = assignment.assign(scene, ticket, chosen.skills)
    _show(scene, ticket, dialogue, said)
    return ticket


def _routed(scene: Scene, conversation: Conversation, said: Sequence[Message], reading: Reading) -> Route:
    words = said[-1].text if said else None
    return route(scene.company, scene.subject(conversation=conversation, reading=reading, text=words))


def _tags(reading: Reading, asked_in: int | None) -> dict[str, Any]:
    """What a ticket takes from the reading that it was opened by, and the message that this is of."""
    tags = {name: getattr(reading, name) for name in ("intent", "confidence", "sentiment", "urgent")}
    return tags | {"asked_in": asked_in}


def _subject(scene: Scene, said: Sequence[Message]) -> str:
    """The customer's last words that are any."""
    own = (message.text for message in reversed(said) if message.author is Author.CUSTOMER)
    words = next((text for text in own if text.strip()), "")
    lines = words.strip().splitlines()
    return lines[0][:_SUBJECT] if lines else scene.say_staff("ticket.no_words")


def _last_closed(scene: Scene) -> int | None:
    return max((ticket.number for ticket in scene.case.tickets.values() if ticket.status.is_over), default=None)


def _dialogue(scene: Scene, conversation: Conversation) -> list[Message]:
    """What customer and bot said before on the same matter."""
    since = conversation.matter_since
    said = scene.case.dialogue.get(conversation.id, ())
    return [] if since is None else [message for message in said if message.at >= since]


def _show(scene: Scene, ticket: Ticket, dialogue: Sequence[Message], said: Sequence[Message]) -> None:
    """What was said, and the card; a contact who has had a ticket before has a thread, which is about this one now."""
    if dialogue:
        room.line(scene, ticket, room.transcript(scene, dialogue))
    for message in said:
        scene.case.assign(message, ticket.number)
        room.relay(scene, ticket, message)
    room.show_card(scene, ticket)
    if len(scene.case.tickets) > 1:
        titles.plan(scene, ticket)


def join(scene: Scene, ticket: Ticket, message: Message, *, courtesy: bool) -> Ticket:
    """A customer's message joins the open ticket; a closing courtesy changes nothing but is shown (S4, S6, S8)."""
    scene.case.assign(message, ticket.number)
    room.relay(scene, ticket, message)
    if courtesy:
        scene.record(FactKind.COURTESY_IGNORED, by="customer", ticket=ticket, message=message.id)
        return ticket
    waited = promises.await_next_reply(scene, ticket, message.at)
    if ticket.status in scene.company.sla.pause_while:
        promises.resume(scene, waited, message.at)
    raised = _raised(scene, waited, message)
    if raised.status in (Status.WAITING_ON_CUSTOMER, Status.ON_HOLD, Status.SNOOZED):
        scene.record(FactKind.STATUS_CHANGED, by="customer", ticket=ticket, status=Status.OPEN.value)
        return change(scene, raised, status=Status.OPEN)
    if raised.version != ticket.version:
        return raised
    if waited is not ticket:
        scene.case.put_ticket(replace(raised, updated_at=scene.now))
        if waited.waits != ticket.waits:
            room.show_card(scene, waited)
    return scene.case.tickets[ticket.number]


def show_courtesy(scene: Scene, ticket: Ticket, message: Message) -> None:
    """A closing courtesy reopens no resolved ticket; the staff see it, and may (S6)."""
    scene.case.assign(message, ticket.number)
    room.relay(scene, ticket, message)
    scene.record(FactKind.COURTESY_IGNORED, by="customer", ticket=ticket, message=message.id)


def _raised(scene: Scene, ticket: Ticket, message: Message) -> Ticket:
    conversation = scene.case.conversation(message.conversation_id)
    said = message_priority(
        scene.company, scene.subject(conversation=conversation, reading=message.reading, text=message.text)
    )
    order = list(Priority)
    if said is None or order.index(said) <= order.index(ticket.priority):
        return ticket
    return promises.begin_late(scene, reprioritise(scene, ticket, said, by="bot"))


def reprioritise(scene: Scene, ticket: Ticket, priority: Priority, *, by: str) -> Ticket:
    """Another priority, and the promises that go with it (S14, S15)."""
    scene.record(FactKind.PRIORITY_CHANGED, by=by, ticket=ticket, priority=priority.value)
    raised = scene.case.put_ticket(replace(ticket, priority=priority))
    conversation = scene.case.conversation(ticket.conversation_id)
    return change(scene, promises.hold_to_new_terms(scene, raised, conversation))


def take(scene: Scene, ticket: Ticket, name: str) -> Ticket:
    """A member of the staff takes the ticket (R9)."""
    promises.meet(scene, ticket, Metric.ASSIGN, scene.now)
    scene.record(FactKind.TICKET_TAKEN, by=name, ticket=ticket)
    status = Status.OPEN if ticket.status is Status.NEW else ticket.status
    return change(scene, ticket, assignee=name, status=status)


def release(scene: Scene, ticket: Ticket, name: str) -> Ticket:
    """The ticket goes back to its team."""
    scene.record(FactKind.TICKET_RELEASED, by=name, ticket=ticket)
    return change(scene, ticket, assignee=None)


def wait_on_customer(scene: Scene, ticket: Ticket, name: str) -> Ticket:
    """It is the customer's turn: what the company pauses then stands still (S7)."""
    if Status.WAITING_ON_CUSTOMER in scene.company.sla.pause_while:
        promises.pause(scene, ticket, scene.now)
    scene.record(FactKind.STATUS_CHANGED, by=name, ticket=ticket, status=Status.WAITING_ON_CUSTOMER.value)
    return change(scene, ticket, status=Status.WAITING_ON_CUSTOMER)


def resolve(scene: Scene, ticket: Ticket, name: str, *, ask: bool = True) -> Ticket:
    """The case is settled: the clocks end, the bot speaks again, the customer is asked how it was (S10, H13, Q1)."""
    promises.close(scene, ticket, scene.now)
    scene.record(FactKind.TICKET_RESOLVED, by=name, ticket=ticket)
    resolved = change(
        scene,
        ticket,
        status=Status.RESOLVED,
        resolved_at=scene.now,
        resolutions=ticket.resolutions + 1,
        waiting_since=None,
    )
    conversation = scene.case.conversation(ticket.conversation_id)
    scene.case.put_conversation(replace(conversation, matter_since=None, failed_answers=0))
    said = "room.resolved" if ask else "room.resolved_unanswered"
    room.line(scene, resolved, scene.say_staff(said, number=ticket.number, name=name))
    if ask:
        surveys.plan(scene, resolved)
    return resolved


def reopen(scene: Scene, ticket: Ticket, *, by: str, at: datetime) -> Ticket:
    """The case goes on: first_resolution stays in the timeline, resolve runs on from `at` (S11)."""
    promises.reopen(scene, ticket, at)
    surveys.withdraw(scene, ticket)
    scene.record(FactKind.TICKET_REOPENED, by=by, ticket=ticket)
    return change(scene, ticket, status=Status.OPEN, resolved_at=None, reopen_count=ticket.reopen_count + 1)
