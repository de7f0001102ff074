"""Chromium for tests: `browser` gives a running one, `browser_page` a fresh page in it.

A conftest takes them by importing both names. Where Chromium is missing the tests are skipped and say how to get it;
with CI=true they fail.
"""

import os
import shutil
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
_MISSING = "Chromium is missing: apt-get install -y chromium fonts-noto-cjk (or set GUANXI_TEST_CHROMIUM to its path)"


def chromium_path() -> str:
    """Where Chromium is; skips the test where it is nowhere, fails it where CI=true."""
    path = os.environ.get("GUANXI_TEST_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if path is not None:
        return path
    if os.environ.get("CI") == "true":
        pytest.fail(_MISSING)
    pytest.skip(_MISSING)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Chromium, started for the test."""
    path = chromium_path()
    expect.set_options(timeout=15_000)  # a busy machine may take its time to show what a page waits for
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        yield running
        await running.close()


@pytest.fixture
async def browser_page(browser: Browser) -> AsyncIterator[Page]:
    """A page 1280 by 800, in a profile of its own; an error in its scripts fails the test."""
    page = await browser.new_page(viewport={"width": 1280, "height": 800})
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    assert errors == []
