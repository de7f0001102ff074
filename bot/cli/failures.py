"""What went wrong, in one line for whoever typed the command."""

from collections.abc import Sequence

from bot.catalogue import CatalogueRefused
from bot.cli.terminal import UNUSABLE, WRONG, Stop
from bot.company.mistakes import CompanyFileError
from bot.settings import SettingsRefused
from nlp.artifact import ModelRefused
from nlp.pages import PagesRefused
from store.troubles import trouble


def told(error: BaseException) -> tuple[int, list[str]] | None:
    """The exit code and the lines for what went wrong; None for a mistake of ours, which keeps its traceback."""
    match error:
        case Stop():
            return error.code, str(error).splitlines()
        case CompanyFileError() | ModelRefused():
            return WRONG, str(error).splitlines()
        case SettingsRefused() | PagesRefused() | CatalogueRefused():
            return UNUSABLE, str(error).splitlines()
        case BaseExceptionGroup():
            return _all_told([told(each) for each in error.exceptions])
        case OSError():
            return UNUSABLE, [_place(error)]
        case _:
            line = trouble(error)
            return None if line is None else (UNUSABLE, [line])


def _all_told(each_told: Sequence[tuple[int, list[str]] | None]) -> tuple[int, list[str]] | None:
    lines: dict[str, None] = {}
    for each in each_told:
        if each is None:
            return None
        lines |= dict.fromkeys(each[1])
    return UNUSABLE, list(lines)


def _place(error: OSError) -> str:
    said = error.strerror or str(error).partition("\n")[0] or type(error).__name__
    return said if error.filename is None else f"{error.filename}: {said}"
