"""What the stories say again and again: a customer with a ticket, the card, the lines of a topic."""

from tests.emulator import Customer, Emulator, Message, Topic
from tests.stories.house import House, Staff

WISH = "I want to talk to a person"


def is_card(message: Message) -> bool:
    """A ticket's live card."""
    return message.from_bot and not message.deleted and "\nStatus: " in message.text


def card_of(topic: Topic) -> Message:
    """The newest card that stands in the topic."""
    return [message for message in topic.messages if is_card(message)][-1]


def lines_of(topic: Topic) -> list[str]:
    """What stands in the topic to be read, the cards aside."""
    return [message.text for message in topic.messages if message.text and not message.deleted and not is_card(message)]


async def with_ticket(
    emulator: Emulator, people: Staff, house: House, *, number: int = 501, name: str = "Anna"
) -> tuple[Customer, Topic]:
    """A customer who asked for a person, and the topic about them."""
    customer = emulator.customer(number, name)
    customer.writes(WISH)
    await house.until(lambda: any(is_card(message) for message in people.room.messages), what="the card")
    await house.is_quiet()
    return customer, people.room.topic(name)


async def taken_by_lin(emulator: Emulator, people: Staff, house: House) -> tuple[Customer, Topic]:
    """The same, and Lin has answered."""
    customer, topic = await with_ticket(emulator, people, house)
    people.lin.writes("Lin here", topic=topic)
    await house.until(lambda: customer.texts[-1] == "Lin here", what="the first reply")
    await house.is_quiet()
    return customer, topic
