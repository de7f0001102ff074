"""The client: errors by their meaning, the token nowhere, parameters that Telegram knows."""

import asyncio
import logging
import socket
import traceback
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web

from channels.base import Rejected, RetryLater, SendError, ThreadsForbidden, Uncertain, Unreachable
from channels.telegram import wire
from channels.telegram.api import Api, open_session
from channels.telegram.errors import BadMarkup, Conflict, NotModified, refusal

TOKEN = "42000:VERY-SECRET"


def refused(code: int, description: str) -> SendError:
    return refusal(code, description, retry_after=None, moved_to=None, names_chat=True)


@pytest.mark.parametrize(
    ("code", "description", "kind"),
    [
        (400, "Bad Request: can't parse entities: Unsupported start tag", BadMarkup),
        (400, "Bad Request: message is not modified: specified new message content", NotModified),
        (400, "Bad Request: not enough rights to create a topic", ThreadsForbidden),
        (400, "Bad Request: the chat is not a forum", ThreadsForbidden),
        (400, "Bad Request: chat not found", Unreachable),
        (403, "Forbidden: bot was blocked by the user", Unreachable),
        (403, "Forbidden: user is deactivated", Unreachable),
        (403, "Forbidden: bot was kicked from the supergroup chat", Unreachable),
        (400, "Bad Request: something new", Rejected),
        (409, "Conflict: terminated by other getUpdates request", Conflict),
        (401, "Unauthorized", RetryLater),
        (500, "Internal Server Error", RetryLater),
    ],
)
def test_refusals_by_their_meaning(code: int, description: str, kind: type[SendError]) -> None:
    error = refused(code, description)
    assert type(error) is kind
    assert str(error)


def test_a_reason_is_fit_for_an_agent() -> None:
    assert str(refused(403, "Forbidden: bot was blocked by the user")) == "the customer has blocked the bot"
    assert str(refused(400, "Bad Request: something new")) == "Telegram refused it: something new"


def test_a_pause_without_a_chat_is_the_whole_bots() -> None:
    error = refusal(429, "Too Many Requests", retry_after=5, moved_to=None, names_chat=False)
    assert isinstance(error, RetryLater)
    assert (error.after, error.whole_bot) == (5, True)


@pytest.mark.parametrize("token", ["", "abc", "42000:", ":x", "x:y"])
def test_a_token_that_cannot_be_one_is_refused_without_being_shown(token: str) -> None:
    async def make() -> None:
        async with open_session() as session:
            Api(session, token=token)

    with pytest.raises(ValueError, match="NUMBER:SECRET"):
        asyncio.run(make())


Serve = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def attempt(answer: Serve, caplog: pytest.LogCaptureFixture) -> SendError:
    """The error of one call to a server that answers so; the token is nowhere in it."""
    caplog.set_level(logging.DEBUG)
    app = web.Application()
    app.router.add_post("/{tail:.*}", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with open_session() as session:
        api = Api(session, token=TOKEN, base_url=f"http://127.0.0.1:{runner.addresses[0][1]}/")
        with pytest.raises(SendError) as told:
            await api.post("sendMessage", {"chat_id": 1, "text": "x"})
    await runner.cleanup()
    shown = "".join(traceback.format_exception(told.value)) + caplog.text + repr(told.value) + str(told.value)
    assert "SECRET" not in shown
    return told.value


async def test_a_lost_answer_is_uncertain(caplog: pytest.LogCaptureFixture) -> None:
    async def cut(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    assert isinstance(await attempt(cut, caplog), Uncertain)


async def test_an_answer_that_breaks_off_is_uncertain(caplog: pytest.LogCaptureFixture) -> None:
    async def broken(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b'{"ok":')
        assert request.transport is not None
        request.transport.close()
        return response

    assert isinstance(await attempt(broken, caplog), Uncertain)


async def test_a_gateways_page_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    async def page(request: web.Request) -> web.StreamResponse:
        return web.Response(status=502, text="<html>Bad Gateway</html>")

    assert isinstance(await attempt(page, caplog), RetryLater)


async def test_no_connection_is_tried_again() -> None:
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        port = unheard.getsockname()[1]
    async with open_session() as session:
        api = Api(session, token=TOKEN, base_url=f"http://127.0.0.1:{port}")
        with pytest.raises(RetryLater, match="cannot be reached") as told:
            await api.me()
    assert "SECRET" not in "".join(traceback.format_exception(told.value))


async def test_an_answer_that_does_not_come_in_time_is_uncertain() -> None:
    server = await asyncio.get_running_loop().create_server(asyncio.Protocol, "127.0.0.1", 0)
    async with open_session() as session, server:
        api = Api(session, token=TOKEN, base_url=f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        with pytest.raises(Uncertain):
            await api.call("getMe", {}, wire.ME, answer_within=0.05)
