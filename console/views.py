"""How the desk's values look to its staff: how pressing a clock is, what happened in words, a thread in order."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum

from desk.company import Company
from desk.facts import Fact, FactKind
from desk.messages import Attachment, AttachmentKind, Author
from desk.sla import Clock, Metric, Outcome, consumed
from store.casebook import Case, Said

Say = Callable[..., str]

#: What is told in the thread itself; the rest stands in the history beside it.
TOLD = frozenset(
    {
        FactKind.TICKET_OPENED,
        FactKind.HANDED_OVER,
        FactKind.TICKET_TAKEN,
        FactKind.TICKET_RELEASED,
        FactKind.STATUS_CHANGED,
        FactKind.PRIORITY_CHANGED,
        FactKind.TICKET_RESOLVED,
        FactKind.TICKET_REOPENED,
        FactKind.SLA_BREACHED,
        FactKind.ALERT_ACKNOWLEDGED,
        FactKind.SURVEY_ANSWERED,
        FactKind.SURVEY_EXPLAINED,
        FactKind.CHANNEL_BLOCKED,
        FactKind.CHANNEL_UNBLOCKED,
    }
)


_FORMS: Mapping[str, str] = {"image": "picture", "audio": "sound", "video": "film"}
_USUAL: Mapping[AttachmentKind, str] = {
    AttachmentKind.PHOTO: "image/jpeg",
    AttachmentKind.STICKER: "image/webp",
    AttachmentKind.ANIMATION: "video/mp4",
    AttachmentKind.VIDEO: "video/mp4",
    AttachmentKind.VOICE: "audio/ogg",
    AttachmentKind.AUDIO: "audio/mpeg",
}
_LINK = re.compile(r"https?://[^\s<>\"'`，。；：！？、（）《》【】「」]+", re.IGNORECASE)


class Standing(StrEnum):
    """How a clock looks: from half of its time on it is worth a glance, from 80 % on it presses (S16)."""

    FINE = "fine"
    HALF = "half"
    PRESSING = "pressing"
    BREACHED = "breached"
    PAUSED = "paused"
    MET = "met"
    ENDED = "ended"


@dataclass(frozen=True, kw_only=True, slots=True)
class DueView:
    """A clock as it is shown."""

    metric: Metric
    standing: Standing
    due_at: datetime | None
    met_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class DayMark:
    """A new day begins in the thread."""

    day: date


@dataclass(frozen=True, kw_only=True, slots=True)
class Bubble:
    """A message in the thread; `look` is customer, bot, agent or note. `joined`: it goes on from the one before."""

    said: Said
    look: str
    joined: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Happening:
    """A fact in the thread."""

    fact: Fact


Item = DayMark | Bubble | Happening


def due_view(clock: Clock, company: Company, now: datetime) -> DueView:
    """The clock as it stands now."""
    return DueView(
        metric=clock.metric, standing=standing(clock, company, now), due_at=clock.due_at, met_at=clock.met_at
    )


def standing(clock: Clock, company: Company, now: datetime) -> Standing:
    """How pressing the clock is."""
    if clock.breached_at is not None or (not clock.is_over and clock.due_at is not None and clock.due_at < now):
        return Standing.BREACHED
    if clock.is_over:
        return Standing.MET if clock.outcome is Outcome.MET else Standing.ENDED
    if clock.is_paused:
        return Standing.PAUSED
    return _by_share(_share_used(clock, company, now))


def _share_used(clock: Clock, company: Company, now: datetime) -> float:
    calendar = company.calendars.get(clock.calendar)
    if calendar is None or not clock.allowance:
        return clock.level / 100
    return consumed(clock, calendar, max(now, clock.started_at)) / clock.allowance


def _by_share(share: float) -> Standing:
    if share >= 0.8:
        return Standing.PRESSING
    return Standing.HALF if share >= 0.5 else Standing.FINE


def latest(clocks: Sequence[Clock]) -> tuple[Clock, ...]:
    """The clocks in force: of each metric its last generation."""
    by_metric = {clock.metric: clock for clock in sorted(clocks, key=lambda clock: clock.generation)}
    return tuple(by_metric[metric] for metric in Metric if metric in by_metric)


def span(length: timedelta, say: Say) -> str:
    """A length of time in its two largest units, without a sign: "1 h 20 min"; less than one is told in words."""
    minutes = int(abs(length).total_seconds()) // 60
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return str(say("time.days_hours", days=days, hours=hours))
    if hours:
        return str(say("time.hours_minutes", hours=hours, minutes=minutes))
    return str(say("time.minutes", minutes=minutes) if minutes else say("time.under_a_minute"))


# ---- the thread ------------------------------------------------------------------------------------------------------


def thread(case: Case, zone: tzinfo) -> tuple[Item, ...]:
    """Messages and what happened between them, in order, with a mark where a day begins."""
    bubbles = [Bubble(said=said, look=look_of(said), joined=False) for said in case.said]
    since = case.said[0].message.at if case.earlier else datetime.min.replace(tzinfo=zone)
    happenings = [Happening(fact=fact) for fact in case.facts if fact.kind in TOLD and fact.at >= since]
    # A message first, then what it brought about in the same moment; the sort keeps equals in this order.
    return tuple(_with_days(sorted([*bubbles, *happenings], key=_moment), zone))


def look_of(said: Said) -> str:
    """Who speaks, and whether it stays in the house."""
    message = said.message
    return "note" if message.author is Author.AGENT and not message.public else message.author.value


def form_of(attachment: Attachment) -> str:
    """How an attachment is shown: as picture, sound, film, place, person, or as a file to be fetched."""
    match attachment.kind:
        case AttachmentKind.LOCATION:
            return "place"
        case AttachmentKind.CONTACT:
            return "person"
        case kind if attachment.file is None or kind not in _USUAL:
            return "file"
        case kind:  # an animation is a film on Telegram, and an image where somebody sent a GIF
            media_type = attachment.media_type or _USUAL[kind]
            return _FORMS.get(media_type.partition("/")[0], "file")


def parts_of(text: str) -> Iterator[tuple[str, bool]]:
    """A text in parts, each with whether it is a web address."""
    end = 0
    for found in _LINK.finditer(text):
        address = found[0].rstrip(".,;:!?)]}'\"")
        yield text[end : found.start()], False
        yield address, True
        end = found.start() + len(address)
    yield text[end:], False


def _moment(item: Bubble | Happening) -> datetime:
    return item.said.message.at if isinstance(item, Bubble) else item.fact.at


def _with_days(items: Sequence[Bubble | Happening], zone: tzinfo) -> Iterator[Item]:
    day: date | None = None
    before: Item | None = None
    for item in items:
        if (today := _moment(item).astimezone(zone).date()) != day:
            day = today
            before = DayMark(day=day)
            yield before
        if isinstance(item, Bubble):
            item = Bubble(said=item.said, look=item.look, joined=_goes_on(before, item))  # noqa: PLW2901
        before = item
        yield item


def _goes_on(before: Item | None, item: Bubble) -> bool:
    """Whether the same person speaks on, so that the name need not be said again."""
    if not isinstance(before, Bubble) or before.look != item.look:
        return False
    first, second = before.said.message, item.said.message
    close = second.at - first.at < timedelta(minutes=5)
    return close and (first.author_name, first.ticket_id) == (second.author_name, second.ticket_id)


# ---- facts in words --------------------------------------------------------------------------------------------------

#: Which parts of a fact's data are words of a catalogue table rather than names and numbers.
_TABLES: Mapping[str, str] = {
    "intent": "intent",
    "sentiment": "sentiment",
    "urgency": "urgency",
    "metric": "metric",
    "status": "status",
    "priority": "priority",
    "reason": "handoff",
}


def fact_text(fact: Fact, say: Say, known: Callable[[str], bool]) -> str:
    """What happened, in a sentence; of its data the fuller sentence tells where there is one."""
    by = say(f"by.{fact.by}") if known(f"by.{fact.by}") else fact.by
    words = {name: _word(name, value, say, known) for name, value in fact.data.items() if value not in (None, "")}
    sentence = str(say(f"fact.{fact.kind.value}", by=by))
    return sentence + _detail(fact.kind, words)


def _word(name: str, value: object, say: Say, known: Callable[[str], bool]) -> str:
    table = next((table for part, table in _TABLES.items() if name == part or name.endswith(f"_{part}")), None)
    for key in (f"{table}.{value}", f"status.{value}", f"priority.{value}"):
        if isinstance(value, str) and known(key):
            return str(say(key))
    return str(value).replace("_", " ") if table == "intent" else str(value)


#: What of a fact's data is worth a reader's time, by the names that the handlers give it.
_SHOWN = ("status", "priority", "metric", "reason", "score", "team", "name", "journey")


def _detail(kind: FactKind, words: Mapping[str, str]) -> str:
    if kind is FactKind.READING_CORRECTED:
        return f" · {' · '.join(_corrected(words))}"
    shown = [words[name] for name in _SHOWN if name in words]
    return f" · {' · '.join(shown)}" if shown and kind is not FactKind.COURTESY_IGNORED else ""


def _corrected(words: Mapping[str, str]) -> Iterator[str]:
    """What was taken for what, and what it is."""
    for name in ("intent", "sentiment"):
        if name in words:
            yield f"{words.get(f'old_{name}', '')} → {words[name]}"
    if "urgency" in words:
        yield words["urgency"]
