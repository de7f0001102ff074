"""How figures of readings are shown: a line a week, a line an intent with small bars, what was taken for what."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from desk.drift import ENOUGH, Drift, drift
from store.tagging import Misreading, Mix

#: A week is held against so many before it.
BEFORE = 4

BAR_WIDTH = 9
BAR_HEIGHT = 24
#: Where an intent has less than this in every week, its bars stay low: they are not to look like a mountain.
_LOW = 0.04


@dataclass(frozen=True, kw_only=True, slots=True)
class WeekLine:
    """A week's figures; shares are None where it has no messages. `new_reader` began to read in it."""

    monday: date
    messages: int
    drift: Drift | None
    confidence: float | None
    unsure: float | None
    new_reader: str | None
    is_running: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    """One week of an intent, as it is drawn."""

    monday: date
    messages: int
    share: float
    x: int
    height: float
    is_running: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class IntentLine:
    """An intent's share of all weeks, of the last full one, and of those before that; None where they say nothing."""

    intent: str
    messages: int
    share: float
    bars: tuple[Bar, ...]
    last: float | None
    before: float | None

    @property
    def change(self) -> float | None:
        """By how much the last full week differs from those before, in parts of all messages."""
        return None if self.last is None or self.before is None else self.last - self.before


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """So many messages were taken for what they are not."""

    read: str
    meant: str
    messages: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Corrected:
    """How many of the messages that were read as an intent are another."""

    intent: str
    read: int
    wrong: int

    @property
    def share(self) -> float:
        """The wrong ones among them."""
        return self.wrong / self.read if self.read else 0.0


def week_lines(mondays: Sequence[date], mixes: Sequence[Mix]) -> tuple[WeekLine, ...]:
    """The weeks after the first `BEFORE`, which are there to be compared with; the last one is still running.

    Weeks before anybody wrote are left out.
    """
    lines = []
    begun = next((place for place, mix in enumerate(mixes) if mix.messages), len(mixes))
    for place in range(max(BEFORE, begun), len(mondays)):
        mix, last = mixes[place], place == len(mondays) - 1
        lines.append(
            WeekLine(
                monday=mondays[place],
                messages=mix.messages,
                drift=drift(mix.counts, _together(mixes[place - BEFORE : place])),
                confidence=mix.confidence,
                unsure=mix.unsure / mix.messages if mix.messages else None,
                new_reader=_new_reader(mixes[: place + 1]),
                is_running=last,
            )
        )
    return tuple(lines)


def intent_lines(mondays: Sequence[date], mixes: Sequence[Mix]) -> tuple[IntentLine, ...]:
    """The intents of the weeks that are shown, the most frequent first."""
    shown = mixes[BEFORE:]
    total = _together(shown)
    full, earlier = mixes[-2].counts, _together(mixes[-2 - BEFORE : -2])
    return tuple(
        IntentLine(
            intent=intent,
            messages=count,
            share=count / total.total(),
            bars=_bars(intent, mondays[BEFORE:], shown),
            last=_share(full, intent),
            before=_share(earlier, intent),
        )
        for intent, count in _most_first(total)
    )


def taken(found: Sequence[Misreading]) -> tuple[Taken, ...]:
    """What was taken for what, most often first; where the tone alone was wrong, the intent was none."""
    pairs: Counter[tuple[str, str]] = Counter()
    for each in found:
        if each.read != each.meant:
            pairs[each.read, each.meant] += each.messages
    ordered = sorted(pairs.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(Taken(read=read, meant=meant, messages=count) for (read, meant), count in ordered)


def corrected(mix: Mix, found: Sequence[Misreading]) -> tuple[Corrected, ...]:
    """Of each intent that was corrected: how many messages were read so, and how many wrongly; the most wrong first.

    A message counts for what was read in it when it was corrected, whatever it is read as today.
    """
    read, wrong = Counter(mix.counts), Counter[str]()
    for each in found:
        read[each.now] -= each.messages
        read[each.read] += each.messages
        wrong[each.read] += each.messages if each.read != each.meant else 0
    ordered = sorted(wrong, key=lambda intent: (-wrong[intent], intent))
    return tuple(Corrected(intent=each, read=read[each], wrong=wrong[each]) for each in ordered if wrong[each])


def _new_reader(mixes: Sequence[Mix]) -> str | None:
    """The model that read at the end of the last of these weeks, where another did at the end of the one before.

    What stands behind a plus in its name marks corrections and own intents, which change with most starts.
    """
    models = [mix.reader.partition("+")[0] for mix in mixes if mix.reader]
    before, now = next(pairwise(models[-2:]), ("", ""))
    return now if mixes[-1].reader and before != now else None


def _bars(intent: str, mondays: Sequence[date], mixes: Sequence[Mix]) -> tuple[Bar, ...]:
    shares = [mix.counts.get(intent, 0) / mix.messages if mix.messages else 0.0 for mix in mixes]
    top = max(*shares, _LOW)
    return tuple(
        Bar(
            monday=monday,
            messages=mix.counts.get(intent, 0),
            share=share,
            x=place * BAR_WIDTH,
            height=round(share / top * BAR_HEIGHT, 1),
            is_running=place == len(mixes) - 1,
        )
        for place, (monday, mix, share) in enumerate(zip(mondays, mixes, shares, strict=True))
    )


def _share(mix: Mapping[str, int], intent: str) -> float | None:
    total = sum(mix.values())
    return mix.get(intent, 0) / total if total >= ENOUGH else None


def _together(mixes: Sequence[Mix]) -> Counter[str]:
    together: Counter[str] = Counter()
    for mix in mixes:
        together.update(mix.counts)
    return together


def _most_first(mix: Mapping[str, int]) -> Sequence[tuple[str, int]]:
    return sorted(mix.items(), key=lambda pair: (-pair[1], pair[0]))
