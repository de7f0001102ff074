"""Who a visitor is: a random id in a signed cookie, and where a request may come from."""

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from urllib.parse import urlsplit

from aiohttp import web

COOKIE = "guanxi_visitor"

_ID = re.compile(r"[0-9a-f]{32}")
_YEAR_SECONDS = 365 * 24 * 3600


@dataclass(frozen=True, kw_only=True, slots=True)
class VisitorCookie:
    """The cookie "ID.SIGNATURE": 128 random bits, signed with HMAC-SHA256.

    `secure` says that the public address is https; `embedded` that pages of other sites may show the chat, which
    browsers allow a cookie only in its partitioned form, and only over https.
    """

    secret: bytes
    secure: bool
    embedded: bool

    def visitor(self, request: web.Request) -> str | None:
        """The visitor's id, None where there is no cookie or somebody wrote it themselves."""
        visitor, _, signature = request.cookies.get(COOKIE, "").partition(".")
        if not _ID.fullmatch(visitor):
            return None
        is_ours = hmac.compare_digest(signature.encode(errors="surrogateescape"), self._signature(visitor).encode())
        return visitor if is_ours else None

    def new_visitor(self) -> str:
        """An id that nobody can guess."""
        return secrets.token_hex(16)

    def keep(self, response: web.StreamResponse, visitor: str) -> None:
        """Let the browser keep the visitor's id for a year from now."""
        value = f"{COOKIE}={visitor}.{self._signature(visitor)}; Max-Age={_YEAR_SECONDS}; Path=/chat; HttpOnly"
        response.headers.add("Set-Cookie", f"{value}; {self._reach()}")

    def _reach(self) -> str:
        if self.secure and self.embedded:
            return "SameSite=None; Secure; Partitioned"
        return "SameSite=Lax; Secure" if self.secure else "SameSite=Lax"

    def _signature(self, visitor: str) -> str:
        digest = hmac.digest(self.secret, f"visitor:{visitor}".encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def is_same_origin(request: web.Request, public_url: str | None) -> bool:
    """Whether a request comes from our own page: every browser names the origin of a WebSocket and of a POST."""
    try:
        parts = urlsplit(request.headers.get("Origin", ""))
    except ValueError:
        return False
    if parts.scheme not in {"http", "https"}:
        return False
    if public_url is not None and (parts.scheme, parts.netloc) == urlsplit(public_url)[:2]:
        return True
    return parts.netloc == request.host
