"""Temperatures, thresholds and the refusal of what is out of scope, fitted to made-up scores."""

import numpy as np
import pytest

from desk.readings import INTENTS
from nlp.encoder import Scores
from nlp.training.calibration import (
    Calibration,
    best_in_scope,
    calibrate,
    centres,
    mixture,
    nearness,
    temperature_of,
)
from nlp.training.scores import OTHER, Truth


def drawn(count: int, temperature: float) -> tuple[np.ndarray, np.ndarray]:
    """Logits that are `temperature` times as sure as they should be, and labels drawn by the honest ones."""
    chance = np.random.default_rng(3)
    honest = chance.normal(0, 2, (count, 4)).astype(np.float32)
    odds = np.exp(honest) / np.exp(honest).sum(axis=1, keepdims=True)
    labels = (odds.cumsum(axis=1) > chance.random((count, 1))).argmax(axis=1)
    return honest * temperature, labels


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_the_temperature_that_was_put_in_is_found(temperature: float) -> None:
    logits, labels = drawn(20_000, temperature)
    assert temperature_of(logits, labels) == pytest.approx(temperature, rel=0.05)


def test_nearness_is_one_in_a_centres_direction() -> None:
    embedding = np.eye(26, 30, dtype=np.float32)
    mean, scale = np.zeros(30, dtype=np.float32), np.ones(30, dtype=np.float32)
    middle = centres(embedding, np.arange(26), mean, scale)
    assert middle.shape == (25, 30)
    near = nearness(embedding, middle, mean, scale)
    assert near[:25] == pytest.approx(np.ones(25))
    assert near[25] == pytest.approx(0)


def made_up(count: int) -> tuple[Scores, np.ndarray, Truth]:
    """Messages in scope are sure and near, the others neither."""
    chance = np.random.default_rng(5)
    intent = np.where(chance.random(count) < 0.3, OTHER, chance.integers(0, OTHER, count))
    outside = intent == OTHER
    logits = chance.normal(0, 1, (count, len(INTENTS))).astype(np.float32)
    logits[np.arange(count), intent] += np.where(outside, 2, 6)
    urgent = (chance.random(count) < 0.2).astype(np.int64)
    scores = Scores(
        embedding=np.zeros((count, 2), dtype=np.float32),
        intent=logits,
        sentiment=chance.normal(0, 1, (count, 3)).astype(np.float32),
        urgent=(urgent[:, None] * 4 - 2 + chance.normal(0, 1, (count, 1))).astype(np.float32),
    )
    near = np.where(outside, 0.1, 0.6) + chance.normal(0, 0.15, count)
    return scores, near.astype(np.float32), Truth(intent=intent, sentiment=chance.integers(0, 3, count), urgent=urgent)


def test_one_in_twenty_in_scope_is_refused_and_most_of_what_is_not() -> None:
    scores, near, truth = made_up(4000)
    fitted = calibrate(scores, near, truth)
    mixed = mixture(
        [best_in_scope(scores.intent, fitted.intent), near], [fitted.probability, fitted.distance], fitted.weights
    )
    assert (mixed[truth.in_scope] < fitted.threshold).mean() == pytest.approx(0.05, abs=0.002)
    assert (mixed[~truth.in_scope] < fitted.threshold).mean() > 0.9
    assert 0.2 < fitted.urgent_threshold < 0.8


def test_a_calibration_survives_json() -> None:
    scores, near, truth = made_up(500)
    fitted = calibrate(scores, near, truth)
    assert Calibration.from_dict(fitted.as_dict()) == fitted
