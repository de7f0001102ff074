"""The exported model read back by onnxruntime: what is measured and calibrated is what is shipped."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from nlp.encoder import Scores
from nlp.training.batches import PAD, by_length, numbered
from nlp.training.scores import OUTPUTS

#: As at run time: int8 scales its activations over a whole pass, so what shares one would change the reading.
BATCH = 1


class ExportedModel:
    """model.onnx and its tokenizer."""

    def __init__(self, model: Path, tokenizer: Tokenizer) -> None:
        self._session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
        self._tokenizer = tokenizer

    def read(self, texts: Sequence[str]) -> Scores:
        """What it says of each prepared text, in their order."""
        ids = numbered(self._tokenizer, texts)
        rows: list[int] = []
        found: list[list[np.typing.NDArray[np.float32]]] = []
        for batch in by_length(ids, BATCH, PAD):
            given = {"input_ids": batch.ids, "attention_mask": batch.mask}
            found.append(self._session.run(list(OUTPUTS), given))
            rows += batch.rows
        order = np.argsort(rows)
        return Scores(
            **{
                name: np.concatenate(parts)[order]
                for name, parts in zip(OUTPUTS, zip(*found, strict=True), strict=True)
            }
        )
