"""The company's file that a command speaks of."""

from datetime import UTC, datetime
from pathlib import Path

from bot import clock
from bot.cli.terminal import UNUSABLE, Stop
from bot.company import load_company
from bot.settings import Settings, read_settings
from desk.company import Company
from lifecycle.configuration import Configuration


def company_file(given: Path | None = None) -> Path:
    """The file that was named, else the settings' one. Raises Stop where it is not there."""
    file = given or read_settings().config
    if not file.is_file():
        raise Stop(f"{file}: there is no such file", UNUSABLE)
    return file


def company_of(settings: Settings) -> Company | None:
    """Whose intents are read beside the built-in ones; nobody's where there is no company's file."""
    return configuration(settings.config).company if settings.config.is_file() else None


def moment(text: str, company: Company | None) -> datetime:
    """Like 2026-01-05 or 2026-01-05T09:00, by the company's clock where it names no zone. Raises Stop."""
    try:
        named = datetime.fromisoformat(text)
    except ValueError:
        raise Stop(f"{text}: expected a date like 2026-01-05", UNUSABLE) from None
    zone = UTC if company is None else company.timezone
    return (named if named.tzinfo is not None else named.replace(tzinfo=zone)).astimezone(UTC)


def configuration(file: Path) -> Configuration:
    """The company's file as it is today."""
    return load_company(file, today=clock.now().date())
