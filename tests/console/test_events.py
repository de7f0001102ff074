"""Live updates: the stream names what changed, survives a lost ring, and ends when it should."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from aiohttp import ClientResponse

from console import events
from console.events import Seen
from console.guard import LONGEST
from store.saving import save
from tests.console.house import Browser, House, log_in
from tests.console.seed import NOW, Story


async def next_event(response: ClientResponse, seconds: float = 10) -> tuple[str, dict[str, list[int]]]:
    """The next event that is no comment."""
    async with asyncio.timeout(seconds):
        while True:
            lines = [line async for line in _block(response)]
            named = dict(line.split(": ", 1) for line in lines if not line.startswith(":"))
            if "event" in named:
                return named["event"], json.loads(named["data"])


async def _block(response: ClientResponse) -> AsyncIterator[str]:
    while line := (await response.content.readline()).decode().rstrip("\n"):
        yield line


@asynccontextmanager
async def stream(browser: Browser) -> AsyncIterator[ClientResponse]:
    await log_in(browser, "lin")
    async with browser.get("/console/events") as response:
        assert response.headers["Content-Type"] == "text/event-stream"
        assert await next_event(response) == ("hello", {})
        yield response


async def change(house: House, number: int) -> None:
    """A ticket of somebody else's changes."""
    house.now += timedelta(seconds=1)
    story = Story(number, "Somebody")
    story.ticket("New", at=house.now)
    await house.database.transaction(lambda connection: save(connection, [story.file], NOW))


async def test_v1_a_change_anywhere_is_told_at_once(house: House) -> None:
    async with house.browser() as browser, stream(browser) as response:
        await change(house, 3001)
        house.bell.ring()
        assert await next_event(response, 3) == ("changed", {"tickets": [3001]})
        house.bell.ring()
        assert await next_event(response, 3) == ("changed", {"tickets": []})


async def test_v1_a_lost_ring_is_made_up_for_within_five_seconds(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    assert events._SWEEP + events._GATHER < 5
    monkeypatch.setattr(events, "_SWEEP", 0.2)
    async with house.browser() as browser, stream(browser) as response:
        await change(house, 3002)
        assert await next_event(response) == ("changed", {"tickets": [3002]})


async def test_a_stream_ends_with_its_session(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "_SESSION_CHECK", 1)
    async with house.browser() as browser, stream(browser) as response:
        house.now += LONGEST
        house.bell.ring()
        assert (await next_event(response, 3))[0] == "gone"
        assert await response.content.read() == b""


async def test_the_program_can_stop_while_pages_are_open(house: House) -> None:
    async with asyncio.timeout(10), house.browser() as browser, stream(browser):
        assert len(house.bell.listening) == 1
        await browser.server.close()
        assert house.bell.listening == []


async def test_without_a_session_there_is_no_stream(house: House) -> None:
    async with house.browser() as browser, browser.get("/console/events") as response:
        assert response.status == 401


def test_each_version_is_told_once_and_old_ones_are_forgotten() -> None:
    seen = Seen(since=NOW)
    assert seen.news([(1, 1, NOW), (2, 5, NOW)]) == [1, 2]
    assert seen.news([(1, 1, NOW), (2, 6, NOW)]) == [2]
    later = NOW + timedelta(minutes=5)
    assert seen.news([(3, 1, later)]) == [3]
    assert seen.since == later
    assert set(seen.versions) == {3}
