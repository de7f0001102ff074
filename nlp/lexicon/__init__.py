"""The tagger's words and rules, and how they are read: `zh.toml`, `en.toml`, `emoji.toml` (words), `rules.toml` (what
they say).

A form is a run of units; a word is a named set of forms, held as one bit; a rule is a set of words. Matching walks a
trie once over the message, longest form first, so its cost does not grow with the lexicon.
"""

import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, NamedTuple

from nlp.normalise import normalise
from nlp.words import split

STRENGTHS: Mapping[str, float] = {"sure": 0.9, "likely": 0.66, "hint": 0.4}


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """Speaks for `intent` with `strength` where all `required` words occur and no `blocked` one (bits of words)."""

    intent: str
    strength: float
    required: int
    blocked: int


class Hit(NamedTuple):
    """The words that one run of units, from `start` up to `end`, is a form of (a plain tuple: a dozen a message)."""

    start: int
    end: int
    words: int


@dataclass(slots=True)
class _Node:
    following: dict[str, "_Node"] = field(default_factory=dict)
    words: int = 0


class Lexicon:
    """All languages' forms in one trie, and the rules over their words."""

    def __init__(self, tables: Iterable[Mapping[str, Any]], rules: Mapping[str, Any]) -> None:
        """`tables` are the languages' files, `rules` is rules.toml, both as parsed; ValueError names what is wrong."""
        self._bits: dict[str, int] = {}
        self._root = _Node()
        for table in tables:
            self._add(table)
        self._rules = self._indexed(rules)
        self._urgent = self._indexed({"urgent": {"sure": rules["urgent"]}})
        self.refusable = self.mask(rules["unless_refused"])
        self.negative = self.mask(rules["negative"])
        self.positive = self.mask(rules["positive"])

    @property
    def intents(self) -> frozenset[str]:
        """The intents that the rules speak for."""
        return frozenset(rule.intent for rules in self._rules.values() for rule in rules)

    def mask(self, words: Iterable[str]) -> int:
        """The bits of these words together."""
        mask = 0
        for word in words:
            if word not in self._bits:
                raise ValueError(f"no language has forms of the word {word!r}")
            mask |= self._bits[word]
        return mask

    def scan(self, units: Sequence[str]) -> list[Hit]:
        """The forms that occur, left to right, the longest at each place, without overlap."""
        hits: list[Hit] = []
        place, length = 0, len(units)
        root = self._root.following
        while place < length:
            node = root.get(units[place])
            end, words, position = place + 1, 0, place + 1
            while node is not None:
                if node.words:
                    end, words = position, node.words
                node = node.following.get(units[position]) if position < length else None
                position += 1
            if words:
                hits.append(Hit(place, end, words))
            place = end
        return hits

    def fired(self, words: int) -> list[Rule]:
        """The rules that these words fulfil, without those that a longer one of another intent explains away."""
        fulfilled = _fulfilled(self._rules, words)
        if len(fulfilled) < 2:
            return fulfilled
        return [rule for rule in fulfilled if not _explained(rule, fulfilled)]

    def urgent(self, words: int) -> bool:
        """Whether these words state time pressure, danger or harm to a business."""
        return bool(_fulfilled(self._urgent, words))

    def _add(self, table: Mapping[str, Any]) -> None:
        for word, forms in (pair for group in table.values() for pair in group.items()):
            bit = self._bits.setdefault(word, 1 << len(self._bits))
            for form in forms.split(","):
                node = self._root
                for unit in split(normalise(form.strip())):
                    node = node.following.setdefault(unit, _Node())
                if node is self._root:
                    raise ValueError(f"the word {word!r} has an empty form {form.strip()!r}")
                node.words |= bit

    def _indexed(self, rules: Mapping[str, Any]) -> dict[int, list[Rule]]:
        """Each rule under its word that the fewest rules share, so that few are looked at."""
        parsed = [
            Rule(intent=intent, strength=STRENGTHS[level], required=required, blocked=blocked)
            for intent, levels in rules.items()
            if isinstance(levels, dict)
            for level, texts in levels.items()
            for required, blocked in map(self._masks, texts)
        ]
        frequency = Counter(bit for rule in parsed for bit in _bits_of(rule.required))
        indexed: dict[int, list[Rule]] = {}
        for rule in parsed:
            indexed.setdefault(min(_bits_of(rule.required), key=frequency.__getitem__), []).append(rule)
        return indexed

    def _masks(self, text: str) -> tuple[int, int]:
        words = text.split()
        required = self.mask(word for word in words if not word.startswith("!"))
        if not required:
            raise ValueError(f"the rule {text!r} requires no word")
        return required, self.mask(word[1:] for word in words if word.startswith("!"))


def _fulfilled(rules: Mapping[int, Sequence[Rule]], words: int) -> list[Rule]:
    fulfilled: list[Rule] = []
    for bit in _bits_of(words):
        for rule in rules.get(bit, ()):
            if rule.required & words == rule.required and not rule.blocked & words:
                fulfilled.append(rule)  # noqa: PERF401 (the hot path: two levels of comprehension cost more)
    return fulfilled


def _explained(rule: Rule, others: Sequence[Rule]) -> bool:
    required, intent = rule.required, rule.intent
    for other in others:
        if other.required & required == required and other.intent != intent and other.required != required:
            return True
    return False


def _bits_of(mask: int) -> Iterator[int]:
    while mask:
        bit = mask & -mask
        yield bit
        mask ^= bit


def load_lexicon() -> Lexicon:
    """The shipped lexicon: rules.toml over the words of every other TOML file beside it."""
    folder = resources.files(__name__)
    files = [file for file in sorted(folder.iterdir(), key=lambda file: file.name) if file.name.endswith(".toml")]
    return Lexicon(
        [_parsed(file) for file in files if file.name != "rules.toml"], _parsed(folder.joinpath("rules.toml"))
    )


def _parsed(file: Traversable) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))
