"""The console's own static files, read once: what is served is what its version was counted from."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

_STATIC = Path(__file__).parent / "static"
_MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_FOR_GOOD = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Assets:
    """Files by their names."""

    files: Mapping[str, bytes]

    @property
    def version(self) -> str:
        """A short hash of the contents, so that browsers keep each version for good and never an old one."""
        return hashlib.sha256(b"".join(self.files[name] for name in sorted(self.files))).hexdigest()[:12]

    async def show(self, request: web.Request) -> web.StreamResponse:
        """A file by its name: no path of the reader's is ever joined to a folder."""
        name = request.match_info["name"]
        if name not in self.files:
            raise web.HTTPNotFound
        media_type = _MEDIA_TYPES[Path(name).suffix]
        headers = {"Cache-Control": _FOR_GOOD}
        return web.Response(body=self.files[name], content_type=media_type, charset="utf-8", headers=headers)


def read_assets() -> Assets:
    """The files that come with the program."""
    return Assets({path.name: path.read_bytes() for path in _STATIC.iterdir() if path.suffix in _MEDIA_TYPES})
