"""The exported model read back by onnxruntime: what is measured and calibrated is what is shipped."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from nlp.encoder import Floats, Scores
from nlp.training.batches import PAD, Batch, by_length, numbered
from nlp.training.scores import OUTPUTS

#: As at run time: int8 scales its activations over a whole pass, so what shares one would change the reading.
BATCH = 1


class ExportedModel:
    """model.onnx and its tokenizer."""

    def __init__(self, model: Path, tokenizer: Tokenizer) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # two texts in two threads take less than two whose parts share them
        self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        self._tokenizer = tokenizer

    def read(self, texts: Sequence[str]) -> Scores:
        """What it says of each prepared text, in their order."""
        batches = list(by_length(numbered(self._tokenizer, texts), BATCH, PAD))
        with ThreadPoolExecutor(2) as threads:
            found = list(threads.map(self._said, batches))
        order = np.argsort([row for batch in batches for row in batch.rows])
        return Scores(
            **{
                name: np.concatenate(parts)[order]
                for name, parts in zip(OUTPUTS, zip(*found, strict=True), strict=True)
            }
        )

    def _said(self, batch: Batch) -> list[Floats]:
        given = {"input_ids": batch.ids, "attention_mask": batch.mask}
        found: list[Floats] = self._session.run(list(OUTPUTS), given)
        return found
