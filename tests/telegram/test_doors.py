"""Both front doors: nothing is acknowledged before it is stored, and everything is stored in the end."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from channels.base import NotStored, Raw
from channels.telegram import wire
from channels.telegram.api import Api
from channels.telegram.front import read_update
from channels.telegram.poller import Poller
from channels.telegram.webhook import SECRET_HEADER, set_webhook, webhook
from tests.emulator.emulator import Emulator
from tests.server import Server
from tests.telegram.conftest import NOW, Naps, payload

SECRET = "a-secret_1"


class Intake:
    """Stores in memory; fails as often as told."""

    def __init__(self) -> None:
        self.stored: list[Raw] = []
        self.failures = 0
        self.news = asyncio.Event()

    async def __call__(self, updates: Sequence[Raw]) -> None:
        if self.failures:
            self.failures -= 1
            raise NotStored("the database is away")
        self.stored += updates
        self.news.set()

    async def until(self, count: int) -> None:
        async with asyncio.timeout(5):
            while len(self.stored) < count:
                self.news.clear()
                await self.news.wait()


@pytest.fixture
def intake() -> Intake:
    return Intake()


# ---- keys and lanes --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "lane"),
    [
        ("text", "telegram:7001"),
        ("edited", "telegram:7001"),
        ("pressed", "telegram:7001"),
        ("pressed_inaccessible", "telegram:7001"),
        ("reaction", "telegram:7001"),
        ("blocked", "telegram:7001"),
        ("room_text", "telegram:-1001000000001:12"),
        ("room_edited", "telegram:-1001000000001:12"),
        ("room_pressed_take", "telegram:-1001000000001:12"),
        ("room_topic_closed", "telegram:-1001000000001:12"),
        ("room_general_online", "telegram:-1001000000001:0"),
        ("room_bot_promoted", "telegram:-1001000000001:0"),
        ("plain_reply", "telegram:-4000001:0"),
        ("channel_post", "telegram:-100888:0"),
        ("unknown_kind", "telegram:other"),
    ],
)
def test_what_belongs_together_shares_a_lane(name: str, lane: str) -> None:
    raw = read_update(payload(name).encode(), bot_id=42000, received_at=NOW)
    assert raw.lane == lane
    assert raw.payload == payload(name)
    assert raw.key.startswith("telegram:42000:8800001")
    assert (raw.channel, raw.received_at) == ("telegram", NOW)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b"{}", b'{"update_id":"7"}', b'{"update_id":true}', b"\xff"])
def test_what_is_no_update_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_update(body, bot_id=1, received_at=NOW)


# ---- polling ---------------------------------------------------------------------------------------------------------


@pytest.fixture
async def poller(api: Api, intake: Intake, naps: Naps) -> AsyncIterator[Poller]:
    made = Poller(api, intake, now=lambda: NOW, sleep=naps, poll_seconds=1)
    task = asyncio.create_task(made.run())
    yield made
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_polling_stores_in_order_then_moves_the_offset(
    emulator: Emulator, intake: Intake, poller: Poller
) -> None:
    ann = emulator.customer(7001, "Ann")
    for number in range(250):
        ann.writes(f"line {number}")
    await intake.until(250)
    await emulator.until(lambda: not emulator.updates.pending)
    assert [wire.UPDATE.decode(raw.payload).message.text for raw in intake.stored] == [  # type: ignore[union-attr]
        f"line {number}" for number in range(250)
    ]
    assert len({raw.key for raw in intake.stored}) == 250


async def test_what_was_not_stored_comes_again(emulator: Emulator, intake: Intake, naps: Naps, poller: Poller) -> None:
    intake.failures = 3
    emulator.customer(7001, "Ann").writes("hi")
    await intake.until(1)
    await emulator.until(lambda: not emulator.updates.pending)
    assert len(intake.stored) == 1
    assert naps.taken == [0.5, 1.0, 2.0]


async def test_an_outage_only_delays(emulator: Emulator, intake: Intake, naps: Naps, poller: Poller) -> None:
    emulator.faults.fail("getUpdates", code=502, times=8)
    emulator.faults.cut_before("getUpdates")
    emulator.customer(7001, "Ann").writes("hi")
    await intake.until(1)
    assert max(naps.taken) == 30.0
    assert naps.taken == sorted(naps.taken)


async def test_another_program_polling_is_named_and_waited_out(
    emulator: Emulator, intake: Intake, naps: Naps, poller: Poller, caplog: pytest.LogCaptureFixture
) -> None:
    emulator.faults.fail("getUpdates", code=409)
    emulator.customer(7001, "Ann").writes("hi")
    await intake.until(1)
    assert naps.taken[0] >= 5.0
    assert "another program receives this bot's updates" in caplog.text


async def test_polling_takes_a_webhook_away_and_asks_for_the_kinds_it_reads(
    api: Api, emulator: Emulator, intake: Intake, naps: Naps
) -> None:
    await set_webhook(api, url="https://example.com/telegram", secret=SECRET)
    emulator.customer(7001, "Ann").writes("hi")
    task = asyncio.create_task(Poller(api, intake, now=lambda: NOW, sleep=naps, poll_seconds=1).run())
    await intake.until(1)
    task.cancel()
    asked = next(call for call in emulator.ledger.calls if call.method == "getUpdates")
    assert asked.params["allowed_updates"] == list(wire.ALLOWED_UPDATES)
    assert emulator.webhook.info()["url"] == ""


# ---- webhook ---------------------------------------------------------------------------------------------------------


@pytest.fixture
async def door(intake: Intake) -> AsyncIterator[TestClient[web.Request, web.Application]]:
    app = web.Application()
    app.router.add_post("/telegram", webhook(intake, bot_id=42000, secret=SECRET, now=lambda: NOW, body_limit=2000))
    async with TestClient(Server(app)) as client:
        yield client


async def post(
    door: TestClient[web.Request, web.Application], body: bytes | AsyncIterator[bytes], secret: str | None = SECRET
) -> int:
    headers = {SECRET_HEADER: secret} if secret is not None else {}
    async with door.post("/telegram", data=body, headers=headers) as response:
        return response.status


async def test_the_webhook_answers_after_storing(
    door: TestClient[web.Request, web.Application], intake: Intake
) -> None:
    body = payload("text").encode()
    assert await post(door, body) == 200
    assert intake.stored == [read_update(body, bot_id=42000, received_at=NOW)]
    intake.failures = 1
    assert await post(door, body) == 503


@pytest.mark.parametrize("secret", [None, "", "a-secret_2", "a-secret_1x", "密"])
async def test_a_stranger_is_turned_away(
    door: TestClient[web.Request, web.Application], intake: Intake, secret: str | None
) -> None:
    assert await post(door, payload("text").encode(), secret) == 403
    assert intake.stored == []


async def test_a_body_that_is_too_long_or_no_update_is_refused(
    door: TestClient[web.Request, web.Application], intake: Intake
) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 100

    assert await post(door, b"x" * 2001) == 413
    assert await post(door, endless()) == 413
    assert await post(door, b'{"message":{}}') == 400
    assert intake.stored == []


@pytest.mark.parametrize("secret", ["", "with space", "x" * 257, "密"])
def test_a_secret_telegram_would_not_take_is_refused_at_the_start(intake: Intake, secret: str) -> None:
    with pytest.raises(ValueError, match="webhook secret"):
        webhook(intake, bot_id=1, secret=secret, now=lambda: NOW)


async def test_telegram_delivers_to_the_webhook_until_it_is_stored(
    emulator: Emulator, api: Api, intake: Intake
) -> None:
    app = web.Application()
    app.router.add_post("/telegram", webhook(intake, bot_id=api.bot_id, secret=SECRET, now=lambda: NOW))
    async with Server(app) as server:
        intake.failures = 2
        await set_webhook(api, url=str(server.make_url("/telegram")), secret=SECRET)
        emulator.customer(7001, "Ann").writes("hi")
        await intake.until(1)
        await emulator.until(lambda: not emulator.updates.pending)
    assert len(intake.stored) == 1
