"""Updates: rising ids, confirmation by the offset, redelivery, one poller, the webhook's secret and back-off."""

import asyncio
from collections.abc import AsyncIterator, Callable

import msgspec
import pytest
from aiohttp import web

from tests.emulator import Emulator
from tests.emulator.client import Api
from tests.emulator.webhook import SECRET_HEADER


async def test_update_ids_rise_and_stay_until_the_offset_confirms_them(emulator: Emulator, api: Api) -> None:
    for word in ("one", "two", "three"):
        emulator.customer(7, "Ann").writes(word)
    first = (await api("getUpdates")).result
    again = (await api("getUpdates")).result
    assert first == again
    assert [update["message"]["text"] for update in first] == ["one", "two", "three"]
    ids = [update["update_id"] for update in first]
    assert ids == [ids[0], ids[0] + 1, ids[0] + 2]
    rest = (await api("getUpdates", offset=ids[1] + 1)).result
    assert [update["message"]["text"] for update in rest] == ["three"]
    assert len(emulator.updates.pending) == 1


async def test_limit_and_negative_offset(emulator: Emulator, api: Api) -> None:
    for number in range(150):
        emulator.customer(7).writes(str(number))
    assert len((await api("getUpdates")).result) == 100
    assert len((await api("getUpdates", limit=5)).result) == 5
    newest = (await api("getUpdates", offset=-2)).result
    assert [update["message"]["text"] for update in newest] == ["148", "149"]


async def test_long_poll_ends_with_the_first_update(emulator: Emulator, api: Api) -> None:
    poll = asyncio.create_task(api("getUpdates", timeout=30))
    await emulator.until(lambda: emulator.ledger.counts["getUpdates"])
    emulator.customer(7).writes("hello")
    assert len((await poll).result) == 1


async def test_second_poller_ends_the_first_with_409(emulator: Emulator, api: Api) -> None:
    first = asyncio.create_task(api("getUpdates", timeout=30))
    await emulator.until(lambda: emulator.ledger.counts["getUpdates"] == 1)
    second = asyncio.create_task(api("getUpdates", timeout=30))
    answer = await first
    assert answer.status == 409
    assert answer.description.startswith("Conflict: terminated by other getUpdates request; make sure that only one")
    emulator.customer(7).writes("hello")
    assert (await second).status == 200


async def test_reactions_come_only_where_asked_for(emulator: Emulator, api: Api) -> None:
    ann = emulator.customer(7)
    message = ann.writes("hello")
    ann.reacts(message, "👍")
    assert [set(update) - {"update_id"} for update in (await api("getUpdates")).result] == [{"message"}]
    await api("getUpdates", offset=-1, allowed_updates=["message", "message_reaction"])
    ann.reacts(message, None)
    ann.blocks()
    kinds = [set(update) - {"update_id"} for update in (await api("getUpdates")).result]
    assert kinds == [{"message"}, {"message_reaction"}]


class Receiver:
    """A web server that answers as told and keeps what came."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.texts: list[str] = []
        self.secrets: list[str | None] = []
        self.url = ""

    async def take(self, request: web.BaseRequest) -> web.Response:
        update = msgspec.json.decode(await request.read())
        self.texts.append(update["message"]["text"])
        self.secrets.append(request.headers.get(SECRET_HEADER))
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    taking = Receiver()
    runner = web.ServerRunner(web.Server(taking.take), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    taking.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield taking
    await runner.cleanup()


async def test_webhook_bears_the_secret_and_repeats_until_2xx(emulator: Emulator, api: Api, receiver: Receiver) -> None:
    receiver.statuses = [500, 403]
    assert (await api("setWebhook", url=receiver.url, secret_token="s-1_A")).result is True
    ann = emulator.customer(7)
    ann.writes("one")
    ann.writes("two")
    await emulator.until(lambda: not emulator.updates.pending)
    assert receiver.texts == ["one", "one", "one", "two"]
    assert set(receiver.secrets) == {"s-1_A"}
    info = (await api("getWebhookInfo")).result
    assert info["url"] == receiver.url
    assert info["last_error_message"] == "Wrong response from the webhook: 403 Forbidden"


async def test_a_refused_update_holds_up_its_own_chat_only(emulator: Emulator, api: Api, receiver: Receiver) -> None:
    receiver.statuses = [500] * 3
    await api("setWebhook", url=receiver.url)
    emulator.customer(7).writes("ann")
    await emulator.until(lambda: receiver.texts)
    emulator.customer(8).writes("bob")
    await emulator.until(lambda: not emulator.updates.pending)
    assert receiver.texts.index("bob") < len(receiver.texts) - 1


async def test_webhook_and_polling_exclude_each_other(emulator: Emulator, api: Api, receiver: Receiver) -> None:
    poll = asyncio.create_task(api("getUpdates", timeout=30))
    await emulator.until(lambda: emulator.ledger.counts["getUpdates"])
    await api("setWebhook", url=receiver.url)
    assert (await poll).description == "Conflict: terminated by setWebhook request"
    assert "can't use getUpdates method while webhook is active" in (await api("getUpdates")).description
    assert (await api("deleteWebhook", drop_pending_updates=True)).result is True
    assert (await api("getUpdates")).status == 200


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"url": "http://example.com/"}, "bad webhook: An HTTPS URL must be provided for webhook"),
        ({"url": "https://e.com", "secret_token": "a b"}, "secret token contains unallowed characters"),
        ({"url": "https://e.com", "secret_token": "a" * 257}, "secret token is too long"),
    ],
)
async def test_webhook_parameters_are_checked(api: Api, params: dict[str, str], reason: str) -> None:
    assert (await api("setWebhook", **params)).description == f"Bad Request: {reason}"


async def test_until_says_what_it_waited_for(emulator: Emulator) -> None:
    never: Callable[[], bool] = lambda: False  # noqa: E731
    with pytest.raises(AssertionError, match="a pig that flies"):
        await emulator.until(never, within=0.01, what="a pig that flies")
