"""What the staff do: each press of a button and each text becomes one command, and its outcome is told."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from aiohttp import web

from console.entrance import Entrance, safe_target
from console.guard import FORM, PATH, VISIT
from console.languages import COOKIE as LANGUAGE
from console.pages import Pages
from console.permissions import permits
from console.rendering import THEME, THEMES, redirect
from desk.commands import Action, Actor, AtTicket, StaffActed
from desk.messages import Attachment
from desk.readings import Sentiment
from desk.tickets import Ticket
from store import casebook

_KEY = re.compile(r"[\w-]{8,80}", re.ASCII)
TEXT_LIMIT = 20_000

#: What may be asked for by a button; texts have a door of their own.
_BUTTONS = (
    Action.TAKE,
    Action.RELEASE,
    Action.WAITING,
    Action.RESOLVE,
    Action.REOPEN,
    Action.ACKNOWLEDGE,
    Action.RETAG,
)
#: An alert is acknowledged, and a message means what it means, whatever became of the ticket meanwhile.
_TIMELESS = (Action.ACKNOWLEDGE, Action.RETAG)
_YES_AND_NO = {"yes": True, "no": False}


@dataclass(frozen=True, kw_only=True, slots=True)
class Actions:
    """The posts of the console."""

    pages: Pages
    entrance: Entrance

    async def act(self, request: web.Request) -> web.StreamResponse:
        """A button of a ticket."""
        form, ticket = request[FORM], await self._ticket(request)
        action = next((each for each in _BUTTONS if each == form.text("action")), None)
        if action is None:
            raise web.HTTPBadRequest
        self._check(request, action, ticket)
        seen, message = form.text("seen"), form.text("message")
        if action is Action.RETAG and not (_is_number(message) and form.text("argument")):
            raise web.HTTPBadRequest
        command = StaffActed(
            by=self._actor(request),
            action=action,
            at=self.pages.renderer.console.now(),
            place=AtTicket(number=ticket.number),
            argument=form.text("argument")[:500],
            seen=int(seen) if _is_number(seen) and action not in _TIMELESS else None,
            message=int(message) if _is_number(message) else None,
            sentiment=next((each for each in Sentiment if each == form.text("sentiment")), None),
            urgent=_YES_AND_NO.get(form.text("urgent")),
        )
        return await self._submit(request, command, lane=f"ticket:{ticket.number}", back=self._back(request, ticket))

    async def write(self, request: web.Request) -> web.StreamResponse:
        """A reply to the customer, or a note that stays in the house, with files."""
        form, ticket = request[FORM], await self._ticket(request)
        action = Action.NOTE if form.text("kind") == "note" else Action.REPLY
        self._check(request, action, ticket)
        text = form.text("text").replace("\r\n", "\n").strip()
        if len(text) > TEXT_LIMIT:
            raise web.HTTPRequestEntityTooLarge(max_size=TEXT_LIMIT, actual_size=len(text))
        attachments = await self._keep_files(request, ticket)
        if not text and not attachments:
            empty = self.pages.renderer.say(request, "notice.empty")
            return await self._refused(request, ticket.number, empty, status=422)
        command = StaffActed(
            by=self._actor(request),
            action=action,
            at=self.pages.renderer.console.now(),
            place=AtTicket(number=ticket.number),
            argument=text,
            attachments=attachments,
        )
        return await self._submit(request, command, lane=f"ticket:{ticket.number}", back=self._back(request, ticket))

    async def set_presence(self, request: web.Request) -> web.StreamResponse:
        """Online or away."""
        action = Action.ONLINE if request[FORM].text("presence") == "online" else Action.AWAY
        command = StaffActed(by=self._actor(request), action=action, at=self.pages.renderer.console.now())
        back = safe_target(request[FORM].text("back")) or PATH
        return await self._submit(request, command, lane=f"staff:{request[VISIT].staff.name}", back=back)

    async def set_preferences(self, request: web.Request) -> web.StreamResponse:
        """The console's language and colours, kept in this browser."""
        form = request[FORM]
        response = redirect(safe_target(form.text("back")) or PATH)
        if form.text("language") in self.pages.renderer.catalogue.texts:
            self.entrance.remember(response, LANGUAGE, form.text("language"))
        if form.text("theme") in THEMES:
            self.entrance.remember(response, THEME, form.text("theme"))
        return response

    def _actor(self, request: web.Request) -> Actor:
        return Actor(name=request[VISIT].staff.name)

    def _check(self, request: web.Request, action: Action, ticket: Ticket) -> None:
        if not permits(request[VISIT].staff, action, ticket):
            raise web.HTTPForbidden

    async def _ticket(self, request: web.Request) -> Ticket:
        find = partial(casebook.find_ticket, number=int(request.match_info["number"]))
        ticket = await self.pages.renderer.console.database.read(find)
        if ticket is None:
            raise web.HTTPNotFound
        return ticket

    async def _keep_files(self, request: web.Request, ticket: Ticket) -> tuple[Attachment, ...]:
        console = self.pages.renderer.console
        owner = await console.database.read(partial(casebook.conversation_key, number=ticket.number))
        kept: list[Attachment] = []
        async for upload in request[FORM].uploads():
            name = upload.name.replace("\\", "/").rpartition("/")[2][:200] or "file"
            file = await console.keep_file(
                upload.content, name=name, media_type=upload.media_type, owner=owner or "", at=console.now()
            )
            kept.append(file)
        return tuple(kept)

    def _back(self, request: web.Request, ticket: Ticket) -> str:
        return safe_target(request[FORM].text("back")) or f"{PATH}/tickets/{ticket.number}"

    async def _submit(self, request: web.Request, command: StaffActed, *, lane: str, back: str) -> web.StreamResponse:
        try:
            refusal = await self.pages.renderer.console.submit(command, key=self._key(request), lane=lane)
        except TimeoutError:
            return self._accepted(request, back)
        if refusal is not None:
            number = command.place.number if isinstance(command.place, AtTicket) else None
            return await self._refused(request, number, refusal, status=409)
        return _told({}) if wants_json(request) else redirect(back)

    def _key(self, request: web.Request) -> str:
        given = request.headers.get("Idempotency-Key") or request[FORM].text("key")
        key = given if _KEY.fullmatch(given) else secrets.token_urlsafe(16)
        return f"console:{request[VISIT].session.login}:{key}"

    def _accepted(self, request: web.Request, back: str) -> web.StreamResponse:
        if wants_json(request):
            return _told({"pending": self.pages.renderer.say(request, "notice.pending")}, status=202)
        return redirect(f"{back}{'&' if '?' in back else '?'}pending=1")

    async def _refused(
        self, request: web.Request, number: int | None, refusal: str, *, status: int
    ) -> web.StreamResponse:
        if wants_json(request):
            return _told({"refusal": refusal}, status=status)
        return await self.pages.show(request, number=number, notice=refusal, status=status)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


def wants_json(request: web.Request) -> bool:
    """Whether the page's script asks, which shows the outcome itself."""
    return request.headers.get("Accept") == "application/json"


def _told(told: Mapping[str, str], *, status: int = 200) -> web.Response:
    return web.json_response(dict(told), status=status)
