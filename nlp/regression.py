"""Logistic regression over several classes, fitted by L-BFGS.

Liu & Nocedal, "On the limited memory BFGS method for large scale optimization" (1989), with a backtracking line search;
the loss is convex, so any start leads to the same weights.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]

_MEMORY = 10
_STEPS = 300
_STEEP_ENOUGH = 1e-4
#: The gradient's largest component at which it is good enough.
_FLAT = 1e-3


@dataclass(frozen=True, kw_only=True, slots=True)
class Regression:
    """Weights of a column a class, and what each class is given from the start."""

    weights: Floats
    bias: Floats

    def probabilities(self, rows: npt.NDArray[np.floating]) -> Floats:
        """One row of probabilities for each row."""
        return softmax(rows @ self.weights + self.bias)


def softmax(logits: npt.NDArray[np.floating]) -> Floats:
    """Logits as probabilities, a row each."""
    powers = np.exp((logits - logits.max(axis=1, keepdims=True)).astype(np.float64))
    result: Floats = powers / powers.sum(axis=1, keepdims=True)
    return result


def fit(
    rows: Floats, labels: Labels, counts: Floats, *, classes: int, start: Regression | None = None, c: float = 1.0
) -> Regression:
    """The likeliest weights, held small by C; each row counts `counts` times, and the bias is free."""
    wanted = np.zeros((len(rows), classes))
    wanted[np.arange(len(rows)), labels] = 1.0
    width = rows.shape[1]

    def loss(point: Floats) -> tuple[float, Floats]:
        weights, bias = point[:-1], point[-1]
        found = softmax(rows @ weights + bias)
        surprise = -float(counts @ np.log(np.maximum(found[np.arange(len(rows)), labels], 1e-300)))
        wrong = (found - wanted) * counts[:, None]
        gradient = np.concatenate([weights / c + rows.T @ wrong, wrong.sum(axis=0)[None, :]])
        return surprise + float((weights * weights).sum()) / (2 * c), gradient

    begin = np.zeros((width + 1, classes)) if start is None else np.concatenate([start.weights, start.bias[None, :]])
    point = _lowest(loss, begin)
    return Regression(weights=point[:-1], bias=point[-1])


def _lowest(loss: Callable[[Floats], tuple[float, Floats]], point: Floats) -> Floats:
    value, gradient = loss(point)
    history: deque[tuple[Floats, Floats]] = deque(maxlen=_MEMORY)
    for _ in range(_STEPS):
        if np.abs(gradient).max() < _FLAT:
            break
        direction = -_turned(gradient, history)
        slope = float((direction * gradient).sum())
        length = 1.0 if history else min(1.0, 1.0 / float(np.abs(gradient).sum()))
        while True:
            next_value, next_gradient = loss(point + length * direction)
            if next_value <= value + _STEEP_ENOUGH * length * slope or length < 1e-12:
                break
            length /= 2
        step, change = length * direction, next_gradient - gradient
        point, value, gradient = point + step, next_value, next_gradient
        if float((step * change).sum()) > 1e-12:
            history.append((step, change))
    return point


def _turned(gradient: Floats, history: deque[tuple[Floats, Floats]]) -> Floats:
    """The gradient, turned and stretched by the curvature that the last steps have met."""
    shares: list[float] = []
    turned = gradient.copy()
    for step, change in reversed(history):
        shares.append(float((step * turned).sum()) / float((step * change).sum()))
        turned -= shares[-1] * change
    if history:
        step, change = history[-1]
        turned *= float((step * change).sum()) / float((change * change).sum())
    for (step, change), share in zip(history, reversed(shares), strict=True):
        turned += (share - float((change * turned).sum()) / float((step * change).sum())) * step
    return turned
