"""The doors: webhook and polling, what comes twice, what is strange, what cannot be handled."""

import json
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from socket import socket

import aiohttp
import pytest

from bot.telegram import PATH
from channels.telegram.webhook import SECRET_HEADER
from desk.commands import CustomerWrote
from desk.readings import Understanding
from handlers import customer_messages
from handlers.scene import Scene
from store import inbox
from tests.emulator import Emulator
from tests.emulator.updates import Update
from tests.stories.house import House, Staff, open_house, settings
from tests.stories.talk import WISH, is_card, lines_of, taken_by_lin, with_ticket

SECRET = "a-secret-of-the-stories"


def free_port() -> int:
    """A port below those that the system hands out by itself: nobody else is given it before we take it."""
    while True:
        port = random.randrange(10_000, 32_000)
        with suppress(OSError), socket() as tried:
            tried.bind(("127.0.0.1", port))
            return port


@pytest.fixture
async def hooked(emulator: Emulator, people: Staff, database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """A house with an address of its own, to which updates are delivered."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    chosen = settings(database_url, tmp_path, http_port=port, public_url=address, telegram_secret=SECRET)
    async with open_house(emulator, chosen) as opened:
        yield opened


async def test_by_webhook_a_customer_gets_a_person(emulator: Emulator, people: Staff, hooked: House) -> None:
    _, topic = await taken_by_lin(emulator, people, hooked)
    assert lines_of(topic)[0] == WISH
    assert emulator.ledger.of("getUpdates") == []
    assert not emulator.updates.pending


async def test_the_webhook_takes_nothing_without_its_secret(emulator: Emulator, people: Staff, hooked: House) -> None:
    update = {"update_id": 1, "message": {"message_id": 1, "date": 1, "chat": {"id": 501, "type": "private"}}}
    async with aiohttp.ClientSession() as session:
        for headers in ({}, {SECRET_HEADER: "a guess"}):
            async with session.post(f"{hooked.address}{PATH}", json=update, headers=headers) as answer:
                assert answer.status == 403
    assert await hooked.built.database.read(lambda connection: inbox.outcome(connection, "telegram:42000:1")) is None


async def test_the_webhook_says_ok_only_after_the_commit(
    emulator: Emulator, people: Staff, hooked: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = [OSError("the disk is full") for _ in range(3)]
    for name in ("add", "add_for"):
        monkeypatch.setattr(inbox, name, _failing_at_first(getattr(inbox, name), left))
    anna = emulator.customer(501, "Anna")
    anna.writes(WISH)
    await hooked.until(lambda: any(is_card(message) for message in people.room.messages), what="the card")
    assert max(emulator.webhook.attempts.values()) == 4
    await hooked.is_quiet()
    emulator.assert_each_once(people.room)


def _failing_at_first(store: Callable[..., object], left: list[OSError]) -> Callable[..., object]:
    def full(*values: object) -> object:
        if left:
            raise left.pop()
        return store(*values)

    return full


async def test_a_nul_among_the_words_parks_nothing_by_webhook(emulator: Emulator, people: Staff, hooked: House) -> None:
    await _is_read_without_nul(emulator, people, hooked)


async def test_a_nul_among_the_words_parks_nothing_by_polling(emulator: Emulator, people: Staff, house: House) -> None:
    await _is_read_without_nul(emulator, people, house)


async def _is_read_without_nul(emulator: Emulator, people: Staff, house: House) -> None:
    anna, topic = await with_ticket(emulator, people, house)
    anna.writes("It\u0000 leaks")
    await house.until(lambda: "It leaks" in lines_of(topic), what="the line")
    assert await house.parked() == []


async def test_what_is_delivered_twice_counts_once(emulator: Emulator, people: Staff, hooked: House) -> None:
    anna, topic = await with_ticket(emulator, people, hooked)
    anna.writes("It leaks")
    (update,) = emulator.updates.pending
    await hooked.until(lambda: "It leaks" in lines_of(topic), what="the line")
    async with aiohttp.ClientSession() as session:
        for _ in range(3):
            headers = {SECRET_HEADER: SECRET}
            async with session.post(f"{hooked.address}{PATH}", data=update.body, headers=headers) as answer:
                assert answer.status == 200
    await hooked.is_quiet()
    emulator.assert_each_once(people.room)


async def test_kinds_nobody_knows_are_kept_and_ignored(emulator: Emulator, people: Staff, house: House) -> None:
    anna = emulator.customer(501, "Anna")
    _arrives(emulator, {"hologram": {"x": 1}})
    _arrives(emulator, {"poll": {"id": "7"}})
    _arrives(emulator, {})
    anna.writes(WISH)
    await house.until(lambda: any(is_card(message) for message in people.room.messages), what="the card")
    await house.is_quiet()
    assert await house.parked() == []
    emulator.assert_each_once(people.room)


async def test_what_cannot_be_read_is_parked_at_once(emulator: Emulator, people: Staff, house: House) -> None:
    anna = emulator.customer(501, "Anna")
    _arrives(emulator, {"message": {"message_id": "none", "chat": {"id": 501, "type": "private"}, "date": 1}})
    anna.writes(WISH)
    await house.until(lambda: any(is_card(message) for message in people.room.messages), what="the card")
    (row,) = await house.parked()
    assert row.reason.startswith("cannot be read: ")
    emulator.assert_each_once(people.room)


def _arrives(emulator: Emulator, content: dict[str, object]) -> None:
    """An update as no emulator makes it."""
    updates = emulator.updates
    body = json.dumps({"update_id": updates.next_id, **content}).encode()
    updates.pending.append(Update(id=updates.next_id, kind="strange", lane=0, body=body))
    updates.next_id += 1


async def test_what_cannot_be_handled_is_parked_and_can_be_replayed(
    emulator: Emulator, people: Staff, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its lane goes on without it when the tries are over; nobody else waits for it."""
    anna, topic = await with_ticket(emulator, people, house)
    with monkeypatch.context() as broken:
        broken.setattr(customer_messages, "wrote", _choking_on("poison"))
        anna.writes("poison")
        await house.comes(lambda: house.tries("telegram:501"), what="the first try fails")
        anna.writes("after it")
        ben = emulator.customer(502, "Ben")
        ben.writes(f"{WISH} too")
        await house.until(lambda: len(people.room.topics) == 2, what="another customer is served meanwhile")
        assert lines_of(topic) == [WISH]
        while not await house.parked():
            tried = await house.tries("telegram:501")
            emulator.clock.advance(10)
            await house.comes(partial(_went_on, house, tried), what="one try more")
        await house.until(lambda: lines_of(topic) == [WISH, "after it"], what="the lane goes on")
        (row,) = await house.parked()
        assert (row.lane, row.reason) == ("telegram:501", "RuntimeError: choked")
    await house.replay()
    await house.until(lambda: lines_of(topic) == [WISH, "after it", "poison"], what="the replayed line")
    assert await house.parked() == []


async def _went_on(house: House, tried: int) -> bool:
    return await house.tries("telegram:501") != tried


Wrote = Callable[[Scene, Sequence[tuple[CustomerWrote, Understanding]]], None]


def _choking_on(text: str) -> Wrote:
    wrote = customer_messages.wrote

    def chokes(scene: Scene, burst: Sequence[tuple[CustomerWrote, Understanding]]) -> None:
        if any(command.text == text for command, _ in burst):
            raise RuntimeError("choked")
        wrote(scene, burst)

    return chokes
