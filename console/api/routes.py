"""What a route is: how a request is read into values, and how an answer is written."""

import re
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec
from aiohttp import web
from msgspec import Struct

from console.api.problems import Wrong

BODY_LIMIT = 64 * 1024
KEY_HEADER = "Idempotency-Key"
KEY_PATTERN = "^[A-Za-z0-9_-]{1,80}$"
LARGEST = 2**63 - 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """A request in values. `number` is the one in the path, 0 where there is none; `key` the Idempotency-Key."""

    number: int
    query: Any
    body: Any
    key: str


class Run(Protocol):
    """What serves a route: a method of the table's object."""

    __name__: str

    def __call__(self, call: Call, /) -> Awaitable[Struct]:
        """Do what the call asks for. Raises Wrong."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """One operation. `path` may hold one `{number}`; `problems` are the statuses beside those that every route has."""

    method: str
    path: str
    name: str
    summary: str
    run: Run
    answer: type[Struct]
    query: type[Struct] | None = None
    body: type[Struct] | None = None
    status: int = 200
    needs_key: bool = False
    problems: tuple[int, ...] = ()

    @property
    def parameter(self) -> str | None:
        """The name of the number in the path."""
        found = re.search(r"{(\w+)}", self.path)
        return None if found is None else found[1]

    async def serve(self, request: web.Request) -> web.Response:
        """Read the request, do what it asks for, write the answer."""
        call = Call(
            number=self._number(request),
            query=_query(request, self.query),
            body=await _body(request, self.body),
            key=_key(request) if self.needs_key else "",
        )
        answer = await self.run(call)
        return web.Response(status=self.status, body=msgspec.json.encode(answer), content_type="application/json")

    def _number(self, request: web.Request) -> int:
        if self.parameter is None:
            return 0
        given = request.match_info[self.parameter]
        if not (given.isascii() and given.isdecimal() and len(given) < 20 and 0 < int(given) <= LARGEST):
            raise Wrong(404, "There is nothing of this number.")
        return int(given)


def _query(request: web.Request, shape: type[Struct] | None) -> Struct | None:
    names = list(request.query)  # each once, however often it was given
    if len(names) < len(request.query):
        raise Wrong(422, "Each parameter of the query can be given once.")
    if shape is None:
        if names:
            raise Wrong(422, f"Unknown parameter of the query: {names[0]!r}.")
        return None
    try:
        return msgspec.convert({name: _typed(name, text) for name, text in request.query.items()}, type=shape)
    except msgspec.ValidationError as error:
        raise Wrong(422, f"Query: {error}") from None


def _typed(name: str, text: str) -> str | int:
    """Only the number is read as one: msgspec's lax reading would take a number for a moment too."""
    return int(text) if name == "limit" and text.isascii() and text.isdecimal() and len(text) < 5 else text


async def _body(request: web.Request, shape: type[Struct] | None) -> Struct | None:
    if shape is None:
        return None
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType
    raw = bytearray()
    async for chunk in request.content.iter_chunked(BODY_LIMIT):
        raw += chunk
        if len(raw) > BODY_LIMIT:
            raise web.HTTPRequestEntityTooLarge(max_size=BODY_LIMIT, actual_size=len(raw))
    try:
        return msgspec.json.decode(raw, type=shape)
    except msgspec.ValidationError as error:
        raise Wrong(422, f"Body: {error}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Wrong(400, f"The body is not JSON: {error}") from None


def _key(request: web.Request) -> str:
    key = request.headers.get(KEY_HEADER, "")
    if not re.fullmatch(KEY_PATTERN, key):
        raise Wrong(422, f"The header {KEY_HEADER} is missing, or is not of the form {KEY_PATTERN}.")
    return key


def paths(routes: tuple[Route, ...]) -> Mapping[str, tuple[Route, ...]]:
    """The routes by path."""
    return {path: tuple(route for route in routes if route.path == path) for path in {route.path for route in routes}}
