"""The pages of customers and staff in Chromium, as they use them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, FilePayload, Locator, Page, expect

from tests.console.house import PNG
from tests.stories.house import PASSWORD, House

PICTURE: FilePayload = {"name": "leak.png", "mimeType": "image/png", "buffer": PNG}


@asynccontextmanager
async def page_of(browser: Browser, *, width: int = 1280, height: int = 800) -> AsyncIterator[Page]:
    """A page in a profile of its own; an error in its scripts fails the test."""
    context = await browser.new_context(viewport={"width": width, "height": height}, locale="en-GB")
    page = await context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    await context.close()
    assert errors == []


class Visitor:
    """A customer at the web chat, on a phone."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def opens(self, house: House) -> None:
        await self.page.goto(f"{house.address}/chat?lang=en")
        await expect(self.page.locator(".head-status")).to_have_attribute("data-state", "open")

    async def writes(self, text: str) -> None:
        await self.page.get_by_role("textbox").fill(text)
        await self.page.keyboard.press("Enter")
        await expect(self.own.filter(has_text=text).locator(".state")).not_to_have_attribute("data-state", "waiting")

    async def sends(self, file: FilePayload, text: str) -> None:
        await self.page.set_input_files("#files", [file])
        await expect(self.page.locator("#announcer")).to_contain_text("uploaded")
        await self.writes(text)

    async def presses(self, label: str) -> None:
        await self.page.get_by_role("button", name=label, exact=True).last.click()

    @property
    def own(self) -> Locator:
        return self.page.locator(".entry.own")

    @property
    def theirs(self) -> Locator:
        return self.page.locator(".entry.theirs")


class Desk:
    """A member of the staff at the console."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def logs_in(self, house: House, login: str) -> None:
        await self.page.goto(f"{house.address}/console/login")
        await self.page.get_by_label("Login").fill(login)
        await self.page.get_by_label("Password").fill(PASSWORD)
        await self.page.locator("button.primary").click()
        await expect(self.page.locator("#list")).to_be_visible()

    async def opens(self, ticket: int) -> None:
        await self.page.locator(f"#line-{ticket}").click()
        await expect(self.page.locator("#messages")).to_be_visible()

    async def acts(self, action: str) -> None:
        await self.page.locator(f"#act-{action}").click()

    async def writes(self, text: str, *, file: FilePayload | None = None) -> None:
        await self._posts("reply", text, file)

    async def notes(self, text: str) -> None:
        await self._posts("note", text, None)

    async def _posts(self, kind: str, text: str, file: FilePayload | None) -> None:
        await self.page.locator(f"label:has(#kind-{kind})").click()
        await self.page.locator("#text").fill(text)
        if file is not None:
            await self.page.set_input_files("#files", [file])
        await self.page.locator("#send").click()
        await expect(self.messages.filter(has_text=text)).to_have_count(1)

    @property
    def messages(self) -> Locator:
        return self.page.locator("#messages .bubble")
