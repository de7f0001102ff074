"""Pressing in the console in Chromium: what was meant is done, once, by mouse, by keys and without the script."""

import asyncio
from functools import partial

import pytest
from playwright.async_api import Page, Request, Route, expect

from desk.commands import Action, StaffActed
from desk.tickets import Status
from tests.console.changes import change_ticket
from tests.console.house import House
from tests.console.test_browser import acted, enter, is_press

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("backend", ["sqlite"], indirect=True)]


def is_post(request: Request) -> bool:
    return request.method == "POST"


async def press_presence(page: Page) -> None:
    """Something harmless, so that whatever was pressed before has arrived."""
    async with page.expect_response(is_press):
        await page.click("#presence-button")


# ---- twice ----


async def test_a_double_click_does_not_press_what_comes_in_its_place(
    house: House, base: str, browser_page: Page
) -> None:
    house.handled.meanwhile = partial(change_ticket, house, 1047, assignee="Lin", status=Status.OPEN)
    await enter(browser_page, base, "lin", "/tickets/1047?queue=all")
    box = await browser_page.locator("#act-take").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    await browser_page.mouse.move(x, y)
    await browser_page.mouse.down(click_count=1)
    await browser_page.mouse.up(click_count=1)
    await expect(browser_page.locator("#act-release")).to_be_visible()
    house.handled.meanwhile = None
    under = "([x, y]) => document.elementFromPoint(x, y).id"
    assert await browser_page.evaluate(under, [x, y]) == "act-release"
    await browser_page.mouse.down(click_count=2)
    await browser_page.mouse.up(click_count=2)
    await press_presence(browser_page)
    assert acted(house) == [(Action.TAKE, ""), (Action.AWAY, "")]


async def test_a_double_click_on_a_tag_opens_the_choice_and_chooses_nothing(
    house: House, base: str, browser_page: Page
) -> None:
    """Wherever the second click meets the dialog."""
    await enter(browser_page, base, "lin", "/tickets/1042")
    await browser_page.locator("#messages .reading", has_text="Delivery problem").click()
    retag = browser_page.locator("#retag")
    for place in (
        retag.get_by_role("button", name="Technical fault", exact=True),
        retag.locator("label", has_text="Happy").first,
        retag.locator("label", has_text="Urgent"),
        retag.locator("[data-closes]"),
    ):
        await place.hover()
        await browser_page.mouse.down(click_count=2)
        await browser_page.mouse.up(click_count=2)
    await expect(retag.locator("[name=sentiment]:checked")).to_have_value("negative")
    await expect(retag.locator("[type=checkbox]")).not_to_be_checked()
    await expect(retag).to_be_visible()
    async with browser_page.expect_response(is_press):
        await retag.get_by_role("button", name="Complaint", exact=True).click()
    assert acted(house) == [(Action.RETAG, "complaint")]


async def test_a_button_is_busy_until_the_page_shows_what_came_of_it(
    house: House, base: str, browser_page: Page
) -> None:
    gate = asyncio.Event()

    async def hold(route: Route) -> None:
        await gate.wait()
        await route.continue_()

    await enter(browser_page, base, "lin", "/tickets/1042")
    await browser_page.route(lambda url: url.endswith("/tickets/1042"), hold)
    async with browser_page.expect_response(is_press):
        await browser_page.click("#act-waiting")
    await browser_page.click("#act-waiting")
    await press_presence(browser_page)
    await expect(browser_page.locator("#act-waiting")).to_have_attribute("aria-busy", "true")
    gate.set()
    await expect(browser_page.locator("#act-waiting")).not_to_have_attribute("aria-busy", "true")
    assert acted(house) == [(Action.WAITING, ""), (Action.AWAY, "")]


async def test_two_messages_in_a_row_are_said_to_mean_the_same(house: House, base: str, browser_page: Page) -> None:
    """The second while the first is on its way."""
    gate = asyncio.Event()
    house.handled.meanwhile = gate.wait
    posts: list[Request] = []
    browser_page.on("request", lambda request: posts.append(request) if is_post(request) else None)
    await enter(browser_page, base, "lin", "/tickets/1042")
    posts.clear()
    for text in ("Delivery problem", "How to"):
        await browser_page.locator("#messages .reading", has_text=text).click()
        async with browser_page.expect_request(is_post):
            await browser_page.locator("#retag .choice[value=technical_fault]").click()
        await expect(browser_page.locator("#retag")).to_be_hidden()
    gate.set()
    answers = [await request.response() for request in posts]
    assert None not in answers
    commands = [command for command, _key, _lane in house.handled.commands if isinstance(command, StaffActed)]
    assert sorted((command.message or 0, command.argument) for command in commands) == [
        (1_042_002, "technical_fault"),
        (1_042_004, "technical_fault"),
    ]


# ---- keys ----


@pytest.mark.parametrize("script", ["with", "without"])
async def test_enter_in_a_field_of_the_choice_keeps_the_intent(
    house: House, base: str, browser_page: Page, script: str
) -> None:
    await enter(browser_page, base, "lin")
    if script == "without":
        await browser_page.route("**/console.js", lambda route: route.abort())
    await browser_page.goto(f"{base}/tickets/1042")
    await browser_page.locator("#messages .reading", has_text="Delivery problem").click()
    await browser_page.locator("#retag [type=checkbox]").focus()
    await browser_page.keyboard.press("Space")
    async with browser_page.expect_response(is_press):
        await browser_page.keyboard.press("Enter")
    ((command, _key, _lane),) = house.handled.commands
    assert isinstance(command, StaffActed)
    assert (command.action, command.argument, command.message) == (Action.RETAG, "delivery_problem", 1_042_004)
    assert command.urgent


async def test_the_button_that_enter_presses_is_for_nobody_else(base: str, browser_page: Page) -> None:
    await enter(browser_page, base, "lin", "/tickets/1042")
    await browser_page.locator("#messages .reading", has_text="Delivery problem").click()
    names = await browser_page.locator("#retag").aria_snapshot()
    assert names.count("What does this message mean?") == 2, "the dialog's name and its heading"
    focused: list[str] = []
    for _ in range(4):
        await browser_page.keyboard.press("Tab")
        focused.append(await browser_page.evaluate("document.activeElement.id || document.activeElement.name"))
    assert focused[:2] == ["sentiment", "urgent"]


@pytest.mark.parametrize("composing", [{"isComposing": True}, {"keyCode": 229}])
async def test_escape_belongs_to_the_input_method_first(
    base: str, browser_page: Page, composing: dict[str, object]
) -> None:
    await enter(browser_page, base, "lin", "/tickets/1042")
    await browser_page.focus("#text")
    await browser_page.dispatch_event("#text", "keydown", {"key": "Escape", "bubbles": True, **composing})
    await expect(browser_page.locator("#text")).to_be_focused()
    await browser_page.keyboard.press("Escape")
    await expect(browser_page.locator("#text")).not_to_be_focused()


async def test_what_is_called_a_button_is_pressed_by_space(base: str, browser_page: Page) -> None:
    await enter(browser_page, base, "lin", "/tickets/1042")
    reading = browser_page.locator("#messages .reading", has_text="How to")
    await reading.focus()
    await browser_page.keyboard.press("Space")
    await expect(browser_page.locator("#retag")).to_be_visible()
    await browser_page.locator("#retag [data-closes]").focus()
    await browser_page.keyboard.press("Space")
    await expect(browser_page.locator("#retag")).to_be_hidden()
    await expect(reading).to_be_focused()
