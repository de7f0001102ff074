"""The slips of people who type on phones, made on purpose: one text in several ways in the course of the training."""

import random
import re
from collections.abc import Callable

_HOMOPHONES = ("在再", "的得地", "做作", "帐账", "吗嘛", "哪那", "以已", "他她它", "已己", "么吗", "进近", "支只")
_SAME_SOUND = {own: group.replace(own, "") for group in _HOMOPHONES for own in group}
_SHORT = {
    "you": "u",
    "your": "ur",
    "are": "r",
    "please": "pls",
    "thanks": "thx",
    "because": "cuz",
    "okay": "ok",
    "for": "4",
}
_MARKS = re.compile(r"[,.!?;:'’,。!?、;:~…]+")
_TRAILING = re.compile(r"[.!?。!?~\s]+$")
_WORD = re.compile(r"[A-Za-z]+")
_HALF_WIDTH = str.maketrans(",。!?:;", ",.!?:;")
_FULL_WIDTH = str.maketrans(",.!?:;", ",。!?:;")

Way = Callable[[str, random.Random], str]


def noised(text: str, chance: random.Random) -> str:
    """The text with one or two slips; never empty."""
    for _ in range(chance.choice((1, 1, 2))):
        text = chance.choice(_WAYS)(text, chance) or text
    return text


def _lower(text: str, _: random.Random) -> str:
    return text.lower()


def _shouted(text: str, chance: random.Random) -> str:
    return text.upper() if chance.random() < 0.3 else text.lower()


def _unmarked(text: str, _: random.Random) -> str:
    return _MARKS.sub(" ", text).strip()


def _open_ended(text: str, _: random.Random) -> str:
    return _TRAILING.sub("", text)


def _other_width(text: str, chance: random.Random) -> str:
    return text.translate(chance.choice((_HALF_WIDTH, _FULL_WIDTH)))


def _homophone(text: str, chance: random.Random) -> str:
    places = [at for at, letter in enumerate(text) if letter in _SAME_SOUND]
    if not places:
        return _slipped(text, chance)
    at = chance.choice(places)
    return text[:at] + chance.choice(_SAME_SOUND[text[at]]) + text[at + 1 :]


def _shortened(text: str, chance: random.Random) -> str:
    words = [found for found in _WORD.finditer(text) if found[0].lower() in _SHORT]
    if not words:
        return _slipped(text, chance)
    word = chance.choice(words)
    return text[: word.start()] + _SHORT[word[0].lower()] + text[word.end() :]


def _slipped(text: str, chance: random.Random) -> str:
    """Two letters of a longer word change places, or one is lost or doubled."""
    words = [found for found in _WORD.finditer(text) if len(found[0]) > 3]
    if not words:
        return text
    word = chance.choice(words)
    at = chance.randrange(word.start() + 1, word.end() - 1)
    pair = chance.choice((text[at + 1] + text[at], text[at + 1], text[at] + text[at] + text[at + 1]))
    return text[:at] + pair + text[at + 2 :]


_WAYS: tuple[Way, ...] = (
    _lower,
    _lower,
    _shouted,
    _unmarked,
    _open_ended,
    _other_width,
    _homophone,
    _shortened,
    _slipped,
)
