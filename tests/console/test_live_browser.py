"""The console in Chromium while the desk changes under it: it is up to date, and what is at work is left alone."""

from functools import partial

import pytest
from playwright.async_api import Page, Request, expect

from desk.tickets import Status
from tests.console.changes import a_look_at, change_ticket, is_refresh, watch_refreshes
from tests.console.house import House
from tests.console.seed import NOW
from tests.console.test_browser import customer_writes, enter

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("backend", ["sqlite"], indirect=True)]

SEE = """(state) => {
    Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
}"""


def is_line(request: Request) -> bool:
    return request.url.endswith("/events")


# ---- the connection ----


async def test_only_a_page_that_is_seen_holds_a_connection(house: House, base: str, browser_page: Page) -> None:
    """Over HTTP/1.1 there are six for all tabs together: with the seventh nothing would go through any more."""
    async with browser_page.expect_request(is_line):
        await enter(browser_page, base, "lin", "/tickets/1042")
    async with browser_page.expect_event("requestfailed", is_line):
        await browser_page.evaluate(SEE, "hidden")
    asked: list[str] = []
    browser_page.on("request", lambda request: asked.append(request.url))
    await customer_writes(house, "news")
    async with browser_page.expect_request(is_line):
        await browser_page.evaluate(SEE, "visible")
    assert is_line_first(asked)
    await expect(browser_page.locator("#messages")).to_contain_text("news")


def is_line_first(asked: list[str]) -> bool:
    """Nothing was asked for before the page was seen again."""
    return bool(asked) and asked[0].endswith("/events")


async def test_a_page_that_opens_behind_others_waits(base: str, browser_page: Page) -> None:
    async with browser_page.expect_request(is_line):
        await enter(browser_page, base, "lin")
    asked: list[str] = []
    browser_page.on("request", lambda request: asked.append(request.url))
    await browser_page.add_init_script(f"({SEE})('hidden')")
    await browser_page.goto(f"{base}/tickets/1042")
    async with browser_page.expect_request("**/afterwards"):
        await browser_page.evaluate("fetch('/afterwards').then(() => null)")
    assert [url for url in asked if url.endswith("/events")] == []
    async with browser_page.expect_request(is_line):
        await browser_page.evaluate(SEE, "visible")


async def test_the_clocks_go_on_on_a_quiet_desk(base: str, browser_page: Page) -> None:
    """A page that looks as before is answered by 304, and asks again all the same."""
    await browser_page.clock.install(time=NOW)
    await enter(browser_page, base, "lin", "/tickets/1042")
    told = [await quiet_minute(browser_page) for _ in range(4)]
    assert told[1:] == [304, 304, 304]


async def quiet_minute(page: Page) -> int:
    """Let time pass until the page asks again; what it is told."""
    async with page.expect_response(is_refresh) as response:
        while not response.is_done():
            await page.clock.run_for(30_000)
    return (await response.value).status


# ---- a press that is not over ----


async def test_a_line_that_changes_under_the_finger_is_opened(house: House, base: str, browser_page: Page) -> None:
    await watch_refreshes(browser_page)
    await enter(browser_page, base, "lin", "/tickets/1047?queue=all")
    await browser_page.focus("#text")
    await browser_page.hover("#line-1042")
    await browser_page.mouse.down()
    await customer_writes(house, "hello again")
    await a_look_at(browser_page, "hello again")
    await browser_page.mouse.up()
    await browser_page.wait_for_url("**/tickets/1042?queue=all")


async def test_however_a_press_ends_the_page_goes_on(house: House, base: str, browser_page: Page) -> None:
    await watch_refreshes(browser_page)
    await enter(browser_page, base, "lin", "/tickets/1042")
    subject = browser_page.locator("#side-content")
    ends = [
        "window.dispatchEvent(new PointerEvent('pointerup'))",
        "window.dispatchEvent(new PointerEvent('pointercancel'))",
        "document.dispatchEvent(new DragEvent('dragend'))",
        "document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))",
        "document.dispatchEvent(new MouseEvent('contextmenu'))",
        "window.dispatchEvent(new Event('blur'))",
    ]
    for number, end in enumerate(ends):
        await browser_page.hover("#act-waiting")
        await browser_page.mouse.down()
        await change_ticket(house, 1042, subject=f"subject {number}")
        await a_look_at(browser_page, f"subject {number}")
        await expect(subject).not_to_contain_text(f"subject {number}")
        await browser_page.evaluate(end)
        await expect(subject).to_contain_text(f"subject {number}")
        await browser_page.hover("#thread")
        await browser_page.mouse.up()
    assert house.handled.commands == []


# ---- the focus ----


async def test_the_focus_stays_with_what_is_drawn_anew(house: House, base: str, browser_page: Page) -> None:
    await enter(browser_page, base, "zhao", "/tickets/1042?queue=all")
    await browser_page.focus("#alerts li a")
    address = await browser_page.locator("#alerts li a").first.get_attribute("href")
    await change_ticket(house, 1047, subject="a minute later")
    await expect(browser_page.locator("#alerts small").first).to_contain_text("18 min ago")
    await expect(browser_page.locator(f'#alerts a[href="{address}"]')).to_be_focused()
    await browser_page.focus("#act-release")
    await change_ticket(house, 1042, status=Status.WAITING_ON_CUSTOMER)
    await expect(browser_page.locator("#act-waiting")).to_have_count(0)
    await expect(browser_page.locator("#act-release")).to_be_focused()


async def test_where_a_pressed_button_is_gone_its_region_has_the_focus(
    house: House, base: str, browser_page: Page
) -> None:
    house.handled.meanwhile = partial(change_ticket, house, 1047, assignee="Lin", status=Status.OPEN)
    await enter(browser_page, base, "lin", "/tickets/1047?queue=all")
    await browser_page.focus("#act-take")
    await browser_page.keyboard.press("Enter")
    await expect(browser_page.locator("#act-release")).to_be_visible()
    await expect(browser_page.locator("#head")).to_be_focused()
    await browser_page.keyboard.press("Tab")
    await expect(browser_page.locator("#act-release")).to_be_focused()


# ---- the end of the thread ----


async def test_the_last_line_stays_in_sight_while_the_composer_grows(base: str, browser_page: Page) -> None:
    await browser_page.set_viewport_size({"width": 1280, "height": 620})
    await watch_refreshes(browser_page)
    await enter(browser_page, base, "lin", "/tickets/1042")
    await a_look_at(browser_page, "<html")
    height = await browser_page.locator("#thread").evaluate("(thread) => thread.clientHeight")
    await browser_page.fill("#text", "\n".join(f"line {number}" for number in range(9)))
    at_end = """(height) => {
        const thread = document.getElementById("thread");
        const left = thread.scrollHeight - thread.scrollTop - thread.clientHeight;
        return thread.clientHeight < height && left < 2;
    }"""
    await browser_page.wait_for_function(at_end, arg=height)
