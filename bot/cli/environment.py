"""The company's file that a command speaks of."""

from pathlib import Path

from bot import clock
from bot.cli.terminal import UNUSABLE, Stop
from bot.company import load_company
from bot.settings import read_settings
from lifecycle.configuration import Configuration


def company_file(given: Path | None = None) -> Path:
    """The file that was named, else the settings' one. Raises Stop where it is not there."""
    file = given or read_settings().config
    if not file.is_file():
        raise Stop(f"{file}: there is no such file", UNUSABLE)
    return file


def configuration(file: Path) -> Configuration:
    """The company's file as it is today."""
    return load_company(file, today=clock.now().date())
