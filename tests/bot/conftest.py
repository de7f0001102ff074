"""What the tests of the outer parts share: the command, typed in this process or in one of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.settings import Settings, variable

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


Guanxi = Callable[..., Ended]


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty working folder, and an environment without settings of ours but who reads: words read in no time."""
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    for field in Settings.model_fields:
        monkeypatch.delenv(variable(field), raising=False)
    monkeypatch.setenv(variable("nlp_model"), "keywords")
    return work


@pytest.fixture
def guanxi(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Guanxi:
    """Type a command in this process."""

    def typed(*arguments: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["guanxi", *arguments])
        code: object = 0
        capsys.readouterr()
        try:
            main()
        except SystemExit as ended:
            code = ended.code
        said = capsys.readouterr()
        assert isinstance(code, int)
        return Ended(code=code, out=said.out, err=said.err)

    return typed


def open_process(*arguments: str) -> subprocess.Popen[bytes]:
    """Type a command in a process of its own, in the working folder."""
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "bot", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
