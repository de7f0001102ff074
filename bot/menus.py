"""The menus of commands that Telegram shows, worded by the catalogue."""

from collections.abc import Iterator, Sequence

from channels.telegram.setup import Menu, Menus
from desk.texts import Catalogue

CUSTOMERS = ("start", "help", "status", "lang", "stop")
STAFF = ("take", "release", "note", "reply", "waiting", "resolve", "reopen", "who", "online", "away", "help")


def menus(catalogue: Catalogue, languages: Sequence[str]) -> Menus:
    """The menus in the company's languages; whoever speaks none of them sees the first."""
    return Menus(
        customers=tuple(_each(catalogue, languages, "menu", CUSTOMERS)),
        staff=tuple(_each(catalogue, languages, "staff_menu", STAFF)),
    )


def _each(catalogue: Catalogue, languages: Sequence[str], table: str, names: Sequence[str]) -> Iterator[Menu]:
    # Telegram tells languages by two letters: of zh-Hans and zh-Hant the first stands for both.
    codes = dict.fromkeys(language.partition("-")[0] for language in languages)
    for code in (None, *codes):
        spoken = languages[0] if code is None else code
        commands = {name: catalogue.say(spoken, f"{table}.{name}") for name in names}
        yield Menu(language=code, commands=commands)
