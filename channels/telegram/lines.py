"""HTTP/1.1 for the Bot API's many small calls: POST, an answer as a whole, connections that stay open.

A general client took two thirds of what sending a message costs; a call needs nothing of what it can do beyond this.
"""

import asyncio
import ssl
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple, cast

from yarl import URL

CONNECT_TIMEOUT = 10.0
#: A connection that was unused for so long is not trusted any more; the server may be about to close it.
_IDLE_SECONDS = 30.0
_HEAD_END = b"\r\n\r\n"


class NotConnected(Exception):
    """There was no connection, so nothing was sent; the text is the kind of error."""


class Broken(Exception):
    """No whole answer came to what was sent; the text is the kind of error."""


class Origin(NamedTuple):
    """Where connections lead."""

    host: str
    port: int
    is_secure: bool


class Target(NamedTuple):
    """An address, made ready for many requests."""

    origin: Origin
    head: bytes


def target(url: URL, headers: Mapping[str, str]) -> Target:
    """The address as requests need it; `headers` go with each of them."""
    origin = Origin(host=url.host or "", port=url.port or 0, is_secure=url.scheme == "https")
    lines = [f"POST {url.raw_path_qs} HTTP/1.1", f"Host: {url.host_port_subcomponent}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return Target(origin=origin, head="\r\n".join([*lines, "Content-Length: "]).encode("ascii"))


class Lines:
    """Open connections by where they lead; as many as there are requests at a time."""

    def __init__(self) -> None:
        """Connect nothing yet."""
        self._idle: dict[Origin, list[_Line]] = {}

    async def post(self, to: Target, body: bytes, *, within: float) -> bytes:
        """The body of the answer, whatever its status. Raises NotConnected, Broken."""
        line = self._free(to.origin) or await self._connect(to.origin)
        timer = asyncio.get_running_loop().call_later(within, line.give_up)
        try:
            answer = await line.ask(b"%b%d\r\n\r\n%b" % (to.head, len(body), body))
        except asyncio.CancelledError:
            line.close()
            raise
        finally:
            timer.cancel()
        if line.stays_open:
            self._idle.setdefault(to.origin, []).append(line)
        else:
            line.close()
        return answer

    def close(self) -> None:
        """Close every connection that no request is using."""
        for line in (line for lines in self._idle.values() for line in lines):
            line.close()
        self._idle.clear()

    def _free(self, origin: Origin) -> "_Line | None":
        """The one used last; the others are let go when they have been idle for long."""
        idle = self._idle.get(origin, [])
        while idle:
            line = idle.pop()
            if line.is_fresh(asyncio.get_running_loop().time()):
                return line
            line.close()
        return None

    async def _connect(self, origin: Origin) -> "_Line":
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT):
                _, line = await asyncio.get_running_loop().create_connection(
                    _Line, origin.host, origin.port, ssl=_tls() if origin.is_secure else None, happy_eyeballs_delay=0.25
                )
        except (OSError, TimeoutError) as error:
            raise NotConnected(type(error).__name__) from None
        return line


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


class _Line(asyncio.Protocol):
    """One connection, with one exchange at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._loop = asyncio.get_running_loop()
        self._answer: asyncio.Future[bytes] | None = None
        self._received = bytearray()
        self._head: _Head | None = None
        self._last_used = 0.0
        self.stays_open = False

    def is_fresh(self, now: float) -> bool:
        """Whether it is open and was used a short while ago."""
        return self.stays_open and now - self._last_used < _IDLE_SECONDS

    def ask(self, request: bytes) -> "asyncio.Future[bytes]":
        """Send a request; its answer's body, or Broken."""
        self._answer = self._loop.create_future()
        if self._transport is None or self._transport.is_closing():
            self._fail("ConnectionResetError")
        else:
            self._transport.write(request)
        return self._answer

    def give_up(self) -> None:
        """The time is over."""
        self._fail("TimeoutError")
        self.close()

    def close(self) -> None:
        """Hang up."""
        self.stays_open = False
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection stands."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """A part of an answer; what nobody asked for ends the connection."""
        if self._answer is None or self._answer.done():
            self.close()
            return
        self._received += data
        try:
            body = self._body()
        except ValueError:
            self._fail("BadAnswer")
            self.close()
            return
        if body is not None:
            self._finish(body)

    def connection_lost(self, exc: Exception | None) -> None:
        """Whatever was expected will not come; an answer of unknown length is whole now."""
        self.stays_open = False
        self._transport = None
        if self._head is not None and self._head.length is None and not self._head.is_chunked and exc is None:
            self._finish(bytes(self._received[self._head.end :]))
        self._fail("ConnectionClosed" if exc is None else type(exc).__name__)

    def _body(self) -> bytes | None:
        head = self._head
        if head is None:
            end = self._received.find(_HEAD_END)
            if end < 0:
                return None
            head = self._head = _read_head(bytes(self._received[:end]), end + len(_HEAD_END))
        if head.is_chunked:
            return _joined(bytes(self._received[head.end :]))
        if head.length is None or len(self._received) < head.end + head.length:
            return None
        return bytes(self._received[head.end : head.end + head.length])

    def _finish(self, body: bytes) -> None:
        if self._answer is not None and not self._answer.done():
            self.stays_open = self._transport is not None and self._head is not None and self._head.stays_open
            self._last_used = self._loop.time()
            self._received.clear()
            self._head = None
            self._answer.set_result(body)

    def _fail(self, reason: str) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(Broken(reason))


class _Head(NamedTuple):
    """What an answer's head says of its body: where it begins, how long it is (None: until the end)."""

    end: int
    length: int | None
    is_chunked: bool
    stays_open: bool


def _read_head(head: bytes, end: int) -> _Head:
    """Raises ValueError for what is no HTTP answer."""
    status, *fields = head.lower().split(b"\r\n")
    if not status.startswith(b"http/1."):
        raise ValueError("not an HTTP answer")
    said = {name.strip(): value.strip() for name, _, value in (field.partition(b":") for field in fields)}
    length = said.get(b"content-length")
    is_chunked = said.get(b"transfer-encoding", b"").endswith(b"chunked")
    stays = status.startswith(b"http/1.1") and said.get(b"connection") != b"close"
    return _Head(
        end=end,
        length=None if length is None or is_chunked else int(length),
        is_chunked=is_chunked,
        stays_open=stays and (is_chunked or length is not None),
    )


def _joined(chunks: bytes) -> bytes | None:
    """The body that came in chunks (RFC 9112, 7.1), None while more is to come. Raises ValueError."""
    body, at = bytearray(), 0
    while True:
        line_end = chunks.find(b"\r\n", at)
        if line_end < 0:
            return None
        size = int(chunks[at:line_end].partition(b";")[0], 16)
        if size == 0:
            return bytes(body) if chunks.endswith(_HEAD_END) else None
        at = line_end + 2 + size + 2
        if len(chunks) < at:
            return None
        body += chunks[line_end + 2 : at - 2]
