"""How near a text is to known sentences: TF-IDF over words and character n-grams, cosine, by an inverted index.

Salton & Buckley, "Term-weighting approaches in automatic text retrieval" (1988), with log-scaled inverse frequencies.
Chinese counts by characters and their pairs, other languages by stems and the stems' trigrams (spelling mistakes).
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from math import log, sqrt

from nlp.words import MARKS, stem, units_of

#: Words of grammar and courtesy: in every question, so they say little about which one it is.
_SMALL_WORDS = """
    i you your is are do does did can could would will to of in on at for it its and or if me we us have has how what
    when where which who there this that be with from about get got long much many any some hi hello thanks thank want
    need like know tell id im am was should may so also
"""
_SMALL_CHARACTERS = frozenset(
    "的了吗呢吧啊么什怎多少是有在我你您们请问能可以会要想就都和给个一下这那哪几啥好谢麻烦帮道知很还"
)
_SMALL_WEIGHT = 0.22
_TRIGRAM_WEIGHT = 0.4
_CHARACTER_WEIGHT = 0.9
#: A pair of characters that no sentence has is often two words meeting, so it says less than a word that none has.
_UNSEEN_PAIR_WEIGHT = 0.7

#: Cosine on the left, similarity on the right: where nearly a page's own words, a paraphrase, an unrelated text lie.
_SCALE = ((0.0, 0.0), (0.28, 0.4), (0.42, 0.56), (0.72, 0.8), (1.0, 1.0))


class SentenceIndex:
    """Sentences held by the number they were given with; immutable once built."""

    def __init__(self, sentences: Sequence[str]) -> None:
        counts = [_terms(sentence) for sentence in sentences]
        frequency = Counter(term for terms in counts for term in terms)
        self._rarity = {term: 1 + log(len(sentences) / (1 + seen)) for term, seen in frequency.items()}
        self._size = len(sentences)
        self._rarest = 1 + log(max(2, len(sentences)) / 2)
        self._postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for number, terms in enumerate(counts):
            weights = {term: weight * self._rarity[term] for term, weight in terms.items()}
            length = sqrt(sum(weight * weight for weight in weights.values())) or 1.0
            for term, weight in weights.items():
                self._postings[term].append((number, weight / length))

    def similar(self, text: str, at_least: float) -> list[tuple[int, float]]:
        """The sentences whose cosine with the text is at least this, as (number, cosine)."""
        rarity, postings = self._rarity, self._postings
        products = [0.0] * self._size
        squares = 0.0
        for term, count in _terms(text).items():
            weight = count * (rarity.get(term) or self._rarity_of_unseen(term))
            squares += weight * weight
            for number, other in postings.get(term, ()):
                products[number] += weight * other
        length = sqrt(squares) or 1.0
        enough = max(at_least, 1e-9) * length
        return [(number, product / length) for number, product in enumerate(products) if product >= enough]

    def _rarity_of_unseen(self, term: str) -> float:
        is_pair = len(term) == 2 and term[0] > "\u3400"
        return self._rarest * (_UNSEEN_PAIR_WEIGHT if is_pair else 1.0)


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
            continue
        if "\u3400" <= unit <= "\u9fff":
            small = unit in _SMALL_CHARACTERS
            terms[unit] = _CHARACTER_WEIGHT * (_SMALL_WEIGHT if small else 1.0)
            if previous:
                terms[previous + unit] = _SMALL_WEIGHT if small and previous in _SMALL_CHARACTERS else 1.0
            previous = unit
        else:
            previous = ""
            terms.update(_spelled(unit))
    return terms


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
