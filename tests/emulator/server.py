"""The HTTP side: /bot<token>/<method>, /file/bot<token>/<path>, /_control/<order>; faults, delays and the ledger."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import unquote

import msgspec
from aiohttp import StreamReader, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http import RawRequestMessage

from tests.emulator.errors import ApiError, too_many_requests
from tests.emulator.faults import Fault, Faults, Kind
from tests.emulator.ledger import Call
from tests.emulator.media import BIGGEST_UPLOAD
from tests.emulator.methods import METHODS, SPELLING
from tests.emulator.params import Params, read_params
from tests.emulator.webhook import Webhook
from tests.emulator.world import World

Control = Callable[[str, Params], Awaitable[object]]
HTTP_REASONS = {500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout"}
LONGEST_POLL = 50
_encode = msgspec.json.Encoder().encode


class Cut(Exception):
    """End the connection without an answer."""


class Server:
    """`api_delay` is spent half before the effect and half after it; polling is not delayed."""

    def __init__(self, world: World, faults: Faults, webhook: Webhook, control: Control, api_delay: float) -> None:
        self._world = world
        self._faults = faults
        self._webhook = webhook
        self._control = control
        self.api_delay = api_delay
        self._runner: web.ServerRunner | None = None
        self.port = 0

    async def start(self, port: int) -> None:
        server = web.Server(self._handle, request_factory=_request)
        self._runner = web.ServerRunner(server, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        self.port = int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        self._world.updates.interrupt("Conflict: terminated by other getUpdates request")
        if self._runner is not None:
            await self._runner.cleanup()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        parts = unquote(request.rel_url.raw_path).split("/", 3)
        match parts[1:]:
            case [token, method] if token.startswith("bot"):
                return await self._method(request, token.removeprefix("bot"), method)
            case ["file", token, path]:
                return self._file(token.removeprefix("bot"), path)
            case ["_control", order]:
                return await self._ordered(request, order)
            case _:
                return _refused(ApiError(404, "Not Found"))

    async def _ordered(self, request: web.BaseRequest, order: str) -> web.StreamResponse:
        try:
            return _json(200, _encode(await self._control(order, await read_params(request))))
        except ApiError as error:
            return _refused(error)

    async def _method(self, request: web.BaseRequest, token: str, method: str) -> web.StreamResponse:
        if token != self._world.token:
            return _refused(ApiError(401, "Unauthorized"))
        try:
            params = await read_params(request)
        except ApiError as error:
            return _refused(error)
        return await self._call(request, SPELLING.get(method.lower(), method), params)

    async def _call(self, request: web.BaseRequest, name: str, params: Params) -> web.StreamResponse:
        loop = asyncio.get_running_loop()
        chat_id, thread_id = params.integer("chat_id") or None, params.integer("message_thread_id") or None
        call = self._world.ledger.begin(name, chat_id, thread_id, params.values, loop.time())
        self._world.changed()
        alive = True
        try:
            call.code, body = 200, await self._answer(call, params)
        except ApiError as error:
            call.code, call.description, body = error.code, error.description, _encode(error.wire())
        except Cut:
            alive, body = False, b""
            _abort(request)
        alive = alive and request.transport is not None and not request.transport.is_closing()
        self._world.ledger.end(call, at=loop.time(), delivered=alive)
        self._world.changed()
        return _json(call.code or 500, body)

    async def _answer(self, call: Call, params: Params) -> bytes:
        fault = self._faults.next_for(call.method, call.chat_id)
        if fault is not None:
            await _strike(fault)
        match call.method:
            case "getUpdates":
                return await self._updates(call, params)
            case "setWebhook" | "deleteWebhook" | "getWebhookInfo":
                result = await self._about_webhook(call.method, params)
            case _:
                result = await self._run(call, params)
        if fault is not None and fault.kind is Kind.CUT_AFTER:
            raise Cut
        return b'{"ok":true,"result":' + _encode(result) + b"}"

    async def _run(self, call: Call, params: Params) -> Any:
        method = METHODS.get(call.method.lower())
        if method is None:
            raise ApiError(404, "Not Found: method not found")
        if self.api_delay:
            await asyncio.sleep(self.api_delay / 2)
        result = method(self._world, params)
        call.effect = True
        if self.api_delay:
            await asyncio.sleep(self.api_delay / 2)
        return result

    async def _updates(self, call: Call, params: Params) -> bytes:
        updates = self._world.updates
        updates.allow(params.structure("allowed_updates", "allowed_updates"))
        limit = min(100, max(1, params.integer("limit", 100)))
        timeout = min(LONGEST_POLL, max(0, params.integer("timeout")))
        found = await updates.poll(params.integer("offset"), limit, timeout)
        call.effect = True
        return b'{"ok":true,"result":[' + b",".join(found) + b"]}"

    async def _about_webhook(self, name: str, params: Params) -> object:
        match name:
            case "setWebhook":
                return await self._webhook.set(params)
            case "deleteWebhook":
                return await self._webhook.delete(params)
            case _:
                return self._webhook.info()

    def _file(self, token: str, path: str) -> web.StreamResponse:
        stored = self._world.files.at(path) if token == self._world.token else None
        if stored is None:
            return _refused(ApiError(404, "Not Found"))
        return web.Response(body=stored.data, content_type="application/octet-stream")


async def _strike(fault: Fault) -> None:
    """What a fault does before the effect."""
    match fault.kind:
        case Kind.ERROR:
            raise ApiError(fault.code, HTTP_REASONS.get(fault.code, "Internal Server Error"))
        case Kind.FLOOD:
            raise too_many_requests(fault.retry_after)
        case Kind.CUT_BEFORE:
            raise Cut
        case Kind.DELAY:
            await asyncio.sleep(fault.seconds)
        case Kind.HOLD:
            await fault.gate.wait()
        case Kind.CUT_AFTER:
            pass


def _abort(request: web.BaseRequest) -> None:
    transport = request.transport
    if transport is not None:
        transport.abort()


def _refused(error: ApiError) -> web.Response:
    return _json(error.code, _encode(error.wire()))


def _json(status: int, body: bytes) -> web.Response:
    return web.Response(body=body, status=status, content_type="application/json")


def _request(
    message: RawRequestMessage,
    payload: StreamReader,
    protocol: web.RequestHandler,
    writer: AbstractStreamWriter,
    task: "asyncio.Task[None]",
) -> web.BaseRequest:
    """As the default factory, with room for the largest upload."""
    loop = asyncio.get_running_loop()
    return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=BIGGEST_UPLOAD + 1024 * 1024)
