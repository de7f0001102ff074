"""What the handlers say is in every language file, with the figures they give, and nothing is there that nobody says.

The handlers' own source is read: each call of `say`, `say_staff` and `Refused` with its key and its figures.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

import pytest

import handlers
from bot import app
from bot.catalogue import load_catalogue
from bot.menus import CUSTOMERS, STAFF
from desk.commands import Action
from desk.readings import INTENTS
from desk.sla import Metric
from desk.tickets import Priority, Status
from lifecycle.outreach import SurveyKind

TEXTS = load_catalogue("zh").texts
SOURCES = [*sorted(Path(handlers.__file__).parent.glob("*.py")), Path(app.__file__)]

#: The staff's buttons: what /commands alone reach needs no label.
PRESSED = {
    Action.TAKE, Action.RELEASE, Action.WAITING, Action.RESOLVE, Action.REOPEN, Action.TAKE_AND_SEND,
    Action.SEND_NOTE, Action.KEEP_NOTE, Action.ACKNOWLEDGE, Action.RETAG, Action.KEEP_TAG,
}  # fmt: skip

#: What stands in the braces of a key that is put together.
FAMILIES: dict[str, set[str]] = {
    "status": {each.value for each in Status},
    "progress": {each.value for each in Status if not each.is_over},
    "priority": {each.value for each in Priority},
    "metric": {each.value for each in Metric},
    "action": {each.value for each in PRESSED},
    "weekday": {str(day) for day in range(7)},
    "month": {str(month) for month in range(1, 13)},
    "courtesy": {"greeting", "thanks", "goodbye", "praise"},
    "survey": {each.value for each in SurveyKind},
    "alert": {"warned", "breached", "repeated"},
    "intent": set(INTENTS),
    "sentiment": {"negative", "positive"},  # a plain tone is not told
    "card": {"subject", "status", "priority", "intent", "owner", "due", "customer", "channel", "follows"},
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """A text that is asked for: where, by which key, with which figures."""

    where: str
    key: str
    figures: frozenset[str]


def _said() -> Iterator[Said]:
    for source in SOURCES:
        tree = ast.parse(source.read_text(encoding="utf-8"))
        for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
            names = _assigned(function)
            for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
                yield from _of_call(call, names, f"{source.name}:{call.lineno}")


def _assigned(function: ast.FunctionDef) -> dict[str, ast.expr]:
    """What a local name stands for, where a key is chosen before it is said."""
    return {
        target.id: node.value
        for node in ast.walk(function)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _of_call(call: ast.Call, names: dict[str, ast.expr], where: str) -> Iterator[Said]:
    key = _key_of(call)
    figures = frozenset(keyword.arg for keyword in call.keywords if keyword.arg is not None)
    for each in _keys(key, names) if key is not None else ():
        yield Said(where=where, key=each, figures=figures)


def _key_of(call: ast.Call) -> ast.expr | None:
    match call.func:
        case ast.Attribute(attr="say", value=ast.Attribute(attr="catalogue")):
            return call.args[1]
        case ast.Attribute(attr="say" | "say_staff") | ast.Name(id="Refused"):
            return call.args[0]
        case _:
            return None


def _keys(key: ast.expr, names: dict[str, ast.expr]) -> Iterator[str]:
    match key:
        case ast.Constant(value=str(literal)):
            yield literal
        case ast.IfExp(body=body, orelse=other):
            yield from _keys(body, names)
            yield from _keys(other, names)
        case ast.JoinedStr(values=[ast.Constant(value=str(family)), ast.FormattedValue()]):
            yield from (f"{family}{member}" for member in sorted(FAMILIES[family.rstrip(".")]))
        case ast.Name(id=name) if name in names:
            yield from _keys(names[name], names)
        case ast.Attribute(attr="reason") | ast.Name(id="key"):
            return  # the key of a Refused is read where it is raised; Scene hands its own on to the catalogue
        case _:
            raise AssertionError(f"line {key.lineno}: a key that this test cannot read: {ast.unparse(key)}")


SAID = tuple(_said())

#: Said by Telegram's menus of commands.
MENUS = {f"menu.{name}" for name in CUSTOMERS} | {f"staff_menu.{name}" for name in STAFF}


def _figures(text: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in Formatter().parse(text) if name is not None)


def test_enough_is_read_to_mean_anything() -> None:
    assert len({said.key for said in SAID}) > 100


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_key_that_is_said_is_there(language: str) -> None:
    missing = [f"{said.where}: {said.key}" for said in SAID if said.key not in TEXTS[language]]
    assert missing == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_figure_of_a_text_is_given(language: str) -> None:
    texts = TEXTS[language]
    short = [
        f"{said.where}: {said.key} wants {sorted(_figures(texts[said.key]) - said.figures)}"
        for said in SAID
        if said.key in texts and not _figures(texts[said.key]) <= said.figures
    ]
    assert short == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_nothing_is_there_that_nobody_says(language: str) -> None:
    assert TEXTS[language].keys() - {said.key for said in SAID} - MENUS == set()


def test_the_languages_have_the_same_keys_with_the_same_figures() -> None:
    english, chinese = ({key: _figures(text) for key, text in TEXTS[each].items()} for each in ("en", "zh"))
    assert english == chinese


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_text_is_empty_or_begins_or_ends_with_a_stray_blank(language: str) -> None:
    blank = [key for key, text in TEXTS[language].items() if text.strip() != text and key != "room.note_mark"]
    assert blank == []
    assert all(TEXTS[language].values())


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_alert_is_one_line_with_what_who_whose_and_how_late(language: str) -> None:
    figures = {"number": 7, "name": "Wang", "metric": "M", "at": "11-23 09:30", "assignee": "Lin", "priority": "P"}
    for level in ("warned", "breached", "repeated"):
        text = TEXTS[language][f"alert.{level}"].format_map(figures | {"percent": 80, "late": "15 min"})
        assert "\n" not in text
        assert all(str(value) in text for value in figures.values())


@pytest.mark.parametrize("language", ["en", "zh"])
def test_h15_the_staffs_help_lists_their_commands(language: str) -> None:
    commands = (
        "/take",
        "/release",
        "/note",
        "//",
        "/waiting",
        "/resolve",
        "/reopen",
        "/who",
        "/online",
        "/away",
        "/help",
    )
    assert [each for each in commands if each not in TEXTS[language]["staff.help"]] == []
