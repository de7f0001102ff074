"""Prepared texts as batches of numbers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

PREFIX = "query: "
MAX_TOKENS = 128
PAD = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """Texts as numbers, padded to the longest; `rows` says which they were."""

    ids: npt.NDArray[np.int64]
    mask: npt.NDArray[np.int64]
    rows: list[int]


def numbered(tokenizer: Tokenizer, texts: Sequence[str]) -> list[list[int]]:
    """Each prepared text's ids, with the prefix, cut to what the model reads."""
    tokenizer.enable_truncation(MAX_TOKENS)
    return [encoding.ids for encoding in tokenizer.encode_batch([PREFIX + text for text in texts])]


def batch_of(ids: Sequence[Sequence[int]], rows: Sequence[int], pad: int) -> Batch:
    longest = max(len(ids[row]) for row in rows)
    padded = np.full((len(rows), longest), pad, dtype=np.int64)
    mask = np.zeros((len(rows), longest), dtype=np.int64)
    for at, row in enumerate(rows):
        padded[at, : len(ids[row])] = ids[row]
        mask[at, : len(ids[row])] = 1
    return Batch(ids=padded, mask=mask, rows=list(rows))


def by_length(ids: Sequence[Sequence[int]], size: int, pad: int) -> Iterator[Batch]:
    """All texts in batches of alike length, for reading without learning."""
    order = sorted(range(len(ids)), key=lambda row: len(ids[row]))
    for start in range(0, len(order), size):
        yield batch_of(ids, order[start : start + size], pad)
