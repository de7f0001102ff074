"""The first start in an empty folder, and that nothing of anybody's is written over."""

from datetime import UTC, datetime
from pathlib import Path

from bot.company import load_company
from bot.first_start import admit_first, write_starter
from console.passwords import verify_password
from nlp.pages import read_pages
from store import users
from store.database import Database

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)


def test_an_empty_folder_gets_a_file_that_is_correct_and_pages_to_answer_from(tmp_path: Path) -> None:
    config = tmp_path / "new" / "desk.yaml"
    assert write_starter(config) == [config, tmp_path / "new" / "knowledge"]
    company = load_company(config, today=NOW.date()).company
    assert read_pages(config.parent / company.knowledge.folder)
    assert sorted(each.name for each in config.parent.iterdir()) == ["desk.yaml", "knowledge"]


def test_a_file_that_is_there_is_left_alone_and_gets_no_pages_of_another_company(tmp_path: Path) -> None:
    config = tmp_path / "desk.yaml"
    config.write_text("mine", encoding="utf-8")
    assert write_starter(config) == []
    assert [each.name for each in tmp_path.iterdir()] == ["desk.yaml"]
    assert config.read_text(encoding="utf-8") == "mine"


def test_pages_that_are_there_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "knowledge").mkdir()
    assert write_starter(tmp_path / "desk.yaml") == [tmp_path / "desk.yaml"]
    assert not list((tmp_path / "knowledge").iterdir())


async def test_the_first_supervisor_is_let_in_once(database: Database, tmp_path: Path) -> None:
    write_starter(tmp_path / "desk.yaml")
    company = load_company(tmp_path / "desk.yaml", today=NOW.date()).company
    admitted = await admit_first(database, company, NOW)
    assert admitted is not None
    login, password = admitted
    user = await database.read(lambda connection: users.find_user(connection, login))
    assert user is not None
    assert (user.staff_name, user.role.value) == ("supervisor", "supervisor")
    assert verify_password(user.password_hash, password)
    assert await admit_first(database, company, NOW) is None
