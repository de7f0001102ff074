"""Old handled rows are forgotten, the oldest first, at a cost that grows with them."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select, update

from bot.schedule import Schedule, Ticks
from desk.messages import Attachment
from store import inbox, tables, unsent
from store.files import FileStore
from store.inbox import Arrival
from tests.handlers.desk_driver import WANG, Desk


async def test_a_purge_takes_all_that_is_old_and_nothing_else(desk: Desk, tmp_path: Path) -> None:
    now = desk.now
    arrivals = [
        Arrival(key=f"k{each}", lane=WANG.key, channel="telegram", payload="", received_at=now - timedelta(days=days))
        for days, count in ((20, 2500), (3, 5))
        for each in range(days * 10_000, days * 10_000 + count)
    ]
    await desk.database.transaction(lambda connection: inbox.add(connection, arrivals, now))
    handled = [*range(2, 2500), 2501, 2502]
    await desk.database.transaction(lambda connection: inbox.finish(connection, handled, now))
    await _schedule(desk, tmp_path).purge()
    ids = select(tables.inbox.c.id).order_by(tables.inbox.c.id)
    left = await desk.database.read(lambda connection: list(connection.execute(ids).scalars()))
    assert left == [1, 2500, *range(2501, 2506)]


async def test_files_that_were_never_sent_go_after_a_day_and_no_others(desk: Desk, tmp_path: Path) -> None:
    schedule, store = _schedule(desk, tmp_path), _store(desk, tmp_path)
    sent, unsent, parked = [await _upload(desk, store) for _ in range(3)]
    await desk.tell(desk.message("my washer", attachments=(sent,)))
    await _park(desk, parked)
    desk.now += timedelta(hours=23)
    fresh = await _upload(desk, store)
    await schedule.clear_files()
    assert await _kept(store, sent, unsent, parked, fresh) == [True, True, True, True]
    desk.now += timedelta(hours=2)
    await schedule.clear_files()
    assert await _kept(store, sent, unsent, parked, fresh) == [True, False, True, True]
    desk.now += timedelta(days=2)
    await schedule.clear_files()
    assert await _kept(store, sent, unsent, parked, fresh) == [True, False, True, False]
    assert _on_disk(tmp_path) == 2


async def test_each_file_is_looked_at_however_many_came_at_once(desk: Desk, tmp_path: Path) -> None:
    store = _store(desk, tmp_path)
    uploaded = [await _upload(desk, store) for _ in range(5)]
    desk.now += timedelta(days=2)
    looked = [
        await desk.database.transaction(lambda connection: unsent.forget(connection, desk.now, 2)) for _ in range(4)
    ]
    assert [(len(keys), has_more) for keys, has_more in looked] == [(2, True), (2, True), (1, False), (0, False)]
    assert await _kept(store, *uploaded) == [False] * 5


def _store(desk: Desk, folder: Path) -> FileStore:
    return FileStore(database=desk.database, folder=folder / "files")


def _schedule(desk: Desk, folder: Path) -> Schedule:
    return Schedule(
        database=desk.database,
        files=_store(desk, folder),
        now=lambda: desk.now,
        ring=lambda _topic: None,
        ticks=Ticks(),
    )


async def _upload(desk: Desk, store: FileStore) -> Attachment:
    return await store.keep(_bytes(), name="a.png", media_type="image/png", owner=WANG.key, at=desk.now)


async def _bytes() -> AsyncIterator[bytes]:
    yield b"a picture"


async def _kept(store: FileStore, *files: Attachment) -> list[bool]:
    keys = [(file.file or "").removeprefix("local:") for file in files]
    return [await store.find(key, owner=WANG.key) is not None for key in keys]


def _on_disk(folder: Path) -> int:
    return sum(path.is_file() for path in (folder / "files").rglob("*"))


async def _park(desk: Desk, file: Attachment) -> None:
    arrival = Arrival(key="p", lane=WANG.key, channel="webchat", payload=f'["{file.file}"]', received_at=desk.now)
    await desk.database.transaction(lambda connection: inbox.add(connection, [arrival], desk.now))
    parked = update(tables.inbox).where(tables.inbox.c.key == "p").values(state="parked")
    await desk.database.transaction(lambda connection: connection.execute(parked))
