"""What customers do beside writing: start, press, edit, react, read, block."""

from desk.commands import (
    CustomerBlocked,
    CustomerEdited,
    CustomerPressed,
    CustomerReacted,
    CustomerRead,
    CustomerStarted,
    CustomerUnblocked,
)
from desk.facts import FactKind
from desk.messages import Author, Delivery, Message
from desk.outgoing import Outgoing, PressAnswer, Rank, RelayEdit, ToConversation, ToThread
from desk.tickets import Conversation
from desk.values import replace
from handlers import answers, consent, contacts, room, slash, surveys
from handlers.customer_messages import in_hand
from handlers.scene import Scene
from store.casefile import MessageChange


def started(scene: Scene, command: CustomerStarted) -> None:
    """/start, or the first opening of the web chat: a greeting; after /stop, the way back (J7)."""
    is_new = command.sender.key not in scene.case.conversations
    conversation = contacts.meet(scene, command.sender, command.at, source=command.code)
    if not scene.contact.consent:
        consent.give(scene, conversation)
        return
    if is_new or in_hand(scene, conversation) is None:
        greeting = scene.say("start.greeting", company=scene.company.name)
        scene.tell_customer(conversation, greeting, buttons=((answers.person_button(scene),),))


def pressed(scene: Scene, command: CustomerPressed) -> None:
    """A button under a message of ours."""
    conversation = contacts.meet(scene, command.sender, command.at)
    told = _carry_out(scene, conversation, command)
    if command.press is not None:
        scene.case.send(
            Outgoing(
                to=ToConversation(channel=conversation.channel, address=conversation.address),
                content=PressAnswer(press=command.press, text=told),
                rank=Rank.REPLY,
                contact_id=scene.contact.id,
            )
        )


def _carry_out(scene: Scene, conversation: Conversation, command: CustomerPressed) -> str:
    match command.action.split(":"):
        case ["human"]:
            return _ask_for_person(scene, conversation, command)
        case ["helped", verdict]:
            return _judge(scene, conversation, command, helped=verdict == "yes")
        case ["lang", language] if language in scene.company.languages:
            slash.choose_language(scene, conversation, language)
            return ""
        case ["score", survey, score] if survey.isdecimal() and score.isdecimal() and int(score) <= 10:
            return surveys.answer(scene, conversation, int(survey), int(score))
        case _:
            return scene.say("press.unknown")


def _ask_for_person(scene: Scene, conversation: Conversation, command: CustomerPressed) -> str:
    ticket = in_hand(scene, conversation)
    if ticket is not None:
        return scene.say("press.person_is_coming", number=ticket.number)
    answers.hand_over_dialogue(scene, conversation, "asked", command.at)
    return ""


def _judge(scene: Scene, conversation: Conversation, command: CustomerPressed, *, helped: bool) -> str:
    """Whether an answer helped; once a person has the case the bot keeps silent (H13)."""
    if in_hand(scene, conversation) is not None:
        return ""
    _take_buttons_away(scene, conversation, command)
    return answers.judged(scene, conversation, command.at, helped=helped)


def _take_buttons_away(scene: Scene, conversation: Conversation, command: CustomerPressed) -> None:
    """An answer is judged once: its message stays, without the question's buttons."""
    message = _pressed_message(scene, conversation, command.external_id or "")
    if message is not None:
        scene.rewrite(message, message.text, ())


def _pressed_message(scene: Scene, conversation: Conversation, external_id: str) -> Message | None:
    """The message of ours under which a button was pressed, by the channel's id of it or by our own."""
    outside = scene.case.look.message_at(conversation.key, external_id)
    if outside is not None or not external_id.isdecimal() or len(external_id) > 18:
        return outside
    own = scene.case.look.message(int(external_id))
    return own if own is not None and own.conversation_id == conversation.id else None


def edited(scene: Scene, command: CustomerEdited) -> None:
    """A customer changed a message: the old words are kept, and the staff see the new ones (H10)."""
    conversation = scene.case.conversations.get(command.sender.key)
    if conversation is None:
        return
    message = scene.case.heard(conversation.id, command.external_id)
    if message is None or (message.attachments and not command.text and "," in (message.external_id or "")):
        return  # a part of an album without words was exchanged: the caption stands on another one
    change = MessageChange(message_id=message.id, at=command.at, text=command.text)
    scene.case.effects.message_changes.append(change)
    scene.record(FactKind.MESSAGE_EDITED, by="customer", ticket=message.ticket_id, message=message.id)
    ticket = scene.case.tickets.get(message.ticket_id or 0)
    if ticket is None:
        return
    if not ticket.is_open:
        room.line(scene, ticket, scene.say_staff("room.edited_after", name=scene.contact.name, text=command.text))
        return
    place = scene.company.rooms[scene.team(ticket).room]
    if place.telegram_chat is not None:
        content = RelayEdit(message=message.id, author=scene.contact.name, text=command.text)
        to = ToThread(room=place.name, contact_id=ticket.contact_id)
        scene.case.send(Outgoing(to=to, content=content, rank=Rank.REPLY, contact_id=ticket.contact_id))


def reacted(scene: Scene, command: CustomerReacted) -> None:
    """A reaction is shown to the staff; it is no message and answers nothing (S5)."""
    message = scene.case.look.message_at(command.sender.key, command.external_id)
    if message is None or command.emoji is None:
        return
    scene.record(
        FactKind.MESSAGE_REACTED, by="customer", ticket=message.ticket_id, message=message.id, emoji=command.emoji
    )
    ticket = scene.case.tickets.get(message.ticket_id or 0)
    if ticket is not None and message.author is Author.AGENT:
        text = scene.say_staff("room.reacted", name=scene.contact.name, emoji=command.emoji, text=message.text[:60])
        room.line(scene, ticket, text)


def read(scene: Scene, command: CustomerRead) -> None:
    """The customer has seen a message of ours."""
    message = None if scene.case.contact is None else scene.case.look.message(command.message)
    if message is not None and message.contact_id == scene.contact.id and message.author is not Author.CUSTOMER:
        change = MessageChange(message_id=message.id, at=command.at, delivery=Delivery.READ)
        scene.case.effects.message_changes.append(change)


def blocked(scene: Scene, command: CustomerBlocked) -> None:
    """The channel is closed to us: what waits is stopped, the staff are told, nudges end (H12)."""
    conversation = scene.case.conversations.get(command.sender.key)
    if conversation is not None and conversation.blocked_at is None:
        close_channel(scene, conversation)


def close_channel(scene: Scene, conversation: Conversation) -> None:
    """Remember that this conversation cannot be reached (H12)."""
    scene.case.put_conversation(replace(conversation, blocked_at=scene.now))
    scene.record(FactKind.CHANNEL_BLOCKED, by="customer", channel=conversation.channel)
    scene.case.effects.blocked_lanes.append((conversation.key, scene.say_staff("room.blocked_reason")))
    ticket = in_hand(scene, conversation)
    if ticket is not None:
        room.line(scene, ticket, scene.say_staff("room.blocked", name=scene.contact.name))


def unblocked(scene: Scene, command: CustomerUnblocked) -> None:
    """The channel is open again."""
    conversation = scene.case.conversations.get(command.sender.key)
    if conversation is None or conversation.blocked_at is None:
        return
    conversation = scene.case.put_conversation(replace(conversation, blocked_at=None))
    scene.record(FactKind.CHANNEL_UNBLOCKED, by="customer", channel=conversation.channel)
    ticket = in_hand(scene, conversation)
    if ticket is not None:
        room.line(scene, ticket, scene.say_staff("room.unblocked", name=scene.contact.name))
