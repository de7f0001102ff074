"""The HTTP client for calls: every way an answer may be framed, connections used again, and what breaks off."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from yarl import URL

from channels.telegram.lines import Broken, Lines, NotConnected, target

PARTED = st.lists(st.integers(min_value=1, max_value=40), max_size=8)
FRAMED = {
    "by length": b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world",
    "in chunks": b"HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n5\r\nhello\r\n6;x=1\r\n world\r\n0\r\n\r\n",
    "with a trailer": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nb\r\nhello world\r\n0\r\nX: 1\r\n\r\n",
    "until the end": b"HTTP/1.1 200 OK\r\n\r\nhello world",
    "for the last time": b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 11\r\n\r\nhello world",
    "as of old": b"HTTP/1.0 502 Bad Gateway\r\nContent-Length: 11\r\n\r\nhello world",
}


class Peer(asyncio.Protocol):
    """Answers each request with the same bytes, in the parts given; ends the connection where the answer says so."""

    def __init__(self, answer: bytes, cuts: list[int], seen: list["Peer"]) -> None:
        self._answer, self._cuts = answer, cuts
        self._transport: asyncio.Transport
        self.requests = 0
        seen.append(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        assert data.startswith(b"POST /call?x=1 HTTP/1.1\r\nHost: 127.0.0.1:")
        assert data.endswith(b"\r\nA: b\r\nContent-Length: 4\r\n\r\nbody")
        self.requests += 1
        asyncio.get_running_loop().create_task(self._say())

    async def _say(self) -> None:
        rest = self._answer
        for cut in self._cuts:
            self._transport.write(rest[:cut])
            rest = rest[cut:]
            await asyncio.sleep(0)
        self._transport.write(rest)
        if b"\r\n\r\nhello world" in self._answer and b"Length" not in self._answer:
            self._transport.close()

    def hang_up(self) -> None:
        self._transport.abort()


Post = Callable[[], "asyncio.Future[bytes]"]


@asynccontextmanager
async def facing(
    answer: bytes, *, cuts: list[int] | None = None, within: float = 5.0
) -> AsyncIterator[tuple[Post, list[Peer]]]:
    """A way to post to such a peer, and the connections it saw."""
    peers: list[Peer] = []
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Peer(answer, cuts or [], peers), "127.0.0.1", 0)
    lines = Lines()
    to = target(URL(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/call?x=1"), {"A": "b"})
    async with server:
        yield (lambda: loop.create_task(lines.post(to, b"body", within=within))), peers
        lines.close()
        for peer in peers:
            peer.hang_up()
        await asyncio.sleep(0)


@pytest.mark.parametrize("framing", FRAMED)
@settings(max_examples=25, deadline=None)
@given(cuts=PARTED)
def test_an_answer_is_read_however_it_is_framed_and_parted(framing: str, cuts: list[int]) -> None:
    async def ask() -> list[bytes]:
        async with facing(FRAMED[framing], cuts=cuts) as (post, _):
            return [await post(), await post()]

    assert asyncio.run(ask()) == [b"hello world"] * 2


@pytest.mark.parametrize(
    ("framing", "connections"), [("by length", 1), ("in chunks", 1), ("for the last time", 3), ("as of old", 3)]
)
async def test_a_connection_is_used_again_where_the_server_keeps_it(framing: str, connections: int) -> None:
    async with facing(FRAMED[framing]) as (post, peers):
        for _ in range(3):
            await post()
        assert len(peers) == connections


async def test_requests_at_the_same_time_have_a_connection_each() -> None:
    async with facing(FRAMED["by length"]) as (post, peers):
        assert await asyncio.gather(*(post() for _ in range(5))) == [b"hello world"] * 5
        assert len(peers) == 5
        await asyncio.gather(*(post() for _ in range(5)))
        assert [peer.requests for peer in peers] == [2] * 5


async def test_a_connection_that_the_server_ended_is_not_used_again() -> None:
    async with facing(FRAMED["by length"]) as (post, peers):
        await post()
        peers[0].hang_up()
        await asyncio.sleep(0.01)
        assert await post() == b"hello world"
        assert len(peers) == 2


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 200 OK\r\nContent-Le", b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nx"]
)
async def test_an_answer_that_does_not_end_in_time_is_broken(answer: bytes) -> None:
    async with facing(answer, within=0.05) as (post, _):
        with pytest.raises(Broken, match="TimeoutError"):
            await post()


@pytest.mark.parametrize(
    "answer", [b"SSH-2.0\r\n\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"], ids=["ssh", "chunk"]
)
async def test_what_is_no_answer_is_broken(answer: bytes) -> None:
    async with facing(answer) as (post, _):
        with pytest.raises(Broken, match="BadAnswer"):
            await post()


async def test_a_call_that_is_cancelled_leaves_no_connection_to_be_used_again() -> None:
    async with facing(b"", within=5.0) as (post, peers):
        call = post()
        async with asyncio.timeout(5):
            while not peers or not peers[0].requests:  # noqa: ASYNC110
                await asyncio.sleep(0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert call.cancelled()


async def test_no_server_is_no_connection() -> None:
    server = await asyncio.get_running_loop().create_server(asyncio.Protocol, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    with pytest.raises(NotConnected, match="ConnectionRefusedError"):
        await Lines().post(target(URL(f"http://127.0.0.1:{port}/"), {}), b"", within=1.0)
