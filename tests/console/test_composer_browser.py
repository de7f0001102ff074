"""The composer in Chromium: what is written keeps its words, its kind and its key, whatever happens meanwhile."""

import asyncio

import pytest
from playwright.async_api import FilePayload, Page, Request, Route, expect

from desk.commands import Action, StaffActed
from desk.tickets import Status
from tests.console.changes import change_ticket, is_refresh
from tests.console.house import House
from tests.console.test_browser import acted, customer_writes, enter, is_press

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("backend", ["sqlite"], indirect=True)]

DRAFT = "JSON.parse(sessionStorage.getItem('guanxi-draft-1042'))"


def file(name: str) -> FilePayload:
    return {"name": name, "mimeType": "text/plain", "buffer": b"text"}


def is_post(request: Request) -> bool:
    return request.method == "POST"


def keys(house: House) -> list[str]:
    """The keys of what was submitted, as the page made them."""
    return [key.rpartition(":")[2] for _command, key, _lane in house.handled.commands]


async def send(page: Page) -> None:
    """Send what is written, and wait for what the page makes of the answer."""
    async with page.expect_response(is_press):
        await page.press("#text", "Control+Enter")
    await expect(page.locator("#send")).to_be_enabled()


# ---- drafts ----


async def test_a_note_comes_back_as_a_note(house: House, base: str, browser_page: Page) -> None:
    await enter(browser_page, base, "lin", "/tickets/1042")
    await browser_page.keyboard.press("n")
    await browser_page.keyboard.type("He always complains.")
    draft = await browser_page.evaluate(DRAFT)
    assert (draft["text"], draft["kind"]) == ("He always complains.", "note")
    await browser_page.goto(f"{base}/tickets/1047")
    await browser_page.goto(f"{base}/tickets/1042")
    await expect(browser_page.locator("#text")).to_have_value("He always complains.")
    await expect(browser_page.locator("#kind-note")).to_be_checked()
    await expect(browser_page.locator("#text")).to_have_attribute(
        "placeholder", "Only your colleagues can read this note …"
    )
    await send(browser_page)
    assert acted(house) == [(Action.NOTE, "He always complains.")]
    assert keys(house) == [draft["key"]]
    await browser_page.reload()
    await expect(browser_page.locator("#text")).to_have_value("")
    await expect(browser_page.locator("#kind-reply")).to_be_checked()


@pytest.mark.parametrize("text", ["half a {sentence", "17", "null", '{"kind": 1}'])
async def test_a_draft_of_an_older_page_comes_back_and_does_not_go_out_by_mistake(
    base: str, browser_page: Page, text: str
) -> None:
    await enter(browser_page, base, "lin", "/tickets/1042")
    await browser_page.evaluate("(text) => sessionStorage.setItem('guanxi-draft-1042', text)", text)
    await browser_page.reload()
    await expect(browser_page.locator("#text")).to_have_value(text)
    await expect(browser_page.locator("#kind-note")).to_be_checked()


# ---- while a message is on its way ----


async def test_what_is_written_and_chosen_meanwhile_stays(house: House, base: str, browser_page: Page) -> None:
    gate = asyncio.Event()
    house.handled.meanwhile = gate.wait
    await enter(browser_page, base, "lin", "/tickets/1042")
    await browser_page.set_input_files("#files", [file("first.txt")])
    await browser_page.fill("#text", "The first sentence.")
    async with browser_page.expect_request(is_post):
        await browser_page.press("#text", "Control+Enter")
    await browser_page.keyboard.press("Control+Enter")
    await browser_page.keyboard.type(" And a second one.")
    for _ in range(4):
        await browser_page.keyboard.press("ArrowLeft")
    await browser_page.set_input_files("#files", [file("second.txt")])
    async with browser_page.expect_response(is_press):
        gate.set()
    await expect(browser_page.locator("#text")).to_have_value("And a second one.")
    await expect(browser_page.locator("#chosen span")).to_have_text(["second.txt"])
    await expect(browser_page.locator("#text")).to_have_js_property("selectionStart", len("And a second one.") - 4)
    assert (await browser_page.evaluate(DRAFT))["text"] == "And a second one."
    await expect(browser_page.locator("#send")).to_be_enabled()
    await send(browser_page)
    assert acted(house) == [(Action.REPLY, "The first sentence."), (Action.REPLY, "And a second one.")]
    commands = [command for command, _key, _lane in house.handled.commands if isinstance(command, StaffActed)]
    assert [[each.name for each in command.attachments] for command in commands] == [["first.txt"], ["second.txt"]]


async def test_an_input_method_is_not_disturbed_by_the_answer(house: House, base: str, browser_page: Page) -> None:
    gate = asyncio.Event()
    house.handled.meanwhile = gate.wait
    await enter(browser_page, base, "lin", "/tickets/1042")
    await browser_page.fill("#text", "Done.")
    async with browser_page.expect_request(is_post):
        await browser_page.press("#text", "Control+Enter")
    line = await browser_page.context.new_cdp_session(browser_page)
    await line.send("Input.imeSetComposition", {"text": "ni", "selectionStart": 2, "selectionEnd": 2})
    async with browser_page.expect_response(is_press):
        gate.set()
    await expect(browser_page.locator("#text")).to_have_value("Done.ni")
    await line.send("Input.insertText", {"text": "你"})
    await expect(browser_page.locator("#text")).to_have_value("你")


async def test_nobody_is_called_back_to_the_composer(house: House, base: str, browser_page: Page) -> None:
    await enter(browser_page, base, "lin", "/tickets/1042")
    gate = asyncio.Event()

    async def hold(route: Route) -> None:
        await gate.wait()
        await route.continue_()

    await browser_page.route(lambda url: url.endswith("/tickets/1042"), hold)
    await browser_page.fill("#text", "Done.")
    async with browser_page.expect_response(is_press):
        await browser_page.press("#text", "Control+Enter")
    await expect(browser_page.locator("#text")).to_have_value("")
    await browser_page.focus("#search")
    await customer_writes(house, "thank you")
    gate.set()
    await expect(browser_page.locator("#messages")).to_contain_text("thank you")
    await expect(browser_page.locator("#search")).to_be_focused()


# ---- the key ----


@pytest.mark.parametrize("fate", ["cut", "504"])
@pytest.mark.parametrize("since", ["nothing", "left the field", "reload", "text", "kind", "file"])
async def test_only_the_same_words_are_sent_again_under_their_key(
    house: House, base: str, browser_page: Page, fate: str, since: str
) -> None:
    """The answer is lost on the way back: what was stored must not be stored twice, what is new must be."""

    async def lose(route: Route) -> None:
        await route.fetch()
        if fate == "cut":
            await route.abort()
        else:
            await route.fulfill(status=504, body="<h1>504</h1>", content_type="text/html")

    await enter(browser_page, base, "lin", "/tickets/1042")
    await browser_page.route("**/messages", lose)
    await browser_page.fill("#text", "It costs 100.")
    await browser_page.press("#text", "Control+Enter")
    await expect(browser_page.locator("#toasts")).not_to_be_empty()
    await expect(browser_page.locator("#send")).to_be_enabled()
    await browser_page.unroute("**/messages")
    match since:
        case "left the field":
            await browser_page.locator("#text").blur()
        case "reload":
            await browser_page.reload()
        case "text":
            await browser_page.fill("#text", "It costs 1000.")
        case "kind":
            await browser_page.locator(".tabs label", has_text="Note").click()
        case "file":
            await browser_page.set_input_files("#files", [file("offer.txt")])
    await expect(browser_page.locator("#text")).not_to_have_value("")
    await send(browser_page)
    await expect(browser_page.locator("#text")).to_have_value("")
    first, second = keys(house)
    assert (first == second) == (since in {"nothing", "left the field", "reload"})


async def test_what_was_answered_is_another_message_from_then_on(house: House, base: str, browser_page: Page) -> None:
    await enter(browser_page, base, "lin", "/tickets/1042")
    house.handled.refusal = "Already taken by Chen"
    await browser_page.fill("#text", "Yes.")
    await send(browser_page)
    await expect(browser_page.locator("#toasts")).to_have_text("Already taken by Chen")
    assert (await browser_page.evaluate(DRAFT))["key"] != keys(house)[0]
    house.handled.refusal = None
    await send(browser_page)
    await browser_page.fill("#text", "Yes.")
    await send(browser_page)
    assert acted(house) == [(Action.REPLY, "Yes.")] * 3
    assert len(set(keys(house))) == 3


# ---- whether a reply may be written ----


async def test_a_reply_can_be_written_once_the_ticket_is_open_again(
    house: House, base: str, browser_page: Page
) -> None:
    await enter(browser_page, base, "lin", "/tickets/1041?queue=all")
    await expect(browser_page.locator("#kind-reply")).to_be_disabled()
    await expect(browser_page.locator("#kind-note")).to_be_checked()
    await change_ticket(house, 1041, status=Status.OPEN, assignee="Lin", resolved_at=None)
    await expect(browser_page.locator("#kind-reply")).to_be_enabled()
    await expect(browser_page.locator("#kind-reply")).to_be_checked()
    await expect(browser_page.locator("#text")).to_have_attribute(
        "placeholder", "Reply to <script>alert('name')</script> …"
    )
    await browser_page.fill("#text", "Here is your answer.")
    await send(browser_page)
    assert acted(house) == [(Action.REPLY, "Here is your answer.")]


@pytest.mark.parametrize("text", ["", "He was rude."])
async def test_a_note_stays_one_when_a_reply_becomes_possible(
    house: House, base: str, browser_page: Page, text: str
) -> None:
    await enter(browser_page, base, "lin", "/tickets/1041?queue=all")
    await browser_page.keyboard.press("n")
    await browser_page.keyboard.type(text)
    await change_ticket(house, 1041, status=Status.OPEN, assignee="Lin", resolved_at=None)
    await expect(browser_page.locator("#kind-reply")).to_be_enabled()
    await expect(browser_page.locator("#kind-note")).to_be_checked()
    await expect(browser_page.locator("#text")).to_have_value(text)


async def test_a_reply_that_may_no_longer_be_sent_stays_a_reply_and_says_so(
    house: House, base: str, browser_page: Page
) -> None:
    await enter(browser_page, base, "lin", "/tickets/1042")
    await browser_page.fill("#text", "Tomorrow at ten.")
    await change_ticket(house, 1042, assignee="Chen")
    why = "Chen has this ticket. You can leave a note."
    await expect(browser_page.locator("#toasts")).to_have_text(why)
    await expect(browser_page.locator("#reach")).to_have_text(why)
    for _ in ("as it stands", "as the draft comes back"):
        await expect(browser_page.locator("#kind-reply")).to_be_disabled()
        await expect(browser_page.locator("#kind-reply")).to_be_checked()
        await expect(browser_page.locator("#send")).to_be_disabled()
        await browser_page.press("#text", "Control+Enter")
        await browser_page.reload()
    assert acted(house) == []
    async with browser_page.expect_response(is_refresh):
        await change_ticket(house, 1042, assignee="Lin")
    await expect(browser_page.locator("#send")).to_be_enabled()
    await send(browser_page)
    assert acted(house) == [(Action.REPLY, "Tomorrow at ten.")]


async def test_the_reply_that_may_no_longer_be_sent_can_become_a_note(
    house: House, base: str, browser_page: Page
) -> None:
    await enter(browser_page, base, "lin", "/tickets/1042")
    await browser_page.fill("#text", "Tomorrow at ten.")
    await change_ticket(house, 1042, assignee="Chen")
    await expect(browser_page.locator("#send")).to_be_disabled()
    await browser_page.locator(".tabs label", has_text="Note").click()
    await send(browser_page)
    assert acted(house) == [(Action.NOTE, "Tomorrow at ten.")]


async def test_with_nothing_written_a_note_is_offered_where_no_reply_may_be(
    house: House, base: str, browser_page: Page
) -> None:
    await enter(browser_page, base, "lin", "/tickets/1042")
    await change_ticket(house, 1042, assignee="Chen")
    await expect(browser_page.locator("#kind-reply")).to_be_disabled()
    await expect(browser_page.locator("#kind-note")).to_be_checked()
    await change_ticket(house, 1042, assignee=None)
    await expect(browser_page.locator("#kind-reply")).to_be_checked()
