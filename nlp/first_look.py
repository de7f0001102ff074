"""The cheap first: what a glance reads with certainty need not pay for the network.

Sure means that intent and sentiment are at least as probable as the model's description asks, that nothing is urgent,
and that the text is short and made of known strings. What resembles a text that a company taught its model is the
network's, whose embedding was learnt from.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from desk.readings import Reading, Sentiment
from nlp.artifact import Artifact, Description, Glancing, refused
from nlp.glance import Glance, Seen, open_weights
from nlp.regression import Floats, softmax

#: The cosine, of what a glance takes for the embeddings, from which on a text resembles another.
_ALIKE = 0.5


class FirstLook:
    """Readings for those texts that a glance is sure of; no state, safe from any thread."""

    def __init__(
        self, glance: Glance, glancing: Glancing, description: Description, reader: str, taught: Sequence[str] = ()
    ) -> None:
        """`reader` is what the readings name as theirs; nothing is sure that resembles what is `taught`."""
        self._glance = glance
        self._glancing = glancing
        self._model = description
        self._reader = reader
        self._taught = glance.see(taught).scores.embedding if taught else None

    def readings(self, texts: Sequence[str], languages: Sequence[str]) -> list[Reading | None]:
        """A reading for each text, None where the network has to look."""
        seen = self._glance.see(texts)
        intents, sentiments, urgent = probabilities(seen, self._glancing)
        sure = is_sure(seen, intents, sentiments, urgent, self._glancing) & ~self._resembles(seen)
        return [
            self._reading(intents[row], sentiments[row], languages[row]) if sure[row] else None
            for row in range(len(texts))
        ]

    def _resembles(self, seen: Seen) -> npt.NDArray[np.bool_]:
        if self._taught is None:
            return np.zeros(len(seen.known), dtype=bool)
        nearest = [(self._taught @ row).max() for row in seen.scores.embedding]
        return np.array(nearest) >= _ALIKE

    def _reading(self, intents: Floats, sentiments: Floats, language: str) -> Reading:
        best = int(intents.argmax())
        return Reading(
            intent=self._model.intents[best],
            confidence=round(float(intents[best]), 3),
            sentiment=Sentiment(self._model.sentiments[int(sentiments.argmax())]),
            urgent=False,
            language=language,
            reader=self._reader,
        )


def probabilities(seen: Seen, description: Glancing) -> tuple[Floats, Floats, Floats]:
    """Of each intent, of each sentiment, of urgency; a row a text."""
    temperature = description.temperature
    urgent: Floats = 1 / (1 + np.exp(-seen.scores.urgent[:, 0].astype(np.float64) / temperature.urgent))
    return (
        softmax(seen.scores.intent / temperature.intent),
        softmax(seen.scores.sentiment / temperature.sentiment),
        urgent,
    )


def is_sure(
    seen: Seen, intents: Floats, sentiments: Floats, urgent: Floats, description: Glancing
) -> npt.NDArray[np.bool_]:
    """Which texts need nobody else."""
    sure = description.sure
    found: npt.NDArray[np.bool_] = (
        (intents.max(axis=1) >= sure.intent)
        & (sentiments.max(axis=1) >= sure.sentiment)
        & (urgent <= sure.urgent)
        & (seen.known >= sure.known)
    )
    return found


def open_first_look(artifact: Artifact, reader: str, taught: Sequence[str] = ()) -> FirstLook | None:
    """The model's first look, None where it has none. Raises ModelRefused where its file is no glance."""
    described = artifact.description
    if described.glance is None:
        return None
    try:
        glance = Glance(open_weights(artifact.glance))
    except (OSError, ValueError, KeyError) as error:
        raise refused(artifact.glance, f"no glance: {error}") from error
    return FirstLook(glance, described.glance, described, reader, taught)
