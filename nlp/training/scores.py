"""What should have been said of many texts, as arrays; and logits as probabilities."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from desk.readings import INTENTS
from nlp.encoder import Floats
from nlp.training.messages import SENTIMENTS, Message

Labels = npt.NDArray[np.int64]

HEADS = ("intent", "sentiment", "urgent")
OUTPUTS = ("embedding", *HEADS)
OTHER = INTENTS.index("other")


@dataclass(frozen=True, kw_only=True, slots=True)
class Truth:
    """The labels as numbers."""

    intent: Labels
    sentiment: Labels
    urgent: Labels

    @property
    def in_scope(self) -> npt.NDArray[np.bool_]:
        result: npt.NDArray[np.bool_] = self.intent != OTHER
        return result


def truth_of(messages: Sequence[Message]) -> Truth:
    return Truth(
        intent=np.array([INTENTS.index(message.intent) for message in messages], dtype=np.int64),
        sentiment=np.array([SENTIMENTS.index(message.sentiment) for message in messages], dtype=np.int64),
        urgent=np.array([message.urgent for message in messages], dtype=np.int64),
    )


def softmax(logits: Floats, temperature: float = 1.0) -> Floats:
    shifted = logits / temperature - (logits / temperature).max(axis=1, keepdims=True)
    powers = np.exp(shifted)
    result: Floats = powers / powers.sum(axis=1, keepdims=True)
    return result


def sigmoid(logits: Floats, temperature: float = 1.0) -> Floats:
    result: Floats = 1 / (1 + np.exp(-logits[:, 0] / temperature))
    return result
