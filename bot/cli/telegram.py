"""`guanxi telegram check`: what the bot still lacks, and the menus of its commands."""

import asyncio

import typer

from bot.catalogue import load_catalogue
from bot.cli.environment import company_file, configuration
from bot.cli.terminal import UNUSABLE, WRONG, Stop
from bot.company.mistakes import printable
from bot.menus import menus
from bot.settings import Settings, read_settings
from bot.telegram import PATH
from channels.telegram import setup
from channels.telegram.setup import Finding, NotChecked, Weight


def check() -> None:
    """Say what was found, a line each; whatever is in the way ends in exit code 1."""
    try:
        findings = asyncio.run(_found(read_settings()))
    except NotChecked as error:
        raise Stop(str(error), UNUSABLE) from error
    for finding in findings:
        typer.echo(printable(f"{finding.weight.value:<8} {finding.line}"))
    problems = sum(finding.weight is Weight.PROBLEM for finding in findings)
    if problems:
        raise Stop("1 problem" if problems == 1 else f"{problems} problems", WRONG)


async def _found(settings: Settings) -> list[Finding]:
    if settings.telegram_token is None:
        raise NotChecked("GUANXI_TELEGRAM_TOKEN is not set: put a token from @BotFather there, or into the file .env")
    company = configuration(company_file()).company
    return await setup.check(
        token=settings.telegram_token.get_secret_value(),
        api_url=settings.telegram_api_url,
        company=company,
        webhook_url=None if settings.public_url is None else f"{settings.public_url}{PATH}",
        menus=menus(load_catalogue(company.default_language), company.languages),
    )
