"""One address of the internet cannot keep the others out: sockets, frames and files are counted for each."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, CookieJar, FormData, WSServerHandshakeError, web
from aiohttp.test_utils import BaseTestServer

from bot.addresses import true_remote
from channels.webchat.allowance import Allowances, Seats, is_public
from channels.webchat.chat import Limits
from channels.webchat.server import add_routes
from tests.server import Server
from tests.webchat.house import PNG, House, open_house

LIMITS = Limits(
    burst_seconds=100_000.0, address_burst=6, address_per_second=0.001, address_sockets=3, address_files_per_hour=2
)
HELLO = {"type": "hello", "version": 1, "language": "en"}


class Street:
    """Browsers at addresses of one's choice, before the web chat alone."""

    def __init__(self, server: BaseTestServer, stack: AsyncExitStack) -> None:
        self._server = server
        self._stack = stack

    async def browser(self, address: str) -> ClientSession:
        headers = {"X-Forwarded-For": address, "Origin": str(self._server.make_url("")).rstrip("/")}
        session = ClientSession(self._server.make_url(""), headers=headers, cookie_jar=CookieJar(unsafe=True))
        await self._stack.enter_async_context(session)
        async with session.get("/chat") as response:
            assert response.status == 200
        return session


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as opened:
        yield opened


@pytest.fixture
async def street(house: House) -> AsyncIterator[Street]:
    app = web.Application(middlewares=[true_remote(behind_proxy=True)])
    add_routes(app, house.chat(limits=LIMITS))
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(Server(app))
        yield Street(server, stack)


async def _status(session: ClientSession) -> int:
    try:
        async with session.ws_connect("/chat/ws"):
            return 101
    except WSServerHandshakeError as refused:
        return refused.status


async def _codes(socket: ClientWebSocketResponse, count: int) -> list[str]:
    for _ in range(count):
        await socket.send_json({**HELLO, "code": "again"})
    await socket.send_json({"type": "ping"})
    codes: list[str] = []
    while (frame := json.loads((await socket.receive(timeout=5)).data))["type"] != "pong":
        codes += [frame["code"]] if frame["type"] == "error" else []
    return codes


async def test_an_address_has_so_many_sockets_and_others_theirs(street: Street) -> None:
    async with AsyncExitStack() as opened:
        for _ in range(LIMITS.address_sockets):
            await opened.enter_async_context((await street.browser("8.8.8.8")).ws_connect("/chat/ws"))
        assert await _status(await street.browser("8.8.8.8")) == 429
        assert await _status(await street.browser("8.8.4.4")) == 101
    assert await _status(await street.browser("8.8.8.8")) == 101


async def test_what_all_of_an_address_say_counts_together(street: Street, house: House) -> None:
    one, two = await street.browser("8.8.8.8"), await street.browser("8.8.8.8")
    async with one.ws_connect("/chat/ws") as first, two.ws_connect("/chat/ws") as second:
        assert await _codes(first, 4) == []
        assert await _codes(second, 4) == ["slow"] * 2
    assert await _status(one) == 429
    assert await _status(await street.browser("2606:4700:1:2::3")) == 101


async def test_a_socket_that_says_hello_again_and_again_is_slowed(street: Street, house: House) -> None:
    """Each hello with a new code is a row: the first is free, the others count as messages do."""
    async with (await street.browser("127.0.0.1")).ws_connect("/chat/ws") as socket:
        assert await _codes(socket, LIMITS.burst + 6) == ["slow"] * 5


async def test_files_count_for_their_address(street: Street) -> None:
    statuses = []
    for address in ("8.8.8.8", "8.8.8.8", "8.8.8.8", "8.8.4.4"):
        form = FormData()
        form.add_field("file", PNG, filename="leak.png")
        async with (await street.browser(address)).post("/chat/files", data=form) as response:
            statuses.append(response.status)
    assert statuses == [200, 200, 429, 200]


def test_an_allowance_that_is_full_again_is_forgotten() -> None:
    allowances = Allowances(burst=1, per_second=0.1)
    assert allowances.spend("8.8.8.8", 100.0) == 0.0
    assert allowances.spend("8.8.8.8", 101.0) == pytest.approx(9.0)
    assert allowances.spend("8.8.4.4", 200.0) == 0.0
    assert list(allowances._kept) == ["8.8.4.4"]


def test_a_seat_is_given_back() -> None:
    seats = Seats(1)
    for _ in range(2):
        with seats.take("8.8.8.8") as first, seats.take("8.8.8.8") as second:
            assert (first, second) == (True, False)
    assert not seats._taken


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700:1:2::/64", True),
        ("127.0.0.1", False),
        ("172.18.0.1", False),
        ("fd00::/64", False),
        ("", False),
        ("unknown", False),
    ],
)
def test_ones_own_network_is_not_counted(address: str, *, public: bool) -> None:
    assert is_public(address) is public
