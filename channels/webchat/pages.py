"""The chat's page, its assets and the widget for other sites: read once, served with strict headers."""

import hashlib
import html
import mimetypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

import msgspec
from aiohttp import web

from channels.webchat.chat import Limits, WebChat
from channels.webchat.media import ENDINGS

_HERE = Path(__file__).parent
_FOREVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"
_ANYWHERE = {"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "cross-origin"}

Words = Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Asset:
    """A static file."""

    body: bytes
    media_type: str

    @property
    def tag(self) -> str:
        """What changes when the content does."""
        return hashlib.sha256(self.body).hexdigest()[:16]


class Pages:
    """Everything static. `version` names the set of assets, so that modules that import each other always fit."""

    def __init__(self, chat: WebChat) -> None:
        """Read the package's files. Raises ValueError where a language has no file."""
        self._chat = chat
        self._words = _read_words(chat.languages)
        self._assets = _read_assets(self._words)
        self._version = hashlib.sha256("".join(asset.tag for asset in self._assets.values()).encode()).hexdigest()[:12]
        self._page = Template((_HERE / "page.html").read_text("utf-8"))
        self._widget = _widget(self._words)

    async def page(self, request: web.Request) -> web.Response:
        """The chat; whoever has no cookie gets one."""
        language = self._language(request)
        response = web.Response(text=self._render(language, request), content_type="text/html", charset="utf-8")
        response.headers.update(self._page_headers())
        cookie = self._chat.cookie
        cookie.keep(response, cookie.visitor(request) or cookie.new_visitor())
        return response

    async def asset(self, request: web.Request) -> web.StreamResponse:
        """A file of the page, for good under its version."""
        asset = self._assets.get(request.match_info["name"])
        if asset is None:
            raise web.HTTPNotFound
        is_current = request.match_info["version"] == self._version
        return _static(request, asset, _FOREVER if is_current else _ASK_AGAIN)

    async def widget(self, request: web.Request) -> web.StreamResponse:
        """The script that other sites embed."""
        return _static(request, self._widget, "public, max-age=600")

    def _language(self, request: web.Request) -> str:
        asked = [request.query.get("lang", ""), *_accepted(request.headers.get("Accept-Language", ""))]
        wanted = (tag.lower().partition("-")[0] for tag in asked)
        return next((code for code in wanted if code in self._words), self._chat.languages[0])

    def _render(self, language: str, request: web.Request) -> str:
        words = self._words[language]
        languages = {code: self._words[code]["language"] for code in self._chat.languages}
        values = {
            "language": language,
            "version": self._version,
            "company": self._chat.company,
            "title": words["title"].replace("{company}", self._chat.company),
            "noscript": words["noscript"],
            "embed": "yes" if "embed" in request.query else "no",
            "languages": msgspec.json.encode(languages).decode(),
            "limits": _limits(self._chat.limits),
            "endings": ENDINGS,
        }
        return self._page.substitute({name: html.escape(value) for name, value in values.items()})

    def _page_headers(self) -> dict[str, str]:
        ancestors = " ".join(("'self'", *self._chat.embed_origins))
        policy = (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
            f"media-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors {ancestors}"
        )
        return {
            "Content-Security-Policy": policy,
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
        }


def _static(request: web.Request, asset: Asset, keep: str) -> web.StreamResponse:
    headers = {**_ANYWHERE, "ETag": f'"{asset.tag}"', "Cache-Control": keep}
    known = request.if_none_match
    if known is not None and any(tag.value in {asset.tag, "*"} for tag in known):
        return web.Response(status=304, headers=headers)
    return web.Response(body=asset.body, headers={**headers, "Content-Type": asset.media_type})


def spoken(wanted: Sequence[str]) -> tuple[str, ...]:
    """Those of a company's languages that the chat's page speaks; English where it speaks none of them."""
    return tuple(code for code in wanted if (_HERE / "languages" / f"{code}.json").is_file()) or ("en",)


def _read_words(languages: Sequence[str]) -> dict[str, Words]:
    missing = [code for code in languages if not (_HERE / "languages" / f"{code}.json").is_file()]
    if missing:
        raise ValueError(f"channels/webchat/languages/ has no file for: {', '.join(missing)}")
    return {code: _json((_HERE / "languages" / f"{code}.json").read_bytes()) for code in languages}


def _json(body: bytes) -> dict[str, str]:
    return msgspec.json.decode(body, type=dict[str, str])


def _read_assets(words: Mapping[str, Words]) -> dict[str, Asset]:
    paths = sorted(path for path in (_HERE / "assets").iterdir() if path.is_file() and path.name != "widget.js")
    assets = {path.name: Asset(body=path.read_bytes(), media_type=_media_type(path)) for path in paths}
    for code, texts in words.items():
        assets[f"{code}.json"] = Asset(body=msgspec.json.encode(texts), media_type="application/json")
    return assets


def _widget(words: Mapping[str, Words]) -> Asset:
    spoken = {code: {key: texts[key] for key in ("open", "close", "unread")} for code, texts in words.items()}
    script = (_HERE / "assets" / "widget.js").read_text("utf-8")
    # Data in a script: "</" and the like cannot end anything here, since the script is a file of its own.
    body = script.replace('"WORDS"', msgspec.json.encode(spoken).decode())
    return Asset(body=body.encode(), media_type="text/javascript; charset=utf-8")


def _media_type(path: Path) -> str:
    guessed = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return f"{guessed}; charset=utf-8" if guessed.startswith("text/") else guessed


def _limits(limits: Limits) -> str:
    values: dict[str, Any] = {
        "fileSize": limits.file_size,
        "files": limits.files_per_message,
        "textLength": limits.text_length,
    }
    return msgspec.json.encode(values).decode()


def _accepted(header: str) -> list[str]:
    parts = [part.strip().partition(";q=") for part in header.split(",") if part.strip()]
    weighed = [(_weight(weight), tag) for tag, _, weight in parts]
    return [tag for _, tag in sorted(weighed, key=lambda pair: -pair[0])]


def _weight(text: str) -> float:
    try:
        return float(text or 1)
    except ValueError:
        return 0.0
