"""The embeddings of a company's own texts, kept between starts: only what is new goes through the network."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from nlp.artifact import Description, standardised
from nlp.encoder import Encoder
from nlp.keeping import keep_arrays, kept_arrays
from nlp.regression import Floats


class Embeddings:
    """Standardised embeddings by text, and a file in which they are kept."""

    def __init__(self, model: Description, encoder: Encoder, cache: Path | None = None) -> None:
        """`cache` is where they are kept; None: nowhere."""
        self._model = model
        self._encoder = encoder
        self._cache = cache
        self._key = hashlib.sha256(msgspec.json.encode([model.version, model.files])).hexdigest()
        self._kept = self._read()
        self._in_file = set(self._kept)
        self._asked: dict[str, Floats] = {}

    def of(self, texts: Sequence[str]) -> Floats:
        """A row for each text."""
        new = [text for text in dict.fromkeys(texts) if _name(text) not in self._kept]
        if new:
            rows = self._encoder.encode(new).embedding
            self._kept |= {_name(text): row for text, row in zip(new, rows, strict=True)}
        self._asked |= {_name(text): self._kept[_name(text)] for text in texts}
        if self._cache is not None and not self._asked.keys() <= self._in_file:
            self._keep(self._cache)
        rows = np.array([self._kept[_name(text)] for text in texts]).reshape(len(texts), -1)
        return standardised(self._model, rows) if texts else np.zeros((0, len(self._model.embedding.mean)))

    def _read(self) -> dict[str, Floats]:
        found = None if self._cache is None else kept_arrays(self._cache, self._key)
        if found is None or not {"names", "rows"} <= found.keys():
            return {}
        return dict(zip(map(str, found["names"]), found["rows"], strict=False))

    def _keep(self, cache: Path) -> None:
        """Nobody asks any more for what was not asked for since the start."""
        rows = np.array(list(self._asked.values()))
        keep_arrays(cache, self._key, {"names": np.array(list(self._asked)), "rows": rows})
        self._in_file = set(self._asked)


def _name(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
