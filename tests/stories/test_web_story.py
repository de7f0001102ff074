"""The main job, end to end without Telegram: the customer at the web chat, the staff at the console, in Chromium."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from desk.company import Role
from tests.emulator import Emulator
from tests.stories.house import House, company, open_house, settings
from tests.stories.pages import PICTURE, Desk, Visitor, page_of

pytestmark = pytest.mark.browser


@pytest.fixture
async def house(emulator: Emulator, database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """A house without Telegram; the emulator lends it the clock."""
    chosen = settings(database_url, tmp_path)
    async with open_house(emulator, chosen, company(groups=False), with_telegram=False) as opened:
        await opened.add_login("lin", "Lin")
        await opened.add_login("zhao", "Zhao", Role.SUPERVISOR)
        yield opened


async def test_a_visitor_asks_for_a_person_and_is_served(browser: Browser, house: House) -> None:
    async with (
        page_of(browser, width=390, height=844) as phone,
        page_of(browser) as lins_page,
        page_of(browser) as zhaos_page,
    ):
        visitor, lin, zhao = Visitor(phone), Desk(lins_page), Desk(zhaos_page)
        await lin.logs_in(house, "lin")
        await zhao.logs_in(house, "zhao")
        await _asks_and_nobody_comes(house, visitor, lin, zhao)
        await _is_helped(visitor, lin)
        await _says_how_it_was(house, visitor, lin)


async def _asks_and_nobody_comes(house: House, visitor: Visitor, lin: Desk, zhao: Desk) -> None:
    await visitor.opens(house)
    await visitor.writes("My washing machine leaks, I want to talk to a person")
    await expect(visitor.theirs.filter(has_text="we have it: #1")).to_have_count(1)
    await expect(lin.page.locator("#line-1")).to_contain_text("Waiting for an answer")
    await house.passes(minutes=11)
    await expect(zhao.page.locator("#alerts")).to_contain_text("First reply")
    await zhao.page.locator("#ack-1-first_reply").click()
    await expect(zhao.page.locator("#ack-1-first_reply")).to_have_count(0)


async def _is_helped(visitor: Visitor, lin: Desk) -> None:
    await lin.opens(1)
    await lin.acts("take")
    await expect(lin.page.locator("#head .owner")).to_contain_text("Lin")
    await lin.notes("she sounds nervous")
    await lin.writes("Hello, Lin here. Where does it leak?")
    await expect(visitor.theirs.last).to_contain_text("Hello, Lin here. Where does it leak?")
    await expect(visitor.theirs.last.locator(".name")).to_have_text("Lin")
    await visitor.sends(PICTURE, "here, under the door")
    shown = lin.messages.filter(has_text="here, under the door")
    await expect(shown.locator("img")).to_have_js_property("naturalWidth", 280)
    await lin.writes("Turn this valve", file=PICTURE)
    await expect(visitor.theirs.last.locator("img")).to_have_js_property("naturalWidth", 280)
    await expect(visitor.page.locator("body")).not_to_contain_text("nervous")
    await expect(lin.messages.filter(has_text="Turn this valve").locator(".fate")).to_have_class("fate read")


async def _says_how_it_was(house: House, visitor: Visitor, lin: Desk) -> None:
    await visitor.writes("thanks")
    await expect(lin.messages.filter(has_text="thanks")).to_have_count(1)
    await lin.acts("resolve")
    await expect(lin.page.locator("#act-reopen")).to_be_visible()
    await house.passes(minutes=11)
    await expect(visitor.theirs.last).to_contain_text("How was our help with #1?")
    await visitor.presses("5 ★★★★★")
    await expect(visitor.theirs.last).to_contain_text("noted: 5")
    await visitor.page.reload()
    await expect(visitor.theirs.last).to_contain_text("noted: 5")
    await expect(visitor.own).to_have_count(3)
    assert {"sla_breached", "alert_acknowledged", "ticket_resolved", "survey_answered"} <= await house.timeline()
