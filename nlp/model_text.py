"""Brings a customer's text to the form in which the transformer reads it, in training and at run time alike.

Unlike `normalise` it keeps case and punctuation, which carry tone; it takes away what merely differs from one message
to the next.
"""

import re
from functools import lru_cache

from nlp.normalise import traditional_characters

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe0e\ufe0f\ufeff]+")
_SKIN = re.compile("[\U0001f3fb-\U0001f3ff]+")
_LINK = re.compile(r"(?:https?://|www\.)[^\s\u3000-\u9fff]+", re.IGNORECASE)
_ADDRESS = re.compile(r"[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.IGNORECASE)
_PHONE = re.compile(
    r"(?<![a-z0-9+])(?:\+\d{1,3}[ -]?(?:\d[ -]?){7,12}\d|1[3-9]\d(?:[ -]?\d{4}){2}|0\d{2,3}-\d{7,8})(?![a-z0-9])",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"#?(?<![a-z0-9])(?:[a-z]{1,5}-?)?\d{5,24}(?![a-z0-9])", re.IGNORECASE)
_STRETCHED = re.compile(r"(\D)\1{3,}")
_SPACES = re.compile(r"\s+")


@lru_cache(maxsize=1)
def _simplified() -> dict[int, int]:
    return str.maketrans(*traditional_characters())


def prepare(text: str) -> str:
    """The text as the tokenizer gets it: simplified characters, one space, nothing invisible, numbers masked.

    Links, mail addresses, phone numbers and order numbers become `[link]`, `[mail]`, `[phone]` and `[number]`; what is
    stretched for emphasis is cut to three.
    """
    text = _CONTROL.sub("", text) if not text.isprintable() else text
    if not text.isascii():
        text = _SKIN.sub("", text.translate(_simplified()))
    text = _LINK.sub("[link]", text)
    text = _ADDRESS.sub("[mail]", text)
    text = _PHONE.sub("[phone]", text)
    text = _NUMBER.sub("[number]", text)
    return _SPACES.sub(" ", _STRETCHED.sub(r"\1\1\1", text)).strip()
