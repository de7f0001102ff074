"""What customers say stays in the house: not in the log, not in files that others of the machine can read."""

import asyncio
import stat
import time
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import text

from bot.intake import Intake
from channels.base import NotStored, Raw
from console.api.shapes import NewMessage
from store.database import open_database
from store.migrate import upgrade

SAID = "my card is 4242 4242 4242 4242"


@pytest.mark.parametrize("way", ["migrated", "opened"])
async def test_the_database_is_its_owners_alone(tmp_path: Path, way: str) -> None:
    """Whoever comes first makes the file: at a first start that is the migration."""
    url = f"sqlite:///{tmp_path}/data/guanxi.db"
    if way == "migrated":
        await asyncio.to_thread(upgrade, url)
    database = open_database(url)
    await database.transaction(lambda connection: connection.execute(text("CREATE TABLE said (what TEXT)")))
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in _files(tmp_path / "data")}
    await database.close()
    assert modes == dict.fromkeys(("guanxi.db", "guanxi.db-shm", "guanxi.db-wal"), 0o600)


def _files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def test_a_database_that_was_there_keeps_its_rights(tmp_path: Path) -> None:
    file = tmp_path / "old.db"
    file.touch(mode=0o640)
    file.chmod(0o640)
    await open_database(f"sqlite:///{file}").close()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


async def test_what_could_not_be_stored_is_not_told_with_its_words(tmp_path: Path) -> None:
    """The doors log the error; an empty database has no inbox, and says so."""
    database = open_database(f"sqlite:///{tmp_path}/empty.db")
    raw = Raw(key="webchat:1:1", lane="webchat:1", channel="webchat", payload=SAID, received_at=datetime.now(UTC))
    try:
        with pytest.raises(NotStored, match=r"OperationalError: .*no such table") as refused:
            await Intake(database, lambda _: None, lambda: datetime.now(UTC)).accept([raw])
    finally:
        await database.close()
    assert "4242" not in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("text", ["a" * 19_999 + "\0", " " * 20_000])
def test_no_text_keeps_the_api_busy(text: str) -> None:
    begun = time.process_time()
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"author": "Lin", "text": text}, NewMessage)
    assert time.process_time() - begun < 1


def test_a_text_may_begin_with_lines_that_are_empty() -> None:
    assert msgspec.convert({"author": "Lin", "text": "\n\n hi \n"}, NewMessage).text == "\n\n hi \n"
