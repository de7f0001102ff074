"""What the staff corrected, remembered: a text that is nearly a corrected one is read as that one should have been.

A correction reaches as far as its own words. Measured on the embedding before its training, 150 corrections of one
author left everybody else's messages as they were read before, while a shift of the head that was fitted to them got
0.8 points better on the author's other messages and 0.8 to 1.8 worse on the others': corrections are few, and all of
them are mistakes.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from nlp.artifact import Description, standardised
from nlp.embeddings import Embeddings
from nlp.encoder import Scores
from nlp.examples import Example
from nlp.judging import Judge
from nlp.model_text import prepare
from nlp.own_intents import OwnHead
from nlp.regression import Floats, Labels

#: Cosines of standardised embeddings: from here a text begins to resemble a corrected one …
_AKIN = 0.5
#: … and here it is as good as the same.
_SAME = 0.85
#: By so much nearer, a text counts e times as much as another: where two texts differ, the nearer one is right.
_NEARER = 0.03
#: How sure the staff's word is.
_SURE = 0.95
#: What is shorter means something else each time: "1", "ok", "可以".
_LONG_ENOUGH = 3
#: Part of the version: another way of remembering reads otherwise.
_WAY = "cosine 0.5 to 0.85, at most 0.95, the nearest"


@dataclass(frozen=True, kw_only=True, slots=True)
class Memory:
    """Directions of the corrected texts, a row each, and the right intents' columns, of `columns` in all."""

    directions: Floats
    labels: Labels
    columns: int
    version: str

    def shares(self, standard: Floats) -> Floats:
        """Of each text, how much of its probability goes to which intent for what it resembles."""
        cosines = _directions(standard) @ self.directions.T
        weights = _SURE * np.clip((cosines - _AKIN) / (_SAME - _AKIN), 0.0, 1.0)
        votes = weights * np.exp((cosines - cosines.max(axis=1, keepdims=True)) / _NEARER)
        found = np.zeros((len(standard), self.columns))
        np.add.at(found.T, self.labels, votes.T)
        # Many that are somewhat like a text are no more than one: else a theme that is often corrected would take all.
        together = weights.max(axis=1, keepdims=True)
        result: Floats = found / np.maximum(found.sum(axis=1, keepdims=True), 1e-12) * together
        return result


class RememberingJudge(Judge):
    """A judge who knows what the staff said of texts like this one."""

    def __init__(self, description: Description, own: OwnHead | None, memory: Memory) -> None:
        """`memory` has a column for each of the model's intents and then of the company's own."""
        super().__init__(description, own)
        self._description = description
        self._memory = memory
        self.reader = f"{self.reader}+{memory.version}"

    def intents(self, scores: Scores) -> Floats:
        """The probability of each intent; what the memory does not claim is shared out as before."""
        found = super().intents(scores)
        shares = self._memory.shares(standardised(self._description, scores.embedding))
        result: Floats = found * (1.0 - shares.sum(axis=1, keepdims=True)) + shares
        return result


def remember(
    model: Description,
    embeddings: Embeddings,
    own: OwnHead | None,
    corrected: Sequence[Example],
    examples: Sequence[Example] = (),
) -> Memory | None:
    """The memory of the corrected texts, None where there is none; what is too short, or has no column, is left out.

    The company's `examples` stand beside them, so that a correction takes nothing from what is nearer to an example.
    """
    names = [*model.intents, *(() if own is None else own.names)]
    said_of = {each.text: each for each in corrected if each.intent in names and _is_long_enough(each.text)}
    if not said_of:
        return None
    known = list(({each.text: each for each in examples if each.intent in names} | said_of).values())
    said = [_WAY, *((each.text, each.intent) for each in known)]
    return Memory(
        directions=_directions(embeddings.of([each.text for each in known])),
        labels=np.array([names.index(each.intent) for each in known], dtype=np.int64),
        columns=len(names),
        version=hashlib.sha256(msgspec.json.encode(said)).hexdigest()[:8],
    )


def _is_long_enough(text: str) -> bool:
    return sum(letter.isalnum() for letter in prepare(text)) >= _LONG_ENOUGH


def _directions(rows: Floats) -> Floats:
    directions: Floats = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return directions
