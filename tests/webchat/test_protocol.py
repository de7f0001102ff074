"""The words on the WebSocket, against a real database."""

import asyncio
import uuid
from datetime import UTC, datetime
from types import SimpleNamespace

import aiohttp
import pytest
from aiohttp import web

from channels.webchat import sockets
from channels.webchat.chat import Limits
from channels.webchat.sockets import VisitorSocket
from desk.commands import CustomerPressed, CustomerRead, CustomerStarted, CustomerWrote
from tests.emulator.clock import Clock
from tests.queues.post import until
from tests.webchat.conftest import Client, Serve
from tests.webchat.house import House
from tests.webchat.visitor import Line, connect, origin, visitor_of


async def test_the_first_hello_starts_the_conversation_once(client: Client, house: House) -> None:
    for _ in range(2):
        async with connect(client, timezone="Asia/Shanghai", language="zh") as line:
            await line.hear("messages")
    [started] = house.commands
    assert isinstance(started, CustomerStarted)
    assert started.sender.key == f"webchat:{visitor_of(client)}"
    assert (started.sender.language, started.sender.timezone, started.code) == ("zh", "Asia/Shanghai", None)


async def test_a_link_with_a_code_is_the_source(client: Client, house: House) -> None:
    async with connect(client, code="spring-sale", timezone="Moon/Base", language="xx") as line:
        await line.hear("messages")
    [started] = house.commands
    assert isinstance(started, CustomerStarted)
    assert (started.code, started.sender.timezone, started.sender.language) == ("spring-sale", None, "zh")


async def test_the_tick_comes_only_after_the_message_is_stored(client: Client, house: House) -> None:
    async with connect(client) as line:
        await line.hear("messages")
        client_id = await line.write("我的洗衣机漏水了")
        assert (await line.hear("stored"))["client_id"] == client_id
        assert f"webchat:{visitor_of(client)}:{client_id}" in await house.raws()
    [wrote] = house.wrote()
    assert (wrote.text, wrote.external_id) == ("我的洗衣机漏水了", client_id)


async def test_a_nul_among_the_words_is_left_out(client: Client, house: House) -> None:
    async with connect(client) as line:
        await line.hear("messages")
        await line.write("it\u0000 leaks")
        await line.hear("stored")
    assert [wrote.text for wrote in house.wrote()] == ["it leaks"]


async def test_no_tick_when_storing_fails_and_a_resend_arrives_once(client: Client, house: House) -> None:
    client_id = str(uuid.uuid4())
    async with connect(client) as line:
        await line.hear("messages")
        house.is_down = True
        await line.write("hello", client_id)
        kinds = [message.type async for message in line.socket]
        assert aiohttp.WSMsgType.TEXT not in kinds
    house.is_down = False
    for _ in range(2):
        async with connect(client) as line:
            await line.write("hello", client_id)
            assert (await line.hear("stored"))["client_id"] == client_id
    assert len(house.wrote()) == 1


async def test_own_messages_come_back_with_their_client_id_and_answers_without(client: Client, house: House) -> None:
    async with connect(client) as line:
        await line.hear("messages")
        client_id = await line.write("hello")
        [own] = (await line.hear("messages"))["items"]
        await house.write(
            f"webchat:{visitor_of(client)}", "agent", "Hi, this is Lin", author_name="Lin", external_id="7"
        )
        [answer] = (await line.hear("messages"))["items"]
    assert (own["author"], own["client_id"]) == ("customer", client_id)
    assert (answer["author"], answer["name"], answer["text"]) == ("agent", "Lin", "Hi, this is Lin")
    assert "client_id" not in answer


async def test_a_reconnect_gives_the_whole_tail(client: Client, house: House) -> None:
    async with connect(client) as line:
        await line.write("one")
        await line.hear("stored")
    await house.write(f"webchat:{visitor_of(client)}", "bot", "two")
    async with connect(client) as line:
        frame = await line.hear("messages")
    assert frame["span"] == "tail"
    assert [item["text"] for item in frame["items"]] == ["one", "two"]


async def test_notes_failures_and_other_conversations_are_never_shown(client: Client, house: House) -> None:
    async with connect(client):
        key = f"webchat:{visitor_of(client)}"
    await house.write(key, "bot", "seen")
    await house.write(key, "agent", "a note", public=False, delivery="internal")
    await house.write(key, "agent", "it failed", delivery="failed")
    await house.write(key, "agent", "taken back", delivery="deleted")
    await house.write("webchat:" + "0" * 32, "agent", "somebody else's")
    async with connect(client) as line:
        frame = await line.hear("messages")
    assert [item["text"] for item in frame["items"]] == ["seen"]


async def test_edits_removed_buttons_and_removals_arrive(client: Client, house: House) -> None:
    async with connect(client) as line:
        await line.hear("messages")
        key = f"webchat:{visitor_of(client)}"
        buttons = [[{"label": "5", "action": "csat:1:5"}]]
        number = await house.write(key, "bot", "How was it?", buttons=buttons)
        [asked] = (await line.hear("messages"))["items"]
        await house.change(number, text="Thank you!", buttons=None, edited_at=datetime.now(UTC))
        [thanked] = (await line.hear("messages"))["items"]
        await house.change(number, delivery="deleted")
        removed = await line.hear("removed")
    assert asked["buttons"] == [[{"label": "5", "action": "csat:1:5"}]]
    assert (thanked["id"], thanked["text"], thanked.get("buttons")) == (number, "Thank you!", None)
    assert removed["ids"] == [number]


async def test_an_entry_written_late_under_a_smaller_id_is_not_lost(client: Client, house: House) -> None:
    async with connect(client) as line:
        await line.hear("messages")
        key = f"webchat:{visitor_of(client)}"
        await house.write(key, "bot", "second block", id=900)
        await line.hear("messages")
        await house.write(key, "bot", "first block", id=17)
        [late] = (await line.hear("messages"))["items"]
    assert (late["id"], late["text"]) == (17, "first block")


async def test_a_lost_ring_is_made_good_by_the_sweep(serve: Serve, house: House) -> None:
    client = await serve(sweep=0.05)
    async with connect(client) as line:
        await line.hear("messages")
        house.bells.listeners.clear()
        house.bells.listeners[f"conversation:webchat:{visitor_of(client)}"] = []
        await house.write(f"webchat:{visitor_of(client)}", "bot", "nobody rang")
        [item] = (await line.hear("messages"))["items"]
        house.bells.listeners.clear()
    assert item["text"] == "nobody rang"


async def test_older_entries_come_by_pages(serve: Serve, house: House) -> None:
    client = await serve(limits=Limits(history=3))
    async with connect(client):
        key = f"webchat:{visitor_of(client)}"
    for number in range(1, 6):
        await house.write(key, "bot", str(number))
    async with connect(client) as line:
        tail = await line.hear("messages")
        await line.say(type="older", before=tail["items"][0]["id"])
        older = await line.hear("messages")
    assert ([item["text"] for item in tail["items"]], tail["more"]) == (["3", "4", "5"], True)
    assert ([item["text"] for item in older["items"]], older.get("more", False)) == (["1", "2"], False)
    assert older["span"] == "older"


async def test_presses_are_taken_only_where_they_were_offered(client: Client, house: House) -> None:
    async with connect(client) as line:
        await line.hear("messages")
        mine = await house.write(
            f"webchat:{visitor_of(client)}", "bot", "?", buttons=[[{"label": "Yes", "action": "yes"}]]
        )
        theirs = await house.write("webchat:" + "0" * 32, "bot", "?", buttons=[[{"label": "Yes", "action": "yes"}]])
        verdicts = [
            await press(line, action="yes", message=mine),
            await press(line, action="no", message=mine),
            await press(line, action="yes", message=theirs),
            await press(line, action="human"),
            await press(line, action="lang:en"),
            await press(line, action="lang:fr"),
            await press(line, action="resolve:1"),
        ]
    assert verdicts == ["stored", "stale", "stale", "stored", "stored", "stale", "stale"]
    assert house.pressed() == ["yes", "human", "lang:en"]
    first = next(command for command in house.commands if isinstance(command, CustomerPressed))
    assert first.external_id == str(mine)


async def press(line: Line, **content: object) -> str:
    await line.say(type="press", client_id=str(uuid.uuid4()), **content)
    while True:
        frame = await line.socket.receive_json(timeout=5)
        if frame["type"] in {"stored", "error"}:
            return str(frame.get("code", "stored"))


async def test_read_is_stored_once_and_only_for_ours(client: Client, house: House) -> None:
    async with connect(client) as line:
        await line.hear("messages")
        key = f"webchat:{visitor_of(client)}"
        ours = await house.write(key, "agent", "Hi")
        own = await house.write(key, "customer", "Hello")
        strange = await house.write("webchat:" + "0" * 32, "agent", "Hi")
        for number in (ours, own, strange, ours):
            await line.say(type="read", message=number)
        await line.say(type="ping")
        await line.hear("pong")
    assert [command.message for command in house.commands if isinstance(command, CustomerRead)] == [ours]


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ({"type": "message", "client_id": str(uuid.uuid4()), "text": " \x00 "}, "empty"),
        ({"type": "message", "client_id": str(uuid.uuid4()), "text": "长" * 4001}, "too_long"),
        ({"type": "message", "client_id": "../../etc", "text": "hi"}, "frame"),
        ({"type": "message", "client_id": str(uuid.uuid4()), "text": "hi", "files": ["0" * 32]}, "unknown_file"),
        ({"type": "message", "client_id": str(uuid.uuid4()), "text": "hi", "files": ["a"] * 11}, "too_many_files"),
        ({"type": "message", "text": 5}, "frame"),
        ({"type": "drop table"}, "frame"),
        ({"type": "read", "message": "1"}, "frame"),
        ({"type": "read", "message": 2**63}, "frame"),
        ({"type": "older", "before": 10**30}, "frame"),
        ({"type": "press", "client_id": str(uuid.uuid4()), "action": "human", "message": -1}, "frame"),
        ({"type": "hello", "version": 99}, "version"),
    ],
)
async def test_bad_frames_are_refused_and_the_line_stays(client: Client, frame: dict[str, object], code: str) -> None:
    async with connect(client) as line:
        await line.say(**frame)
        assert (await line.hear("error"))["code"] == code
        await line.write("still here")
        await line.hear("stored")


async def test_no_json_and_half_a_surrogate_are_refused_not_fatal(client: Client, house: House) -> None:
    async with connect(client) as line:
        await line.socket.send_str("{")
        assert (await line.hear("error"))["code"] == "frame"
        await line.socket.send_str('{"type":"ping","more":' + "[" * 30_000)
        assert (await line.hear("error"))["code"] == "frame"
        await line.socket.send_str(f'{{"type":"message","client_id":"{uuid.uuid4()}","text":"a\\ud800b"}}')
        await line.say(type="ping")
        await line.hear("pong")
    assert all("\ud800" not in wrote.text for wrote in house.wrote())


async def test_nothing_is_taken_before_hello(client: Client) -> None:
    await client.get("/chat")
    async with client.ws_connect("/chat/ws", headers=origin(client)) as socket:
        line = Line(socket)
        await line.write("too early")
        assert (await line.hear("error"))["code"] == "hello"


async def test_a_flood_is_slowed_and_nothing_of_it_is_lost(
    serve: Serve, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(start=0.0, speed=0.0)  # as slow as the machine may be, only the pauses give the allowance back
    monkeypatch.setattr(sockets, "time", SimpleNamespace(monotonic=clock.now))
    client = await serve(limits=Limits(burst=4, burst_seconds=4.0))
    waiting = [(str(uuid.uuid4()), str(number)) for number in range(8)]
    refusals = 0
    async with connect(client) as line:
        await line.hear("messages")
        while waiting:
            await line.write(waiting[0][1], waiting[0][0])
            frame = await line.socket.receive_json(timeout=5)
            while frame["type"] == "messages":
                frame = await line.socket.receive_json(timeout=5)
            if frame["type"] == "stored":
                waiting.pop(0)
            else:
                refusals += 1
                assert frame["code"] == "slow"
                clock.advance(frame["retry_after"])
    assert refusals == 4
    assert [wrote.text for wrote in house.wrote()] == [str(number) for number in range(8)]


async def test_a_frame_too_large_ends_the_line(serve: Serve, house: House) -> None:
    client = await serve(limits=Limits(frame_size=1024))
    async with connect(client) as line:
        await line.hear("messages")
        await line.write("x" * 2000)
        message = await line.socket.receive(timeout=5)
        assert (message.type, message.data) == (aiohttp.WSMsgType.CLOSE, aiohttp.WSCloseCode.MESSAGE_TOO_BIG)
    assert house.wrote() == []


async def test_two_tabs_see_each_others_messages(client: Client) -> None:
    async with connect(client) as one, connect(client) as two:
        await one.hear("messages")
        await two.hear("messages")
        await one.write("from the first")
        [item] = (await two.hear("messages"))["items"]
    assert item["text"] == "from the first"


@pytest.mark.parametrize("turns", range(4))
async def test_a_ring_at_the_moment_of_the_end_keeps_nothing_open(
    house: House, monkeypatch: pytest.MonkeyPatch, turns: int
) -> None:
    async def unheard(_socket: VisitorSocket, _frame: object) -> None:
        pass

    monkeypatch.setattr(VisitorSocket, "_say", unheard)
    socket, bell = VisitorSocket(house.chat(), web.WebSocketResponse(), "v1", lambda: 0.0), asyncio.Event()
    socket._greeted.set()
    telling = asyncio.create_task(socket._tell_news(bell))
    await until(lambda: bell._waiters)
    bell.set()
    for _ in range(turns):
        await asyncio.sleep(0)
    telling.cancel()
    done, _ = await asyncio.wait([telling], timeout=2)
    telling.cancel()
    assert done == {telling}


async def test_the_server_hangs_up_when_it_stops(client: Client) -> None:
    async with connect(client) as line:
        await line.hear("messages")
        stopping = asyncio.create_task(client.server.close())
        message = await line.socket.receive(timeout=5)
        assert (message.type, message.data) == (aiohttp.WSMsgType.CLOSE, aiohttp.WSCloseCode.GOING_AWAY)
        await stopping


def test_the_written_command_keeps_the_moment_of_the_door(house: House) -> None:
    at = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
    payload = '{"type":"wrote","visitor":{"id":"ab12","language":"zh"},"client_id":"c1","text":"在吗"}'
    [command] = house.channel.parse(payload, at)
    assert isinstance(command, CustomerWrote)
    assert (command.at, command.sender.key, command.sender.name) == (at, "webchat:ab12", "Web AB12")


@pytest.mark.parametrize("payload", ["", "{}", '{"type":"wrote"}', "[]"])
def test_a_payload_that_is_none_is_parked(house: House, payload: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        house.channel.parse(payload, datetime.now(UTC))
