"""Who writes: a contact is made from the first thing a customer does, and their conversation kept up to date."""

import re
from datetime import datetime, timedelta

from desk.commands import DueKind, Sender
from desk.conditions import holds
from desk.facts import FactKind
from desk.readings import Reading
from desk.tickets import Contact, Conversation
from desk.values import replace
from handlers import titles
from handlers.scene import Scene
from lifecycle.outreach import EnterWhen, SendStep
from store.casefile import Deadline

_NAMELESS = "…"
_NAME_LENGTH = 100
#: What ends a line, cannot be stored, or turns the letters after it around.
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_WORD = re.compile(r"[^\W\d_]+")
#: So many words tell a language, where it is clear what they say and where it is not.
_SURE_WORDS, _UNSURE_WORDS = 3, 5
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
    contact = Contact(
        id=scene.case.numbers.next_id(),
        name=fit_name(sender.name) or _NAMELESS,
        language=spoken(scene, sender.language or "") or scene.company.default_language,
        created_at=at,
        timezone=sender.timezone,
        source=source,
        tier=next(iter(scene.rules.configuration.lifecycle.loyalty.tiers)),
        stage=scene.rules.configuration.lifecycle.first_stage,
    )
    scene.case.contact = contact
    scene.record(FactKind.CONTACT_CREATED, by="customer", at=at, channel=sender.channel, source=source)


def _kept_up_to_date(scene: Scene, known: Conversation, sender: Sender, at: datetime) -> Conversation:
    began = known.matter_since is not None or known.failed_answers > 0
    if began and at - (known.last_message_at or at) > NEW_MATTER_AFTER:
        known = scene.case.put_conversation(replace(known, matter_since=None, failed_answers=0))
    if known.username != sender.username:
        known = scene.case.put_conversation(replace(known, username=sender.username))
    if known.blocked_at is not None:
        known = scene.case.put_conversation(replace(known, blocked_at=None))
        scene.record(FactKind.CHANNEL_UNBLOCKED, by="customer", channel=known.channel)
    name = fit_name(sender.name)
    if name and scene.contact.name != name and scene.contact.name == _NAMELESS:
        change(scene, name=name)
        for ticket in scene.case.open_tickets():
            titles.plan(scene, ticket)
    return known


def fit_name(name: str) -> str:
    """A name as it may stand in a line of ours: people choose theirs, and some to look like something else."""
    return " ".join(_UNFIT.sub(" ", name).split())[:_NAME_LENGTH].rstrip()


def change(scene: Scene, **changes: object) -> Contact:
    """Change the contact."""
    contact = replace(scene.contact, **changes, version=scene.contact.version + 1)
    scene.case.contact = contact
    return contact


def spoken(scene: Scene, tag: str) -> str | None:
    """The company's own language for a tag: the same, its main part, or a variety of it ("zh-TW" finds "zh")."""
    languages = {each.casefold(): each for each in scene.company.languages}
    wanted = tag.casefold()
    main = wanted.partition("-")[0]
    variety = next((each for key, each in languages.items() if key.partition("-")[0] == main), None)
    return languages.get(wanted) or languages.get(main) or variety


def speaks(scene: Scene, text: str, reading: Reading) -> None:
    """The customer wrote in a language: they are answered in it from now on, unless they chose one themselves."""
    language = spoken(scene, reading.language)
    if scene.contact.language_chosen or language is None or scene.contact.language == language:
        return
    if _tells_language(text, is_sure=scene.is_sure(reading)):
        change(scene, language=language)


def _tells_language(text: str, *, is_sure: bool) -> bool:
    """Latin letters are at home in every language: an "ok", a product's name or a parcel's number tells of none."""
    words = _WORD.findall(text)
    if any(not word.isascii() for word in words):
        return True
    return len(words) >= (_SURE_WORDS if is_sure else _UNSURE_WORDS)


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
