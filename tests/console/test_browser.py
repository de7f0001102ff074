"""The console in Chromium: it stays up to date by itself, loses no text, works by keyboard and on a phone."""

from datetime import timedelta

import pytest
from playwright.async_api import Dialog, FilePayload, Page, Response, expect

from desk.commands import Action, StaffActed
from desk.readings import Sentiment
from desk.values import replace
from store import casebook
from store.saving import save
from tests.console.house import PASSWORD, House
from tests.console.seed import NOW, Story

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("backend", ["sqlite"], indirect=True)]


async def enter(page: Page, base: str, login: str, path: str = "") -> None:
    """Log in by keyboard alone, then open a page."""
    await page.set_extra_http_headers({"Accept-Language": "en"})
    await page.goto(f"{base}{path}")
    # A browser may give the first field its focus after the page is loaded; what is typed before goes nowhere.
    await page.wait_for_function("document.activeElement?.name === 'login'")
    await page.keyboard.type(login)
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url(lambda url: "/login" not in url)


def is_press(response: Response) -> bool:
    """What answers a press has seen it handled."""
    return response.request.method == "POST"


def acted(house: House) -> list[tuple[Action, str]]:
    commands = [command for command, _key, _lane in house.handled.commands]
    return [(command.action, command.argument) for command in commands if isinstance(command, StaffActed)]


async def customer_writes(house: House, text: str) -> None:
    """A customer's line arrives on ticket 1042, as the worker would save it."""
    house.now += timedelta(minutes=1)
    case = await house.database.read(lambda connection: casebook.find_case(connection, 1042))
    assert case is not None
    line = Story(1042, "王小雨")
    line.customer(text, house.now)
    (kept,) = line.file.effects.messages
    line.file.effects.messages[:] = [replace(kept, message=replace(kept.message, id=1_042_900))]
    line.file.contact, line.file.conversations = None, {}
    line.file.put_ticket(replace(case.ticket, updated_at=house.now, version=case.ticket.version + 1))
    line.file.before.tickets[1042] = case.ticket
    await house.database.transaction(lambda connection: save(connection, [line.file], NOW))
    house.bell.ring()


async def test_v1_what_a_customer_writes_appears_and_no_text_is_lost(
    house: House, base: str, browser_page: Page
) -> None:
    await enter(browser_page, base, "lin", "/tickets/1042")
    await browser_page.fill("#text", "half a sentence")
    await customer_writes(house, "还在吗？")
    await expect(browser_page.locator("#messages")).to_contain_text("还在吗？", timeout=5000)
    await expect(browser_page.locator("#line-1042 .last")).to_have_text("还在吗？")
    await expect(browser_page.locator("#message-1042900")).to_be_in_viewport()
    await expect(browser_page.locator("#said")).to_have_text("New message from 王小雨")
    await expect(browser_page.locator("#text")).to_have_value("half a sentence")
    await expect(browser_page.locator("#text")).to_be_focused()
    await browser_page.reload()
    await expect(browser_page.locator("#text")).to_have_value("half a sentence")


async def test_a_reply_and_a_note_are_written_by_keyboard(house: House, base: str, browser_page: Page) -> None:
    await enter(browser_page, base, "lin", "/tickets/1042")
    await browser_page.keyboard.press("r")
    await browser_page.keyboard.type("Tomorrow at ten.")
    await browser_page.keyboard.press("Control+Enter")
    await expect(browser_page.locator("#text")).to_have_value("")
    await browser_page.keyboard.press("Escape")
    await browser_page.keyboard.press("n")
    await browser_page.keyboard.type("A nice person.")
    await browser_page.keyboard.press("Control+Enter")
    await expect(browser_page.locator("#text")).to_have_value("")
    assert acted(house) == [(Action.REPLY, "Tomorrow at ten."), (Action.NOTE, "A nice person.")]


async def test_a_refused_text_stays_where_it_was_written(house: House, base: str, browser_page: Page) -> None:
    house.handled.refusal = "Already taken by Chen"
    await enter(browser_page, base, "lin", "/tickets/1043")
    await browser_page.fill("#text", "I can help")
    await browser_page.click("#send")
    await expect(browser_page.locator("#toasts")).to_have_text("Already taken by Chen")
    await expect(browser_page.locator("#text")).to_have_value("I can help")


async def test_chosen_files_add_up_and_one_can_be_taken_back(house: House, base: str, browser_page: Page) -> None:
    await enter(browser_page, base, "lin", "/tickets/1042")
    for name in ("a.txt", "b.txt"):
        one: FilePayload = {"name": name, "mimeType": "text/plain", "buffer": b"text"}
        await browser_page.set_input_files("#files", [one])
    await expect(browser_page.locator("#chosen span")).to_have_text(["a.txt", "b.txt"])
    await browser_page.get_by_role("button", name="Remove a.txt").click()
    await expect(browser_page.locator("#chosen span")).to_have_text(["b.txt"])
    await expect(browser_page.locator("#text")).to_be_focused()
    await browser_page.keyboard.press("Control+Enter")
    await expect(browser_page.locator("#chosen span")).to_have_count(0)
    ((command, _key, _lane),) = house.handled.commands
    assert isinstance(command, StaffActed)
    assert [attachment.name for attachment in command.attachments] == ["b.txt"]


async def test_resolving_over_an_open_question_asks_first(house: House, base: str, browser_page: Page) -> None:
    await enter(browser_page, base, "lin", "/tickets/1042")
    await browser_page.keyboard.press("e")
    await expect(browser_page.locator("#confirm")).to_contain_text("still waiting for an answer")
    await browser_page.keyboard.press("Escape")
    await expect(browser_page.locator("#confirm")).to_be_hidden()
    assert acted(house) == []
    await browser_page.keyboard.press("e")
    async with browser_page.expect_response(is_press):
        await browser_page.click("#confirm-yes")
    await expect(browser_page.locator("#confirm")).to_be_hidden()
    await expect(browser_page.locator("#act-resolve")).not_to_have_attribute("aria-busy", "true")
    assert acted(house) == [(Action.RESOLVE, "")]


@pytest.mark.parametrize(("earlier", "presses"), [("no", 1), ("yes", 2)])
async def test_a_question_asked_anew_is_not_answered_by_the_one_before(
    house: House, base: str, browser_page: Page, earlier: str, presses: int
) -> None:
    """A dialog tells of its closing in a later task than it closes in: the next question may stand by then."""
    await enter(browser_page, base, "lin", "/tickets/1042")
    await browser_page.keyboard.press("e")
    await expect(browser_page.locator("#confirm")).to_be_visible()
    await browser_page.evaluate(
        """async (earlier) => {
            const confirm = document.getElementById("confirm");
            const told = new Promise((done) => confirm.addEventListener("close", done, { once: true }));
            confirm.close(earlier);
            document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "e", bubbles: true }));
            await told;
        }""",
        earlier,
    )
    await expect(browser_page.locator("#confirm")).to_be_visible()
    async with browser_page.expect_response(is_press):
        await browser_page.click("#confirm-yes")
    await expect(browser_page.locator("#confirm")).to_be_hidden()
    await expect(browser_page.locator("#act-resolve")).not_to_have_attribute("aria-busy", "true")
    assert acted(house) == [(Action.RESOLVE, "")] * presses


async def test_s17_a_supervisor_acknowledges_an_alert(house: House, base: str, browser_page: Page) -> None:
    await enter(browser_page, base, "zhao")
    async with browser_page.expect_response(is_press):
        await browser_page.click("#ack-1043-first_reply")
    await expect(browser_page.locator("#ack-1043-first_reply")).not_to_have_attribute("aria-busy", "true")
    assert acted(house) == [(Action.ACKNOWLEDGE, "alert:1043:first_reply:100")]


@pytest.mark.parametrize("width", [1280, 390])
async def test_a_tag_is_corrected_with_a_tap(house: House, base: str, browser_page: Page, width: int) -> None:
    await browser_page.set_viewport_size({"width": width, "height": 844})
    await enter(browser_page, base, "lin", "/tickets/1042")
    reading = browser_page.locator("#messages .reading", has_text="Delivery problem")
    await expect(reading).to_contain_text("72%")
    await reading.click()
    await expect(browser_page.locator("#retag-text")).to_have_text("昨天刚收到的洗衣机就漏水，地板都泡了！")
    pressed = browser_page.locator("#retag .choice[aria-pressed=true]")
    await expect(pressed).to_have_text("Delivery problem")
    assert await browser_page.evaluate("document.documentElement.scrollWidth") <= width
    async with browser_page.expect_response(is_press):
        await browser_page.get_by_role("button", name="Technical fault", exact=True).click()
    await expect(browser_page.locator("#retag")).to_be_hidden()
    await expect(browser_page.locator("#retag .choice[value=technical_fault]")).not_to_have_attribute(
        "aria-busy", "true"
    )
    ((command, _key, _lane),) = house.handled.commands
    assert isinstance(command, StaffActed)
    assert (command.action, command.argument, command.message) == (Action.RETAG, "technical_fault", 1_042_004)
    assert (command.sentiment, command.urgent) == (Sentiment.NEGATIVE, False)


async def test_a_tone_is_corrected_by_keyboard_and_the_dialog_can_be_left(
    house: House, base: str, browser_page: Page
) -> None:
    await enter(browser_page, base, "lin", "/tickets/1042")
    reading = browser_page.locator("#messages .reading", has_text="How to")
    await reading.focus()
    await browser_page.keyboard.press("Enter")
    await expect(browser_page.locator("#retag")).to_be_visible()
    await browser_page.keyboard.press("Escape")
    await expect(browser_page.locator("#retag")).to_be_hidden()
    await expect(reading).to_be_focused()
    await browser_page.keyboard.press("Enter")
    await browser_page.locator("#retag label", has_text="Unhappy").click()
    await browser_page.locator("#retag label", has_text="Urgent").click()
    async with browser_page.expect_response(is_press):
        await browser_page.locator("#retag .choice[aria-pressed=true]").click()
    await expect(browser_page.locator("#retag")).to_be_hidden()
    await expect(browser_page.locator("#retag .choice[value=how_to]")).not_to_have_attribute("aria-busy", "true")
    ((command, _key, _lane),) = house.handled.commands
    assert isinstance(command, StaffActed)
    assert (command.argument, command.sentiment, command.urgent) == ("how_to", Sentiment.NEGATIVE, True)


async def test_nothing_that_a_customer_wrote_runs(house: House, base: str, browser_page: Page) -> None:
    opened: list[str] = []

    async def note(dialog: Dialog) -> None:
        opened.append(dialog.message)
        await dialog.dismiss()

    browser_page.on("dialog", note)
    await enter(browser_page, base, "zhao", "/tickets/1041?queue=all")
    await expect(browser_page.locator("h1")).to_contain_text("<script>")
    assert opened == []
    assert await browser_page.locator("#messages img").count() == 0


async def test_everything_fits_on_a_phone(house: House, base: str, browser_page: Page) -> None:
    await browser_page.set_viewport_size({"width": 390, "height": 844})
    await enter(browser_page, base, "zhao")
    for path in ("", "/tickets/1042", "/tickets/1041", "/nothing"):
        await browser_page.goto(f"{base}{path}")
        assert await browser_page.evaluate("document.documentElement.scrollWidth") <= 390, path
    await browser_page.goto(f"{base}/tickets/1042")
    await expect(browser_page.locator(".list")).to_be_hidden()
    await expect(browser_page.locator("#side")).to_be_hidden()
    await browser_page.click(".head .info")
    await expect(browser_page.locator("#side")).to_be_visible()
    await browser_page.click(".side .close")
    await expect(browser_page.locator("#side")).to_be_hidden()
    await browser_page.click(".back")
    await expect(browser_page.locator("#line-1042")).to_be_visible()


async def test_everything_that_can_be_pressed_has_a_name(house: House, base: str, browser_page: Page) -> None:
    await enter(browser_page, base, "zhao", "/tickets/1042")
    nameless = await browser_page.evaluate(
        """() => [...document.querySelectorAll("a, button, input:not([type=hidden]), textarea, img")].filter((each) =>
            !(each.textContent.trim() || each.getAttribute("aria-label") || each.title || each.alt !== undefined
              || each.querySelector('img[alt]')
              || each.labels?.length)).map((each) => each.outerHTML)"""
    )
    assert nameless == []
