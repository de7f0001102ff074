"""`guanxi run`: what must stand before the doors open, then the program itself."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from bot import app, clock, logs
from bot.cli.databases import migrated
from bot.cli.environment import configuration
from bot.cli.terminal import UNUSABLE, Stop
from bot.first_start import admit_first, write_starter
from bot.only_one import AlreadyRunning, only_one
from bot.printable import printable
from bot.roles import Role
from bot.settings import Settings, read_settings, unknown_variables
from bot.tagger import check_model
from bot.telegram import TelegramRefused
from desk.company import Company
from lifecycle.configuration import Configuration
from store.database import open_database

log = logging.getLogger(__name__)


def run(role: Role) -> None:
    """Serve until told to end."""
    settings = read_settings()
    logs.configure(settings.log, settings.log_level, settings.secrets())
    for line in unknown_variables():
        log.warning(line)
    file = settings.sqlite_file()
    if file is None:
        _serve(settings, role)
    elif role is not Role.ALL:
        raise Stop(f"--role {role.value} needs PostgreSQL: on SQLite one process does everything", UNUSABLE)
    else:
        with _only_one(file.with_name(f"{file.name}.lock")):
            _serve(settings, role)


@contextmanager
def _only_one(lock: Path) -> Iterator[None]:
    try:
        with only_one(lock):
            yield
    except AlreadyRunning as error:
        raise Stop(str(error), UNUSABLE) from error


def _serve(settings: Settings, role: Role) -> None:
    configured = _company(settings)
    if role in (Role.ALL, Role.WORKER):
        check_model(settings)  # before a password is shown that nobody would see again
    before = migrated(settings)
    log.info("the database is at the newest schema", extra={"before": before})
    admitted = asyncio.run(_admit(settings, configured.company))
    try:
        asyncio.run(app.run(settings, configured, role, lambda address: _greet(settings, address, admitted)))
    except TelegramRefused as error:
        raise Stop(str(error), UNUSABLE) from error


def _company(settings: Settings) -> Configuration:
    """The company's file, written where there is none; its folder of pages is there afterwards."""
    for path in write_starter(settings.config):
        typer.echo(f"Written for a start: {path}")
    found = configuration(settings.config)
    pages = settings.config.parent / found.company.knowledge.folder
    if not pages.is_dir():
        log.warning("there is no folder of knowledge pages; an empty one was made", extra={"folder": str(pages)})
        pages.mkdir(parents=True)
    return found


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
