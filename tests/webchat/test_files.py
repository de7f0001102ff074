"""Files in and out: limits, magic bytes, whose they are, how they are served."""

import asyncio
import threading
from http import HTTPStatus
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from aiohttp import FormData

from channels.webchat.chat import Limits
from channels.webchat.media import accepted_type, plain_name
from desk.messages import Attachment, AttachmentKind
from tests.queues.post import until
from tests.webchat.conftest import Client, Serve
from tests.webchat.house import PNG, House
from tests.webchat.visitor import connect, origin, upload, visitor_of

PDF = b"%PDF-1.7 something"


async def kept(client: Client, name: str, content: bytes) -> dict[str, Any]:
    await client.get("/chat")
    answer = await upload(client, name, content)
    assert answer.status == HTTPStatus.OK, await answer.text()
    body: dict[str, Any] = await answer.json()
    return body


async def test_an_image_goes_up_with_a_message_and_comes_back_inline(client: Client, house: House) -> None:
    described = await kept(client, "门封圈.png", PNG)
    async with connect(client) as line:
        await line.hear("messages")
        await line.write("", files=[described["key"]])
        await line.hear("stored")
        [item] = (await line.hear("messages"))["items"]
    [wrote] = house.wrote()
    assert wrote.attachments == (
        Attachment(
            kind=AttachmentKind.PHOTO,
            file=f"local:{described['key']}",
            name="门封圈.png",
            media_type="image/png",
            size=len(PNG),
        ),
    )
    answer = await client.get(item["files"][0]["url"])
    assert await answer.read() == PNG
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Content-Disposition"].startswith("inline; filename*=UTF-8''%E9%97%A8")


async def test_what_is_no_image_is_served_as_a_harmless_download(client: Client) -> None:
    described = await kept(client, "invoice.pdf", PDF)
    answer = await client.get(f"/chat/files/{described['key']}")
    assert await answer.read() == PDF
    assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''invoice.pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"].startswith("private")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.html", b"<!doctype html><script>alert(1)</script>"),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("page.png", b"<html><script>alert(1)</script>"),
        ("page.txt", b"  <script>alert(1)</script>"),
        ("program.exe", b"MZ\x90"),
        ("program.pdf", b"MZ\x90"),
        ("noending", PNG),
        (".png", b"GIF"),
    ],
)
async def test_dangerous_and_lying_files_are_refused(client: Client, house: House, name: str, content: bytes) -> None:
    await client.get("/chat")
    answer = await upload(client, name, content, "image/png")
    assert (answer.status, (await answer.json())["error"]) == (415, "file_type")
    assert not [path for path in house.folder.rglob("*") if path.is_file()]


async def test_a_file_too_large_is_refused_and_leaves_nothing(serve: Serve, house: House) -> None:
    client = await serve(limits=Limits(file_size=100_000))
    assert (await kept(client, "fits.png", PNG.ljust(100_000, b"\0")))["size"] == 100_000
    answer = await upload(client, "large.png", PNG.ljust(100_001, b"\0"))
    assert (answer.status, (await answer.json())["error"]) == (413, "file_size")
    assert len([path for path in house.folder.rglob("*") if path.is_file()]) == 1


async def test_the_default_limit_is_ten_mebibytes(client: Client) -> None:
    described = await kept(client, "large.png", PNG.ljust(10 * 1024 * 1024, b"\0"))
    answer = await client.get(f"/chat/files/{described['key']}")
    assert len(await answer.read()) == 10 * 1024 * 1024


async def test_an_empty_file_and_no_file_are_refused(client: Client) -> None:
    await client.get("/chat")
    assert (await (await upload(client, "empty.png", b"")).json())["error"] == "empty_file"
    plain = await client.post("/chat/files", data=b"PNG", headers=origin(client))
    other = await client.post("/chat/files", data=form_of("photo"), headers=origin(client))
    assert (plain.status, other.status) == (400, 400)


def form_of(field: str) -> FormData:
    form = FormData()
    form.add_field(field, PNG, filename="a.png")
    return form


async def test_only_so_many_files_an_hour(serve: Serve) -> None:
    client = await serve(limits=Limits(files_per_hour=2))
    for _ in range(2):
        await kept(client, "a.png", PNG)
    assert (await upload(client, "a.png", PNG)).status == HTTPStatus.TOO_MANY_REQUESTS


async def test_names_never_reach_the_disk(client: Client, house: House) -> None:
    described = await kept(client, "../../../etc/cron.d/evil\u202egnp.png", PNG)
    [path] = [path for path in house.folder.rglob("*") if path.is_file()]
    assert path == house.folder / described["key"][:2] / described["key"]
    assert described["name"] == "evil_gnp.png"


@pytest.mark.parametrize("key", ["../guanxi.db", "..%2f..%2fguanxi.db", "0" * 31, "Z" * 32, "%2e%2e"])
async def test_a_key_is_no_path(client: Client, house: House, key: str) -> None:
    await client.get("/chat")
    assert (await client.get(f"/chat/files/{key}")).status == HTTPStatus.NOT_FOUND
    with pytest.raises(FileNotFoundError):
        await house.files.read(key)


async def test_files_are_their_visitors_alone(serve: Serve) -> None:
    client = await serve()
    described = await kept(client, "a.png", PNG)
    async with connect(client) as line:
        await line.write("", files=[described["key"]])
        await line.hear("stored")
    stranger = await serve()
    await stranger.get("/chat")
    urls = [f"/chat/files/{described['key']}", "/chat/messages/1/files/0"]
    assert [(await client.get(url)).status for url in urls] == [200, 200]
    assert [(await stranger.get(url)).status for url in urls] == [404, 404]
    async with connect(stranger) as line:
        await line.write("", files=[described["key"]])
        assert (await line.hear("error"))["code"] == "unknown_file"
    client.session.cookie_jar.clear()
    assert [(await client.get(url)).status for url in urls] == [404, 404]


async def test_a_player_gets_the_part_that_it_asks_for(client: Client) -> None:
    sound = b"OggS" + bytes(range(200)) * 5
    described = await kept(client, "a.ogg", sound)
    url = f"/chat/files/{described['key']}"
    whole = await client.get(url)
    assert (whole.status, whole.headers["Content-Type"], await whole.read()) == (200, "audio/ogg", sound)
    part = await client.get(url, headers={"Range": "bytes=4-9"})
    assert (part.status, await part.read()) == (206, sound[4:10])
    assert part.headers["Content-Range"] == f"bytes 4-9/{len(sound)}"
    assert part.headers["X-Content-Type-Options"] == "nosniff"
    beyond = await client.get(url, headers={"Range": "bytes=9999-"})
    assert beyond.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE


async def test_an_agents_telegram_file_is_fetched_through_its_message(client: Client, house: House) -> None:
    async with connect(client):
        key = f"webchat:{visitor_of(client)}"
    house.telegram |= {"photo": b"\xff\xd8\xff picture", "trap": b"<html><script>alert(1)</script>"}
    photo = Attachment(kind=AttachmentKind.PHOTO, file="telegram:photo")
    trap = Attachment(kind=AttachmentKind.PHOTO, file="telegram:trap", name="a.html", media_type="text/html")
    place = Attachment(kind=AttachmentKind.LOCATION, latitude=31.2, longitude=121.5)
    number = await house.write(key, "agent", "", attachments=(photo, trap, place))
    answers = [await client.get(f"/chat/messages/{number}/files/{index}") for index in range(4)]
    assert [answer.status for answer in answers] == [200, 200, 404, 404]
    assert answers[0].headers["Content-Type"] == "image/jpeg"
    assert answers[0].headers["Content-Disposition"].startswith("inline")
    assert answers[1].headers["Content-Disposition"].startswith("attachment")
    note = await house.write(key, "agent", "", attachments=(photo,), public=False, delivery="internal")
    assert (await client.get(f"/chat/messages/{note}/files/0")).status == HTTPStatus.NOT_FOUND


async def test_uploads_of_other_sites_and_of_nobody_are_refused(client: Client) -> None:
    form = form_of("file")
    assert (await client.post("/chat/files", data=form, headers=origin(client))).status == HTTPStatus.FORBIDDEN
    await client.get("/chat")
    for elsewhere in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {}):
        answer = await client.post("/chat/files", data=form_of("file"), headers=elsewhere)
        assert answer.status == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize(
    ("name", "head", "media_type"),
    [
        ("a.JPG", b"\xff\xd8\xff\xe0", "image/jpeg"),
        ("a.png", b"\xff\xd8\xff\xe0", "image/jpeg"),
        ("a.webp", b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        ("a.wav", b"RIFF\x00\x00\x00\x00WAVEfmt ", "audio/wav"),
        ("a.wav", b"RIFF\x00\x00\x00\x00WEBPVP8 ", None),
        ("a.mp4", b"\x00\x00\x00\x18ftypmp42", "video/mp4"),
        ("a.csv", "名称,数量".encode(), "text/csv"),
        ("a.csv", b"\x00\x01", None),
    ],
)
def test_the_first_bytes_tell(name: str, head: bytes, media_type: str | None) -> None:
    assert accepted_type(name, head) == media_type


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("C:\\temp\\照片.png", "照片.png"),
        ("a\r\nSet-Cookie: x.png", "a_Set-Cookie_ x.png"),
        ("", "file"),
        ("..", "file"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
    ],
)
def test_names_are_made_plain(name: str, plain: str) -> None:
    assert plain_name(name) == plain


async def test_a_broken_upload_leaves_nothing(house: House, tmp_path: Path) -> None:
    async def breaks() -> Any:
        yield PNG
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await house.files.keep(breaks(), name="a.png", media_type="image/png", owner="webchat:x", at=house.now())
    assert not [path for path in (tmp_path / "files").rglob("*") if path.is_file()]


@pytest.mark.parametrize("is_new", [True, False])
async def test_who_is_gone_when_a_file_is_open_leaves_nothing(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_new: bool
) -> None:
    async def content() -> Any:
        yield PNG

    def opens(*arguments: Any) -> BinaryIO:
        begun.set()
        goes_on.wait()
        opened.append(real(*arguments))
        return opened[-1]

    about: dict[str, Any] = {"name": "a.png", "media_type": "image/png", "owner": "webchat:x", "at": house.now()}
    kept = await house.files.keep(content(), **about)
    begun, goes_on, opened, real = threading.Event(), threading.Event(), list[BinaryIO](), Path.open
    monkeypatch.setattr(Path, "open", opens)
    work = house.files.keep(content(), **about) if is_new else house.files.read(str(kept.file).partition(":")[2])
    task: asyncio.Task[object] = asyncio.create_task(work)
    await asyncio.to_thread(begun.wait)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    goes_on.set()
    await until(lambda: opened and opened[0].closed)
    assert task.cancelled()
    assert len([path for path in (tmp_path / "files").rglob("*") if path.is_file()]) == 1
