"""The figures of an exported model on messages that it never read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from desk.readings import INTENTS
from nlp.encoder import Floats, Scores
from nlp.model_text import prepare
from nlp.training.artifact import Exported
from nlp.training.calibration import (
    REFUSED_IN_SCOPE,
    Calibration,
    best_in_scope,
    calibrate,
    mixture,
)
from nlp.training.figures import area_under, calibration_error, confusion, f1, macro_f1
from nlp.training.messages import Message
from nlp.training.scores import HEADS, OTHER, OUTPUTS, Labels, Truth, sigmoid, softmax, truth_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """What the model decides of each message, and what is right."""

    truth: Truth
    tongues: npt.NDArray[np.str_]
    intent: Labels
    sentiment: Labels
    urgent: npt.NDArray[np.bool_]
    probability: Floats
    tone: Floats
    hurry: Floats
    scope: Floats

    def figures(self) -> dict[str, Any]:
        return {
            "messages": len(self.intent),
            "intent_macro_f1": self._by_tongue(self.intent, self.truth.intent),
            "intent_accuracy": _rounded(float((self.intent == self.truth.intent).mean())),
            "sentiment_macro_f1": self._by_tongue(self.sentiment, self.truth.sentiment),
            "urgent_f1": _rounded(f1(self.urgent, self.truth.urgent == 1)),
            "calibration_error": self._calibration(),
            "right_above_0.8": self._right_above(0.8),
            **self._refusal(),
        }

    def confusion(self) -> npt.NDArray[np.int64]:
        return confusion(self.intent, self.truth.intent, len(INTENTS))

    def _by_tongue(self, found: Labels, wanted: Labels) -> dict[str, float]:
        parts = {tongue: self.tongues == tongue for tongue in ("zh", "en")}
        by_tongue = {tongue: _rounded(macro_f1(found[part], wanted[part])) for tongue, part in parts.items()}
        return {**by_tongue, "all": _rounded(macro_f1(found, wanted))}

    def _calibration(self) -> dict[str, float]:
        sure = np.maximum(self.hurry, 1 - self.hurry)
        return {
            "intent": _error(self.probability, self.truth.intent),
            "sentiment": _error(self.tone, self.truth.sentiment),
            "urgent": _rounded(calibration_error(sure, (self.hurry >= 0.5) == (self.truth.urgent == 1))),
        }

    def _right_above(self, confidence: float) -> float:
        sure = self.probability.max(axis=1) > confidence
        return _rounded(float((self.probability.argmax(axis=1) == self.truth.intent)[sure].mean()))

    def _refusal(self) -> dict[str, float]:
        """Out-of-scope recall where the split's own quantile is taken, and where the shipped threshold stands."""
        inside, outside = self.scope[self.truth.in_scope], self.scope[~self.truth.in_scope]
        quantile = float(np.quantile(inside, REFUSED_IN_SCOPE))
        return {
            "out_of_scope_recall_at_5_percent": _rounded(float((outside < quantile).mean())),
            "out_of_scope_auroc": _rounded(area_under(-self.scope, ~self.truth.in_scope)),
            "out_of_scope_recall": _rounded(float((outside < 0).mean())),
            "in_scope_refused": _rounded(float((inside < 0).mean())),
        }


def _error(probability: Floats, wanted: Labels) -> float:
    return _rounded(calibration_error(probability.max(axis=1), probability.argmax(axis=1) == wanted))


def _rounded(figure: float) -> float:
    return round(figure, 4)


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """What an exported model says of messages; `near` is their cosine to the nearest centre."""

    scores: Scores
    near: Floats
    truth: Truth
    tongues: npt.NDArray[np.str_]


def heard(made: Exported, messages: Sequence[Message]) -> Heard:
    """Read messages that the model was not taught."""
    scores = made.model.read([prepare(message.text) for message in messages])
    return Heard(
        scores=scores,
        near=made.geometry.nearness(scores.embedding),
        truth=truth_of(messages),
        tongues=np.array([message.tongue for message in messages]),
    )


def calibrated(*parts: Heard) -> Calibration:
    """Fit to all the parts; each weighs the same, by repetition of the smaller ones."""
    most = max(len(part.near) for part in parts)
    times = [round(most / len(part.near)) for part in parts]

    def joined(arrays: Iterable[npt.NDArray[Any]]) -> npt.NDArray[Any]:
        return np.concatenate([np.concatenate([array] * often) for array, often in zip(arrays, times, strict=True)])

    scores = {name: joined(getattr(part.scores, name) for part in parts) for name in OUTPUTS}
    truth = {name: joined(getattr(part.truth, name) for part in parts) for name in HEADS}
    return calibrate(Scores(**scores), joined(part.near for part in parts), Truth(**truth))


def judged(given: Heard, fitted: Calibration) -> Judged:
    """Decide by one threshold: what it refuses is `other`.

    The running program is gentler (nlp.judging): there a refusal makes `other` more probable.
    """
    scores = given.scores
    sure = best_in_scope(scores.intent, fitted.intent)
    scope = mixture([sure, given.near], [fitted.probability, fitted.distance], fitted.weights) - fitted.threshold
    hurry = sigmoid(scores.urgent, fitted.urgent)
    return Judged(
        truth=given.truth,
        tongues=given.tongues,
        intent=np.where(scope < 0, OTHER, scores.intent.argmax(axis=1)),
        sentiment=scores.sentiment.argmax(axis=1),
        urgent=hurry >= fitted.urgent_threshold,
        probability=softmax(scores.intent, fitted.intent),
        tone=softmax(scores.sentiment, fitted.sentiment),
        hurry=hurry,
        scope=scope,
    )
