"""How well a company's own intents are told apart: each example read by a head that was learnt without it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np

from nlp.artifact import Artifact, standardised
from nlp.embeddings import Embeddings
from nlp.encoder import Encoder, Scores
from nlp.examples import Example
from nlp.judging import Judge
from nlp.own_intents import lesson
from nlp.regression import Floats


@dataclass(frozen=True, kw_only=True, slots=True)
class Rival:
    """An example of another intent that an example resembles more than any of its own; `cosine` is up to 1."""

    example: Example
    cosine: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Proof:
    """What an example is read as by a head that has not seen it."""

    example: Example
    read_as: str
    confidence: float
    rival: Rival | None

    @property
    def is_right(self) -> bool:
        """Whether that is the example's intent."""
        return self.read_as == self.example.intent


def prove(artifact: Artifact, examples: Sequence[Example]) -> Iterator[Proof]:
    """The proofs of own intents' examples, in order, one by one since each takes a moment."""
    model, encoder = artifact.description, Encoder(artifact)
    taught = lesson(model, Embeddings(model, encoder), examples)
    whole = taught.learnt()
    scores = encoder.encode([example.text for example in examples])
    cosines = _cosines(standardised(model, scores.embedding))
    for number, example in enumerate(examples):
        if example.intent in model.intents:
            continue
        judge = Judge(model, taught.learnt(start=whole, without=number))
        [reading] = judge.readings(_row(scores, number), ["other"])
        rival = _rival(examples, cosines[number], number)
        yield Proof(example=example, read_as=reading.intent, confidence=reading.confidence, rival=rival)


def _row(scores: Scores, number: int) -> Scores:
    return Scores(**{each.name: getattr(scores, each.name)[number : number + 1] for each in fields(scores)})


def _cosines(rows: Floats) -> Floats:
    directions = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    cosines: Floats = directions @ directions.T
    return cosines


def _rival(examples: Sequence[Example], cosines: Floats, number: int) -> Rival | None:
    own = examples[number].intent
    kin = [cosines[at] for at, each in enumerate(examples) if each.intent == own and at != number]
    rivals = [(float(cosines[at]), at) for at, each in enumerate(examples) if each.intent != own]
    if not rivals or max(rivals)[0] <= max(kin, default=-1.0):
        return None
    cosine, at = max(rivals)
    return Rival(example=examples[at], cosine=cosine)
