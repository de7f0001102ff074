"""Parts a normalised text into units: Chinese characters one by one, other words uninflected, marks, emoji."""

import re
from functools import lru_cache

from nlp.normalise import normalise

MARKS = frozenset(",.;!?\n")

_UNIT = re.compile(
    r"<[a-z]+>"
    r"|[a-z0-9]+(?:'[a-z0-9]+)*"
    r"|[\u3400-\u4dbf\u4e00-\u9fff]"
    r"|[:;]-?[()d](?!\w)"
    r"|[,.;!?\n]"
    r"|[\u2600-\u27bf\U0001f300-\U0001faff]"
    r"|[^\W_]+"
)
_STRETCHED = re.compile(r"(.)\1{2,}")
#: Words that stand between others without changing what is wanted; "where is my order" and "where is order" are one.
_SMALL = frozenset({"a", "an", "the", "my", "our", "please", "pls", "plz", "just", "really", "actually"})


@lru_cache(maxsize=256)
def units_of(text: str) -> tuple[str, ...]:
    """The units of a text as the customer wrote it; kept, because tagger and index read the same text in turn."""
    return tuple(split(normalise(text)))


def split(text: str) -> list[str]:
    """The units of a text that `normalise` has brought to one form; small words are left out.

    Letters stretched for emphasis ("sooooo") are cut to two.
    """
    return [unit for unit in map(_unit, _UNIT.findall(text)) if unit]


@lru_cache(maxsize=8192)
def _unit(word: str) -> str:
    if not (word[0].isascii() and word[0].isalpha()):
        return word
    word = _STRETCHED.sub(r"\1\1", word.replace("'", ""))
    return "" if word in _SMALL else stem(word)


def stem(word: str) -> str:
    """An English word without plural, -ing, -ed, silent e and doubled end ("cancelled", "cancels" and "cancel" meet).

    Crude on purpose: the lexicon and the knowledge index go through it too, so only meeting matters, not the spelling.
    """
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-3] + "y" if word.endswith("ies") and len(word) > 4 else word[:-1]
    if len(word) > 5 and word.endswith("ing"):
        word = word[:-3]
    elif len(word) > 4 and word.endswith("ed"):
        word = word[:-2]
    if len(word) > 3 and word.endswith("e"):
        word = word[:-1]
    if len(word) > 3 and word[-1] == word[-2]:
        word = word[:-1]
    return word
