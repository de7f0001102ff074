"""The aiohttp application: web chat, console, API, webhook, health, metrics."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.addresses import is_here, true_remote
from bot.intake import Intake
from bot.metrics import Metrics
from bot.settings import Settings
from bot.telegram import Telegram
from channels.webchat.chat import WebChat
from channels.webchat.server import add_routes
from console.api.app import add_api, bears
from console.app import add_console
from console.ports import Api, Console
from store import figures
from store.database import Database

log = logging.getLogger(__name__)

_BODY_LIMIT = 16 * 1024 * 1024
_CLOSED = "Set GUANXI_API_TOKEN and show it: Authorization: Bearer, a space, and the token.\n"


@dataclass(frozen=True, kw_only=True, slots=True)
class Webhook:
    """Telegram's way in, where we have a public address."""

    telegram: Telegram
    intake: Intake
    public_url: str
    secret: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Doors:
    """What the application serves. `is_alone`: nothing stands between us and who asks, so a local address is one."""

    database: Database
    metrics: Metrics
    chat: WebChat
    console: Console
    api: Api
    webhook: Webhook | None
    behind_proxy: bool
    is_alone: bool


def application(doors: Doors) -> web.Application:
    """The whole application."""
    app = web.Application(client_max_size=_BODY_LIMIT, middlewares=[true_remote(behind_proxy=doors.behind_proxy)])
    app.on_response_prepare.append(_keep_quiet)
    add_routes(app, doors.chat)
    add_console(app, doors.console)
    add_api(app, doors.api)
    if doors.webhook is not None:
        doors.webhook.telegram.add_webhook(app, doors.webhook.intake, doors.webhook.secret)
    app.add_routes(
        [
            web.get("/", _home),
            web.get("/healthz", _alive),
            web.get("/readyz", _ready(doors.database)),
            web.get("/metrics", _metrics(doors)),
        ]
    )
    return app


async def _keep_quiet(_request: web.Request, response: web.StreamResponse) -> None:
    """Nobody need know which version of what answers, and no search engine what is said here."""
    response.headers.pop("Server", None)
    response.headers.setdefault("X-Robots-Tag", "noindex, nofollow")


async def _home(_request: web.Request) -> web.StreamResponse:
    raise web.HTTPSeeOther("/chat")


async def _alive(_request: web.Request) -> web.StreamResponse:
    return web.Response(text="ok\n")


def _ready(database: Database) -> Handler:
    async def ready(_request: web.Request) -> web.StreamResponse:
        try:
            async with asyncio.timeout(2):
                await database.read(figures.ping)
        except Exception:
            log.warning("not ready: the database does not answer", exc_info=True)
            return web.Response(status=503, text="the database does not answer\n")
        return web.Response(text="ready\n")

    return ready


def _metrics(doors: Doors) -> Handler:
    async def metrics(request: web.Request) -> web.StreamResponse:
        if not _may_watch(request, doors):
            return web.Response(status=401, text=_CLOSED, headers={"WWW-Authenticate": 'Bearer realm="guanxi"'})
        now = doors.console.now()
        kept = await doors.database.read(lambda connection: figures.collect(connection, now))
        body = doors.metrics.render(kept)
        return web.Response(body=body, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    return metrics


def _may_watch(request: web.Request, doors: Doors) -> bool:
    """Whoever shows the API's token; where there is none, this machine alone."""
    token = doors.api.token
    return bears(request, token) if token else doors.is_alone and is_here(request)


async def serve(settings: Settings, doors: Doors, on_ready: Callable[[str], None]) -> None:
    """Serve until cancelled; `on_ready` is told the address."""
    runner = web.AppRunner(application(doors), access_log=None, handle_signals=False)
    await runner.setup()
    try:
        site = web.TCPSite(runner, settings.http_host, settings.http_port)
        await site.start()
        port = runner.addresses[0][1] if runner.addresses else settings.http_port
        if doors.webhook is not None:
            await doors.webhook.telegram.announce_webhook(doors.webhook.public_url, doors.webhook.secret)
        on_ready(f"http://{settings.http_host}:{port}")
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()
