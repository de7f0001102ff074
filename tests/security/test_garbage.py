"""What no browser sends: it is refused, never an error of ours, and never kept."""

import logging

import pytest
from aiohttp import ClientSession

from console.forms import FIELDS_LIMIT
from tests.stories.house import House

_MULTIPART = {"Content-Type": "multipart/form-data; boundary=a"}
_FILE = b'--a\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nabc'


@pytest.fixture(autouse=True)
def no_errors(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)


def _raw(name: str) -> dict[str, str]:
    """A cookie whose value is no UTF-8."""
    return {"Cookie": f"{name}=" + b"\xff\xfe".decode(errors="surrogateescape")}


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/console/login", _raw("guanxi_session"), 200),
        ("/console/login", _raw("guanxi_before"), 200),
        ("/chat", {"Cookie": f"guanxi_visitor={'a' * 32}." + b"\xff".decode(errors="surrogateescape")}, 200),
        ("/chat", {"Accept-Language": "de;q=nan,en;q=1e999,\u00ff"}, 200),
        ("/chat/ws", {"Origin": "http://["}, 403),
        ("/chat/ws", {"Origin": "null"}, 403),
        ("/chat/ws", {}, 403),
        ("/api/v1/tickets", {"Authorization": b"Bearer \xff".decode(errors="surrogateescape")}, 401),
    ],
)
async def test_strange_headers_are_no_error_of_ours(
    outsider: ClientSession, caplog: pytest.LogCaptureFixture, path: str, headers: dict[str, str], status: int
) -> None:
    async with outsider.get(path, headers=headers) as response:
        assert response.status == status
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
