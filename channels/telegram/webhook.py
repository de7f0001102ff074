"""Receiving updates by webhook: the 200 is sent only after the intake has stored what came."""

import hmac
import logging
import re
from collections.abc import Awaitable, Callable
from datetime import datetime

from aiohttp import web

from channels.base import Accept, NotStored
from channels.telegram import wire
from channels.telegram.api import Api
from channels.telegram.front import read_update

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name
BODY_LIMIT = 1024 * 1024
CONNECTIONS = 40

Handler = Callable[[web.Request], Awaitable[web.Response]]
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
logger = logging.getLogger(__name__)


def webhook(
    accept: Accept, *, bot_id: int, secret: str, now: Callable[[], datetime], body_limit: int = BODY_LIMIT
) -> Handler:
    """The handler for POST at the webhook's path. Raises ValueError for a secret that Telegram would not take."""
    _check(secret)
    expected = secret.encode()

    async def handle(request: web.Request) -> web.Response:
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(errors="replace"), expected):
            return web.Response(status=403)
        body = await _body(request, body_limit)
        if body is None:
            return web.Response(status=413)
        try:
            update = read_update(body, bot_id=bot_id, received_at=now())
        except ValueError as error:
            return web.Response(status=400, text=f"not an update: {error}")
        try:
            await accept([update])
        except NotStored as error:
            logger.warning("Telegram webhook: %s not stored, Telegram will send it again: %s", update.key, error)
            return web.Response(status=503)
        return web.Response()

    return handle


async def set_webhook(api: Api, *, url: str, secret: str) -> None:
    """Tell Telegram where to deliver. Raises SendError; ValueError for a secret that Telegram would not take."""
    _check(secret)
    params = {
        "url": url,
        "secret_token": secret,
        "allowed_updates": wire.ALLOWED_UPDATES,
        "max_connections": CONNECTIONS,
    }
    await api.do("setWebhook", params)


async def _body(request: web.Request, limit: int) -> bytes | None:
    """The whole body, or None as soon as it is longer than the limit."""
    if request.content_length is not None:
        return None if request.content_length > limit else await request.read()
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > limit:
            return None
    return bytes(body)


def _check(secret: str) -> None:
    if not _SECRET.fullmatch(secret):
        raise ValueError("the webhook secret must be 1 to 256 characters of A-Z, a-z, 0-9, _ and -")
