"""The staff's pages: the list of tickets, and one ticket beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from aiohttp import web

from console.guard import VISIT, Visit
from console.permissions import may_correct, may_reply, offered
from console.rendering import Renderer
from console.views import due_view, latest, thread
from console.words import words_of
from desk.messages import Message
from desk.readings import INTENTS
from store import board, casebook
from store.board import Queue
from store.casebook import Case

_LINES = 50
_MOST_LINES = 500
_MESSAGES = 100
_MOST_MESSAGES = 2000


@dataclass(frozen=True, kw_only=True, slots=True)
class Pages:
    """Everything that is shown to somebody who has logged in."""

    renderer: Renderer

    async def desk(self, request: web.Request) -> web.StreamResponse:
        """The list alone."""
        return await self.show(request)

    async def ticket(self, request: web.Request) -> web.StreamResponse:
        """A ticket with the list beside it."""
        return await self.show(request, number=int(request.match_info["number"]))

    async def show(
        self, request: web.Request, *, number: int | None = None, notice: str = "", status: int = 200
    ) -> web.Response:
        """The page with a word on what was just done, and the text that could not be sent."""
        case = None if number is None else await self._case(request, number)
        if number is not None and case is None:
            raise web.HTTPNotFound
        return self.renderer.page(
            request,
            "desk.html",
            status=status,
            notice=notice or self._pending(request),
            words=words_of(self.renderer, request),
            **await self._list(request),
            **self._shown(request, case),
        )

    async def _case(self, request: web.Request, number: int) -> Case | None:
        shown = _number(request, "messages", _MESSAGES, _MOST_MESSAGES)
        find = partial(casebook.find_case, number=number, messages_shown=shown)
        return await self.renderer.console.database.read(find)

    async def _list(self, request: web.Request) -> Mapping[str, object]:
        visit, count = request[VISIT], _number(request, "count", _LINES, _MOST_LINES)
        queue, search = _queue(request), request.query.get("q", "").replace("\0", "")[:100]
        lines, counts, alerts, online = await self.renderer.console.database.read(
            lambda connection: (
                board.lines(connection, queue=queue, staff=visit.staff.name, search=search, count=count + 1),
                board.counts(connection, visit.staff.name),
                board.open_alerts(connection) if visit.staff.is_supervisor else (),
                board.staff_online(connection),
            )
        )
        company, now = self.renderer.console.company().company, self.renderer.console.now()
        dues = {line.ticket.number: due_view(line.due, company, now) for line in lines if line.due is not None}
        return {
            "queues": tuple(Queue),
            "queue": queue,
            "search": search,
            "counts": counts,
            "lines": lines[:count],
            "more": min(count + _LINES, _MOST_LINES) if len(lines) > count else None,
            "dues": dues,
            "alerts": alerts,
            "is_online": online.get(visit.staff.name, False),
            "online": [name for name, there in sorted(online.items()) if there],
        }

    def _shown(self, request: web.Request, case: Case | None) -> Mapping[str, object]:
        if case is None:
            return {"case": None, "number": None}
        visit: Visit = request[VISIT]
        company, now = self.renderer.console.company().company, self.renderer.console.now()
        return {
            "case": case,
            "number": case.ticket.number,
            "items": thread(case, self.renderer.zone()),
            "clocks": [due_view(clock, company, now) for clock in latest(case.clocks)],
            "actions": offered(visit.staff, case.ticket),
            "may_reply": may_reply(visit.staff, case.ticket),
            "may_correct": may_correct(case.ticket, now, company.sla.reopen_within),
            "own_intents": [intent.name for intent in company.intents],
            "built_in_intents": INTENTS,
            "retagged": _retagged(request, case),
            "earlier": min(_number(request, "messages", _MESSAGES, _MOST_MESSAGES) + 2 * _MESSAGES, _MOST_MESSAGES),
        }

    def _pending(self, request: web.Request) -> str:
        return self.renderer.say(request, "notice.pending") if "pending" in request.query else ""


def _queue(request: web.Request) -> Queue:
    """The queue of the address; else what somebody is likely to look for: the open ones."""
    asked = request.query.get("queue", "")
    if asked in tuple(Queue):
        return Queue(asked)
    return Queue.ALL if request.query.get("q") else Queue.OPEN


def _retagged(request: web.Request, case: Case) -> Message | None:
    """The message whose tag the address asks to correct: the way without the page's script."""
    asked = request.query.get("tag", "")
    read = (said.message for said in case.said if said.message.reading is not None)
    return next((message for message in read if str(message.id) == asked), None)


def _number(request: web.Request, name: str, least: int, most: int) -> int:
    given = request.query.get(name, "")
    return min(max(int(given), least), most) if given.isascii() and given.isdecimal() and len(given) < 6 else least
