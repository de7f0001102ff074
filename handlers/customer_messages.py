"""A customer wrote: their words join the ticket that a person has, open it again, or are answered by the bot."""

from collections.abc import Sequence
from dataclasses import replace

from desk.commands import CustomerWrote
from desk.courtesy import closes
from desk.messages import Author, Delivery, Message
from desk.readings import COURTESIES, Sentiment, Understanding
from desk.tickets import Conversation, Ticket
from handlers import acknowledgement, answers, contacts, slash, surveys, tickets
from handlers.scene import Scene

Heard = tuple[Message, Understanding]
"""A kept message and what it was understood to say."""


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
    contacts.speaks(scene, reading.language)
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
    if survey is not None and not _is_new_request(heard):
        said = [message for message, _ in heard]
        surveys.explain(scene, scene.case.conversations[conversation.key], said, survey)
        return
    conversation = scene.case.conversations[conversation.key]
    ticket = in_hand(scene, conversation)
    if ticket is not None:
        _join(scene, conversation, ticket, heard)
        return
    settled = _settled_lately(scene, conversation)
    if settled is not None and not all(_closes(one) for one in heard):
        ticket = tickets.reopen(scene, settled, by="customer", at=heard[0][0].at)
        _join(scene, conversation, ticket, heard)
        return
    answers.answer(scene, conversation, heard)


def _join(scene: Scene, conversation: Conversation, ticket: Ticket, heard: Sequence[Heard]) -> None:
    """Every message is shown to the staff; the customer is told at most once that it will be read (H16)."""
    for message, understanding in heard:
        courtesy = closes(message.text, understanding.reading, message.attachments)
        ticket = tickets.join(scene, ticket, message, courtesy=courtesy)
    if not all(_closes(one) for one in heard):
        acknowledgement.acknowledge(scene, conversation, ticket)


def _closes(heard: Heard) -> bool:
    message, understanding = heard
    return closes(message.text, understanding.reading, message.attachments)


def _settled_lately(scene: Scene, conversation: Conversation) -> Ticket | None:
    """The last ticket of this conversation, if it may be opened again (S11)."""
    since = scene.now - scene.company.sla.reopen_within
    lately = [
        each
        for each in scene.case.tickets.values()
        if each.conversation_id == conversation.id and each.resolved_at is not None and each.resolved_at > since
    ]
    return max(lately, key=lambda each: each.number, default=None)


def _is_new_request(heard: Sequence[Heard]) -> bool:
    """Whether these words want something, rather than explain a rating (Q5)."""
    confident = [each.reading for _, each in heard if each.reading.confidence >= 0.8]
    explaining = COURTESIES | {"other", "praise", "complaint", "suggestion"}
    return any(reading.intent not in explaining for reading in confident)
