"""Pages out of templates: every value escaped, every word out of the catalogue."""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from console.guard import PATH, REFRESH, VISIT
from console.languages import language_of
from console.ports import Console
from console.views import form_of, parts_of
from desk.texts import Catalogue

_HERE = Path(__file__).parent
THEME = "guanxi_theme"
THEMES = ("auto", "light", "dark")

Say = Callable[..., str]


def environment() -> Environment:
    """The templates. What is missing is an error, and everything is escaped."""
    made = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"form_of": form_of, "parts_of": parts_of}
    return made


@dataclass(frozen=True, kw_only=True, slots=True)
class Renderer:
    """Makes pages."""

    console: Console
    catalogue: Catalogue
    templates: Environment
    version: str

    def say(self, request: web.Request, key: str, **figures: object) -> str:
        """A text in the reader's language."""
        return self.catalogue.say(language_of(request, self.catalogue), key, **figures)

    def page(self, request: web.Request, template: str, *, status: int = 200, **context: object) -> web.Response:
        """A page. One that was asked for anew, and looks as before, is answered by 304."""
        language = language_of(request, self.catalogue)
        html = self.templates.get_template(template).render(
            say=lambda key, **figures: self.catalogue.say(language, key, **figures),
            language=language,
            languages=sorted(self.catalogue.texts),
            theme=_theme(request),
            visit=request.get(VISIT),
            page_key=request.headers.get(REFRESH, "")[:40] or secrets.token_urlsafe(12),
            here=request.path_qs,
            path=PATH,
            version=self.version,
            company=self.console.company().company,
            now=self.console.now(),
            **context,
        )
        tag = hashlib.sha256(html.encode()).hexdigest()[:32]
        if REFRESH in request.headers and request.headers.get("If-None-Match") == f'"{tag}"':
            return web.Response(status=304)
        return web.Response(text=html, content_type="text/html", status=status, headers={"ETag": f'"{tag}"'})

    def zone(self) -> ZoneInfo:
        """The zone in which the staff read times."""
        return self.console.company().company.timezone

    def local(self, moment: datetime) -> datetime:
        """The moment as the company's clocks show it."""
        return moment.astimezone(self.zone())


def redirect(to: str) -> web.Response:
    """Go on there with a GET."""
    return web.Response(status=303, headers={"Location": to})


def _theme(request: web.Request) -> str:
    chosen = request.cookies.get(THEME, "auto")
    return chosen if chosen in THEMES else "auto"
