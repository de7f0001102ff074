"""Times, facts and the desk's own words, as a reader of one language is shown them."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from aiohttp import web

from console.languages import language_of
from console.rendering import Renderer
from console.views import Say, fact_text, span
from desk.facts import Fact


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """What templates say of times and facts, in one reader's language."""

    renderer: Renderer
    say: Say
    language: str

    def fact(self, fact: Fact) -> str:
        """What happened, in a sentence."""
        return fact_text(fact, self.say, self.renderer.catalogue.texts[self.language].__contains__)

    def word(self, table: str, value: str) -> str:
        """A word of a table of the catalogue; one that the company made itself is shown as it is."""
        key = f"{table}.{value}"
        if key in self.renderer.catalogue.texts[self.language]:
            return str(self.say(key))
        return value.replace("_", " ")

    def clock_time(self, moment: datetime) -> str:
        """Hours and minutes, with the day where it is not today's."""
        local, today = self.renderer.local(moment), self.renderer.local(self.renderer.console.now())
        if local.date() == today.date():
            return f"{local:%H:%M}"
        return f"{self.day(local)} {local:%H:%M}"

    def short(self, moment: datetime) -> str:
        """The hour of today, the day of any other."""
        local, today = self.renderer.local(moment), self.renderer.local(self.renderer.console.now())
        return f"{local:%H:%M}" if local.date() == today.date() else self.day(moment)

    def day(self, moment: datetime) -> str:
        """A day; of this year without the year."""
        local, today = self.renderer.local(moment), self.renderer.local(self.renderer.console.now())
        if local.date() == today.date():
            return str(self.say("time.today"))
        key = "time.day" if local.year == today.year else "time.day_of_year"
        weekday = self.say(f"time.weekday_{local.isoweekday()}")
        month = self.say(f"time.month_{local.month}")
        return str(self.say(key, day=local.day, month=month, year=local.year, weekday=weekday))

    def week(self, monday: date) -> str:
        """A week by its first day."""
        return str(self.say("time.week", day=monday.day, month=self.say(f"time.month_{monday.month}")))

    def date(self, day: date) -> str:
        """A day of the thread."""
        return self.day(datetime(day.year, day.month, day.day, 12, tzinfo=self.renderer.zone()))

    def hour(self, moment: datetime) -> str:
        """Hours and minutes."""
        return f"{self.renderer.local(moment):%H:%M}"

    def local_time(self, timezone: str) -> str:
        """What the contact's clock shows; what is no zone is shown as it is."""
        try:
            return f"{self.renderer.console.now().astimezone(ZoneInfo(timezone)):%H:%M} · {timezone}"
        except (ZoneInfoNotFoundError, ValueError):
            return timezone

    def left(self, moment: datetime) -> str:
        """How long until then, or since when it is late."""
        until = moment - self.renderer.console.now()
        key = "time.late" if until.total_seconds() < 0 else "time.left"
        return str(self.say(key, span=span(until, self.say)))

    def ago(self, moment: datetime) -> str:
        """How long ago."""
        return str(self.say("time.ago", span=span(self.renderer.console.now() - moment, self.say)))

    def percent(self, share: float) -> str:
        """A share in per cent; a small one to a tenth, so that it is not taken for none."""
        if 0 < share < 0.0005:
            return "< 0.1%"
        return f"{share:.1%}" if 0 < share < 0.0995 else f"{share:.0%}"

    def points(self, change: float) -> str:
        """By how many points of per cent a share changed."""
        points = round(change * 100, 1) or 0.0
        return f"{points:+.1f}".replace("-", "\u2212") if points else "0"


def words_of(renderer: Renderer, request: web.Request) -> Words:
    """The words for whoever asks."""
    language = language_of(request, renderer.catalogue)
    return Words(renderer=renderer, say=partial(renderer.say, request), language=language)
