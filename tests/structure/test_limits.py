"""The whole tree keeps the limits, and each limit is seen to fail on a module that breaks it alone."""

import ast
from pathlib import Path

import pytest

from tests.structure import limits

ROOT = Path(__file__).parents[2]


def messages(name: str, text: str) -> list[str]:
    module = limits.Module(name=name, text=text, tree=ast.parse(text))
    return [breach.message for breach in limits.breaches(module)]


def function_of(lines: int) -> str:
    return '"""A module."""\n\n\ndef long() -> None:\n' + "    work()\n" * (lines - 1)


def file_of(lines: int) -> str:
    return '"""A module."""\n' + "x = 1\n" * (lines - 1)


def test_the_tree_keeps_every_limit() -> None:
    assert [str(breach) for module in limits.modules(ROOT) for breach in limits.breaches(module)] == []


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("desk/long.py", function_of(41), "long has 41 lines, the limit is 40"),
        ("desk/long.py", file_of(401), "the file has 401 lines, the limit is 400"),
        ("tests/long.py", file_of(601), "the file has 601 lines, the limit is 600"),
        ("bot/plain.py", "x = 1\n", "the module has no docstring"),
        ("bot/utils.py", '"""A module."""\n', "a module named utils says nothing of what is in it"),
        ("bot/sender.py", '"""A module."""\nclass OutboxManager: ...\n', "a class named OutboxManager says nothing"),
        ("desk/sla.py", '"""A module."""\nx = datetime.now(UTC)\n', "a rule reads the clock by now()"),
        ("desk/hours.py", '"""A module."""\nx = date.today()\n', "a rule reads the clock by today()"),
        ("lifecycle/stages.py", '"""A module."""\nx = open("a")\n', "a rule does I/O by open()"),
        ("lifecycle/surveys.py", '"""A module."""\nimport numpy.random\n', "a rule imports numpy"),
        ("desk/sla.py", '"""A module."""\nfrom numpy import array\n', "a rule imports numpy"),
    ],
)
def test_a_breach_is_named(name: str, text: str, complaint: str) -> None:
    found = messages(name, text)
    assert len(found) == 1
    assert found[0].startswith(complaint)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("desk/long.py", function_of(40)),
        ("desk/long.py", file_of(400)),
        ("tests/long.py", file_of(600)),
        ("bot/clock.py", '"""A module."""\nx = datetime.now(UTC)\n'),
        ("desk/sla.py", '"""A module."""\nfrom zoneinfo import ZoneInfo\nimport desk.hours\nx = case.now\n'),
    ],
)
def test_what_is_within_the_limits_passes(name: str, text: str) -> None:
    assert messages(name, text) == []


def test_the_script_prints_the_breaches_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "desk").mkdir()
    (tmp_path / "desk" / "plain.py").write_text("x = 1\n")
    assert limits.main([str(tmp_path)]) == 1
    printed = capsys.readouterr().out
    assert "desk/plain.py:1: the module has no docstring" in printed
    assert "1 files, 1 breaches" in printed
