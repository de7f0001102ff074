"""What no browser sends: it is refused, never an error of ours, and never kept."""

import asyncio
import logging
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientSession

from console.forms import FIELDS_LIMIT
from tests.stories.house import House

_MULTIPART = {"Content-Type": "multipart/form-data; boundary=a"}
_FILE = b'--a\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nabc'


@pytest.fixture(autouse=True)
def no_errors(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)


async def _status(house: House, path: str, header: bytes) -> int:
    """The answer to a request with a header written byte for byte, as no client library would."""
    place = urlsplit(house.address)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    writer.write(b"GET %s HTTP/1.1\r\nHost: desk\r\nConnection: close\r\n%s\r\n\r\n" % (path.encode(), header))
    try:
        async with asyncio.timeout(10):
            return int((await reader.readline()).split()[1])
    finally:
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize(
    ("path", "header", "status"),
    [
        ("/console", b"Cookie: guanxi_session=\xff\xfe", 303),
        ("/console/login", b"Cookie: guanxi_session=\xff\xfe", 200),
        ("/console/login", b"Cookie: guanxi_before=\xff", 200),
        ("/chat", b"Cookie: guanxi_visitor=%s.\xff" % (b"a" * 32), 200),
        ("/chat", b"Accept-Language: de;q=nan,en;q=1e999,\xff", 200),
        ("/chat/ws", b"Origin: http://[", 403),
        ("/chat/ws", b"Origin: null", 403),
        ("/chat/ws", b"Referer: nowhere", 403),
        ("/api/v1/tickets", b"Authorization: Bearer \xff", 401),
    ],
)
async def test_strange_headers_are_no_error_of_ours(
    house: House, caplog: pytest.LogCaptureFixture, path: str, header: bytes, status: int
) -> None:
    assert await _status(house, path, header) == status
    assert [record.getMessage() for record in caplog.records] == []


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("multipart/form-data", b"x", 400),
        ("multipart/form-data; boundary=a", b"garbage", 400),
        ("multipart/form-data; boundary=a", b'--a\r\nContent-Disposition: form-data; name="csrf"\r\n\r\nhalf', 400),
        ("application/json", b"{}", 415),
        ("application/x-www-form-urlencoded", b"login=%00&password=%ff", 403),
    ],
)
async def test_strange_forms_are_no_error_of_ours(
    outsider: ClientSession, caplog: pytest.LogCaptureFixture, kind: str, body: bytes, status: int
) -> None:
    async with outsider.post("/console/login", data=body, headers={"Content-Type": kind}) as response:
        assert response.status == status
    assert [record.getMessage() for record in caplog.records] == []


async def test_a_torn_upload_leaves_nothing(
    outsider: ClientSession, house: House, caplog: pytest.LogCaptureFixture
) -> None:
    async with outsider.get("/chat") as response:
        assert response.status == 200
    async with outsider.post("/chat/files", data=_FILE, headers={**_MULTIPART, "Origin": house.address}) as response:
        assert (response.status, await response.json()) == (400, {"error": "frame"})
    assert [path for path in house.built.settings.files.rglob("*") if path.is_file()] == []
    assert [record.getMessage() for record in caplog.records] == []


async def test_empty_fields_count_too(outsider: ClientSession) -> None:
    """Before the login there is nobody to trust: no number of names, however empty, fills the memory."""
    one = b'--a\r\nContent-Disposition: form-data; name="%d"\r\n\r\n\r\n'
    many = b"".join(one % number for number in range(FIELDS_LIMIT // 64)) + b"--a--\r\n"
    async with outsider.post("/console/login", data=many, headers=_MULTIPART) as response:
        assert response.status == 413
