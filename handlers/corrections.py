"""The staff say that a message was read wrong: what it means is kept beside what was read, and learnt from.

In a room the button belongs to the ticket and means the message that its intent was read in; the console may name any
message of the customer's in the thread.
"""

from desk.commands import Action, StaffActed
from desk.company import StaffMember
from desk.errors import NotFound, Refused
from desk.facts import Fact, FactKind
from desk.messages import Message
from desk.presses import named_by
from desk.readings import INTENTS, Correction, Reading, Sentiment
from desk.tickets import Ticket
from desk.values import replace
from handlers import room, tickets
from handlers.scene import Scene
from store.casefile import KeptCorrection


def retag(scene: Scene, command: StaffActed, member: StaffMember, ticket: Ticket) -> str:
    """Show the choice of tags on the card, take it away again, or carry out what was chosen."""
    if command.action is Action.KEEP_TAG:
        room.show_card(scene, ticket)
        return ""
    if not tickets.may_change(scene, ticket):
        raise Refused("refused.too_old", number=ticket.number)
    message = _meant(scene, command, ticket)
    if message is None or message.reading is None:
        raise Refused("refused.not_read")
    if not command.argument:
        room.show_card(scene, ticket, choice=_choice(scene, ticket))
        return scene.say_staff("room.choose_tag")
    told = _told(scene, command, member, message, message.reading)
    return _correct(scene, command, ticket, message, told)


def known(scene: Scene) -> tuple[str, ...]:
    """The company's own intents, and the built-in ones."""
    return (*(each.name for each in scene.company.intents), *INTENTS)


def _meant(scene: Scene, command: StaffActed, ticket: Ticket) -> Message | None:
    """The message that was read wrong. Raises NotFound for one that is not in the ticket's thread."""
    if command.message is None:
        return _opening(scene, ticket)
    message = scene.case.message(command.message)
    if message is None or message.conversation_id != ticket.conversation_id:
        raise NotFound(str(command.message))
    return message


def _opening(scene: Scene, ticket: Ticket) -> Message | None:
    """The message that gave a ticket its intent; a ticket that does not know it was opened by its first one."""
    if ticket.asked_in is None:
        return scene.case.look.opening_message(ticket.number)
    return scene.case.message(ticket.asked_in)


def _choice(scene: Scene, ticket: Ticket) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is likely, and the rest: the company's own intents, then the built-in ones."""
    others = [name for name in known(scene) if name != ticket.intent]
    likely = [name for name in scene.case.look.likely_intents(ticket.intent) if name in others]
    first = tuple(likely[: room.LIKELY])
    return first, tuple(name for name in others if name not in first)


def _correct(scene: Scene, command: StaffActed, ticket: Ticket, message: Message, told: Correction) -> str:
    before = scene.case.correction(message.id)
    opened = _opened_by(scene, message, ticket)
    was = told.read
    if before is not None:
        was, told = before.meant, _with_what_was_said(told, before, command)
    if opened is not None and opened.intent != told.intent:  # whose message may have been read anew since then
        was = replace(was, intent=opened.intent)
    if _tags(was) == _tags(told.meant):
        return scene.say_staff("room.tagged_already", intent=room.intent_name(scene, told.intent))
    if command.seen is not None and command.seen != ticket.version:
        room.show_card(scene, ticket)
        raise Refused("refused.stale", number=ticket.number)
    about = opened or ticket
    scene.case.effects.corrections.append(
        KeptCorrection(contact_id=scene.contact.id, message_id=message.id, ticket=about.number, correction=told)
    )
    data: dict[str, object] = {"message": message.id} | _changes(was, told.meant)
    scene.case.record(
        Fact(
            kind=FactKind.READING_CORRECTED,
            at=scene.now,
            contact_id=scene.contact.id,
            by=told.by,
            ticket=about.number,
            data=data,
        )
    )
    if opened is not None:
        _follow(scene, opened, message, told)
    names = [room.intent_name(scene, each) for each in (was.intent, told.intent)]
    return scene.say_staff("room.retagged", before=names[0], intent=names[1])


def _told(scene: Scene, command: StaffActed, member: StaffMember, message: Message, read: Reading) -> Correction:
    """What somebody says now; a tone and an urgency that were read right need no word."""
    intent = named_by(command.argument, known(scene))
    if intent is None:
        raise Refused("refused.no_intent", name=command.argument[:60])
    return Correction(
        text=message.text,
        intent=intent,
        at=scene.now,
        by=member.name,
        read=read,
        sentiment=None if command.sentiment is read.sentiment else command.sentiment,
        urgent=None if command.urgent is read.urgent else command.urgent,
    )


def _with_what_was_said(told: Correction, before: Correction, command: StaffActed) -> Correction:
    """Of what nobody speaks now, what was said before holds."""
    return replace(
        told,
        sentiment=before.sentiment if command.sentiment is None else told.sentiment,
        urgent=before.urgent if command.urgent is None else told.urgent,
    )


def _tags(reading: Reading) -> tuple[str, Sentiment, bool]:
    return reading.intent, reading.sentiment, reading.urgent


def _opened_by(scene: Scene, message: Message, at: Ticket) -> Ticket | None:
    """The ticket that got its intent from a message, as far as it can still be changed; of several the one `at` hand.

    Who asks for a person by a button after a case opens another ticket about the same message.
    """
    for ticket in (at, *scene.case.tickets.values()):
        opening = ticket.asked_in
        if opening is None and ticket.number == message.ticket_id:
            first = _opening(scene, ticket)
            opening = None if first is None else first.id
        if opening == message.id:
            return ticket
    return None


def _changes(was: Reading, now: Reading) -> dict[str, object]:
    """What of a reading changed, and nothing else, for the timeline."""
    data: dict[str, object] = {}
    if was.intent != now.intent:
        data |= {"old_intent": was.intent, "intent": now.intent}
    if was.sentiment is not now.sentiment:
        data |= {"old_sentiment": was.sentiment.value, "sentiment": now.sentiment.value}
    if was.urgent is not now.urgent:
        data["urgency"] = "urgent" if now.urgent else "not_urgent"
    return data


def _follow(scene: Scene, ticket: Ticket, message: Message, told: Correction) -> None:
    """The ticket is about what its message is about; nobody is sure of it but who said so. It is not routed anew."""
    tickets.change(
        scene,
        ticket,
        intent=told.intent,
        asked_in=message.id,
        confidence=None,
        sentiment=ticket.sentiment if told.sentiment is None else told.sentiment,
        urgent=ticket.urgent if told.urgent is None else told.urgent,
    )
