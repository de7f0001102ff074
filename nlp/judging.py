"""From a network's scores to readings: temperatures, refusal of what is out of scope, a company's own intents."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from desk.readings import Reading, Sentiment
from nlp.artifact import Description, standardised
from nlp.encoder import Scores
from nlp.own_intents import OwnHead
from nlp.regression import Floats, softmax

OTHER = "other"
#: In deviations: as far from every centre as one in twenty messages in scope.
_FAR = -1.645


@dataclass(frozen=True, kw_only=True, slots=True)
class _Tags:
    """A row a text: each intent's probability, the sentiment's number, whether it is urgent."""

    intents: Floats
    sentiments: npt.NDArray[np.int64]
    urgent: npt.NDArray[np.bool_]


class Judge:
    """Turns scores into readings; no state, safe from any thread."""

    def __init__(self, description: Description, own: OwnHead | None = None) -> None:
        """`own` adds a company's intents to the model's."""
        self._model = description
        self._own = own
        self._names = [*description.intents, *(() if own is None else own.names)]
        self.reader = description.version if own is None else f"{description.version}+{own.version}"
        self._other = description.intents.index(OTHER)
        self._centres = np.array(list(description.refusal.centres.values()))

    def readings(self, scores: Scores, languages: Sequence[str]) -> list[Reading]:
        """A reading for each row, in order."""
        tags = self._tags(scores)
        best = tags.intents.argmax(axis=1)
        return [
            Reading(
                intent=self._names[best[row]],
                confidence=round(float(tags.intents[row, best[row]]), 3),
                sentiment=Sentiment(self._model.sentiments[tags.sentiments[row]]),
                urgent=bool(tags.urgent[row]),
                language=language,
                reader=self.reader,
            )
            for row, language in enumerate(languages)
        ]

    def _tags(self, scores: Scores) -> _Tags:
        temperature = self._model.temperature
        urgent = 1 / (1 + np.exp(-scores.urgent[:, 0].astype(np.float64) / temperature.urgent))
        return _Tags(
            intents=self.intents(scores),
            sentiments=scores.sentiment.argmax(axis=1),
            urgent=urgent >= self._model.urgent_threshold,
        )

    def intents(self, scores: Scores) -> Floats:
        """The probability of each intent, the model's and then the company's own."""
        standard = standardised(self._model, scores.embedding)
        found = self._with_refusal(softmax(scores.intent / self._model.temperature.intent), standard)
        if self._own is None:
            return found
        own = self._own.probabilities(standard)
        return np.concatenate([found * (1 - own.sum(axis=1, keepdims=True)), own], axis=1)

    def _with_refusal(self, found: Floats, standard: Floats) -> Floats:
        """What is refused is more probably `other`; the rest keep their proportions."""
        other = np.clip(found[:, self._other], 1e-9, 1 - 1e-9)
        refused = 1 / (1 + (1 - other) / other * np.exp(-self._doubt(found, standard)))
        scaled = found * ((1 - refused) / (1 - other))[:, None]
        scaled[:, self._other] = refused
        return scaled

    def _doubt(self, found: Floats, standard: Floats) -> Floats:
        """By how much the odds grow, as a logarithm, that a text is out of scope: 0 unless both measures refuse it."""
        refusal = self._model.refusal
        within = np.delete(found, self._other, axis=1).max(axis=1)
        probability = (np.log(np.maximum(within, 1e-9)) - refusal.probability.mean) / refusal.probability.deviation
        lengths = np.maximum(np.linalg.norm(standard, axis=1, keepdims=True), 1e-9)
        nearest = ((standard / lengths) @ self._centres.T).max(axis=1)
        distance = (nearest - refusal.distance.mean) / refusal.distance.deviation
        mixture = refusal.weights[0] * probability + refusal.weights[1] * distance
        beyond: Floats = np.maximum(0.0, refusal.threshold - mixture)
        return np.where(distance < _FAR, refusal.slope * beyond, 0.0)
