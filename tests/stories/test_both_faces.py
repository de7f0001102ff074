"""One ticket, two faces: what is done at the console appears in the topic, and the other way round."""

import pytest
from playwright.async_api import Browser, expect

from tests.emulator import Emulator
from tests.emulator.people import PIXEL
from tests.stories.house import House, Staff
from tests.stories.pages import Desk, Visitor, page_of
from tests.stories.talk import WISH, card_of, is_card, lines_of, with_ticket

pytestmark = pytest.mark.browser


async def test_what_lin_does_at_the_console_appears_in_the_topic(
    browser: Browser, emulator: Emulator, people: Staff, house: House
) -> None:
    await house.add_login("lin", "Lin")
    anna, topic = await with_ticket(emulator, people, house)
    async with page_of(browser) as page:
        lin = Desk(page)
        await lin.logs_in(house, "lin")
        await lin.opens(1)
        await lin.acts("take")
        await house.until(lambda: "Owner: Lin" in card_of(topic).text, what="the card shows the owner")
        await lin.writes("Hello from the console")
        await house.until(lambda: anna.texts[-1] == "Hello from the console", what="the reply")
        await house.until(lambda: lines_of(topic)[-1] == "Lin replied: Hello from the console", what="in the topic")
        await lin.notes("a regular customer")
        await house.until(lambda: lines_of(topic)[-1] == "📝 Lin: a regular customer", what="the note")
        people.lin.writes("And from the topic", topic=topic)
        await expect(lin.messages.filter(has_text="And from the topic")).to_have_count(1)
        anna.sends_photo(PIXEL, "a picture")
        await expect(lin.messages.filter(has_text="a picture")).to_have_count(1)
        await lin.writes("Thank you, I see")
        await house.until(lambda: anna.texts[-1] == "Thank you, I see", what="the answer")
        await house.is_quiet()
        people.lin.presses(card_of(topic), "Waiting")
        await expect(page.locator("#head .status-waiting_on_customer")).to_be_visible()
        await lin.acts("resolve")
        await house.until(lambda: "Status: resolved" in card_of(topic).text, what="the card shows it")
    await house.is_quiet()
    assert not any("regular" in text for text in anna.texts)


async def test_a_visitor_of_the_web_chat_is_served_from_the_topic(
    browser: Browser, emulator: Emulator, people: Staff, house: House
) -> None:
    async with page_of(browser, width=390, height=844) as page:
        visitor = Visitor(page)
        await visitor.opens(house)
        await visitor.writes(WISH)
        await house.until(lambda: any(is_card(message) for message in people.room.messages), what="the card")
        (topic,) = people.room.topics
        assert lines_of(topic)[-1] == WISH
        reply = people.lin.writes("Hello, Lin here", topic=topic)
        await expect(visitor.theirs.last).to_contain_text("Hello, Lin here")
        await house.until(lambda: "👌" in reply.emoji_of(emulator.bot.id), what="the fate")
        people.lin.sends_photo(PIXEL, "like this", topic=topic)
        await expect(visitor.theirs.last).to_contain_text("like this")
        people.lin.edits(reply, "Hello, this is Lin")
        await expect(visitor.theirs.filter(has_text="Hello, this is Lin")).to_have_count(1)
    await house.is_quiet()
