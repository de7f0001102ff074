"""Logging in and out."""

import asyncio
import re
import secrets
from dataclasses import dataclass, field

from aiohttp import web

from console import lockout
from console.forms import Form, open_form
from console.guard import COOKIE, LOGIN, LONGEST, PATH, Guard, same, token_hash
from console.languages import COOKIE as LANGUAGE
from console.passwords import DUMMY_HASH, verify_password
from console.rendering import Renderer, redirect
from console.views import span
from store import users
from store.users import User

_BEFORE = "guanxi_before"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_LOGIN_LENGTH = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Entrance:
    """The login page and what it leads to. Hashing takes 64 MiB and a core each, so two at once are enough."""

    renderer: Renderer
    guard: Guard
    hashing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))

    async def show(self, request: web.Request) -> web.StreamResponse:
        """The login page; `?language=` changes its language, which is all that can be chosen before logging in."""
        language = request.query.get("language", "")
        if language in self.renderer.catalogue.texts:
            response = redirect(str(request.rel_url.without_query_params("language")))
            self.remember(response, LANGUAGE, language)
            return response
        if await self.guard.find_visit(request, touch=True):
            return redirect(PATH)
        return self._page(request)

    async def enter(self, request: web.Request) -> web.StreamResponse:
        """Log in, or say why not; a wrong login and a wrong password look alike and take as long."""
        form = await open_form(request)
        if not same(request.cookies.get(_BEFORE, ""), form.text("csrf")):
            return self._page(request, form, say="login.again", status=403)
        login, address = form.text("login").strip()[:_LOGIN_LENGTH], request.remote or ""
        if refusal := await self._locked(request, form, login, address):
            return refusal
        user = await self.renderer.console.database.read(lambda connection: users.find_user(connection, login))
        if not await self._is_right(user, form.text("password")) or user is None:
            return self._page(request, form, say="login.wrong", status=401)
        if self.guard.staff_of(user.staff_name, user.role) is None:
            return self._page(request, form, say="login.no_staff", status=403, name=user.staff_name)
        return await self._opened(request, user, address, form.text("next"))

    async def leave(self, request: web.Request) -> web.StreamResponse:
        """Log out: the session is gone, not just its cookie."""
        key = token_hash(request.cookies.get(COOKIE, ""))
        await self.renderer.console.database.transaction(lambda connection: users.close_session(connection, key))
        response = redirect(LOGIN)
        response.del_cookie(COOKIE, path=PATH)
        return response

    def remember(self, response: web.StreamResponse, name: str, value: str, *, seconds: int | None = 31536000) -> None:
        """Set a cookie of the console's; None lets it end with the browser."""
        secure = self.renderer.console.secure_cookies
        response.set_cookie(name, value, max_age=seconds, path=PATH, secure=secure, httponly=True, samesite="Lax")

    def _page(
        self, request: web.Request, form: Form | None = None, *, say: str = "", status: int = 200, **figures: object
    ) -> web.Response:
        kept = request.cookies.get(_BEFORE, "")
        token = kept if _TOKEN.fullmatch(kept) else secrets.token_urlsafe(32)
        message = self.renderer.say(request, say, **figures) if say else ""
        typed = form.text("login") if form else ""
        going = safe_target(form.text("next") if form else request.query.get("next", ""))
        context = {"csrf": token, "message": message, "typed": typed, "going": going}
        response = self.renderer.page(request, "login.html", status=status, **context)
        self.remember(response, _BEFORE, token, seconds=None)
        return response

    async def _locked(self, request: web.Request, form: Form, login: str, address: str) -> web.Response | None:
        now = self.renderer.console.now()
        until = await self.renderer.console.database.transaction(
            lambda connection: users.count_attempt(
                connection,
                [users.login_subject(login, address), users.everywhere_subject(login), users.address_subject(address)],
                now=now,
                forget_after=lockout.FORGET_AFTER,
                locked_for=lockout.locked_for,
            )
        )
        if until is None:
            return None
        left = span(until - now, lambda key, **figures: self.renderer.say(request, key, **figures))
        response = self._page(request, form, say="login.locked", status=429, left=left)
        response.headers["Retry-After"] = str(int((until - now).total_seconds()) + 1)
        return response

    async def _is_right(self, user: User | None, password: str) -> bool:
        kept = DUMMY_HASH if user is None else user.password_hash
        async with self.hashing:
            return await asyncio.to_thread(verify_password, kept, password) and user is not None

    async def _opened(self, request: web.Request, user: User, address: str, going: str) -> web.Response:
        console = self.renderer.console
        token, csrf, now = secrets.token_urlsafe(32), secrets.token_urlsafe(32), console.now()
        old = token_hash(request.cookies.get(COOKIE, ""))
        opening = users.Opening(token_hash=token_hash(token), login=user.login, csrf=csrf, expires_at=now + LONGEST)
        await console.database.transaction(
            lambda connection: users.enter(connection, opening, address=address, now=now, instead_of=old)
        )
        response = redirect(safe_target(going) or PATH)
        self.remember(response, COOKIE, token, seconds=int(LONGEST.total_seconds()))
        response.del_cookie(_BEFORE, path=PATH)
        return response


def safe_target(target: str) -> str:
    """A page of the console to go on to; anything else is dropped, so a link cannot lead out of the house."""
    inside = target == PATH or target.startswith((f"{PATH}/", f"{PATH}?"))
    plain = target.isprintable() and not any(letter in target for letter in "\\ \r\n")
    return target if inside and plain and not target.startswith(LOGIN) else ""
