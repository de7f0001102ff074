"""The console's static files come out of memory, under the version that was counted from them."""

from pathlib import Path

import pytest

import console
from console.assets import Assets, read_assets
from tests.console.house import House

STATIC = Path(console.__file__).parent / "static"
MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_each_file_is_served_with_its_type_for_good(house: House) -> None:
    version = read_assets().version
    async with house.browser() as browser:
        for path in STATIC.iterdir():
            async with browser.get(f"/console/static/{version}/{path.name}") as response:
                assert response.status == 200
                assert response.content_type == MEDIA_TYPES[path.suffix]
                assert response.charset == "utf-8"
                assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
                assert await response.read() == path.read_bytes()


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_another_version_is_not_kept(house: House) -> None:
    """What a process of another version answers while an update is rolled out is gone when the update is."""
    async with house.browser() as browser, browser.get("/console/static/000000000000/console.js") as response:
        assert response.status == 200
        assert response.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_pages_name_the_version_of_what_is_served(house: House) -> None:
    async with house.browser() as browser, browser.get("/console/login") as response:
        assert f"/console/static/{read_assets().version}/console.css" in await response.text()


def test_another_content_is_another_version() -> None:
    assert Assets({"a.js": b"1"}).version != Assets({"a.js": b"2"}).version
