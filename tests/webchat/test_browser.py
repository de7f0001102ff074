"""The page in Chromium, as a visitor uses it."""

import io
import re
import wave
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web
from playwright.async_api import FilePayload, Page, expect

from channels.webchat.server import add_routes
from channels.webchat.visitors import COOKIE
from desk.commands import CustomerRead
from desk.messages import Attachment, AttachmentKind
from tests.server import Server
from tests.webchat.conftest import Client, Serve
from tests.webchat.house import PNG, House

pytestmark = pytest.mark.browser

EVIL = "<img src=x onerror=alert(1)><script>alert(2)</script> javascript:alert(3) \"'><svg/onload=alert(4)>"


def chat_url(client: Client, query: str = "?lang=en") -> str:
    return str(client.make_url(f"/chat{query}"))


async def open_chat(page: Page, client: Client, query: str = "?lang=en") -> str:
    """Open the page, wait for the line; gives the conversation's key."""
    await page.goto(chat_url(client, query))
    await expect(page.locator(".head-status")).to_have_attribute("data-state", "open")
    await expect(page.locator(".log")).to_have_attribute("aria-live", "polite")
    return await key_of(page)


async def key_of(page: Page) -> str:
    cookies = {cookie["name"]: cookie["value"] for cookie in await page.context.cookies()}
    return f"webchat:{cookies[COOKIE].partition('.')[0]}"


async def write(page: Page, text: str) -> None:
    await page.get_by_role("textbox").fill(text)
    await page.keyboard.press("Enter")


async def test_a_message_gets_its_tick_then_its_read_mark(browser_page: Page, client: Client, house: House) -> None:
    key = await open_chat(browser_page, client)
    await write(browser_page, "My washing machine leaks")
    entry = browser_page.locator(".entry.own")
    await expect(entry).to_contain_text("My washing machine leaks")
    await expect(entry.locator(".state")).to_have_attribute("data-state", "stored")
    await house.write(key, "agent", "Hello, this is Lin", author_name="Lin")
    await expect(entry.locator(".state")).to_have_attribute("data-state", "read")
    await expect(browser_page.locator(".entry.theirs .name")).to_have_text("Lin")


async def test_reload_and_return_find_the_conversation(browser_page: Page, client: Client, house: House) -> None:
    key = await open_chat(browser_page, client)
    await write(browser_page, "first")
    await expect(browser_page.locator(".state[data-state=stored]")).to_have_count(1)
    await browser_page.get_by_role("textbox").fill("a draft")
    await browser_page.reload()
    await expect(browser_page.locator(".entry.own")).to_have_count(1)
    await expect(browser_page.get_by_role("textbox")).to_have_value("a draft")
    assert await key_of(browser_page) == key


async def test_what_was_written_without_a_line_arrives_once_and_in_order(
    browser_page: Page, serve: Serve, house: House
) -> None:
    client = await serve()
    await open_chat(browser_page, client)
    house.is_down = True
    for text in ("one", "two", "three"):
        await write(browser_page, text)
    await expect(browser_page.locator(".state[data-state=waiting]")).to_have_count(3)
    await browser_page.reload()
    await expect(browser_page.locator(".entry.own")).to_have_count(3)
    house.is_down = False
    await expect(browser_page.locator(".state[data-state=stored]")).to_have_count(3, timeout=15_000)
    await expect(browser_page.locator(".entry.own .text")).to_have_text(["one", "two", "three"])
    assert [wrote.text for wrote in house.wrote()] == ["one", "two", "three"]


async def test_the_banner_tells_of_a_lost_line_and_goes(browser_page: Page, client: Client) -> None:
    await open_chat(browser_page, client)
    await browser_page.context.set_offline(True)
    await expect(browser_page.locator(".banner")).to_contain_text("reconnecting")
    await browser_page.context.set_offline(False)
    await expect(browser_page.locator(".banner")).to_be_hidden(timeout=15_000)


async def test_markup_is_text_wherever_it_stands(browser_page: Page, serve: Serve, house: House) -> None:
    client = await serve(company=EVIL)
    alerts: list[str] = []
    browser_page.on("dialog", lambda dialog: alerts.append(dialog.message))
    key = await open_chat(browser_page, client)
    await house.write(
        key,
        "agent",
        EVIL,
        author_name=EVIL,
        buttons=[[{"label": EVIL, "action": EVIL[:60]}]],
        attachments=(
            Attachment(kind=AttachmentKind.DOCUMENT, file="local:x", name=EVIL),
            Attachment(kind=AttachmentKind.CONTACT, phone="javascript:alert(5)", person=EVIL),
        ),
    )
    await write(browser_page, EVIL)
    await expect(browser_page.locator(".entry.own .text")).to_have_text(EVIL)
    await expect(browser_page.locator(".entry.theirs .text")).to_have_text(EVIL)
    await expect(browser_page.locator(".chip")).to_have_text(EVIL)
    assert await browser_page.locator(".log img, .log script, .log svg[onload]").count() == 0
    links = await browser_page.locator(".log a").evaluate_all("nodes => nodes.map(node => node.protocol)")
    assert "javascript:" not in links
    assert alerts == []


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("see https://a.example/x?y=1&z=2.", ["https://a.example/x?y=1&z=2"]),
        ("见https://a.example/路径，谢谢", ["https://a.example/%E8%B7%AF%E5%BE%84"]),
        ("(http://b.example) and HTTPS://C.example!", ["http://b.example/", "https://c.example/"]),
        ("javascript:alert(1) data:text/html,x ftp://d.example https://", []),
    ],
)
async def test_links_are_found_and_nothing_else(
    browser_page: Page, client: Client, house: House, text: str, links: list[str]
) -> None:
    key = await open_chat(browser_page, client)
    await house.write(key, "bot", text)
    await expect(browser_page.locator(".entry .text")).to_have_text(text)
    found = browser_page.locator(".text a")
    assert await found.evaluate_all("nodes => nodes.map(node => node.href)") == links
    for rel in await found.evaluate_all("nodes => nodes.map(node => node.rel + ' ' + node.target)"):
        assert rel == "noopener noreferrer nofollow _blank"


async def test_enter_sends_shift_enter_breaks_and_composing_does_neither(
    browser_page: Page, client: Client, house: House
) -> None:
    await open_chat(browser_page, client)
    box = browser_page.get_by_role("textbox")
    await box.fill("nihao")
    for composing in ({"isComposing": True}, {"keyCode": 229}):
        await box.dispatch_event("keydown", {"key": "Enter", "bubbles": True, "cancelable": True, **composing})
    await expect(box).to_have_value("nihao")
    await box.press("Shift+Enter")
    await box.type("second line")
    await box.press("Enter")
    await expect(box).to_have_value("")
    await expect(browser_page.locator(".state[data-state=stored]")).to_have_count(1)
    assert [wrote.text for wrote in house.wrote()] == ["nihao\nsecond line"]


async def test_files_show_progress_and_come_back_as_picture_and_card(
    browser_page: Page, client: Client, house: House
) -> None:
    await open_chat(browser_page, client)
    files: list[FilePayload] = [
        {"name": "seal.png", "mimeType": "image/png", "buffer": PNG},
        {"name": "发票.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"},
        {"name": "bad.exe", "mimeType": "application/x-msdownload", "buffer": b"MZ"},
    ]
    await browser_page.set_input_files("#files", files)
    await expect(browser_page.locator(".toast")).to_contain_text("cannot be sent: bad.exe")
    await expect(browser_page.locator(".tray-item.done")).to_have_count(2)
    await write(browser_page, "both")
    await expect(browser_page.locator(".state[data-state=stored]")).to_have_count(1)
    await expect(browser_page.locator(".entry .card-title")).to_have_text("发票.pdf")
    assert (
        await browser_page.locator(".image img").evaluate("image => image.decode().then(() => image.naturalWidth)") == 1
    )
    [wrote] = house.wrote()
    assert [attachment.name for attachment in wrote.attachments] == ["seal.png", "发票.pdf"]


async def test_sound_is_played_and_what_cannot_be_is_a_card(browser_page: Page, client: Client) -> None:
    await open_chat(browser_page, client)
    files: list[FilePayload] = [
        {"name": "noise.wav", "mimeType": "audio/wav", "buffer": wave_of(seconds=3)},
        {"name": "broken.mp4", "mimeType": "video/mp4", "buffer": b"\x00\x00\x00\x18ftypmp42 and no more"},
    ]
    await browser_page.set_input_files("#files", files)
    await expect(browser_page.locator(".tray-item.done")).to_have_count(2)
    await write(browser_page, "listen")
    await expect(browser_page.locator(".entry .card-title")).to_have_text("broken.mp4")
    player = browser_page.locator(".entry audio")
    await expect(player).to_have_attribute("aria-label", "noise.wav")
    await expect(player).to_have_js_property("duration", 3)
    assert await player.evaluate("player => { player.currentTime = 2; return player.seekable.end(0) }") == 3


def wave_of(*, seconds: int) -> bytes:
    """Silence."""
    written = io.BytesIO()
    with wave.open(written, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(8000)
        sound.writeframes(b"\x80" * 8000 * seconds)
    return written.getvalue()


async def test_pasted_and_dropped_files_are_added(browser_page: Page, client: Client) -> None:
    await open_chat(browser_page, client)
    give = """([kind, name, bytes]) => {
        const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(bytes)], name, {type: "image/png"}));
        const target = document.querySelector("#text");
        const options = {bubbles: true, cancelable: true};
        target.dispatchEvent(kind === "paste" ? new ClipboardEvent("paste", {...options, clipboardData: data})
            : new DragEvent("drop", {...options, dataTransfer: data}));
    }"""
    await browser_page.evaluate(give, ["paste", "pasted.png", list(PNG)])
    await browser_page.evaluate(give, ["drop", "dropped.png", list(PNG)])
    await expect(browser_page.locator(".tray-item.done")).to_have_count(2)
    await browser_page.get_by_role("button", name="Remove pasted.png").click()
    await expect(browser_page.locator(".tray-item")).to_have_count(1)


async def test_chips_press_and_leave_when_the_message_is_edited(
    browser_page: Page, client: Client, house: House
) -> None:
    key = await open_chat(browser_page, client)
    buttons = [[{"label": str(score), "action": f"csat:{score}"} for score in range(1, 6)]]
    number = await house.write(key, "bot", "How was it?", buttons=buttons)
    await browser_page.get_by_role("button", name="5", exact=True).click()
    await expect(browser_page.get_by_role("button", name="5", exact=True)).to_have_attribute("aria-pressed", "true")
    await browser_page.wait_for_function("() => !Object.keys(localStorage).some(k => k.startsWith('guanxi.pending'))")
    assert house.pressed() == ["csat:5"]
    await house.change(number, text="Thank you!", buttons=None)
    await expect(browser_page.locator(".chip")).to_have_count(0)
    await expect(browser_page.get_by_role("textbox")).to_be_focused()


async def test_an_answers_chips_leave_when_the_visitor_writes_on_and_a_ratings_stay(
    browser_page: Page, client: Client, house: House
) -> None:
    key = await open_chat(browser_page, client)
    rating = [[{"label": "5 stars", "action": "csat:5"}]]
    answer = [[{"label": "Yes", "action": "helped:yes"}], [{"label": "Talk to a person", "action": "human"}]]
    await house.write(key, "bot", "How was it?", buttons=rating)
    await house.write(key, "bot", "We open at nine.", buttons=answer)
    await house.write(key, "bot", "Welcome!")
    await expect(browser_page.locator(".chip")).to_have_text(["5 stars", "Yes", "Talk to a person"])
    await write(browser_page, "and on Sundays?")
    await expect(browser_page.locator(".chip")).to_have_text(["5 stars"])
    await house.write(key, "bot", "Closed.", buttons=answer)
    await expect(browser_page.locator(".chip")).to_have_text(["5 stars", "Yes", "Talk to a person"])


async def test_seen_messages_are_read_and_hidden_ones_are_not(browser_page: Page, client: Client, house: House) -> None:
    key = await open_chat(browser_page, client)
    number = await house.write(key, "agent", "seen", author_name="Lin")
    await browser_page.wait_for_function("() => localStorage.getItem('guanxi.read')")
    await expect(browser_page).to_have_title("Shanhai Appliances · Chat with us")
    await browser_page.evaluate("Object.defineProperty(document, 'visibilityState', {value: 'hidden'})")
    await house.write(key, "agent", "not seen", author_name="Lin")
    await expect(browser_page).to_have_title(re.compile(r"^\(1\) "))
    assert [command.message for command in house.commands if isinstance(command, CustomerRead)] == [number]


async def test_the_menu_is_walked_by_keys_and_changes_the_language(
    browser_page: Page, client: Client, house: House
) -> None:
    await open_chat(browser_page, client)
    await browser_page.get_by_role("button", name="More options").focus()
    await browser_page.keyboard.press("Enter")
    await expect(browser_page.get_by_role("menuitem", name="Talk to a person")).to_be_focused()
    await browser_page.keyboard.press("Escape")
    await expect(browser_page.get_by_role("button", name="More options")).to_be_focused()
    await browser_page.keyboard.press("ArrowDown")
    await browser_page.keyboard.press("Enter")
    await expect(browser_page.locator(".toast")).to_have_text("You asked for a person")
    await browser_page.get_by_role("button", name="More options").click()
    await browser_page.get_by_role("menuitemradio", name="中文").click()
    await expect(browser_page.get_by_placeholder("输入消息…")).to_be_visible()
    await browser_page.wait_for_function("() => !Object.keys(localStorage).some(k => k.startsWith('guanxi.pending'))")
    assert house.pressed() == ["human", "lang:zh"]
    await browser_page.reload()
    await expect(browser_page.locator("html")).to_have_attribute("lang", "zh")


async def test_earlier_messages_load_when_scrolled_to_and_days_are_parted(
    browser_page: Page, client: Client, house: House
) -> None:
    key = await open_chat(browser_page, client)
    start = datetime.now(UTC) - timedelta(days=3)
    for number in range(70):
        await house.write(key, "bot", f"line {number}", at=start + timedelta(minutes=10 * number))
    await browser_page.reload()
    await expect(browser_page.locator(".entry")).to_have_count(50)
    assert await browser_page.evaluate("document.querySelector('.scroll').scrollTop") > 0
    await browser_page.evaluate("document.querySelector('.scroll').scrollTo(0, 0)")
    await expect(browser_page.locator(".entry")).to_have_count(70)
    await expect(browser_page.locator(".entry .text").first).to_have_text("line 0")
    assert await browser_page.locator(".day").count() in {1, 2}
    await browser_page.get_by_role("button", name="Latest messages").click()
    await expect(browser_page.get_by_text("line 69")).to_be_in_viewport()


async def test_who_has_just_scrolled_away_is_not_taken_back(browser_page: Page, client: Client, house: House) -> None:
    key = await open_chat(browser_page, client)
    start = datetime.now(UTC) - timedelta(days=3)
    for number in range(70):
        await house.write(key, "bot", f"line {number}", at=start + timedelta(minutes=10 * number))
    await house.write(key, "bot", "And you?", buttons=[[{"label": "5", "action": "csat:5"}]])
    await open_chat(browser_page, client)
    await expect(browser_page.get_by_text("And you?")).to_be_in_viewport()
    # The press is drawn before the browser tells of the scroll: it does so in its next frame.
    await browser_page.evaluate(
        "document.querySelector('.scroll').scrollTo(0, 0); document.querySelector('.chip').click()"
    )
    await expect(browser_page.locator(".entry")).to_have_count(71)
    await expect(browser_page.get_by_role("button", name="Latest messages")).to_be_visible()


async def test_only_news_is_announced(browser_page: Page, client: Client, house: House) -> None:
    key = await open_chat(browser_page, client)
    await house.write(key, "agent", "before", author_name="Lin")
    await write(browser_page, "mine")
    await expect(browser_page.locator(".state[data-state=stored]")).to_have_count(1)
    await browser_page.evaluate(
        """() => { window.added = []; new MutationObserver(records => records.forEach(record =>
            record.addedNodes.forEach(node => window.added.push(node.textContent)))
        ).observe(document.querySelector('.log'), {childList: true}); }"""
    )
    await house.write(key, "agent", "news", author_name="Lin")
    await expect(browser_page.get_by_text("news")).to_be_visible()
    added = await browser_page.evaluate("window.added")
    assert len(added) == 1
    assert "news" in added[0]


@pytest.mark.parametrize("width", [320, 390, 1280])
async def test_nothing_sticks_out_at_any_width(browser_page: Page, client: Client, house: House, width: int) -> None:
    await browser_page.set_viewport_size({"width": width, "height": 700})
    key = await open_chat(browser_page, client)
    await house.write(key, "bot", "w" * 300 + " https://a.example/" + "x" * 300)
    await house.write(key, "bot", "?", buttons=[[{"label": f"choice number {n}", "action": str(n)} for n in range(6)]])
    await expect(browser_page.locator(".chip")).to_have_count(6)
    wide = "[document.documentElement, document.querySelector('.scroll')].map(n => n.scrollWidth - n.clientWidth)"
    assert await browser_page.evaluate(wide) == [0, 0]


async def test_the_widget_opens_counts_and_closes(browser_page: Page, house: House) -> None:
    app = web.Application()
    add_routes(app, house.chat())
    app.router.add_get("/shop", shop)
    async with Server(app) as server:
        await browser_page.goto(str(server.make_url("/shop")))
        assert house.commands == []
        await browser_page.get_by_role("button", name="Open the chat").click()
        frame = browser_page.frame_locator("iframe")
        await expect(frame.get_by_role("textbox")).to_be_focused()
        key = await key_of(browser_page)
        await browser_page.keyboard.press("Escape")
        launcher = browser_page.get_by_role("button", name="Open the chat")
        await expect(launcher).to_be_focused()
        await house.write(key, "agent", "Are you there?", author_name="Lin")
        await expect(browser_page.get_by_role("button", name="Open the chat, 1 unread")).to_be_visible()
        await browser_page.reload()
        await expect(browser_page.get_by_role("button", name="Open the chat, 1 unread")).to_be_visible()
        await launcher.click()
        await expect(frame.get_by_text("Are you there?")).to_be_visible()
        await expect(browser_page.locator(".badge")).to_be_hidden()
        await frame.get_by_role("button", name="Minimise the chat").click()
        await expect(launcher).to_be_focused()


async def shop(_request: web.Request) -> web.Response:
    page = "<!doctype html><html lang=en><body><h1>Shop</h1><script src='/chat/widget.js' async></script></body></html>"
    headers = {"Content-Security-Policy": "default-src 'self'; script-src 'self'; style-src 'self'"}
    return web.Response(text=page, content_type="text/html", headers=headers)


async def test_a_browser_without_cookies_is_told(browser_page: Page, house: House) -> None:
    async def keep_cookie_back(_request: web.Request, response: web.StreamResponse) -> None:
        response.headers.popall("Set-Cookie", None)

    app = web.Application()
    add_routes(app, house.chat())
    app.on_response_prepare.append(keep_cookie_back)
    async with Server(app) as server:
        await browser_page.goto(str(server.make_url("/chat?lang=en")))
        await expect(browser_page.locator(".banner")).to_contain_text("blocks cookies")
