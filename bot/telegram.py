"""Telegram's part of the house: one bot, its front door (webhook or polling), its channel."""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from bot import clock
from bot.clock import Clock
from bot.intake import Intake
from bot.rulebook import Rulebook
from bot.settings import Settings
from channels.base import SendError
from channels.limits import Budget, Limits, Rate
from channels.telegram.api import Api, open_session
from channels.telegram.channel import TelegramChannel
from channels.telegram.poller import Poller
from channels.telegram.webhook import set_webhook, webhook
from store import keepsakes
from store.database import Database

log = logging.getLogger(__name__)

PATH = "/telegram/webhook"
_BURST = 3


class TelegramRefused(Exception):
    """Telegram does not know the token, or has never answered yet; the text says so in one line."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Telegram:
    """The bot, ready to speak."""

    api: Api
    channel: TelegramChannel
    now: Clock

    async def poll(self, intake: Intake) -> None:
        """Receive by polling until cancelled."""
        await Poller(self.api, intake.accept, now=self.now).run()

    def add_webhook(self, app: web.Application, intake: Intake, secret: str) -> None:
        """Serve the webhook."""
        app.router.add_post(PATH, webhook(intake.accept, bot_id=self.api.bot_id, secret=secret, now=self.now))

    async def announce_webhook(self, public_url: str, secret: str) -> None:
        """Tell Telegram where to deliver; a failure is logged, the next start tries again."""
        try:
            await set_webhook(self.api, url=f"{public_url}{PATH}", secret=secret)
        except SendError as error:
            log.error("the webhook could not be set: %s", error)


@asynccontextmanager
async def connect(
    settings: Settings, database: Database, rulebook: Rulebook, open_file: Callable[[str], Path], now: Clock
) -> AsyncIterator[Telegram | None]:
    """The bot of the settings' token; None without one. Raises TelegramRefused."""
    if settings.telegram_token is None:
        yield None
        return
    async with open_session() as session:
        api = Api(session, token=settings.telegram_token.get_secret_value(), base_url=settings.telegram_api_url)
        username = await _username(api, database)
        channel = TelegramChannel(
            api,
            username=username,
            rooms=rulebook,
            budget=Budget(limits_of(settings)),
            open_file=open_file,
            now=now,
            monotonic=clock.monotonic,
        )
        yield Telegram(api=api, channel=channel, now=now)


async def _username(api: Api, database: Database) -> str:
    """The bot's name: asked for at each start, remembered for a start while Telegram is away."""
    name = f"telegram_username:{api.bot_id}"
    try:
        username = (await api.me()).username or ""
    except SendError as error:
        known = await database.read(lambda connection: keepsakes.find(connection, name))
        if known is None:
            raise TelegramRefused(f"GUANXI_TELEGRAM_TOKEN: Telegram does not answer to it: {error}") from error
        log.warning("Telegram does not answer yet: %s", error)
        return known
    await database.transaction(lambda connection: keepsakes.keep(connection, name, username))
    return username


def limits_of(settings: Settings) -> Limits:
    """The budgets as the settings say; 0 lifts one."""
    chat, group, bot = (
        settings.telegram_chat_per_second,
        settings.telegram_group_per_minute,
        settings.telegram_bot_per_second,
    )
    return Limits(
        chat=Rate(tokens=_BURST * chat, seconds=float(_BURST)) if chat else None,
        group=Rate(tokens=group, seconds=60.0) if group else None,
        bot=Rate(tokens=bot, seconds=1.0) if bot else None,
    )
