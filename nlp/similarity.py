"""How near a text is to known sentences: TF-IDF over words and character n-grams, cosine, by an inverted index.

Salton & Buckley, "Term-weighting approaches in automatic text retrieval" (1988), with log-scaled inverse frequencies.
Chinese counts by characters and their pairs, other languages by stems and the stems' trigrams (spelling mistakes).
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from math import log, sqrt

from nlp.normalise import normalise
from nlp.words import MARKS, split, stem

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
        self._rarest = 1 + log(max(2, len(sentences)) / 2)
        self._postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for number, terms in enumerate(counts):
            weights = self._weighted(terms)
            length = _length(weights)
            for term, weight in weights.items():
                self._postings[term].append((number, weight / length))

    def similar(self, text: str) -> dict[int, float]:
        """The similarity (0 to 1) of every sentence that shares a term with the text, by number."""
        weights = self._weighted(_terms(text))
        length = _length(weights)
        products: dict[int, float] = defaultdict(float)
        for term, weight in weights.items():
            for number, other in self._postings.get(term, ()):
                products[number] += weight * other
        return {number: product / length for number, product in products.items()}

    def _weighted(self, terms: Mapping[str, float]) -> dict[str, float]:
        rarity, rarest = self._rarity, self._rarest
        pair = rarest * _UNSEEN_PAIR_WEIGHT
        return {
            term: weight * (rarity.get(term) or (pair if len(term) == 2 and term[0] > "\u3400" else rarest))
            for term, weight in terms.items()
        }


def scaled(cosine: float) -> float:
    """A cosine as a similarity whose figures mean the same whatever the index (see `_SCALE`)."""
    for (left, low), (right, high) in pairwise(_SCALE):
        if cosine <= right:
            return low + (high - low) * (cosine - left) / (right - left)
    return 1.0


def _length(weights: Mapping[str, float]) -> float:
    return sqrt(sum(weight * weight for weight in weights.values())) or 1.0


def _terms(text: str) -> dict[str, float]:
    terms: dict[str, float] = {}
    previous = ""
    for unit in split(normalise(text)):
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
