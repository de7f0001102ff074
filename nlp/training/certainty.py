"""From when on a glance is sure: fitted to authors of whom neither it nor the network beside it had read."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from nlp.artifact import Glancing, Sure, Temperature
from nlp.first_look import is_sure, probabilities
from nlp.glance import Glance, Seen
from nlp.training.calibration import temperature_of
from nlp.training.figures import f1, macro_f1
from nlp.training.messages import Message

if TYPE_CHECKING:
    from nlp.training.evaluation import Judged

#: By so much macro-F1 of intent or sentiment, or F1 of urgency, may become less than the network's alone.
MAY_COST = 0.004
_TRIED = np.arange(0.5, 0.975, 0.025)
#: Of urgency nothing is sure: who needs haste is the network's.
_URGENT_AT_MOST = 0.1
#: What has fewer known strings than all but this share of the messages is strange.
_STRANGE = 0.05


def chosen(glance: Glance, messages: Sequence[Message], network: "Judged") -> tuple[Glancing, dict[str, Any]]:
    """The lowest thresholds that cost little enough, by how much they leave to the glance; and what that is."""
    seen = glance.see([message.text for message in messages])
    temperature = _temperature(seen, network)
    known = float(np.quantile(seen.known, _STRANGE))
    best: tuple[float, Glancing, dict[str, float]] | None = None
    for intent in _TRIED:
        for sentiment in _TRIED:
            sure = Sure(intent=float(intent), sentiment=float(sentiment), urgent=_URGENT_AT_MOST, known=known)
            glancing = Glancing(temperature=temperature, sure=sure)
            share, lost = _measured(seen, glancing, network)
            if max(lost.values()) <= MAY_COST and share > (best[0] if best else 0.0):
                best = share, glancing, lost
    if best is None:
        message = "A glance is never sure enough: at every threshold it costs more than it may."
        raise ValueError(message)
    share, glancing, lost = best
    return glancing, _figures(share, lost)


def measured(glance: Glance, glancing: Glancing, messages: Sequence[Message], network: "Judged") -> dict[str, Any]:
    """Which share a glance reads, and by how much that lowers each figure of the network's."""
    return _figures(*_measured(glance.see([message.text for message in messages]), glancing, network))


def _figures(share: float, lost: dict[str, float]) -> dict[str, Any]:
    return {"share": round(share, 4), "lost": {name: round(value, 4) for name, value in lost.items()}}


def _temperature(seen: Seen, network: "Judged") -> Temperature:
    scores, truth = seen.scores, network.truth
    urgent = np.concatenate([np.zeros_like(scores.urgent), scores.urgent], axis=1)
    return Temperature(
        intent=temperature_of(scores.intent, truth.intent),
        sentiment=temperature_of(scores.sentiment, truth.sentiment),
        urgent=temperature_of(urgent, truth.urgent),
    )


def _measured(seen: Seen, glancing: Glancing, network: "Judged") -> tuple[float, dict[str, float]]:
    intents, sentiments, urgent = probabilities(seen, glancing)
    sure = is_sure(seen, intents, sentiments, urgent, glancing)
    truth = network.truth
    by_intent = np.where(sure, intents.argmax(axis=1), network.intent)
    by_sentiment = np.where(sure, sentiments.argmax(axis=1), network.sentiment)
    hurried = truth.urgent == 1
    lost = {
        "intent": macro_f1(network.intent, truth.intent) - macro_f1(by_intent, truth.intent),
        "sentiment": macro_f1(network.sentiment, truth.sentiment) - macro_f1(by_sentiment, truth.sentiment),
        "urgent": f1(network.urgent, hurried) - f1(network.urgent & ~sure, hurried),
    }
    return float(sure.mean()), lost
