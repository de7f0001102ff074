"""The chat in Chromium when the line, the frame, the store or the server does not do what it should."""

import pytest
from aiohttp import web
from playwright.async_api import Page, WebSocketRoute, expect

from channels.webchat.server import add_routes
from desk.commands import Command, CustomerRead
from tests.server import Server
from tests.webchat.conftest import Client
from tests.webchat.house import House
from tests.webchat.test_browser import chat_url, open_chat, shop, write

pytestmark = pytest.mark.browser

#: A network that is gone without a word: what is closed waits for an answer that does not come.
SILENT = """
    window.lines = 0;
    window.WebSocket = class extends WebSocket {
        constructor(...given) { super(...given); window.lines += 1; }
        close() {}
    };
"""
NO_STORE = "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError'); }})"


def shopping(house: House) -> Server:
    """A shop with the chat's launcher."""
    app = web.Application()
    add_routes(app, house.chat())
    app.router.add_get("/shop", shop)
    return Server(app)


async def test_a_network_that_comes_back_has_a_line_at_once(browser_page: Page, client: Client, house: House) -> None:
    await browser_page.add_init_script(SILENT)
    await open_chat(browser_page, client)
    gone = """() => {
        const before = window.lines;
        dispatchEvent(new Event("offline"));
        const state = document.querySelector(".head-status").dataset.state;
        dispatchEvent(new Event("online"));
        return [state, window.lines - before];
    }"""
    assert await browser_page.evaluate(gone) == ["closed", 1]
    await expect(browser_page.locator(".head-status")).to_have_attribute("data-state", "open")
    await write(browser_page, "are you there?")
    await expect(browser_page.locator(".entry.own .state")).to_have_attribute("data-state", "stored")
    assert [wrote.text for wrote in house.wrote()] == ["are you there?"]


async def test_refused_history_is_asked_for_again_in_time(browser_page: Page, client: Client, house: House) -> None:
    key = await open_chat(browser_page, client)
    for number in range(70):
        await house.write(key, "bot", f"line {number}\n\n\n")
    asked: list[str] = []

    def refuse_first(route: WebSocketRoute) -> None:
        server = route.connect_to_server()

        def hear(message: str | bytes) -> None:
            if '"older"' in str(message):
                asked.append(str(message))
            if len(asked) == 1 and asked[0] == message:
                route.send('{"type":"error","code":"slow","retry_after":0.2}')
            else:
                server.send(message)

        route.on_message(hear)

    await browser_page.route_web_socket("**/chat/ws", refuse_first)
    await browser_page.goto(chat_url(client))
    await expect(browser_page.locator(".entry")).to_have_count(50)
    await expect(browser_page.locator(".log")).to_have_attribute("aria-live", "polite")
    await browser_page.evaluate("document.querySelector('.scroll').scrollTo(0, 0)")
    await expect(browser_page.locator(".entry")).to_have_count(70)
    assert len(asked) == 2


async def test_without_a_store_a_message_is_read_once(browser_page: Page, client: Client, house: House) -> None:
    """Until the worker has handled the mark, the transcript still shows the message as unread."""
    plain, said = house.handle, []

    async def handle(command: Command) -> None:
        if not isinstance(command, CustomerRead):
            await plain(command)

    house.handle = handle  # type: ignore[method-assign]
    await browser_page.add_init_script(NO_STORE)
    browser_page.on("websocket", lambda line: line.on("framesent", lambda frame: said.append(str(frame))))
    key = await open_chat(browser_page, client)
    titles = """() => {
        window.titles = [];
        new MutationObserver(() => window.titles.push(document.title))
            .observe(document.querySelector("title"), { childList: true });
    }"""
    await browser_page.evaluate(titles)
    await house.write(key, "agent", "hello", author_name="Lin")
    await browser_page.wait_for_function("() => window.titles.some((title) => title.startsWith('(1) '))")
    await expect(browser_page).to_have_title("Shanhai Appliances · Chat with us")
    assert sum('"read"' in frame for frame in said) == 1


async def test_on_a_phone_there_is_a_way_out_of_a_frame_that_does_not_come(browser_page: Page, house: House) -> None:
    await browser_page.set_viewport_size({"width": 390, "height": 800})
    await browser_page.route("**/chat?embed*", lambda route: route.abort())
    async with shopping(house) as server:
        await browser_page.goto(str(server.make_url("/shop")))
        await browser_page.get_by_role("button", name="Open the chat").click()
        await browser_page.get_by_role("button", name="Close the chat").click()
        await expect(browser_page.locator("iframe")).to_be_hidden()
        await expect(browser_page.get_by_role("button", name="Open the chat")).to_be_focused()


async def test_on_a_phone_the_chat_that_came_has_its_own_way_out(browser_page: Page, house: House) -> None:
    await browser_page.set_viewport_size({"width": 390, "height": 800})
    async with shopping(house) as server:
        await browser_page.goto(str(server.make_url("/shop")))
        await browser_page.get_by_role("button", name="Open the chat").click()
        await expect(browser_page.locator(".launcher")).to_be_hidden()
        await browser_page.frame_locator("iframe").get_by_role("button", name="Minimise the chat").click()
        await expect(browser_page.get_by_role("button", name="Open the chat")).to_be_focused()


@pytest.mark.parametrize("composing", [{"isComposing": True}, {"keyCode": 229}])
async def test_escape_belongs_to_the_input_method_first(
    browser_page: Page, house: House, composing: dict[str, object]
) -> None:
    async with shopping(house) as server:
        await browser_page.goto(str(server.make_url("/shop")))
        await browser_page.get_by_role("button", name="Open the chat").click()
        text = browser_page.frame_locator("iframe").get_by_role("textbox")
        await expect(text).to_be_focused()
        await browser_page.evaluate(
            "() => { window.closings = 0; "
            "addEventListener('message', ({ data }) => { window.closings += data.guanxi === 'close'; }); }"
        )
        await text.dispatch_event("keydown", {"key": "Escape", "bubbles": True, **composing})
        await text.dispatch_event("keydown", {"key": "Escape", "bubbles": True})
        await expect(browser_page.get_by_role("button", name="Open the chat")).to_be_focused()
        assert await browser_page.evaluate("window.closings") == 1
