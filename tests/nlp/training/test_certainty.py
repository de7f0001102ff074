"""When a glance is sure: only as far as it costs next to nothing."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from desk.readings import INTENTS
from nlp.encoder import Scores
from nlp.glance import Seen
from nlp.training import certainty
from nlp.training.messages import Message
from nlp.training.scores import truth_of

CHANCE = np.random.default_rng(3)
MANY = 600
MESSAGES = [
    Message(
        text=str(number), intent=INTENTS[number % 5], language="en", sentiment="neutral", urgent=False, scenario="A:1"
    )
    for number in range(MANY)
]


class _Glance:
    """Sees an intent with more or less certainty; below `doubt` it is wrong."""

    def __init__(self, doubt: float) -> None:
        wanted = truth_of(MESSAGES).intent
        certainty_of_each = CHANCE.random(MANY)
        said = np.where(certainty_of_each >= doubt, wanted, (wanted + 1) % 5)
        intent = np.zeros((MANY, len(INTENTS)), dtype=np.float32)
        intent[np.arange(MANY), said] = 1 + 9 * certainty_of_each
        sentiment = np.tile(np.array([-5, 5, -5], dtype=np.float32), (MANY, 1))
        urgent = np.full((MANY, 1), -6, dtype=np.float32)
        embedding = np.zeros((MANY, 2), dtype=np.float32)
        self._scores = Scores(embedding=embedding, intent=intent, sentiment=sentiment, urgent=urgent)

    def see(self, texts: Any) -> Seen:
        assert len(texts) == MANY
        return Seen(scores=self._scores, known=np.linspace(0.3, 1.0, MANY, dtype=np.float32))


def _network() -> Any:
    """Knows everything."""
    truth = truth_of(MESSAGES)
    return SimpleNamespace(
        truth=truth, intent=truth.intent, sentiment=truth.sentiment, urgent=np.zeros(MANY, dtype=bool)
    )


def test_it_is_sure_where_it_is_right() -> None:
    glance: Any = _Glance(doubt=0.4)
    sure, figures = certainty.chosen(glance, MESSAGES, _network())
    assert 0.4 < figures["share"] < 0.65
    assert max(figures["lost"].values()) <= certainty.MAY_COST
    assert sure.sure.known == pytest.approx(0.335, abs=0.01)
    assert certainty.measured(glance, sure, MESSAGES, _network()) == figures


def test_a_glance_that_knows_more_reads_more() -> None:
    shares = []
    for doubt in (0.6, 0.3, 0.0):
        glance: Any = _Glance(doubt=doubt)
        shares.append(certainty.chosen(glance, MESSAGES, _network())[1]["share"])
    assert shares == sorted(shares)
    assert shares[-1] > 0.9


def test_a_glance_that_is_never_right_is_not_kept() -> None:
    glance: Any = _Glance(doubt=1.1)
    with pytest.raises(ValueError, match="never sure enough"):
        certainty.chosen(glance, MESSAGES, _network())
