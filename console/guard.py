"""The door of every page: security headers, who is there, and that a form came from a page of ours."""

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from aiohttp import web
from aiohttp.typedefs import Handler

from console.forms import Form, open_form
from console.permissions import Staff
from console.ports import Console
from desk.company import Role
from store import users
from store.users import Session

COOKIE = "guanxi_session"
PATH = "/console"
LOGIN = f"{PATH}/login"

#: A working day without a click ends a session, and a week does in any case.
IDLE = timedelta(hours=10)
LONGEST = timedelta(days=7)
#: How often a visit is written down.
_TOUCH = timedelta(minutes=1)

#: The header of a page that brings itself up to date: nobody clicked, so the idle time goes on.
REFRESH = "Guanxi-Refresh"

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
_YEAR = "max-age=31536000"


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    """A request of somebody who has logged in."""

    session: Session
    staff: Staff


VISIT: web.RequestKey[Visit] = web.RequestKey("visit", Visit)
FORM: web.RequestKey[Form] = web.RequestKey("form", Form)


def token_hash(token: str) -> str:
    """What is kept of a session's token. It is random, so a fast hash is enough."""
    return hashlib.sha256(_bytes(token)).hexdigest()


def same(expected: str, given: str) -> bool:
    """Compare secrets in constant time."""
    return bool(expected) and hmac.compare_digest(_bytes(expected), _bytes(given))


def _bytes(text: str) -> bytes:
    """What came in a header, byte for byte: whoever writes it is not bound to UTF-8."""
    return text.encode(errors="surrogateescape")


def headers(*, secure: bool) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """Put the security headers on every answer, errors and streams included."""

    async def prepare(_request: web.Request, response: web.StreamResponse) -> None:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "no-store")
        if secure:
            response.headers["Strict-Transport-Security"] = _YEAR

    return prepare


@dataclass(frozen=True, kw_only=True, slots=True)
class Guard:
    """Lets nobody in without a session, and nothing be changed without the session's CSRF token."""

    console: Console

    async def admit(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """The middleware's work."""
        if request.path == LOGIN or request.path.startswith(f"{PATH}/static/"):
            return await handler(request)
        visit = await self.find_visit(request, touch=_is_a_visit(request))
        if visit is None:
            raise _to_login(request)
        request[VISIT] = visit
        if request.method not in ("GET", "HEAD"):
            request[FORM] = await _checked_form(request, visit.session.csrf)
        return await handler(request)

    async def find_visit(self, request: web.Request, *, touch: bool) -> Visit | None:
        """Who is there, None where the session has ended or the company's file knows the person no more.

        `touch` begins the idle time anew.
        """
        token = request.cookies.get(COOKIE)
        if not token:
            return None
        now, key = self.console.now(), token_hash(token)
        session = await self.console.database.read(
            lambda connection: users.find_session(connection, token_hash=key, now=now, idle=IDLE)
        )
        staff = None if session is None else self.staff_of(session.staff_name, session.role)
        if session is None or staff is None:
            return None
        if touch and now - session.seen_at > _TOUCH:
            await self.console.database.transaction(
                lambda connection: users.touch_session(connection, token_hash=key, now=now)
            )
        return Visit(session=session, staff=staff)

    def staff_of(self, name: str, role: Role) -> Staff | None:
        """The person of the company's file; a supervisor is who is one both there and among the users."""
        member = next((each for each in self.console.company().company.staff if each.name == name), None)
        if member is None:
            return None
        both = role is Role.SUPERVISOR and member.role is Role.SUPERVISOR
        return Staff(name=name, role=Role.SUPERVISOR if both else Role.AGENT)


def _is_a_visit(request: web.Request) -> bool:
    """Whether a person asked, not a page that keeps itself up to date."""
    return REFRESH not in request.headers and request.path != f"{PATH}/events"


def _to_login(request: web.Request) -> web.HTTPException:
    if request.method != "GET" or not _is_a_visit(request):
        return web.HTTPUnauthorized()
    return web.HTTPSeeOther(str(request.rel_url.with_path(LOGIN).with_query(next=request.path_qs)))


async def _checked_form(request: web.Request, csrf: str) -> Form:
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise web.HTTPForbidden
    form = await open_form(request)
    if not same(csrf, request.headers.get("X-CSRF-Token") or form.text("csrf")):
        raise web.HTTPForbidden
    return form
