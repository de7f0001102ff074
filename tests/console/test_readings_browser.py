"""The page of readings in Chromium: it fits every width, corrects with a tap, stays still, runs nothing of others."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import Connection

from desk.commands import Action, StaffActed
from tests.console.house import House
from tests.console.messages import add_messages, add_season, correct, written
from tests.console.seed import ago
from tests.console.test_browser import enter
from tests.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("backend", ["sqlite"], indirect=True)]

HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script> \u202e {{ 7*7 }}"


def season(connection: Connection) -> None:
    """Sixteen weeks, and a message that is less sure than all others."""
    add_season(connection)
    add_messages(connection, [hostile()])


def hostile() -> dict[str, object]:
    """What an attacker writes on Ann's ticket."""
    return dict(written(99_000, 500, ago(hours=1), "order_status", 0.05, text=HOSTILE, ticket_id=2000))


@pytest.fixture
async def base(house: House) -> AsyncIterator[str]:
    """The address of a running console with a season behind it."""
    await house.database.transaction(season)
    server = Server(house.app())
    await server.start_server()
    yield str(server.make_url("/console"))
    await server.close()


async def test_a_supervisor_corrects_the_least_sure_with_a_tap(house: House, base: str, browser_page: Page) -> None:
    await enter(browser_page, base, "zhao")
    await browser_page.click(".to-readings")
    await expect(browser_page.locator("h1")).to_have_text("How messages are read")
    first = browser_page.locator(".doubtful li").first
    await expect(first.locator(".text")).to_have_text(HOSTILE)
    await first.locator(".reading").click()
    await expect(browser_page.locator("#retag-text")).to_have_text(HOSTILE)
    await expect(browser_page.locator("#retag .choice[aria-pressed=true]")).to_have_text("Order status")
    # As the worker would keep it while the press waits for its outcome.
    await house.database.transaction(lambda connection: correct(connection, hostile(), "complaint", house.now))
    await browser_page.get_by_role("button", name="Complaint", exact=True).click()
    await expect(browser_page.locator("#retag")).to_be_hidden()
    await expect(browser_page.locator("#message-99000")).to_have_count(0)
    ((command, _key, lane),) = house.handled.commands
    assert isinstance(command, StaffActed)
    assert (command.action, command.argument, command.message) == (Action.RETAG, "complaint", 99_000)
    assert lane == "ticket:2000"


async def test_the_ticket_shows_the_message_that_was_meant(base: str, browser_page: Page) -> None:
    await enter(browser_page, base, "zhao", "/readings")
    await browser_page.locator(".doubtful li").nth(3).get_by_role("link", name="#2000").click()
    await expect(browser_page.locator("#messages .bubble:target")).to_be_in_viewport()


async def test_without_its_script_the_tag_leads_to_its_ticket(house: House, base: str, browser_page: Page) -> None:
    await enter(browser_page, base, "zhao", "/readings")
    await browser_page.route("**/console.js*", lambda route: route.abort())
    await browser_page.reload()
    await browser_page.locator(".doubtful .reading").first.click()
    await expect(browser_page.locator("#retag-text")).to_have_text(HOSTILE)
    await browser_page.get_by_role("button", name="Complaint", exact=True).click()
    await browser_page.wait_for_url(lambda url: url.endswith("/tickets/2000?queue=open"))
    ((command, _key, _lane),) = house.handled.commands
    assert isinstance(command, StaffActed)
    assert (command.action, command.argument, command.message) == (Action.RETAG, "complaint", 99_000)


async def test_nothing_that_a_customer_wrote_runs(base: str, browser_page: Page) -> None:
    refused: list[str] = []
    browser_page.on("dialog", lambda dialog: refused.append(dialog.message))
    browser_page.on("console", lambda said: refused.append(said.text) if said.type == "error" else None)
    await enter(browser_page, base, "zhao", "/readings?days=90")
    await expect(browser_page.locator("#message-99000 .text")).to_contain_text("onerror")
    assert await browser_page.locator("#tagging img, #tagging script").count() == 0
    assert refused == [], "neither did a script run, nor did the page ask for what its own policy refuses"


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("language", ["en", "zh"])
async def test_it_fits_the_width(base: str, browser_page: Page, width: int, language: str) -> None:
    await browser_page.set_viewport_size({"width": width, "height": 844})
    await enter(browser_page, base, "zhao")
    await browser_page.set_extra_http_headers({"Accept-Language": language})
    await browser_page.goto(f"{base}/readings?days=90")
    assert await browser_page.evaluate("document.documentElement.scrollWidth") <= width
    wider = """() => [...document.querySelectorAll("#report *")]
        .filter((each) => each.getBoundingClientRect().right > innerWidth + 1 && !each.closest(".hush"))
        .map((each) => each.outerHTML.slice(0, 80))"""
    assert await browser_page.evaluate(wider) == []


async def test_it_counts_when_asked_and_not_with_each_message(house: House, base: str, browser_page: Page) -> None:
    await enter(browser_page, base, "zhao", "/readings")
    asked: list[str] = []
    browser_page.on("request", lambda request: asked.append(request.url))
    house.bell.ring()
    await browser_page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await browser_page.wait_for_timeout(400)
    assert [url for url in asked if "/static/" not in url] == []
    assert house.bell.listening == []


async def test_it_is_used_by_keyboard_and_everything_has_a_name(base: str, browser_page: Page) -> None:
    await enter(browser_page, base, "zhao", "/readings")
    nameless = await browser_page.evaluate(
        """() => [...document.querySelectorAll("a, button, input:not([type=hidden]), svg[role=img]")].filter((each) =>
            !(each.textContent.trim() || each.getAttribute("aria-label") || each.title || each.labels?.length))
            .map((each) => each.outerHTML)"""
    )
    assert nameless == []
    await browser_page.locator(".doubtful .reading").first.focus()
    await browser_page.keyboard.press("Enter")
    await expect(browser_page.locator("#retag")).to_be_visible()
    await browser_page.keyboard.press("Escape")
    await expect(browser_page.locator(".doubtful .reading").first).to_be_focused()
    await browser_page.keyboard.press("j")
    await browser_page.keyboard.press("Escape")
    await browser_page.locator("#days-90").focus()
    await browser_page.keyboard.press("Enter")
    await expect(browser_page.locator("#days-90")).to_have_attribute("aria-current", "page")
