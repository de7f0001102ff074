"""Consent to nudges and news: withdrawn at a word, confirmed once, given again by /start (J7)."""

from desk.facts import FactKind
from desk.tickets import Conversation
from handlers import contacts
from handlers.scene import Scene


def withdraw(scene: Scene, conversation: Conversation) -> None:
    """No nudges, news or surveys from now on."""
    if not scene.contact.consent:
        return
    contacts.change(scene, consent=False)
    scene.record(FactKind.CONSENT_WITHDRAWN, by="customer", channel=conversation.channel)
    scene.tell_customer(conversation, scene.say("consent.withdrawn"))


def give(scene: Scene, conversation: Conversation) -> None:
    """The customer wants to hear from the company again."""
    contacts.change(scene, consent=True)
    scene.record(FactKind.CONSENT_GIVEN, by="customer", channel=conversation.channel)
    scene.tell_customer(conversation, scene.say("consent.given"))
