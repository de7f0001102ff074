"""What the staff see in a team's room: relayed messages, lines of the house, the ticket's live card (H1, H5, H7).

A room without a Telegram chat needs none of it: the console shows the ticket itself.
"""

from collections.abc import Sequence
from datetime import datetime
from unicodedata import east_asian_width

from desk.commands import Action, StaffActed
from desk.escalation import Heat, heat
from desk.messages import Attachment, Author, Message
from desk.outgoing import Button, Buttons, Card, Line, Outgoing, Rank, Relay, ToRoom, ToThread
from desk.presses import Press, encode, named
from desk.readings import INTENTS, Sentiment
from desk.tickets import Status, Ticket
from handlers import promises
from handlers.scene import Scene

#: What a chat without colours shows before the headline (S16).
COLOURS = {Heat.CALM: "", Heat.WARM: "🟡 ", Heat.HOT: "🟠 ", Heat.BREACHED: "🔴 "}

Choice = tuple[tuple[str, ...], tuple[str, ...]]
"""(the tags that are likely, the others), as intents."""

#: So many tags are called likely; so many buttons a message of Telegram's has at most; so wide a label is short.
LIKELY = 6
_MOST_BUTTONS = 100
_SHORT = 10


def relay(scene: Scene, ticket: Ticket, message: Message) -> None:
    """Show a customer's message in the ticket's thread."""
    conversation = scene.case.conversation(message.conversation_id)
    content = Relay(
        author=scene.contact.name,
        text=message.text,
        attachments=message.attachments,
        origin=conversation.key,
        external_id=message.external_id,
    )
    _post(scene, ticket, content, rank=Rank.REPLY, message=message.id)


def line(
    scene: Scene,
    ticket: Ticket,
    text: str,
    *,
    buttons: Buttons = (),
    message: int | None = None,
    rank: Rank = Rank.REPLY,
) -> None:
    """Say something of the house's own in the ticket's thread."""
    _post(scene, ticket, Line(text=text, buttons=buttons), rank=rank, message=message)


def repair(scene: Scene, ticket: Ticket, said: Sequence[Message]) -> None:
    """After a lost thread: what was said last, as a transcript, and a new card (H3)."""
    _post(scene, ticket, Line(text=transcript(scene, said)), rank=Rank.REPAIR)
    _post(scene, ticket, card(scene, ticket), rank=Rank.REPAIR)


def room_line(scene: Scene, room: str, text: str, *, buttons: Buttons = (), rank: Rank = Rank.ALERT) -> None:
    """Say something to a whole room."""
    if scene.company.rooms[room].telegram_chat is not None:
        content = Line(text=text, buttons=buttons)
        scene.case.send(Outgoing(to=ToRoom(room=room), content=content, rank=rank))


def show_card(scene: Scene, ticket: Ticket, *, choice: Choice | None = None) -> None:
    """Bring the ticket's live card up to date; of several changes in one round only the last is shown.

    With a `choice` its buttons are the tags to choose from, until the card changes again.
    """
    name = f"card:{ticket.number}"
    waiting = scene.case.effects.outgoing
    waiting[:] = [item for item in waiting if item.replaces != name]
    _post(scene, ticket, card(scene, ticket, choice), rank=Rank.CARD, replaces=name)


def _post(
    scene: Scene,
    ticket: Ticket,
    content: Relay | Line | Card,
    *,
    rank: Rank,
    message: int | None = None,
    replaces: str | None = None,
) -> None:
    room = scene.company.rooms[scene.team(ticket).room]
    if room.telegram_chat is None:
        return
    to = ToThread(room=room.name, contact_id=ticket.contact_id)
    scene.case.send(
        Outgoing(to=to, content=content, rank=rank, contact_id=ticket.contact_id, message=message, replaces=replaces)
    )


def card(scene: Scene, ticket: Ticket, choice: Choice | None = None) -> Card:
    """The ticket at a glance, in the room's language."""
    return Card(
        ticket=ticket.number,
        version=ticket.version,
        headline=COLOURS[heat(scene.case.running(ticket.number))]
        + scene.say_staff("card.headline", number=ticket.number, name=scene.contact.name),
        rows=_rows(scene, ticket),
        buttons=_buttons(scene, ticket) if choice is None else _tags(scene, ticket, choice),
        status=ticket.status,
        priority=ticket.priority,
    )


def _rows(scene: Scene, ticket: Ticket) -> tuple[tuple[str, str], ...]:
    contact, conversation = scene.contact, scene.case.conversation(ticket.conversation_id)
    due = promises.next_due(scene, ticket)
    shown = {
        "subject": ticket.subject,
        "status": scene.say_staff(f"status.{ticket.status.value}"),
        "priority": scene.say_staff(f"priority.{ticket.priority.value}"),
        "intent": _about(scene, ticket),
        "owner": scene.holder(ticket) or scene.say_staff("card.nobody"),
        "due": "" if due is None or due.due_at is None else _due(scene, due.metric.value, due.due_at),
        "customer": scene.say_staff(
            "card.customer_line", tier=contact.tier, stage=contact.stage, language=contact.language
        ),
        "channel": conversation.channel,
        "follows": "" if ticket.follows is None else f"#{ticket.follows}",
    }
    return tuple((scene.say_staff(f"card.{key}"), value) for key, value in shown.items() if value)


def _about(scene: Scene, ticket: Ticket) -> str:
    """What was read: the intent, a tone that is not plain, urgency; and that it was not sure where it was not."""
    said = [intent_name(scene, ticket.intent)]
    if ticket.sentiment not in (None, Sentiment.NEUTRAL):
        said.append(scene.say_staff(f"sentiment.{ticket.sentiment}"))
    if ticket.urgent:
        said.append(scene.say_staff("card.urgent"))
    if ticket.confidence is not None and ticket.confidence < scene.company.routing.handoff.below_confidence:
        said.append(scene.say_staff("card.unsure", percent=round(ticket.confidence * 100)))
    return " · ".join(said)


def intent_name(scene: Scene, intent: str) -> str:
    """A built-in intent by its name in the room's language; the company's own are called as it calls them."""
    return scene.say_staff(f"intent.{intent}") if intent in INTENTS else intent.replace("_", " ")


def _due(scene: Scene, metric: str, at: datetime) -> str:
    local = at.astimezone(scene.company.timezone)
    return scene.say_staff("card.due_line", metric=scene.say_staff(f"metric.{metric}"), at=f"{local:%m-%d %H:%M}")


def _buttons(scene: Scene, ticket: Ticket) -> Buttons:
    if ticket.status.is_over:
        actions: tuple[Action, ...] = (Action.REOPEN,)
    elif scene.holder(ticket) is None:
        actions = (Action.TAKE, Action.RESOLVE)
    elif ticket.status is Status.WAITING_ON_CUSTOMER:
        actions = (Action.RELEASE, Action.RESOLVE)
    else:
        actions = (Action.RELEASE, Action.WAITING, Action.RESOLVE)
    return (tuple(action_button(scene, action, ticket) for action in (*actions, Action.RETAG)),)


def _tags(scene: Scene, ticket: Ticket, choice: Choice) -> Buttons:
    """A button for each tag, the likely ones first, and one that leaves it as it is."""
    likely, others = choice
    groups = (likely, others[: _MOST_BUTTONS - len(likely) - 1])
    rows = [row for group in groups for row in _in_rows([_tag_button(scene, ticket, name) for name in group])]
    return (*rows, (action_button(scene, Action.KEEP_TAG, ticket),))


def _tag_button(scene: Scene, ticket: Ticket, intent: str) -> Button:
    press = Press(action=Action.RETAG, ticket=ticket.number, seen=ticket.version, argument=named(intent))
    return Button(label=intent_name(scene, intent), action=encode(press))


def _in_rows(buttons: Sequence[Button]) -> list[tuple[Button, ...]]:
    """Three short labels beside each other, or two longer ones: a phone cuts off what is longer."""
    rows: list[tuple[Button, ...]] = []
    for button in buttons:
        row = (*(rows[-1] if rows else ()), button)
        if rows and len(row) <= (3 if all(_width(each.label) <= _SHORT for each in row) else 2):
            rows[-1] = row
        else:
            rows.append((button,))
    return rows


def _width(label: str) -> int:
    """In letters; a Chinese character is as wide as two."""
    return sum(2 if east_asian_width(each) in "WF" else 1 for each in label)


def action_button(scene: Scene, action: Action, ticket: Ticket, argument: int | None = None) -> Button:
    """A button that asks for an action on a ticket as it is now."""
    press = Press(action=action, ticket=ticket.number, seen=ticket.version, argument=str(argument or ""))
    return Button(label=scene.say_staff(f"action.{action.value}"), action=encode(press))


def transcript(scene: Scene, said: Sequence[Message]) -> str:
    """Messages as lines of text, oldest first."""
    return "\n".join([scene.say_staff("room.transcript"), *(_said(scene, message) for message in said)])


def _said(scene: Scene, message: Message) -> str:
    match message.author:
        case Author.CUSTOMER:
            name = scene.contact.name
        case Author.BOT:
            name = scene.say_staff("room.bot")
        case Author.AGENT:
            name = message.author_name or scene.say_staff("room.agent")
    mark = "" if message.public else scene.say_staff("room.note_mark")
    return f"{mark}{name}: {_with_attachments(message.text, message.attachments)}"


def words(command: StaffActed) -> str:
    """What was written elsewhere, as a room can show it: files by their kinds."""
    return _with_attachments(command.argument, command.attachments)


def _with_attachments(text: str, attachments: Sequence[Attachment]) -> str:
    return " ".join(filter(None, [*(f"[{each.kind.value}]" for each in attachments), text]))
