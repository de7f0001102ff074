"""`guanxi telegram check` as it is typed: its lines, its exit codes, and no token in either."""

import asyncio
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.emulator.emulator import Emulator
from tests.emulator.groups import Group

ROOT = Path(__file__).parents[2]
DESK = """
company: {name: Shanhai, timezone: Asia/Shanghai, languages: [zh, en]}
rooms: {agents: {telegram_chat: CHAT}}
staff: [{name: Lin, telegram: 9001, role: agent, teams: [support]}]
calendars: {office: {timezone: Asia/Shanghai, hours: {mon: ["09:00-18:00"]}}}
teams: {support: {room: agents, calendar: office}}
routing: {rules: [{team: support}]}
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended:
    code: int
    lines: list[str]
    errors: str


async def typed(folder: Path, **environment: str) -> Ended:
    """The command's end; it runs in a process of its own beside the emulator's loop."""
    path = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "telegram", "check",
        cwd=folder, env=path | environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, errors = await process.communicate()
    return Ended(code=process.returncode or 0, lines=out.decode().splitlines(), errors=errors.decode())


def written(folder: Path, chat: int) -> None:
    (folder / "desk.yaml").write_text(DESK.replace("CHAT", str(chat)), encoding="utf-8")


async def test_a_line_a_finding_and_0_where_nothing_is_in_the_way(
    emulator: Emulator, forum: Group, tmp_path: Path
) -> None:
    forum.member(9001, "Lin")
    written(tmp_path, forum.id)
    ended = await typed(tmp_path, GUANXI_TELEGRAM_TOKEN=emulator.token, GUANXI_TELEGRAM_API_URL=emulator.url)
    assert (ended.code, ended.errors) == (0, "")
    assert [line.split()[0] for line in ended.lines] == ["ok"] * 6
    assert emulator.token not in "".join(ended.lines)


async def test_1_and_the_number_of_problems_where_something_is(
    emulator: Emulator, forum: Group, tmp_path: Path
) -> None:
    forum.takes("can_manage_topics")
    written(tmp_path, forum.id)
    ended = await typed(tmp_path, GUANXI_TELEGRAM_TOKEN=emulator.token, GUANXI_TELEGRAM_API_URL=emulator.url)
    assert (ended.code, ended.errors) == (1, "guanxi: 2 problems\n")
    assert [line.split(":")[0] for line in ended.lines if line.startswith("problem")] == [
        "problem  room agents",
        "problem  Lin in room agents",
    ]


async def test_2_and_one_line_where_nothing_can_be_asked(tmp_path: Path) -> None:
    without = await typed(tmp_path)
    assert (without.code, without.lines) == (2, [])
    assert without.errors.startswith("guanxi: GUANXI_TELEGRAM_TOKEN is not set")
    shutil.copyfile(ROOT / "bot" / "starter" / "desk.yaml", tmp_path / "desk.yaml")
    away = {"GUANXI_TELEGRAM_TOKEN": "42000:secret-part", "GUANXI_TELEGRAM_API_URL": "http://127.0.0.1:1"}
    unreached = await typed(tmp_path, **away)
    assert (unreached.code, unreached.lines) == (2, [])
    assert unreached.errors.count("\n") == 1
    assert "cannot be reached at 127.0.0.1:1" in unreached.errors
    assert "secret-part" not in unreached.errors
