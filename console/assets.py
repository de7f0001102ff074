"""The console's own static files, read once: what is served is what its version was counted from."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from aiohttp import web

_STATIC = Path(__file__).parent / "static"
_MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_FOR_GOOD = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"


@dataclass(frozen=True)
class Assets:
    """Files by their names. Their addresses name the version, so that modules that import each other always fit."""

    files: Mapping[str, bytes]

    @cached_property
    def version(self) -> str:
        """A short hash of the contents, so that browsers keep each version for good and never an old one."""
        return hashlib.sha256(b"".join(self.files[name] for name in sorted(self.files))).hexdigest()[:12]

    async def show(self, request: web.Request) -> web.StreamResponse:
        """A file by its name, for good under its own version: no path of the reader's is ever joined to a folder."""
        name = request.match_info["name"]
        if name not in self.files:
            raise web.HTTPNotFound
        media_type = _MEDIA_TYPES[Path(name).suffix]
        # While an update is rolled out, a page of the new version may ask a process of the old one.
        is_current = request.match_info["version"] == self.version
        headers = {"Cache-Control": _FOR_GOOD if is_current else _ASK_AGAIN}
        return web.Response(body=self.files[name], content_type=media_type, charset="utf-8", headers=headers)


def read_assets() -> Assets:
    """The files that come with the program."""
    return Assets({path.name: path.read_bytes() for path in _STATIC.iterdir() if path.suffix in _MEDIA_TYPES})
