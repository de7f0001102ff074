"""What a customer can order with a slash: /help, /status, /lang, /stop."""

from desk.outgoing import Button, Buttons
from desk.tickets import Conversation
from handlers import answers, consent, contacts
from handlers.scene import Scene


def obey(scene: Scene, conversation: Conversation, text: str) -> bool:
    """Carry out an order; False where the text is none, and is read as a message."""
    word, _, argument = text.partition(" ")
    match word.partition("@")[0]:
        case "/help":
            scene.tell_customer(conversation, scene.say("slash.help"), buttons=((answers.person_button(scene),),))
        case "/status":
            scene.tell_customer(conversation, _status(scene))
        case "/lang":
            _language(scene, conversation, argument.strip())
        case "/stop":
            consent.withdraw(scene, conversation)
        case _:
            return False
    return True


def _status(scene: Scene) -> str:
    open_tickets = scene.case.open_tickets()
    if not open_tickets:
        return scene.say("slash.no_ticket")
    lines = [
        scene.say(
            "slash.ticket", number=ticket.number, subject=ticket.subject, status=scene.say(f"progress.{ticket.status}")
        )
        for ticket in open_tickets
    ]
    return "\n".join(lines)


def _language(scene: Scene, conversation: Conversation, wanted: str) -> None:
    language = contacts.spoken(scene, wanted) if wanted else None
    if language is not None:
        choose_language(scene, conversation, language)
        return
    names = {language: scene.rules.catalogue.say(language, "language.name") for language in scene.company.languages}
    buttons: Buttons = (tuple(Button(label=name, action=f"lang:{code}") for code, name in names.items()),)
    scene.tell_customer(conversation, scene.say("slash.which_language"), buttons=buttons)


def choose_language(scene: Scene, conversation: Conversation, language: str) -> None:
    """Speak this language from now on."""
    contacts.choose_language(scene, language)
    scene.tell_customer(conversation, scene.say("slash.language_chosen"))
