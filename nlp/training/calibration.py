"""What is fitted to held-out messages: temperatures, the threshold of urgency, the refusal of what is out of scope."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from nlp.encoder import Floats, Scores
from nlp.training.figures import f1
from nlp.training.scores import OTHER, Labels, Truth, sigmoid, softmax

REFUSED_IN_SCOPE = 0.05
_TEMPERATURES = np.exp(np.linspace(np.log(0.3), np.log(4.0), 241))


@dataclass(frozen=True, kw_only=True, slots=True)
class Spread:
    """Mean and deviation of a score on held-out messages that are in scope."""

    mean: float
    deviation: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Calibration:
    """The figures that turn logits into readings; fitted to messages that the model had not read.

    A text is refused where `weights` times the two standardised scores (log of the best probability in scope; cosine
    to the nearest class centre) are less than `threshold`; `slope` says how fast it grows certain beyond.
    """

    intent: float
    sentiment: float
    urgent: float
    urgent_threshold: float
    probability: Spread
    distance: Spread
    weights: tuple[float, float]
    threshold: float
    slope: float

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, given: dict[str, Any]) -> "Calibration":
        spreads = {name: Spread(**given[name]) for name in ("probability", "distance")}
        return cls(**{**given, **spreads, "weights": tuple(given["weights"])})


def centres(embedding: Floats, intent: Labels, mean: Floats, scale: Floats) -> Floats:
    """Each intent's mean direction among standardised embeddings; `other` has none that means anything."""
    directions = _directions(embedding, mean, scale)
    sums = np.stack([directions[intent == label].mean(axis=0) for label in range(OTHER)])
    result: Floats = sums / np.linalg.norm(sums, axis=1, keepdims=True)
    return result


def typical(embedding: Floats, intent: Labels, mean: Floats, scale: Floats, each: int) -> Labels:
    """The rows of so many messages of each intent: from its middle outwards, without the outlying third."""
    directions = _directions(embedding, mean, scale)
    found: list[int] = []
    for label in range(OTHER + 1):
        rows = np.flatnonzero(intent == label)
        order = rows[np.argsort(-(directions[rows] @ directions[rows].mean(axis=0)))]
        found += [int(order[at]) for at in np.linspace(0, len(order) * 2 // 3, each, dtype=int, endpoint=False)]
    return np.array(found)


def nearness(embedding: Floats, middle: Floats, mean: Floats, scale: Floats) -> Floats:
    """The cosine to the nearest centre."""
    result: Floats = (_directions(embedding, mean, scale) @ middle.T).max(axis=1)
    return result


def _directions(embedding: Floats, mean: Floats, scale: Floats) -> Floats:
    standard = (embedding - mean) / scale
    result: Floats = standard / np.linalg.norm(standard, axis=1, keepdims=True)
    return result


def best_in_scope(intent: Floats, temperature: float) -> Floats:
    result: Floats = np.log(np.maximum(softmax(intent, temperature)[:, :OTHER].max(axis=1), 1e-9))
    return result


def calibrate(scores: Scores, near: Floats, truth: Truth) -> Calibration:
    """Fit everything to held-out messages; `near` is their cosine to the nearest centre."""
    intent = temperature_of(scores.intent, truth.intent)
    binary = np.concatenate([np.zeros_like(scores.urgent), scores.urgent], axis=1)
    urgent = temperature_of(binary, truth.urgent)
    sure = best_in_scope(scores.intent, intent)
    spreads = [_spread(score[truth.in_scope]) for score in (sure, near)]
    weights, threshold = _refusal([sure, near], spreads, truth)
    return Calibration(
        intent=intent,
        sentiment=temperature_of(scores.sentiment, truth.sentiment),
        urgent=urgent,
        urgent_threshold=_threshold(sigmoid(scores.urgent, urgent), truth.urgent == 1),
        probability=spreads[0],
        distance=spreads[1],
        weights=weights,
        threshold=threshold,
        slope=_slope(mixture([sure, near], spreads, weights) - threshold, truth),
    )


def temperature_of(logits: Floats, wanted: Labels) -> float:
    """The temperature at which the wanted labels are likeliest."""
    rows = np.arange(len(wanted))
    likelihoods = [np.log(softmax(logits, t)[rows, wanted] + 1e-12).mean() for t in _TEMPERATURES]
    return float(_TEMPERATURES[int(np.argmax(likelihoods))])


def _threshold(probability: Floats, wanted: np.typing.NDArray[np.bool_]) -> float:
    """The middle of the thresholds whose F1 is within a point of the best: the best itself is luck."""
    tried = np.linspace(0.05, 0.95, 91)
    reached = np.array([f1(probability >= threshold, wanted) for threshold in tried])
    return float(tried[reached >= reached.max() - 0.01].mean())


def _slope(beyond: Floats, truth: Truth) -> float:
    """The slope at which the logistic curve through the threshold fits best what is in scope and what is not."""
    signs = np.where(truth.in_scope, 1.0, -1.0)
    tried = np.linspace(0.2, 6.0, 59)
    return float(tried[int(np.argmin([np.log1p(np.exp(-slope * signs * beyond)).mean() for slope in tried]))])


def _spread(scores: Floats) -> Spread:
    return Spread(mean=float(scores.mean()), deviation=float(scores.std()))


def _refusal(scores: list[Floats], spreads: list[Spread], truth: Truth) -> tuple[tuple[float, float], float]:
    """The mixture of both scores that refuses most of what is out of scope for the same share of what is in it."""
    best = (-1.0, (1.0, 0.0), 0.0)
    for share in np.linspace(0.0, 0.6, 13):
        weights = (float(1 - share), float(share))
        mixed = mixture(scores, spreads, weights)
        threshold = float(np.quantile(mixed[truth.in_scope], REFUSED_IN_SCOPE))
        recall = float((mixed[~truth.in_scope] < threshold).mean())
        best = max(best, (recall, weights, threshold))
    return best[1], best[2]


def mixture(scores: list[Floats], spreads: list[Spread], weights: tuple[float, float]) -> Floats:
    standard = [(score - spread.mean) / spread.deviation for score, spread in zip(scores, spreads, strict=True)]
    result: Floats = weights[0] * standard[0] + weights[1] * standard[1]
    return result
