"""The page, its assets, the widget, the cookie."""

import re
from http import HTTPStatus

import pytest
from aiohttp import WSMsgType, WSServerHandshakeError

from channels.webchat.frames import NO_COOKIE
from channels.webchat.pages import Pages, spoken
from channels.webchat.visitors import COOKIE
from tests.webchat.conftest import Client, Serve
from tests.webchat.house import House
from tests.webchat.visitor import origin, visitor_of


async def test_the_page_is_strict(client: Client) -> None:
    answer = await client.get("/chat")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "frame-ancestors 'self'" in policy
    assert "unsafe" not in policy
    body = await answer.text()
    assert not re.search(r"<script(?![^>]*\bsrc=)|\bon\w+=|style=", body)


async def test_other_sites_may_frame_it_only_when_named(serve: Serve) -> None:
    client = await serve(embed_origins=["https://shop.example"])
    answer = await client.get("/chat?embed=1")
    assert "frame-ancestors 'self' https://shop.example" in answer.headers["Content-Security-Policy"]
    assert 'data-embed="yes"' in await answer.text()


async def test_the_companys_name_is_text(serve: Serve) -> None:
    client = await serve(company='<script>alert("x")</script> & Söhne')
    body = await (await client.get("/chat")).text()
    assert "<script>alert" not in body
    assert "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; Söhne" in body


@pytest.mark.parametrize(
    ("query", "accepts", "language"),
    [
        ("", "en-GB,en;q=0.9", "en"),
        ("", "fr, zh-TW;q=0.8, en;q=0.5", "zh"),
        ("", "en;q=0.2, zh;q=0.7", "zh"),
        ("", "fr;q=x", "zh"),
        ("?lang=en", "zh", "en"),
        ("?lang=../../etc", "", "zh"),
    ],
)
async def test_the_page_speaks_the_visitors_language(client: Client, query: str, accepts: str, language: str) -> None:
    answer = await client.get(f"/chat{query}", headers={"Accept-Language": accepts})
    assert f'<html lang="{language}"' in await answer.text()


async def test_every_language_has_every_word(house: House) -> None:
    words = Pages(house.chat())._words
    assert set(words["zh"]) == set(words["en"])
    holes = {
        code: {key: set(re.findall(r"\{\w+\}", text)) for key, text in texts.items()} for code, texts in words.items()
    }
    assert holes["zh"] == holes["en"]


def test_a_language_without_a_file_is_refused_at_the_start(house: House) -> None:
    with pytest.raises(ValueError, match="no file for: xx"):
        Pages(house.chat(languages=["zh", "xx"]))


async def test_assets_are_kept_for_good_under_their_version(client: Client) -> None:
    body = await (await client.get("/chat")).text()
    addresses = re.findall(r'(?:src|href)="(/chat/assets/[^"]+)"', body)
    assert len(addresses) == 3
    for address in addresses:
        answer = await client.get(address)
        assert "immutable" in answer.headers["Cache-Control"]
        again = await client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status == HTTPStatus.NOT_MODIFIED
    stale = await client.get("/chat/assets/000000000000/chat.css")
    assert stale.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("name", ["page.html", "widget.js", "..%2fserver.py", "..%2f..%2fbase.py", "zh", "fr.json"])
async def test_nothing_else_is_an_asset(client: Client, name: str) -> None:
    assert (await client.get(f"/chat/assets/x/{name}")).status == HTTPStatus.NOT_FOUND


async def test_the_widget_carries_its_words(client: Client) -> None:
    answer = await client.get("/chat/widget.js")
    body = await answer.text()
    assert "打开在线客服" in body
    assert '"WORDS"' not in body
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


async def test_the_cookie_names_the_same_visitor_again(client: Client) -> None:
    first = await client.get("/chat")
    cookie = first.headers["Set-Cookie"]
    visitor = visitor_of(client)
    await client.get("/chat")
    assert visitor_of(client) == visitor
    assert re.fullmatch(r"[0-9a-f]{32}", visitor)
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Max-Age=31536000" in cookie
    assert "Secure" not in cookie


@pytest.mark.parametrize(
    ("origins", "reach"),
    [([], "SameSite=Lax; Secure"), (["https://shop.example"], "SameSite=None; Secure; Partitioned")],
)
async def test_over_https_the_cookie_is_secure(serve: Serve, origins: list[str], reach: str) -> None:
    client = await serve(public_url="https://chat.example", embed_origins=origins)
    assert (await client.get("/chat")).headers["Set-Cookie"].endswith(reach)


@pytest.mark.parametrize("change", ["id", "signature", "nothing signed", "other secret"])
async def test_a_tampered_cookie_gives_a_new_visitor(serve: Serve, change: str) -> None:
    client = await serve()
    await client.get("/chat")
    visitor, _, signature = cookie_value(client).partition(".")
    other = "0" * 32
    values = {
        "id": f"{other}.{signature}",
        "signature": f"{visitor}.{signature[:-1]}é",
        "nothing signed": visitor,
        "other secret": cookie_value(await other_house(serve)),
    }
    client.session.cookie_jar.clear()
    answer = await client.get("/chat", headers={"Cookie": f"{COOKIE}={values[change]}"})
    given = answer.headers["Set-Cookie"].partition("=")[2].partition(".")[0]
    assert re.fullmatch(r"[0-9a-f]{32}", given)
    assert given not in {visitor, other, values["other secret"].partition(".")[0]}


async def other_house(serve: Serve) -> Client:
    client = await serve(secret=b"another secret")
    await client.get("/chat")
    return client


def cookie_value(client: Client) -> str:
    return next(cookie.value for cookie in client.session.cookie_jar if cookie.key == COOKIE)


async def test_no_cookie_no_conversation(client: Client, house: House) -> None:
    async with client.ws_connect("/chat/ws", headers=origin(client)) as socket:
        message = await socket.receive(timeout=5)
    assert (message.type, message.data) == (WSMsgType.CLOSE, NO_COOKIE)
    assert await house.raws() == []


@pytest.mark.parametrize("elsewhere", ["https://evil.example", "null", None, "http://127.0.0.1:1"])
async def test_sockets_of_other_sites_are_refused(client: Client, elsewhere: str | None) -> None:
    await client.get("/chat")
    with pytest.raises(WSServerHandshakeError) as caught:
        await client.ws_connect("/chat/ws", headers={"Origin": elsewhere} if elsewhere else {})
    assert caught.value.status == HTTPStatus.FORBIDDEN


async def test_the_public_address_is_ours_behind_a_proxy_that_changes_the_host(serve: Serve) -> None:
    client = await serve(public_url="https://chat.example/")
    async with client.ws_connect("/chat/ws", headers={"Origin": "https://chat.example"}) as socket:
        assert (await socket.receive(timeout=5)).data == NO_COOKIE


def test_a_company_language_without_words_of_ours_does_not_keep_the_chat_from_opening() -> None:
    assert spoken(("zh", "fr", "en")) == ("zh", "en")
    assert spoken(("fr",)) == ("en",)
