"""`guanxi run`: what must stand before the doors open, then the program itself."""

import asyncio
import logging

import typer

from bot import app, clock, logs
from bot.cli.databases import migrated
from bot.cli.environment import configuration
from bot.cli.terminal import UNUSABLE, Stop
from bot.first_start import admit_first, write_starter
from bot.printable import printable
from bot.roles import Role
from bot.settings import Settings, read_settings, unknown_variables
from bot.telegram import TelegramRefused
from desk.company import Company
from store.database import open_database

log = logging.getLogger(__name__)


def run(role: Role) -> None:
    """Serve until told to end."""
    settings = read_settings()
    logs.configure(settings.log, settings.log_level, settings.secrets())
    for line in unknown_variables():
        log.warning(line)
    if role is not Role.ALL and settings.database_url.get_secret_value().startswith("sqlite"):
        raise Stop(f"--role {role.value} needs PostgreSQL: on SQLite one process does everything", UNUSABLE)
    for path in write_starter(settings.config):
        typer.echo(f"Written for a start: {path}")
    configured = configuration(settings.config)
    company = configured.company
    pages = settings.config.parent / company.knowledge.folder
    if not pages.is_dir():
        log.warning("there is no folder of knowledge pages; an empty one was made", extra={"folder": str(pages)})
        pages.mkdir(parents=True)
    before = migrated(settings)
    log.info("the database is at the newest schema", extra={"before": before})
    admitted = asyncio.run(_admit(settings, company))
    try:
        asyncio.run(app.run(settings, configured, role, lambda address: _greet(settings, address, admitted)))
    except TelegramRefused as error:
        raise Stop(str(error), UNUSABLE) from error


async def _admit(settings: Settings, company: Company) -> tuple[str, str] | None:
    database = open_database(settings.database_url.get_secret_value())
    try:
        return await admit_first(database, company, clock.now())
    finally:
        await database.close()


def _greet(settings: Settings, address: str, admitted: tuple[str, str] | None) -> None:
    """Say where to go."""
    at = settings.public_url or address
    lines = ["", "Guanxi is ready. It ends with Ctrl-C.", f"  Web chat  {at}/chat", f"  Console   {at}/console"]
    if admitted is not None:
        login, password = admitted
        lines.append(printable(f"            login {login}, password {password} (shown only now)"))
    lines.append(f"  Telegram  {_telegram(settings)}")
    typer.echo("\n".join([*lines, ""]))


def _telegram(settings: Settings) -> str:
    if settings.telegram_token is None:
        return "put GUANXI_TELEGRAM_TOKEN=... (a token from @BotFather) into the file .env, and start again"
    return "receives by polling" if settings.public_url is None else f"delivers to {settings.public_url}"
