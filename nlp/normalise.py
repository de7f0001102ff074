"""Brings a customer's text to one form: width, case, control characters, script, numbers and links.

The result is meant for matching, never for showing.
"""

import re
import unicodedata
from functools import lru_cache
from importlib import resources

#: Longer texts are read as far as this: what is wanted stands at the beginning, and the cost stays bounded.
READ_AT_MOST = 2000

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe0e\ufe0f\ufeff]+")
_CURLED = {"\u2018": "'", "\u2019": "'", "\u02bc": "'", "\u2032": "'", "`": "'", "\u00b4": "'"}
_DIGITS = re.compile(r"\d{3}")
_LINK = re.compile(r"(?:https?://|www\.)[^\s\u3000-\u9fff]+")
_ADDRESS = re.compile(r"[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_NUMBER = re.compile(
    r"(?P<phone>(?<![a-z0-9+])"
    r"(?:\+\d{1,3}[ -]?(?:\d[ -]?){7,12}\d|1[3-9]\d(?:[ -]?\d{4}){2}|0\d{2,3}-\d{7,8})(?![a-z0-9]))"
    r"|(?P<order>#\d{3,}|(?<![a-z0-9])[a-z]{0,4}-?\d{7,24}(?![a-z0-9]))"
)


@lru_cache(maxsize=1)
def traditional_characters() -> tuple[str, str]:
    """The common traditional characters, and in the same order the simplified ones."""
    lines = resources.files("nlp").joinpath("lexicon/hant.txt").read_text(encoding="utf-8").splitlines()
    return lines[1], lines[2]


@lru_cache(maxsize=1)
def _folded() -> dict[int, int]:
    traditional, simplified = traditional_characters()
    return str.maketrans("".join(_CURLED) + traditional, "".join(_CURLED.values()) + simplified)


def normalise(text: str) -> str:
    """The text as the lexicon and the index read it.

    Lower case, half width, simplified characters, no control characters, straight apostrophes; links, mail addresses,
    phone and order numbers masked as `<link>`, `<mail>`, `<phone>` and `<order>`.
    """
    text = text[:READ_AT_MOST]
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(_folded())
    text = text.lower()
    return _masked(text if text.isprintable() else _CONTROL.sub("", text))


def _masked(text: str) -> str:
    if "://" in text or "www." in text:
        text = _LINK.sub(" <link> ", text)
    if "@" in text:
        text = _ADDRESS.sub(" <mail> ", text)
    if _DIGITS.search(text):
        text = _NUMBER.sub(lambda found: f" <{found.lastgroup}> ", text)
    return text
