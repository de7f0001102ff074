"""The page of readings: what was taken for what, how the mix of intents drifts, which messages were least sure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from aiohttp import web

from console.guard import VISIT
from console.permissions import may_correct
from console.rendering import Renderer
from console.tallies import BAR_HEIGHT, BAR_WIDTH, BEFORE, corrected, intent_lines, taken, week_lines
from console.words import words_of
from desk.drift import ENOUGH
from desk.readings import INTENTS
from desk.weeks import begins, days_back, last_weeks
from store import board, tagging
from store.database import Connection
from store.tagging import Doubtful, Misreading, Mix

#: Days, and which of them where nobody chose.
_PERIODS = (7, 30, 90)
_USUAL = 30
_WEEKS = 12
_LINES = 25
#: Further down nobody works through a list that changes with each correction.
_MOST_PAGES = 40
_PAIRS = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class _Found:
    """All that the store says, of one moment."""

    weeks: Sequence[Mix]
    period: Mix
    misreadings: Sequence[Misreading]
    doubtful: Sequence[Doubtful]
    online: Mapping[str, bool]


@dataclass(frozen=True, kw_only=True, slots=True)
class Readings:
    """How the customers' messages are read, for the supervisors."""

    renderer: Renderer

    async def show(self, request: web.Request) -> web.StreamResponse:
        """The page, of a period."""
        staff = request[VISIT].staff
        if not staff.may_see_readings:
            raise web.HTTPForbidden
        now, zone = self.renderer.console.now(), self.renderer.zone()
        days, page = _chosen(request, "days", _PERIODS, _USUAL), _chosen(request, "page", range(1, _MOST_PAGES + 1), 1)
        mondays = last_weeks(now, zone, BEFORE + _WEEKS)
        starts, since = [begins(monday, zone) for monday in mondays], days_back(now, zone, days)
        found = await self.renderer.console.database.read(lambda each: self._find(each, starts, since, page))
        return self.renderer.page(
            request,
            "readings.html",
            status=200,
            words=words_of(self.renderer, request),
            days=days,
            periods=_PERIODS,
            case=None,
            number=None,
            search="",
            notice="",
            before=BEFORE,
            enough=ENOUGH,
            is_online=found.online.get(staff.name, False),
            **_figures(found, mondays),
            **self._list(found.doubtful, page, now),
        )

    def _find(self, connection: Connection, starts: Sequence[datetime], since: datetime, page: int) -> _Found:
        below = self._below()
        (period,) = tagging.mixes(connection, [since], below)
        return _Found(
            weeks=tagging.mixes(connection, starts, below),
            period=period,
            misreadings=tagging.misreadings(connection, since),
            doubtful=tagging.least_sure(connection, since, count=_LINES + 1, skip=(page - 1) * _LINES),
            online=board.staff_online(connection),
        )

    def _list(self, doubtful: Sequence[Doubtful], page: int, now: datetime) -> Mapping[str, object]:
        company = self.renderer.console.company().company
        within = company.sla.reopen_within
        tickets = [each.ticket for each in doubtful if each.ticket is not None]
        return {
            "doubtful": doubtful[:_LINES],
            "page": page,
            "has_next": len(doubtful) > _LINES and page < _MOST_PAGES,
            "open_to_correction": {ticket.number for ticket in tickets if may_correct(ticket, now, within)},
            "below": self._below(),
            "own_intents": [intent.name for intent in company.intents],
            "built_in_intents": INTENTS,
        }

    def _below(self) -> float:
        return self.renderer.console.company().company.routing.handoff.below_confidence


def _figures(found: _Found, mondays: Sequence[date]) -> Mapping[str, object]:
    pairs, wrong = taken(found.misreadings), corrected(found.period, found.misreadings)
    return {
        "period": found.period,
        "pairs": pairs[:_PAIRS],
        "more_pairs": len(pairs) - len(pairs[:_PAIRS]),
        "wrong": wrong,
        "corrected": sum(each.wrong for each in wrong),
        "weeks": week_lines(mondays, found.weeks),
        "intents": intent_lines(mondays, found.weeks),
        "bar_width": BAR_WIDTH,
        "bar_height": BAR_HEIGHT,
    }


def _chosen(request: web.Request, name: str, known: Sequence[int], usual: int) -> int:
    """The number of the address, if it is one of these."""
    given = request.query.get(name, "")
    return next((each for each in known if str(each) == given), usual)
