"""Nothing is shown without a session, nothing done without its token, and every answer carries its armour."""

import pytest

from console.guard import HEADERS
from tests.console.house import House, csrf_of, log_in

SHOWN = ["/console", "/console/tickets/1042", "/console/events", "/console/files/1/0", "/console/nowhere"]
DONE = [
    "/console/tickets/1042/actions", "/console/tickets/1042/messages", "/console/presence", "/console/preferences",
    "/console/logout",
]  # fmt: skip


async def test_no_page_without_a_session(house: House) -> None:
    async with house.browser() as browser:
        for path in SHOWN:
            async with browser.get(path, allow_redirects=False) as response:
                assert response.status in (303, 401), path
                assert "王小雨" not in await response.text()
        for path in DONE:
            async with browser.post(path, data={"csrf": "x"}) as response:
                assert response.status == 401, path


@pytest.mark.parametrize("path", DONE)
async def test_nothing_is_done_without_the_sessions_token(house: House, path: str) -> None:
    async with house.browser() as browser:
        await log_in(browser, "lin")
        token = await csrf_of(browser)
        for data in ({}, {"csrf": ""}, {"csrf": token[:-1]}):
            async with browser.post(path, data=data) as response:
                assert response.status in (403, 415), data
        headers = {"Sec-Fetch-Site": "cross-site"}
        async with browser.post(path, data={"csrf": token}, headers=headers) as response:
            assert response.status == 403
        async with browser.get("/console") as response:
            assert response.status == 200
    assert house.handled.commands == []


async def test_a_token_of_another_session_is_no_good(house: House) -> None:
    async with house.browser() as first, house.browser() as second:
        await log_in(first, "lin")
        await log_in(second, "zhao")
        data = {"csrf": await csrf_of(first), "action": "resolve"}
        async with second.post("/console/tickets/1042/actions", data=data) as response:
            assert response.status == 403


async def test_every_answer_carries_the_headers(house: House) -> None:
    async with house.browser() as browser:
        await log_in(browser, "lin")
        for path in (
            "/console",
            "/console/nowhere",
            "/console/static/x/console.js",
            "/console/login",
            "/console/presence",
        ):
            async with browser.get(path, allow_redirects=False) as response:
                for name, value in HEADERS.items():
                    assert response.headers[name] == value, path
        async with browser.get("/console") as response:
            page = await response.text()
            assert response.headers["Cache-Control"] == "no-store"
    policy = HEADERS["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "<style" not in page
    assert 'style="' not in page
    assert "onclick" not in page
    assert page.count("<script") == page.count('<script type="module" src="/console/static/')


async def test_errors_are_pages_in_the_readers_language(house: House) -> None:
    async with house.browser() as browser:
        await log_in(browser, "lin")
        for path, status, text in (
            ("/console/tickets/9", 404, "There is nothing"),
            ("/console/presence", 405, "cannot be done"),
        ):
            async with browser.get(path, headers={"Accept-Language": "en"}) as response:
                assert response.status == status
                assert text in await response.text()
        for path in ("/console/static/x/nothing.js", "/console/static/x/..%2fapp.py", "/console/tickets/x"):
            async with browser.get(path) as response:
                assert response.status == 404
