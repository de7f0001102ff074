"""A customer wrote: their words join the ticket that a person has, open it again, or are answered by the bot."""

from collections.abc import Sequence
from datetime import datetime

from desk.commands import CustomerWrote
from desk.courtesy import asks, closes
from desk.messages import Author, Delivery, Message
from desk.readings import COURTESIES, Sentiment, Understanding
from desk.tickets import Conversation, Ticket
from desk.values import replace
from handlers import acknowledgement, answers, consent, contacts, slash, surveys, tickets
from handlers.scene import Scene

Heard = tuple[Message, Understanding]
"""A kept message and what it was understood to say."""

#: What explains a rating, rather than asks for anything.
_FEEDBACK = COURTESIES | {"other", "praise", "complaint", "suggestion"}


def wrote(scene: Scene, burst: Sequence[tuple[CustomerWrote, Understanding]]) -> None:
    """Messages of one conversation that waited together: they are understood, and answered, together."""
    first = burst[0][0]
    conversation = contacts.meet(scene, first.sender, first.at)
    heard: list[Heard] = []
    for command, understanding in burst:
        if command.text.startswith("/") and slash.obey(scene, conversation, command.text):
            continue
        conversation = _note_tone(scene, scene.case.conversations[conversation.key], command, understanding)
        heard.append((_keep(scene, conversation, command, understanding), understanding))
    if heard:
        _handle(scene, scene.case.conversations[conversation.key], heard)


def _note_tone(
    scene: Scene, conversation: Conversation, command: CustomerWrote, understanding: Understanding
) -> Conversation:
    reading = understanding.reading
    contacts.speaks(scene, command.text, reading)
    streak = conversation.negative_streak + 1 if reading.sentiment is Sentiment.NEGATIVE else 0
    last = conversation.last_message_at
    return scene.case.put_conversation(
        replace(
            conversation,
            last_message_at=command.at if last is None else max(last, command.at),
            negative_streak=streak,
        )
    )


def _keep(scene: Scene, conversation: Conversation, command: CustomerWrote, understanding: Understanding) -> Message:
    ticket = in_hand(scene, conversation)
    return scene.case.keep(
        Message(
            id=scene.case.numbers.next_id(),
            contact_id=scene.contact.id,
            conversation_id=conversation.id,
            ticket_id=None if ticket is None else ticket.number,
            author=Author.CUSTOMER,
            author_name=None,
            public=True,
            text=command.text,
            attachments=command.attachments,
            at=command.at,
            delivery=Delivery.RECEIVED,
            external_id=command.external_id,
            reading=understanding.reading,
        )
    )


def in_hand(scene: Scene, conversation: Conversation) -> Ticket | None:
    """The open ticket that a message of this conversation belongs to: the newest one."""
    of_conversation = [each for each in scene.case.open_tickets() if each.conversation_id == conversation.id]
    return of_conversation[-1] if of_conversation else None


def _handle(scene: Scene, conversation: Conversation, heard: Sequence[Heard]) -> None:
    survey = surveys.awaits_reason(scene, conversation)
    conversation = scene.case.conversations[conversation.key]
    if survey is not None:
        conversation = scene.case.put_conversation(replace(conversation, awaiting_reason=None))
        if not any(_wants_something(scene, one) for one in heard):
            surveys.explain(scene, conversation, [message for message, _ in heard], survey)
            return
    opted_out = [one for one in heard if _opts_out(scene, one)]
    if opted_out:
        consent.withdraw(scene, conversation)
    ticket = in_hand(scene, conversation)
    if ticket is not None:
        _join(scene, conversation, ticket, heard)
        return
    heard = [one for one in heard if one not in opted_out]
    if heard:
        _go_on(scene, conversation, heard)


def _go_on(scene: Scene, conversation: Conversation, heard: Sequence[Heard]) -> None:
    """Nobody has the case: what was settled lately is opened again (S11), the bot answers the rest."""
    first = next((message for message, _ in filter(_is_open_ended, heard)), None)
    settled = _settled_lately(scene, conversation, first.at if first else scene.now)
    if settled is None:
        answers.answer(scene, conversation, heard)
    elif first is not None:
        _join(scene, conversation, tickets.reopen(scene, settled, by="customer", at=first.at), heard)
    else:
        for message, _ in heard:
            tickets.show_courtesy(scene, settled, message)
        answers.answer(scene, conversation, heard)


def _join(scene: Scene, conversation: Conversation, ticket: Ticket, heard: Sequence[Heard]) -> None:
    """Every message is shown to the staff; the customer is told at most once that it will be read (H16)."""
    for one in heard:
        ticket = tickets.join(scene, ticket, one[0], courtesy=not _is_open_ended(one))
    if any(_is_open_ended(one) for one in heard):
        acknowledgement.acknowledge(scene, conversation, ticket)


def _is_open_ended(heard: Heard) -> bool:
    """Whether words are more than a closing courtesy (S6)."""
    message, understanding = heard
    return not closes(message.text, understanding.reading, message.attachments)


def _opts_out(scene: Scene, heard: Heard) -> bool:
    """Whether the customer wants no news any more, whoever has their case (J7)."""
    reading = heard[1].reading
    return reading.intent == "unsubscribe" and scene.is_sure(reading)


def _settled_lately(scene: Scene, conversation: Conversation, at: datetime) -> Ticket | None:
    """The last ticket of this conversation, if a message of this moment opens it again (S11)."""
    since = at - scene.company.sla.reopen_within
    lately = [
        each
        for each in scene.case.tickets.values()
        if each.conversation_id == conversation.id and each.resolved_at is not None and each.resolved_at > since
    ]
    return max(lately, key=lambda each: each.number, default=None)


def _wants_something(scene: Scene, heard: Heard) -> bool:
    """Whether this asks for something, rather than explains a rating (Q5); in doubt a person is to see it."""
    message, reading = heard[0], heard[1].reading
    if message.attachments or reading.urgent or asks(message.text):
        return True
    return reading.intent not in _FEEDBACK and scene.is_sure(reading)
