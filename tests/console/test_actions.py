"""What the staff do becomes one command each; what became of it is told where it was done."""

from pathlib import Path

import pytest
from aiohttp import FormData

from desk.commands import Action, Actor, AtTicket, StaffActed
from desk.messages import AttachmentKind
from desk.readings import Sentiment
from desk.values import replace
from store.files import FileStore
from tests.console.house import PNG, House, act, csrf_of, hidden, log_in
from tests.console.seed import NOW


def only(house: House) -> tuple[StaffActed, str, str]:
    ((command, key, lane),) = house.handled.commands
    assert isinstance(command, StaffActed)
    return command, key, lane


@pytest.mark.parametrize("action", ["release", "waiting", "resolve"])
async def test_a_button_is_a_command_of_whoever_is_logged_in(house: House, action: str) -> None:
    async with house.browser() as browser:
        await log_in(browser, "lin")
        response = await act(browser, 1042, action, seen="7", key="0123456789")
        assert (response.status, await response.json()) == (200, {})
    command, key, lane = only(house)
    assert command == StaffActed(
        by=Actor(name="Lin"), action=Action(action), at=NOW, place=AtTicket(number=1042), seen=7
    )
    assert (key, lane) == ("console:lin:0123456789", "ticket:1042")


async def test_a_refusal_is_shown_and_the_page_stays(house: House) -> None:
    house.handled.refusal = "Already taken by Chen"
    async with house.browser() as browser:
        await log_in(browser, "lin")
        response = await act(browser, 1043, "take", seen="3")
        assert (response.status, await response.json()) == (409, {"refusal": "Already taken by Chen"})
        data = {"csrf": await csrf_of(browser), "action": "take", "key": "a-key-of-its-own"}
        async with browser.post("/console/tickets/1043/actions", data=data) as plain:
            assert plain.status == 409
            assert "Already taken by Chen" in await plain.text()
            assert "Emily Carter" in await plain.text()


async def test_what_is_stored_and_not_handled_yet_is_told_so(house: House) -> None:
    house.handled.is_late = True
    async with house.browser() as browser:
        await log_in(browser, "lin")
        response = await act(browser, 1042, "resolve")
        assert response.status == 202
        assert "pending" in await response.json()
        data = {"csrf": await csrf_of(browser), "action": "resolve", "back": "/console/tickets/1042?queue=mine"}
        headers = {"Accept-Language": "en"}
        async with browser.post("/console/tickets/1042/actions", data=data, headers=headers) as plain:
            assert plain.url.query_string == "queue=mine&pending=1"
            assert "still being handled" in await plain.text()


async def test_a_form_works_without_a_script(house: House) -> None:
    async with house.browser() as browser:
        await log_in(browser, "lin")
        data = {"csrf": await csrf_of(browser), "action": "release", "back": "https://evil.example/"}
        async with browser.post("/console/tickets/1042/actions", data=data, allow_redirects=False) as response:
            assert (response.status, response.headers["Location"]) == (303, "/console/tickets/1042")


@pytest.mark.parametrize(
    ("login", "number", "action", "status"),
    [
        ("lin", 1044, "resolve", 403),
        ("lin", 1044, "waiting", 403),
        ("lin", 1044, "release", 403),
        ("zhao", 1044, "resolve", 200),
        ("lin", 1043, "acknowledge", 403),
        ("zhao", 1043, "acknowledge", 200),
        ("lin", 1041, "reopen", 200),
        ("lin", 1042, "note", 400),
        ("lin", 1042, "nonsense", 400),
        ("lin", 7, "take", 404),
    ],
)
async def test_each_command_asks_for_its_role(house: House, login: str, number: int, action: str, status: int) -> None:
    async with house.browser() as browser:
        await log_in(browser, login)
        assert (await act(browser, number, action)).status == status
    assert len(house.handled.commands) == (1 if status == 200 else 0)


async def test_s17_an_alert_is_acknowledged_by_its_key(house: House) -> None:
    async with house.browser() as browser:
        await log_in(browser, "zhao")
        async with browser.get("/console") as response:
            assert 'name="argument" value="alert:1043:first_reply:100"' in await response.text()
        await act(browser, 1043, "acknowledge", argument="alert:1043:first_reply:100", seen="1")
    command, _key, lane = only(house)
    assert (command.action, command.argument, command.seen) == (Action.ACKNOWLEDGE, "alert:1043:first_reply:100", None)
    assert lane == "ticket:1043"


@pytest.mark.parametrize(("presence", "action"), [("online", Action.ONLINE), ("away", Action.AWAY)])
async def test_presence_is_a_command_without_a_ticket(house: House, presence: str, action: Action) -> None:
    async with house.browser() as browser:
        await log_in(browser, "lin")
        data = {"csrf": await csrf_of(browser), "presence": presence}
        async with browser.post("/console/presence", data=data, allow_redirects=False) as response:
            assert response.status == 303
    command, _key, lane = only(house)
    assert (command.action, command.place, lane) == (action, None, "staff:Lin")


def words(token: str, text: str, kind: str = "reply") -> FormData:
    form = FormData(quote_fields=False, default_to_multipart=True)
    for name, value in (("csrf", token), ("key", "the-forms-key"), ("kind", kind), ("text", text)):
        form.add_field(name, value)
    return form


@pytest.mark.parametrize(("kind", "action"), [("reply", Action.REPLY), ("note", Action.NOTE)])
async def test_h6_words_are_a_reply_or_a_note(house: House, kind: str, action: Action) -> None:
    async with house.browser() as browser:
        await log_in(browser, "lin")
        form = words(await csrf_of(browser), "  好的，<b>明天</b>见\r\n😀 ", kind)
        async with browser.post("/console/tickets/1042/messages", data=form, allow_redirects=False) as response:
            assert response.status == 303
    command, key, lane = only(house)
    assert (command.action, command.argument, command.seen) == (action, "好的，<b>明天</b>见\n😀", None)
    assert (key, lane) == ("console:lin:the-forms-key", "ticket:1042")


async def test_h6_an_agent_leaves_notes_on_the_tickets_of_others(house: House) -> None:
    async with house.browser() as browser:
        await log_in(browser, "lin")
        token = await csrf_of(browser)
        async with browser.post("/console/tickets/1044/messages", data=words(token, "hi")) as response:
            assert response.status == 403
        async with browser.post("/console/tickets/1044/messages", data=words(token, "hi", "note")) as response:
            assert response.status == 200
    assert only(house)[0].action is Action.NOTE


async def test_files_go_with_a_reply_and_belong_to_the_conversation(house: House) -> None:
    async with house.browser() as browser:
        await log_in(browser, "lin")
        form = words(await csrf_of(browser), "")
        form.add_field("files", PNG, filename="photos/leak.png", content_type="image/png")
        form.add_field("files", b"%PDF", filename="报价.pdf", content_type="application/pdf; charset=x")
        form.add_field("files", b"?", filename="odd", content_type="<script>/x")
        async with browser.post("/console/tickets/1042/messages", data=form, allow_redirects=False) as response:
            assert response.status == 303
    photo, quote, odd = only(house)[0].attachments
    assert (photo.kind, photo.name, photo.size) == (AttachmentKind.PHOTO, "leak.png", len(PNG))
    assert (quote.name, quote.media_type, odd.media_type) == ("报价.pdf", "application/pdf", "application/octet-stream")
    store = FileStore(database=house.database, folder=house.folder)
    assert photo.file is not None
    assert await store.find(photo.file.removeprefix("local:"), owner="telegram:visitor-1042") is not None


async def test_nothing_is_nothing_to_send(house: House) -> None:
    async with house.browser() as browser:
        await log_in(browser, "lin")
        form = words(await csrf_of(browser), " \n ")
        form.add_field("files", b"", filename="", content_type="application/octet-stream")
        async with browser.post("/console/tickets/1042/messages", data=form) as response:
            assert response.status == 422
    assert house.handled.commands == []


@pytest.mark.parametrize("text", ["x" * 20_001, "x" * 70_000])
async def test_too_much_is_refused(house: House, text: str) -> None:
    async with house.browser() as browser:
        await log_in(browser, "lin")
        async with browser.post("/console/tickets/1042/messages", data=words(await csrf_of(browser), text)) as response:
            assert response.status == 413
    assert house.handled.commands == []


async def test_too_many_files_are_refused(house: House) -> None:
    async with house.browser() as browser:
        await log_in(browser, "lin")
        form = words(await csrf_of(browser), "eleven")
        for number in range(11):
            form.add_field("files", b"x", filename=f"{number}.txt")
        async with browser.post("/console/tickets/1042/messages", data=form) as response:
            assert response.status == 413
    assert house.handled.commands == []


async def test_files_are_shown_only_where_a_browser_runs_nothing(house: House) -> None:
    async with house.browser() as browser:
        await log_in(browser, "lin")
        async with browser.get("/console/files/1042008/0") as picture:
            assert await picture.read() == PNG
            assert picture.headers["Content-Type"] == "image/png"
            assert picture.headers["Content-Disposition"].startswith("inline")
        async with browser.get("/console/files/1041001/0") as page:
            assert page.headers["Content-Type"] == "application/octet-stream"
            assert page.headers["Content-Disposition"] == "attachment; filename*=UTF-8''%22%3E%3Cb%3Ex.html"
            assert page.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
            assert page.headers["X-Content-Type-Options"] == "nosniff"
        for path in ("/console/files/1042008/1", "/console/files/1042001/0", "/console/files/9/0"):
            async with browser.get(path) as missing:
                assert missing.status == 404, path
    assert house.opened == ["local:photo", "local:page"]


async def test_a_player_gets_the_part_that_it_asks_for(house: House, tmp_path: Path) -> None:
    house.on_disk["local:photo"] = tmp_path / "photo"
    house.on_disk["local:photo"].write_bytes(PNG)
    async with house.browser() as browser:
        await log_in(browser, "lin")
        async with browser.get("/console/files/1042008/0", headers={"Range": "bytes=1-3"}) as part:
            assert (part.status, await part.read()) == (206, PNG[1:4])
            assert part.headers["Content-Type"] == "image/png"
            assert part.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        house.on_disk["local:photo"].unlink()
        async with browser.get("/console/files/1042008/0") as missing:
            assert missing.status == 404


async def test_a_corrected_tag_is_a_command_about_one_message(house: House) -> None:
    async with house.browser() as browser:
        await log_in(browser, "sun")
        fields = {"message": "1042002", "argument": "invoice", "sentiment": "positive", "urgent": "yes", "seen": "7"}
        assert (await act(browser, 1042, "retag", **fields)).status == 200
        assert (
            await act(browser, 1042, "retag", message="1042002", argument="invoice", sentiment="sour")
        ).status == 200
    commands = [command for command, _key, _lane in house.handled.commands]
    plain = StaffActed(
        by=Actor(name="Sun"),
        action=Action.RETAG,
        at=NOW,
        place=AtTicket(number=1042),
        argument="invoice",
        message=1042002,
    )
    assert commands == [replace(plain, sentiment=Sentiment.POSITIVE, urgent=True), plain]


@pytest.mark.parametrize(
    "fields", [{}, {"message": "1042002"}, {"argument": "invoice"}, {"message": "x", "argument": "a"}]
)
async def test_a_tag_without_its_message_is_no_request_of_ours(house: House, fields: dict[str, str]) -> None:
    async with house.browser() as browser:
        await log_in(browser, "lin")
        assert (await act(browser, 1042, "retag", **fields)).status == 400
    assert house.handled.commands == []


async def test_a_tag_is_corrected_without_a_script(house: House) -> None:
    async with house.browser() as browser:
        await log_in(browser, "lin")
        headers = {"Accept-Language": "en"}
        async with browser.get("/console/tickets/1042?tag=1042002", headers=headers) as response:
            page = await response.text()
        dialog = page.partition('<dialog id="retag"')[2]
        assert dialog.startswith(' aria-labelledby="retag-title" open>')
        assert hidden(dialog, "message") == "1042002"
        assert 'value="how_to" aria-pressed="true"' in dialog
        data = {name: hidden(dialog, name) for name in ("csrf", "key", "back", "action", "message")}
        data |= {"argument": "product_question"}
        async with browser.post("/console/tickets/1042/actions", data=data, allow_redirects=False) as response:
            assert (response.status, response.headers["Location"]) == (303, "/console/tickets/1042?queue=open")
    assert only(house)[0].argument == "product_question"
