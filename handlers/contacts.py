"""Who writes: a contact is made from the first thing a customer does, and their conversation kept up to date."""

from dataclasses import replace
from datetime import datetime, timedelta

from desk.commands import DueKind, Sender
from desk.conditions import holds
from desk.facts import FactKind
from desk.tickets import Contact, Conversation
from handlers.scene import Scene
from lifecycle.outreach import EnterWhen, SendStep
from store.casefile import Deadline

_NAMELESS = "…"
#: A customer who comes back to the bot after so long is on about something new.
NEW_MATTER_AFTER = timedelta(hours=12)


def meet(scene: Scene, sender: Sender, at: datetime, *, source: str | None = None) -> Conversation:
    """The conversation of a sender; contact and conversation are made where this is the first word."""
    known = scene.case.conversations.get(sender.key)
    if known is not None:
        return _kept_up_to_date(scene, known, sender, at)
    if scene.case.contact is None:
        _make_contact(scene, sender, at, source)
    conversation = Conversation(
        id=scene.case.numbers.next_id(),
        contact_id=scene.contact.id,
        channel=sender.channel,
        address=sender.address,
        created_at=at,
        username=sender.username,
    )
    scene.case.put_conversation(conversation)
    scene.record(FactKind.CONVERSATION_STARTED, by="customer", at=at, channel=sender.channel)
    _plan_welcome(scene, conversation)
    return conversation


def _make_contact(scene: Scene, sender: Sender, at: datetime, source: str | None) -> None:
    language = scene.rules.catalogue.nearest(sender.language or scene.company.default_language)
    contact = Contact(
        id=scene.case.numbers.next_id(),
        name=sender.name.strip() or _NAMELESS,
        language=language,
        created_at=at,
        timezone=sender.timezone,
        source=source,
        tier=next(iter(scene.rules.configuration.lifecycle.loyalty.tiers)),
        stage=scene.rules.configuration.lifecycle.first_stage,
    )
    scene.case.contact = contact
    scene.record(FactKind.CONTACT_CREATED, by="customer", at=at, channel=sender.channel, source=source)


def _kept_up_to_date(scene: Scene, known: Conversation, sender: Sender, at: datetime) -> Conversation:
    if known.matter_since is not None and at - (known.last_message_at or at) > NEW_MATTER_AFTER:
        known = scene.case.put_conversation(replace(known, matter_since=None, failed_answers=0))
    if known.username != sender.username:
        known = scene.case.put_conversation(replace(known, username=sender.username))
    if known.blocked_at is not None:
        known = scene.case.put_conversation(replace(known, blocked_at=None))
        scene.record(FactKind.CHANNEL_UNBLOCKED, by="customer", channel=known.channel)
    name = sender.name.strip()
    if name and scene.contact.name != name and scene.contact.name == _NAMELESS:
        change(scene, name=name)
    return known


def change(scene: Scene, **changes: object) -> Contact:
    """Change the contact."""
    contact = replace(scene.contact, **changes, version=scene.contact.version + 1)  # type: ignore[arg-type]
    scene.case.contact = contact
    return contact


def speaks(scene: Scene, language: str) -> None:
    """The customer wrote in a language: they are answered in it from now on, unless they chose one themselves."""
    main = language.partition("-")[0]
    if scene.contact.language_chosen or main not in scene.company.languages or scene.contact.language == main:
        return
    change(scene, language=main)


def choose_language(scene: Scene, language: str) -> None:
    """The customer says which language they want."""
    change(scene, language=language, language_chosen=True)
    scene.record(FactKind.LANGUAGE_CHANGED, by="customer", language=language)


def _plan_welcome(scene: Scene, conversation: Conversation) -> None:
    """A journey that begins with a message to a new lead: its first nudge falls due at once (J1)."""
    subject = scene.subject(conversation=conversation)
    for journey in scene.rules.configuration.outreach.journeys.values():
        enters = isinstance(journey.enter, EnterWhen) and "stage" in journey.enter.condition.values
        begins = journey.steps and isinstance(journey.steps[0], SendStep)
        if not (enters and begins and isinstance(journey.enter, EnterWhen) and holds(journey.enter.condition, subject)):
            continue
        scene.case.schedule(
            Deadline(
                key=f"nudge:{journey.name}:{scene.contact.id}",
                kind=DueKind.NUDGE,
                due_at=scene.now + timedelta(seconds=1),
                contact_id=scene.contact.id,
                lane=conversation.key,
                data={"journey": journey.name, "conversation": conversation.id},
            )
        )
