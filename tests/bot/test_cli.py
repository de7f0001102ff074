"""The command `guanxi`: exit codes 0, 1 and 2, errors in one line, and commands that start fast."""

import json
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from bot.cli import commands
from bot.only_one import only_one
from desk.company import Role
from tests.bot.conftest import ROOT, Guanxi, open_process

STARTER = ROOT / "bot" / "starter" / "desk.yaml"
SPECIFIED = ROOT / "tests" / "company" / "desk.yaml"


def test_the_version_needs_nothing_that_is_slow(guanxi: Guanxi) -> None:
    assert guanxi("version").out.startswith("guanxi 0.")
    slow = ("sqlalchemy", "aiohttp", "aiogram", "pydantic_settings", "rich", "asyncio", "nlp", "desk")
    code = f"import sys, bot.__main__; print([name for name in {slow!r} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"


def test_each_command_says_what_it_does(guanxi: Guanxi) -> None:
    for path in ([], ["sla"], ["inbox"], ["outbox"], ["user"]):
        said = guanxi(*path, "--help")
        assert said.code == 0
        listed = said.out.partition("Commands:\n")[2].splitlines()
        assert all(len(line.split(maxsplit=1)) == 2 for line in listed if line.strip()), said.out
        assert "..." not in said.out.partition("Commands:")[2]


def test_usage_is_explained_with_exit_code_2(guanxi: Guanxi) -> None:
    for wrong in (
        ["runn"],
        ["tag"],
        ["tag", "a", "--jsonl"],
        ["tag", "--again"],
        ["run", "--role", "cook"],
        ["inbox", "replay", "x"],
    ):
        said = guanxi(*wrong)
        assert (said.code, said.out) == (2, "")
        assert said.err.splitlines()[-1].startswith("Error: ")


# ---- check -----------------------------------------------------------------------------------------------------------


def test_a_correct_file_is_told_with_what_it_holds(guanxi: Guanxi) -> None:
    said = guanxi("check", str(STARTER))
    assert (said.code, said.err) == (0, "")
    assert said.out == f"{STARTER}: correct (2 staff, 1 teams, 12 knowledge pages)\n"


def test_without_its_folder_of_pages_a_file_is_correct_with_a_remark(guanxi: Guanxi, folder: Path) -> None:
    (folder / "desk.yaml").write_bytes(SPECIFIED.read_bytes())
    said = guanxi("check")
    assert said.code == 0
    assert said.err.startswith("guanxi: knowledge: there is no such folder")


def test_every_mistake_is_told_at_once_with_line_key_and_what_was_expected(guanxi: Guanxi, folder: Path) -> None:
    text = (
        STARTER.read_text(encoding="utf-8").replace("capacity: 5", "capacity: many").replace("mode: direct", "mode: x")
    )
    (folder / "mine.yaml").write_text(text, encoding="utf-8")
    said = guanxi("check", "mine.yaml")
    assert (said.code, said.err) == (1, "guanxi: 2 mistakes\n")
    lines = said.out.splitlines()
    assert [line.split(": ")[1] for line in lines] == ["staff[0].capacity", "teams.support.mode"]
    assert all(line.startswith("mine.yaml:") and "expected" in line for line in lines)


def test_the_pages_beside_the_file_are_checked_too(guanxi: Guanxi, folder: Path) -> None:
    (folder / "desk.yaml").write_bytes(STARTER.read_bytes())
    (folder / "knowledge").mkdir()
    (folder / "knowledge" / "page.md").write_text("no front matter", encoding="utf-8")
    said = guanxi("check")
    assert (said.code, said.err) == (1, "guanxi: 1 mistake\n")
    assert said.out.startswith("knowledge/page.md:1: ")


def test_a_file_that_is_not_there_is_one_line(guanxi: Guanxi) -> None:
    said = guanxi("check", "none.yaml")
    assert (said.code, said.out, said.err) == (2, "", "guanxi: none.yaml: there is no such file\n")


# ---- the environment -------------------------------------------------------------------------------------------------


def test_wrong_settings_are_a_line_each(guanxi: Guanxi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUANXI_HTTP_PORT", "x")
    monkeypatch.setenv("GUANXI_LOG", "xml")
    said = guanxi("migrate")
    assert said.code == 2
    assert [line.split(": ")[1] for line in said.err.splitlines()] == ["GUANXI_HTTP_PORT", "GUANXI_LOG"]


@pytest.mark.parametrize("arguments", [("migrate",), ("inbox", "parked"), ("run",)])
def test_a_database_that_does_not_answer_is_one_line(
    guanxi: Guanxi, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setenv("GUANXI_DATABASE_URL", "postgresql://desk:hunter2@127.0.0.1:1/desk")
    said = guanxi(*arguments)
    assert said.code == 2
    assert said.err.splitlines()[-1].startswith("guanxi: the database cannot be reached: ")
    assert "Traceback" not in said.err
    assert "hunter2" not in said.err + said.out


def test_a_file_that_is_no_database_is_one_line(guanxi: Guanxi, folder: Path) -> None:
    (folder / "data").mkdir()
    (folder / "data" / "guanxi.db").write_text("no database at all, but a text that is long enough", encoding="utf-8")
    said = guanxi("migrate")
    assert (said.code, said.err) == (2, "guanxi: the database says: file is not a database\n")


def test_a_database_before_its_migration_is_left_alone(guanxi: Guanxi, folder: Path) -> None:
    said = guanxi("inbox", "parked")
    assert said.code == 2
    assert "`guanxi migrate`" in said.err
    assert not list(folder.iterdir())


def test_a_role_of_its_own_needs_postgresql(guanxi: Guanxi) -> None:
    said = guanxi("run", "--role", "worker")
    assert (said.code, said.out) == (2, "")
    assert "--role worker needs PostgreSQL" in said.err.splitlines()[-1]


def test_a_second_program_on_an_embedded_database_is_refused(guanxi: Guanxi, folder: Path) -> None:
    with only_one(folder / "data" / "guanxi.db.lock"):
        said = guanxi("run")
    assert (said.code, said.out) == (2, "")
    assert said.err == "guanxi: data/guanxi.db.lock: another Guanxi runs on this database; end it first\n"
    assert [path.name for path in folder.iterdir()] == ["data"]


def test_an_empty_folder_is_served_within_seconds_and_ends_when_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUANXI_HTTP_PORT", "0")
    process = open_process("run")
    assert process.stdout is not None
    said: list[str] = []
    while not said or "Telegram" not in said[-1]:
        said.append(process.stdout.readline().decode())
        assert said[-1], process.communicate()
    text = "".join(said)
    assert "Written for a start: desk.yaml" in text
    assert "login supervisor, password " in text
    address = next(line.split()[-1] for line in said if "Web chat" in line).removesuffix("/chat")
    with urllib.request.urlopen(f"{address}/readyz", timeout=10) as reply:  # noqa: S310 (our own address)
        assert reply.status == 200
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, b"Traceback" in err, b" ERROR " in err) == (0, False, False)


def test_an_interruption_shows_no_traceback(guanxi: Guanxi, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("bot.cli.checking.migrate_database", interrupted)
    said = guanxi("migrate")
    assert (said.code, said.err) == (130, "")


def test_a_mistake_of_ours_keeps_its_traceback(guanxi: Guanxi, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("bot.cli.checking.migrate_database", broken)
    with pytest.raises(ZeroDivisionError):
        guanxi("migrate")


# ---- tag and sla due -------------------------------------------------------------------------------------------------


def test_one_text_is_tagged(guanxi: Guanxi) -> None:
    said = guanxi("tag", "我要退款")
    tags = json.loads(said.out)
    assert (said.code, tags["intent"], tags["language"]) == (0, "return_refund", "zh-Hans")
    assert list(tags) == ["intent", "confidence", "sentiment", "urgent", "language", "reader"]


def test_lines_are_tagged_in_their_order_and_wrong_ones_answered_in_their_place(folder: Path) -> None:
    process = open_process("tag", "--jsonl")
    many = [json.dumps({"text": "我要退款"} if number % 3 else "hello") for number in range(1000)]
    lines = [*many, "nonsense", '{"txt": "x"}', "", '"\\ud800"', '"谢谢"']
    out, err = process.communicate("\n".join(lines).encode(), timeout=60)
    replies = [json.loads(line) for line in out.decode().splitlines()]
    assert len(replies) == 1004
    intents = [reply["intent"] for reply in replies[:1000]]
    assert intents == ["return_refund" if number % 3 else "greeting" for number in range(1000)]
    assert ["error" in reply for reply in replies[1000:]] == [True, True, True, False]
    assert replies[1003]["intent"] == "thanks"
    assert process.returncode == 1
    assert err.decode() == "guanxi: 3 of 1004 lines could not be read; each was answered by its error\n"


def test_a_line_is_answered_before_the_next_one_is_written(folder: Path) -> None:
    process = open_process("tag", "--jsonl")
    assert process.stdin is not None
    assert process.stdout is not None
    for text in ("你好", "where is my parcel?"):
        process.stdin.write(json.dumps(text).encode() + b"\n")
        process.stdin.flush()
        assert "intent" in json.loads(process.stdout.readline())
    out, err = process.communicate(timeout=30)
    assert (out, err, process.returncode) == (b"", b"", 0)


def test_a_reader_that_goes_away_is_no_traceback(folder: Path) -> None:
    process = open_process("tag", "--jsonl")
    assert process.stdout is not None
    process.stdout.close()
    process.stdout = None
    _, err = process.communicate(b'"hello"\n' * 1000, timeout=30)
    assert b"Traceback" not in err


def test_s12_open_time_is_counted_by_line(folder: Path) -> None:
    process = open_process("sla", "due", "--jsonl", "--config", str(STARTER))
    asked = [
        {"calendar": "office", "start": "2026-01-05T09:00", "minutes": 90},
        {"calendar": "offce", "start": "2026-01-05T09:00", "minutes": 90},
        ["office"],
        {"calendar": "office", "start": "2026-01-09T17:30:00+08:00", "minutes": 60},
    ]
    out, err = process.communicate("\n".join(map(json.dumps, asked)).encode(), timeout=30)
    replies = [json.loads(line) for line in out.decode().splitlines()]
    assert replies[0] == {"due": "2026-01-05T02:30:00Z"}
    assert replies[1]["error"].startswith("calendar: expected one of office")
    assert "error" in replies[2]
    assert replies[3] == {"due": "2026-01-12T01:30:00Z"}
    assert process.returncode == 1
    assert err.startswith(b"guanxi: 2 of 4 lines")


def test_s12_open_time_is_counted_once(guanxi: Guanxi) -> None:
    said = guanxi("sla", "due", "office", "2026-01-05T09:00", "90", "--config", str(STARTER))
    assert (said.code, json.loads(said.out)) == (0, {"due": "2026-01-05T02:30:00Z"})
    assert guanxi("sla", "due", "shop", "2026-01-05T09:00", "90", "--config", str(STARTER)).code == 1


def test_what_can_be_typed_says_the_same_roles_as_the_desk() -> None:
    assert [role.value for role in commands.StaffRole] == [role.value for role in Role]
