"""The console's own languages: one file of texts each under texts/, and which of them a reader gets."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aiohttp import web

from desk.texts import Catalogue

FOLDER = Path(__file__).parent / "texts"
COOKIE = "guanxi_language"


def load_catalogue(default: str, folder: Path = FOLDER) -> Catalogue:
    """Every language that has a file; "queue.open" is the key `open` of the table `queue`."""
    texts = {
        path.stem: _flat(tomllib.loads(path.read_text(encoding="utf-8"))) for path in sorted(folder.glob("*.toml"))
    }
    return Catalogue(texts=texts, default=default if default in texts else "en")


def _flat(table: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for name, value in table.items():
        flat |= _flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": str(value)}
    return flat


def language_of(request: web.Request, catalogue: Catalogue) -> str:
    """The language that the reader chose, else the first of their browser's that we have, else the company's."""
    chosen = request.cookies.get(COOKIE, "")
    if chosen in catalogue.texts:
        return chosen
    wanted = (part.partition(";")[0].strip() for part in request.headers.get("Accept-Language", "").split(","))
    mains = (tag.partition("-")[0].lower() for tag in wanted)
    return next((main for main in mains if main in catalogue.texts), catalogue.default)
