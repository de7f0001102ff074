"""Texts beside the messages, for a pupil whom the network teaches: pieces of them, with words left out, two together.

Nobody labelled them; what the network says of them is their label (Tang et al., "Distilling Task-Specific Knowledge
from BERT into Simple Neural Networks", 2019).
"""

import random
import re
from collections.abc import Iterator, Sequence

from nlp.model_text import prepare
from nlp.training.messages import Message

_LEFT_OUT = 0.15
_PIECES = re.compile(r"[A-Za-z0-9']+|\s+|.")
_BETWEEN = {"en": (" ", ", ", ". "), "zh": ("", " ", "，", "。")}


def varied(messages: Sequence[Message], seed: int) -> list[str]:
    """Four texts for each message, prepared, without repetitions; the same again for the same seed."""
    chance = random.Random(seed)  # noqa: S311
    by_tongue: dict[str, list[str]] = {}
    for message in messages:
        by_tongue.setdefault(message.tongue, []).append(message.text)
    found = (text for message in messages for text in _ways(message, by_tongue[message.tongue], chance))
    return [text for text in dict.fromkeys(map(prepare, found)) if text]


def _ways(message: Message, others: Sequence[str], chance: random.Random) -> Iterator[str]:
    text = message.text
    between = chance.choice(_BETWEEN[message.tongue])
    other = _part(chance.choice(others), chance)
    yield _part(text, chance)
    yield "".join(piece for piece in _PIECES.findall(text) if chance.random() >= _LEFT_OUT)
    yield _part(text, chance) + between + other
    yield between.join((text, other) if chance.random() < 0.5 else (other, text))


def _part(text: str, chance: random.Random) -> str:
    """A quarter to three quarters of it, in one piece."""
    pieces = _PIECES.findall(text)
    length = chance.randint(max(1, len(pieces) // 4), max(1, 3 * len(pieces) // 4))
    begin = chance.randint(0, max(0, len(pieces) - length))
    return "".join(pieces[begin : begin + length]).strip()
