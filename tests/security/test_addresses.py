"""Whose address counts, and what is open to this machine alone."""

from pathlib import Path

import pytest
from aiohttp import ClientSession, CookieJar
from pydantic import SecretStr
from sqlalchemy import select

from bot.addresses import network
from store.tables import login_failures
from tests.console.house import log_in
from tests.emulator import Emulator
from tests.stories.house import House, open_house, settings


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::9]", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("::1", "::1"),
        ("unknown", "unknown"),
        ("", ""),
    ],
)
def test_an_ipv6_client_is_its_network(address: str, counted: str) -> None:
    assert network(address) == counted


def _from(house: House, headers: list[tuple[str, str]]) -> ClientSession:
    return ClientSession(house.address, headers=headers, cookie_jar=CookieJar(unsafe=True))


async def _counted(house: House, headers: list[tuple[str, str]]) -> set[str]:
    async with _from(house, headers) as session:
        assert (await log_in(session, "lin", "a wrong password")).status == 401
    rows = select(login_failures.c.subject).where(login_failures.c.subject.startswith("address:"))
    return set(await house.built.database.read(lambda c: c.execute(rows).scalars().all()))


async def test_behind_a_proxy_the_address_is_what_the_proxy_wrote(emulator: Emulator, url: str, tmp_path: Path) -> None:
    chosen = settings(url, tmp_path, behind_proxy=True)
    async with open_house(emulator, chosen, with_telegram=False) as house:
        assert await _counted(house, [("X-Forwarded-For", "1.1.1.1, 203.0.113.9")]) == {"address:203.0.113.9"}
        twice = [("X-Forwarded-For", "1.1.1.1"), ("X-Forwarded-For", "203.0.113.9")]
        assert await _counted(house, twice) == {"address:203.0.113.9"}
        assert await _counted(house, []) == {"address:203.0.113.9", "address:127.0.0.1"}


async def test_without_a_proxy_nobody_chooses_their_address(house: House) -> None:
    assert await _counted(house, [("X-Forwarded-For", "203.0.113.9")]) == {"address:127.0.0.1"}


async def test_guesses_from_elsewhere_lock_nobody_out(emulator: Emulator, url: str, tmp_path: Path) -> None:
    chosen = settings(url, tmp_path, behind_proxy=True)
    async with open_house(emulator, chosen, with_telegram=False) as house:
        await house.add_login("lin", "Lin")
        async with _from(house, [("X-Forwarded-For", "203.0.113.9")]) as stranger:
            statuses = [(await log_in(stranger, "lin", "a wrong password")).status for _ in range(6)]
        assert statuses == [401] * 5 + [429]
        async with _from(house, [("X-Forwarded-For", "198.51.100.7")]) as lin:
            assert (await log_in(lin, "lin")).status == 303


async def _metrics(house: House, **headers: str) -> int:
    async with ClientSession() as session, session.get(f"{house.address}/metrics", headers=headers) as response:
        assert ("guanxi_inbox_waiting" in await response.text()) == (response.status == 200)
        return response.status


async def test_metrics_without_a_token_are_for_this_machine(house: House) -> None:
    assert await _metrics(house) == 200
    assert await _metrics(house, **{"X-Forwarded-For": "203.0.113.9"}) == 401
    assert await _metrics(house, Host="desk.example.com") == 401
    assert await _metrics(house, Host="[") == 401


@pytest.mark.parametrize("changes", [{"behind_proxy": True}, {"public_url": "https://desk.example.com"}])
async def test_metrics_of_a_public_house_want_the_token(
    emulator: Emulator, url: str, tmp_path: Path, changes: dict[str, object]
) -> None:
    async with open_house(emulator, settings(url, tmp_path, **changes), with_telegram=False) as house:
        assert await _metrics(house) == 401


async def test_metrics_go_by_the_token_where_there_is_one(emulator: Emulator, url: str, tmp_path: Path) -> None:
    chosen = settings(url, tmp_path, behind_proxy=True, api_token=SecretStr("a-token-of-the-tests-0001"))
    async with open_house(emulator, chosen, with_telegram=False) as house:
        assert await _metrics(house) == 401
        assert await _metrics(house, Authorization="Bearer a-token-of-the-tests-0002") == 401
        assert await _metrics(house, Authorization="Bearer a-token-of-the-tests-0001") == 200


@pytest.mark.parametrize("path", ["/", "/chat", "/console", "/nothing", "/api/v1/tickets", "/healthz"])
async def test_no_answer_names_the_server_or_wants_to_be_found(outsider: ClientSession, path: str) -> None:
    async with outsider.get(path, allow_redirects=False) as response:
        assert "Server" not in response.headers
        assert response.headers["X-Robots-Tag"] == "noindex, nofollow"
