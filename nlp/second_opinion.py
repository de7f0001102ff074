"""The embedding's opinion of what the knowledge search found.

The search asks for the question's words on the page, so it misses what is asked in other words. Where its best page is
also the one with the sentence nearest to the question by meaning, the page counts nearly as near as that sentence. The
embedding alone answers too much: it cannot tell "where do I send the invoice" from "how do I get one".
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from desk.readings import KnowledgeHit
from nlp.artifact import Artifact, standardised
from nlp.encoder import Encoder, Floats
from nlp.keeping import keep_arrays, kept_arrays
from nlp.pages import Audience, Page

#: The search must find the page half as near at least.
_HALF_WAY = 0.5
#: Measured with what ships on the questions of tests/nlp/questions.toml: the nearest sentence of a page that does not
#: answer was at a cosine of 0.841, and a similarity of 0.80 is where the bot answers by itself.
_TAKEN_OFF = 0.05


class SecondOpinion:
    """The pages' sentences by meaning; immutable, safe from any thread."""

    def __init__(self, artifact: Artifact, encoder: Encoder, pages: Sequence[Page], cache: Path | None) -> None:
        """The sentences' embeddings are kept in the file `cache` by their content."""
        self._model = artifact.description
        shown = [page for page in pages if page.audience is Audience.CUSTOMERS]
        sentences = [(page, sentence) for page in shown for sentence in (page.title, *page.questions)]
        self._names = np.array([page.name for page, _ in sentences])
        self._languages = np.array([page.language for page, _ in sentences])
        texts = [sentence for _, sentence in sentences]
        key = hashlib.sha256(msgspec.json.encode([self._model.files, texts])).hexdigest()
        found = None if cache is None else kept_arrays(cache, key)
        embeddings = encoder.encode(texts).embedding if found is None and texts else (found or {}).get("embeddings")
        if found is None and cache is not None and embeddings is not None:
            keep_arrays(cache, key, {"embeddings": embeddings})
        self._directions = None if embeddings is None else self._direction(embeddings)

    def weighed(self, hits: Sequence[KnowledgeHit], embedding: Floats, language: str) -> tuple[KnowledgeHit, ...]:
        """The hits, the best one nearer where the embedding agrees."""
        if self._directions is None or not hits or hits[0].similarity < _HALF_WAY:
            return tuple(hits)
        cosines = self._directions @ self._direction(embedding[None, :])[0]
        primary = language.partition("-")[0]
        if primary in self._languages:
            cosines = np.where(self._languages == primary, cosines, -1.0)
        nearest = int(cosines.argmax())
        if self._names[nearest] != hits[0].page:
            return tuple(hits)
        similarity = min(1.0, float(cosines[nearest])) - _TAKEN_OFF
        best = hits[0]
        return (
            KnowledgeHit(
                page=best.page,
                title=best.title,
                answer=best.answer,
                similarity=round(max(best.similarity, similarity), 3),
            ),
            *hits[1:],
        )

    def _direction(self, embeddings: Floats) -> Floats:
        rows = standardised(self._model, embeddings)
        directions: Floats = (rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)).astype(np.float32)
        return directions
