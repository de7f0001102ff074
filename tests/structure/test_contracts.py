"""Each import contract of .importlinter is seen to fail on one bad import, and so are the limits that ruff holds."""

import configparser
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.structure.limits import PACKAGES

ROOT = Path(__file__).parents[2]
SCRIPTS = Path(sys.executable).parent


@dataclass(frozen=True, kw_only=True, slots=True)
class BadImport:
    """Lines put into new modules that must break one contract."""

    contract: str
    files: dict[str, str]


BAD_IMPORTS = (
    BadImport(contract="layers", files={"store/bad.py": "import handlers"}),
    BadImport(contract="layers", files={"desk/bad.py": "import lifecycle"}),
    BadImport(contract="layers", files={"channels/bad.py": "import store"}),
    BadImport(contract="blind", files={"handlers/bad.py": "import channels.base"}),
    BadImport(contract="blind", files={"console/bad.py": "from channels import base"}),
    BadImport(contract="understanding", files={"console/bad.py": "import nlp"}),
    BadImport(contract="words", files={"nlp/bad.py": "import desk.tickets"}),
    BadImport(contract="words", files={"nlp/bad.py": "import lifecycle"}),
    BadImport(contract="pure", files={"desk/bad.py": "import socket"}),
    BadImport(contract="pure", files={"lifecycle/bad.py": "def f() -> None:\n    import urllib.request"}),
    BadImport(contract="pure", files={"lifecycle/bad.py": "from msgspec import json"}),
    BadImport(contract="sql", files={"handlers/bad.py": "from sqlalchemy import select"}),
    BadImport(contract="sql", files={"bot/bad.py": "import sqlite3"}),
    BadImport(contract="telegram", files={"channels/bad.py": "from aiogram.types import Message"}),
    BadImport(contract="telegram", files={"bot/bad.py": "import aiogram"}),
    BadImport(contract="http", files={"handlers/bad.py": "import aiohttp"}),
    BadImport(contract="models", files={"handlers/bad.py": "from transformers import pipeline"}),
    BadImport(
        contract="program", files={"console/bad.py": "from apscheduler.schedulers.asyncio import AsyncIOScheduler"}
    ),
    BadImport(contract="pages", files={"channels/bad.py": "import jinja2"}),
    BadImport(contract="adapters", files={"channels/one.py": "", "channels/two.py": "import channels.one"}),
    BadImport(contract="siblings", files={"desk/bad.py": "import desk.worse", "desk/worse.py": "import desk.bad"}),
)

COMPLEX = (
    "def f(x: int) -> int:\n" + "".join(f"    if x == {n}:\n        x += {n}\n" for n in range(8)) + "    return x\n"
)


def contracts() -> dict[str, str]:
    """The contracts' names by their ids, in the file's order."""
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter")
    prefix = "importlinter:contract:"
    return {s.removeprefix(prefix): parser[s]["name"] for s in parser.sections() if s.startswith(prefix)}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages as they are, without the rest of the tree."""
    tree = tmp_path_factory.mktemp("tree")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tree / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".importlinter", tree)
    return tree


def lint_imports(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(SCRIPTS / "lint-imports"), *arguments]
    environment = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1"}
    return subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)


def ruff(folder: Path, text: str) -> str:
    (folder / "bad.py").write_text(f'"""A module."""\n\n\n{text}')
    command = [str(SCRIPTS / "ruff"), "check", "--config", str(ROOT / "pyproject.toml"), "--no-cache", "bad.py"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout


def test_the_tree_keeps_every_contract(copy: Path) -> None:
    result = lint_imports(copy)
    assert result.returncode == 0, result.stdout
    assert f"Contracts: {len(contracts())} kept, 0 broken." in result.stdout


def test_every_contract_has_a_bad_import() -> None:
    assert {bad.contract for bad in BAD_IMPORTS} == set(contracts())


@pytest.mark.parametrize("bad", BAD_IMPORTS, ids=lambda bad: f"{bad.contract}-{next(iter(bad.files)).split('/')[0]}")
def test_a_bad_import_breaks_its_contract(copy: Path, bad: BadImport) -> None:
    for name, text in bad.files.items():
        (copy / name).write_text(f"{text}\n")
    try:
        result = lint_imports(copy, "--contract", bad.contract)
    finally:
        for name in bad.files:
            (copy / name).unlink()
    assert result.returncode == 1
    assert f"{contracts()[bad.contract]} BROKEN" in result.stdout


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (COMPLEX, "C901"),
        ("import os\n\nx = os.path.join('a', 'b')\n", "PTH118"),
        ("from datetime import datetime\n\nx = datetime.now()\n", "DTZ005"),
        ("def f() -> None:\n    try:\n        g()\n    except Exception:\n        h()\n", "BLE001"),
        ("print('x')\n", "T201"),
    ],
    ids=["complex", "path", "clock", "broad-except", "print"],
)
def test_ruff_holds_its_share_of_the_style(tmp_path: Path, text: str, rule: str) -> None:
    assert rule in ruff(tmp_path, text)
