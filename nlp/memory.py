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
#: How sure the staff's word is.
_SURE = 0.95
#: Part of the version: another way of remembering reads otherwise.
_WAY = "cosine 0.5 to 0.85, at most 0.95"


@dataclass(frozen=True, kw_only=True, slots=True)
class Memory:
    """Directions of the corrected texts, a row each, and the right intents' columns, of `columns` in all."""

    directions: Floats
    labels: Labels
    columns: int
    version: str

    def shares(self, standard: Floats) -> Floats:
        """Of each text, how much of its probability goes to which intent for what it resembles."""
        weights = _SURE * np.clip((_directions(standard) @ self.directions.T - _AKIN) / (_SAME - _AKIN), 0.0, 1.0)
        found = np.zeros((len(standard), self.columns))
        np.add.at(found.T, self.labels, weights.T)
        # Where several agree they are surer together; where they differ each has its part.
        together = 1.0 - np.prod(1.0 - weights, axis=1, keepdims=True)
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
    model: Description, embeddings: Embeddings, own: OwnHead | None, corrected: Sequence[Example]
) -> Memory | None:
    """The memory of these texts, None where there is none; what nobody can read, or has no column, is left out."""
    names = [*model.intents, *(() if own is None else own.names)]
    known = [each for each in corrected if each.intent in names and prepare(each.text)]
    if not known:
        return None
    said = [_WAY, *((each.text, each.intent) for each in known)]
    return Memory(
        directions=_directions(embeddings.of([each.text for each in known])),
        labels=np.array([names.index(each.intent) for each in known], dtype=np.int64),
        columns=len(names),
        version=hashlib.sha256(msgspec.json.encode(said)).hexdigest()[:8],
    )


def _directions(rows: Floats) -> Floats:
    directions: Floats = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return directions
