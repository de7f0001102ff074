"""The bot in front: it answers what it safely knows, and hands everything else to a person (H13, routing.handoff)."""

from collections.abc import Sequence
from datetime import datetime

from desk.courtesy import ASKS_NOTHING_FROM, asks, closes
from desk.facts import FactKind
from desk.messages import Message
from desk.outgoing import Button, Buttons
from desk.readings import COURTESIES, KnowledgeHit, Reading, Sentiment, Understanding
from desk.tickets import Conversation, Ticket
from desk.values import replace
from handlers import acknowledgement, tickets
from handlers.scene import Scene

Heard = tuple[Message, Understanding]


def answer(scene: Scene, conversation: Conversation, heard: Sequence[Heard]) -> None:
    """One answer to all that was said at once."""
    message, understanding = _decisive(scene, heard)
    reading = _in_the_tone_of_all(understanding.reading, heard)
    reason = _needs_person_at_once(scene, reading)
    if reason is not None:
        hand_over(scene, conversation, heard, reading, reason, asked_in=message)
        return
    hit = _safe_answer(scene, understanding, reading.sentiment)
    if hit is not None:
        _give_answer(scene, conversation, message, hit)
    elif _is_courtesy(scene, message, reading):
        _return_courtesy(scene, conversation, reading)
    elif _is_beside_the_point(scene, message, reading):
        _lead_back(scene, conversation, heard, reading, asked_in=message)
    else:
        hand_over(scene, conversation, heard, reading, _why_person(scene, reading), asked_in=message)


def _decisive(scene: Scene, heard: Sequence[Heard]) -> Heard:
    """The message that says what is wanted: one for a person, else the surest that asks for something, else any."""
    wishes = [each for each in heard if not _is_courtesy(scene, each[0], each[1].reading)]
    pressing = [each for each in wishes if _needs_person_at_once(scene, each[1].reading) is not None]
    requests = [each for each in wishes if not _is_beside_the_point(scene, each[0], each[1].reading)]
    best = max(
        pressing or requests or wishes,
        key=lambda each: (_best_similarity(each[1]), each[1].reading.confidence),
        default=None,
    )
    return best or heard[-1]


def _in_the_tone_of_all(reading: Reading, heard: Sequence[Heard]) -> Reading:
    """A wish is as pressing, and its writer as upset, as anything that was said with it."""
    said = [understanding.reading for _, understanding in heard]
    upset = any(each.sentiment is Sentiment.NEGATIVE for each in said)
    return replace(
        reading,
        urgent=any(each.urgent for each in said),
        sentiment=Sentiment.NEGATIVE if upset else reading.sentiment,
    )


def _best_similarity(understanding: Understanding) -> float:
    return max((hit.similarity for hit in understanding.knowledge), default=0.0)


def _needs_person_at_once(scene: Scene, reading: Reading) -> str | None:
    if reading.intent in scene.company.routing.handoff.intents and scene.is_sure(reading):
        return reading.intent
    if reading.urgent:
        return "urgent"
    return None


def _safe_answer(scene: Scene, understanding: Understanding, tone: Sentiment) -> KnowledgeHit | None:
    """The page that answers by itself: near enough, and not to somebody who is upset."""
    if tone is Sentiment.NEGATIVE:
        return None
    best = understanding.knowledge[0] if understanding.knowledge else None
    return best if best is not None and best.similarity >= scene.company.knowledge.answer_above else None


def _is_courtesy(scene: Scene, message: Message, reading: Reading) -> bool:
    """A greeting may be put as a question ("在吗？"), and be unsure: who is greeted says what is wanted.

    Thanks, praise or a goodbye are a last word: not surely read, or with a question, they may ask for more. Ironic
    ones are none: who is upset gets a person.
    """
    if closes(message.text, reading, message.attachments):
        return True
    is_one = reading.intent in COURTESIES | {"praise"} and reading.sentiment is not Sentiment.NEGATIVE
    if not is_one or not scene.is_sure(reading):
        return False
    return reading.intent == "greeting" or (reading.confidence >= ASKS_NOTHING_FROM and not asks(message.text))


def _is_beside_the_point(scene: Scene, message: Message, reading: Reading) -> bool:
    """Small talk, an advert, noise: surely no request, in a language that is read, and from nobody who is upset."""
    calm = reading.sentiment is not Sentiment.NEGATIVE and not message.attachments
    sure = scene.is_sure(reading) and reading.confidence >= ASKS_NOTHING_FROM
    return reading.intent == "other" and reading.language != "other" and calm and sure


def _why_person(scene: Scene, reading: Reading) -> str:
    return "no_answer" if scene.is_sure(reading) else "unsure"


def hand_over(
    scene: Scene,
    conversation: Conversation,
    heard: Sequence[Heard],
    reading: Reading,
    reason: str,
    *,
    asked_in: Message,
) -> Ticket:
    """Open a ticket for what was said, and tell the customer."""
    said = [message for message, _ in heard]
    ticket = tickets.hand_over(scene, conversation, said, reading, reason, asked_in=asked_in.id)
    acknowledgement.acknowledge(scene, scene.case.conversations[conversation.key], ticket)
    return ticket


def _give_answer(scene: Scene, conversation: Conversation, message: Message, hit: KnowledgeHit) -> None:
    since = conversation.matter_since or message.at
    scene.case.put_conversation(replace(conversation, matter_since=since))
    text = f"{hit.answer}\n\n{scene.say('answer.helped')}"
    scene.tell_customer(conversation, text, buttons=_judge_buttons(scene))
    scene.record(FactKind.ANSWERED_BY_BOT, by="bot", page=hit.page, similarity=round(hit.similarity, 3))


def _judge_buttons(scene: Scene) -> Buttons:
    helped = Button(label=scene.say("answer.yes"), action="helped:yes")
    not_helped = Button(label=scene.say("answer.no"), action="helped:no")
    return (helped, not_helped), (person_button(scene),)


def person_button(scene: Scene) -> Button:
    """The way to a person, which every answer of the bot's offers."""
    return Button(label=scene.say("answer.person"), action="human")


def _return_courtesy(scene: Scene, conversation: Conversation, reading: Reading) -> None:
    key = reading.intent if reading.intent in ("greeting", "goodbye", "praise") else "thanks"
    buttons: Buttons = ((person_button(scene),),) if key == "greeting" else ()
    text = scene.say(f"courtesy.{key}", name=scene.contact.name, company=scene.company.name)
    scene.tell_customer(conversation, text, buttons=buttons)


def _lead_back(
    scene: Scene, conversation: Conversation, heard: Sequence[Heard], reading: Reading, *, asked_in: Message
) -> None:
    """Say what the bot is there for; who goes on is not understood, and gets a person as after answers that failed."""
    failed = conversation.failed_answers + 1
    conversation = scene.case.put_conversation(replace(conversation, failed_answers=failed))
    if failed >= scene.company.routing.handoff.after_failed_answers:
        hand_over(scene, conversation, heard, reading, "failed_answers", asked_in=asked_in)
        return
    text = scene.say("answer.beside", company=scene.company.name)
    scene.tell_customer(conversation, text, buttons=((person_button(scene),),))


def judged(scene: Scene, conversation: Conversation, at: datetime, *, helped: bool) -> str:
    """The customer says whether an answer helped. Returns what the tap is told."""
    scene.record(FactKind.ANSWER_JUDGED, by="customer", helped=helped)
    if helped:
        scene.case.put_conversation(replace(conversation, failed_answers=0, matter_since=None))
        return scene.say("answer.glad")
    failed = conversation.failed_answers + 1
    conversation = scene.case.put_conversation(replace(conversation, failed_answers=failed))
    if failed >= scene.company.routing.handoff.after_failed_answers:
        hand_over_dialogue(scene, conversation, "failed_answers", at)
    else:
        scene.tell_customer(conversation, scene.say("answer.rephrase"), buttons=((person_button(scene),),))
    return ""


def hand_over_dialogue(scene: Scene, conversation: Conversation, reason: str, at: datetime) -> None:
    """A button asks for a person: what was said before is what the matter is about."""
    said = scene.case.dialogue.get(conversation.id) or scene.case.look.recent_messages(conversation.id, 20)
    read = next((message for message in reversed(said) if message.reading is not None), None)
    reading = read.reading if read is not None and read.reading is not None else _unread(scene)
    asked_in = None if read is None else read.id
    ticket = tickets.hand_over(scene, conversation, [], reading, reason, asked_in=asked_in, asked_at=at)
    acknowledgement.acknowledge(scene, scene.case.conversations[conversation.key], ticket)


def _unread(scene: Scene) -> Reading:
    return Reading(
        intent="human_agent", confidence=1.0, sentiment=Sentiment.NEUTRAL, urgent=False, language=scene.contact.language
    )
