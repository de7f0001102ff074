"""How near a text is to pages: which page's sentences it resembles, and whether that page knows all that it speaks of.

A page's similarity is the lesser of two figures (docs/knowledge.md has an example), so it takes both:

1. Resemblance: the cosine with the nearest of the page's sentences, TF-IDF over words and character n-grams, by an
   inverted index. Salton & Buckley, "Term-weighting approaches in automatic text retrieval" (1988), with log-scaled
   inverse frequencies; a term's frequency is the number of pages that have it, and within a page the terms of many of
   its sentences weigh more, since they are what the page is about. Words that the page has, but not in that sentence,
   take something off.
2. Acquaintance: the share of the text's words that the page has anywhere. What is asked about something that a page
   never mentions is no question to that page, however much the rest resembles.

And whose case it is: who writes of what is theirs ("when is my repair") mostly asks how their own case stands, which no
page knows, unless the sentence speaks so too ("is my product still under warranty"); that takes something off as well.

Chinese counts by characters and their pairs, other languages by stems and the stems' trigrams (spelling mistakes).
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from math import log, sqrt

from nlp.words import MARKS, stem, units_of

#: Words of grammar and courtesy: in every question, so they say little about which one it is.
_SMALL_WORDS = """
    i you your is are do does did can could will would to of in on at for it its and or if me we us have has how what
    when where which who there this that be with from about get got long much many any some hi hello thanks thank want
    need like know tell id im am was should may so also
"""
_SMALL_CHARACTERS = frozenset(
    "的了吗呢吧啊呀哦啦嘛么什怎多少是有在我你您们请问能可以会要想就都和给个一下这那哪几啥好谢麻烦帮道知很还"
)
_SMALL_WEIGHT = 0.22
_TRIGRAM_WEIGHT = 0.4
_CHARACTER_WEIGHT = 0.9
#: By how many of a pair's characters are small; with one it is mostly the end of one word and the beginning of another.
_PAIR_WEIGHTS = (1.0, 0.5, _SMALL_WEIGHT)
#: A pair of characters that no sentence has is often two words meeting, so it says less than a word that none has.
_UNSEEN_PAIR_WEIGHT = 0.7
#: What is left of the resemblance where all words are the page's, and none the nearest sentence's.
_APART = 0.8
#: What is left of the nearness where the text speaks of what is the writer's own, and the sentence does not.
_OWN_CASE = 0.75
_OWN = re.compile(r"\b(?:my|our)\b|我们?的", re.IGNORECASE)
#: Of two words whose trigrams agree so far (Dice), one is a slip of the other: "warrenty", "delivry".
_ALIKE = 0.6
_ALIKE_FROM = 5

#: The similarity below which a page is not worth showing to anybody, and the cosine that gives it.
NOT_BELOW = 0.3
_COSINE_NOT_BELOW = 0.21
#: Cosine on the left, similarity on the right: where nearly a page's own words, a paraphrase, an unrelated text lie.
_SCALE = ((0.0, 0.0), (0.28, 0.4), (0.42, 0.56), (0.72, 0.8), (1.0, 1.0))

Terms = Mapping[str, float]


class PageIndex:
    """Pages held by the number they were given with, each as its sentences and its body; immutable once built."""

    def __init__(self, pages: Sequence[tuple[Sequence[str], str]]) -> None:
        read = [[_terms(sentence) for sentence in sentences] for sentences, _ in pages]
        frequency = Counter(term for sentences in read for term in set().union(*sentences))
        self._rarity = {term: 1 + log((1 + len(pages)) / (1 + seen)) for term, seen in frequency.items()}
        self._rarest = 1 + log(1 + len(pages))
        self._is_own = [_is_own(sentence) for sentences, _ in pages for sentence in sentences]
        self._owners: list[int] = []
        self._words: list[tuple[frozenset[str], frozenset[str]]] = []
        self._postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for number, (sentences, (_, body)) in enumerate(zip(read, pages, strict=True)):
            self._post(number, sentences, _terms(body))

    def similar(self, text: str) -> list[tuple[int, float]]:
        """The pages near a text, as (number, similarity); a similarity is from `NOT_BELOW` to 1."""
        terms = _terms(text)
        words = [(word, self._rarity_of(word)) for word in _words(terms)]
        is_own = _is_own(text)
        found: list[tuple[int, float]] = []
        for page, (cosine, sentence) in self._nearest(terms).items():
            whose = _OWN_CASE if is_own and not self._is_own[sentence] else 1.0
            known, together = self._acquaintance(words, sentence)
            similarity = min(scaled(cosine) * together, known) * whose
            if similarity >= NOT_BELOW:
                found.append((page, similarity))
        return found

    def _post(self, number: int, sentences: Sequence[Terms], body: Terms) -> None:
        spread = Counter(term for terms in sentences for term in terms)
        page_words = frozenset(word for terms in (*sentences, body) for word in _words(terms))
        for terms in sentences:
            weights = {
                term: weight * self._rarity[term] * (0.5 + spread[term] / len(sentences))
                for term, weight in terms.items()
            }
            length = sqrt(sum(weight * weight for weight in weights.values())) or 1.0
            for term, weight in weights.items():
                self._postings[term].append((len(self._owners), weight / length))
            self._owners.append(number)
            self._words.append((frozenset(_words(terms)), page_words))

    def _nearest(self, terms: Terms) -> dict[int, tuple[float, int]]:
        """Of each page that is not too far its nearest sentence, as (cosine, number of the sentence)."""
        postings = self._postings
        products = [0.0] * len(self._owners)
        squares = 0.0
        for term, count in terms.items():
            weight = count * self._rarity_of(term)
            squares += weight * weight
            for sentence, other in postings.get(term, ()):
                products[sentence] += weight * other
        length = sqrt(squares) or 1.0
        enough = _COSINE_NOT_BELOW * length
        nearest: dict[int, tuple[float, int]] = {}
        for sentence, product in enumerate(products):
            if product >= enough:
                page = self._owners[sentence]
                nearest[page] = max((product / length, sentence), nearest.get(page, (0.0, 0)))
        return nearest

    def _acquaintance(self, words: Sequence[tuple[str, float]], sentence: int) -> tuple[float, float]:
        """The share of the words, by their rarity, that the page has; and how far these stand in the sentence."""
        said, on_page = self._words[sentence]
        total = sum(rarity for _, rarity in words)
        known = sum(rarity for word, rarity in words if _has(on_page, word))
        apart = known - sum(rarity for word, rarity in words if _has(said, word))
        return (known / total, 1 - (1 - _APART) * apart / total) if total else (0.0, 1.0)

    def _rarity_of(self, term: str) -> float:
        is_pair = len(term) == 2 and term[0] > "\u3400"
        return self._rarity.get(term) or self._rarest * (_UNSEEN_PAIR_WEIGHT if is_pair else 1.0)


def scaled(cosine: float) -> float:
    """A cosine as a similarity whose figures mean the same whatever the index (see `_SCALE`)."""
    for (left, low), (right, high) in pairwise(_SCALE):
        if cosine <= right:
            return low + (high - low) * (cosine - left) / (right - left)
    return 1.0


def _terms(text: str) -> dict[str, float]:
    terms: dict[str, float] = {}
    previous = ""
    for unit in units_of(text):
        if unit in MARKS:
            previous = ""
        elif _is_character(unit):
            small = unit in _SMALL_CHARACTERS
            terms[unit] = _CHARACTER_WEIGHT * (_SMALL_WEIGHT if small else 1.0)
            if previous:
                terms[previous + unit] = _PAIR_WEIGHTS[small + (previous in _SMALL_CHARACTERS)]
            previous = unit
        else:
            previous = ""
            terms.update(_spelled(unit))
    return terms


def _is_own(text: str) -> bool:
    return _OWN.search(text) is not None


def _words(terms: Terms) -> Iterator[str]:
    """Of a text's terms those that are whole words, or characters, and not small."""
    return (term for term, weight in terms.items() if weight >= _CHARACTER_WEIGHT and _is_word(term))


def _is_word(term: str) -> bool:
    return term.endswith(" ") or (len(term) == 1 and _is_character(term))


def _is_character(unit: str) -> bool:
    return "\u3400" <= unit <= "\u9fff"


@lru_cache(maxsize=8192)
def _has(words: frozenset[str], word: str) -> bool:
    """Whether a word is among the words, or one of them that was misspelled."""
    if word in words:
        return True
    return len(word) > _ALIKE_FROM and any(_dice(word, other) >= _ALIKE for other in words if len(other) > _ALIKE_FROM)


def _dice(word: str, other: str) -> float:
    ours, theirs = set(_trigrams(f"^{word.rstrip()}$")), set(_trigrams(f"^{other.rstrip()}$"))
    return 2 * len(ours & theirs) / (len(ours) + len(theirs))


@lru_cache(maxsize=1)
def _small_words() -> frozenset[str]:
    return frozenset(map(stem, _SMALL_WORDS.split()))


@lru_cache(maxsize=8192)
def _spelled(word: str) -> tuple[tuple[str, float], ...]:
    """A word and the trigrams of its spelling; a small word counts little and is not spelled out."""
    if word in _small_words() or len(word) < 2:
        return ((f"{word} ", _SMALL_WEIGHT),)
    return (f"{word} ", 1.0), *((trigram, _TRIGRAM_WEIGHT) for trigram in _trigrams(f"^{word}$"))


def _trigrams(word: str) -> Iterator[str]:
    return (word[start : start + 3] for start in range(len(word) - 2))
