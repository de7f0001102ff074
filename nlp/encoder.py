"""The network: texts in, one row of embedding and logits for each text out.

A text that is longer than the network reads goes through it in windows that overlap. Its logits are then the windows'
mean, where a window counts by its pieces and by the square of the best probability in it. For intent and embedding one
that holds small talk or a courtesy alone counts a tenth: the request decides. The text is as urgent as its most urgent
window.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Tokenizer

from desk.readings import COURTESIES
from nlp.artifact import Artifact, refused
from nlp.model_text import prepare

Floats = npt.NDArray[np.float32]

_INPUTS = ("input_ids", "attention_mask")
_OUTPUTS = ("embedding", "intent", "sentiment", "urgent")
#: Nobody writes more to be understood; and the cost of one message stays bounded.
_READ_AT_MOST = 4000
_WINDOWS_AT_THE_START = 5
_WINDOWS_AT_THE_END = 3
#: So many times less than a window is what two neighbours share.
_OVERLAPPING = 8
#: How much less a window counts that asks for nothing.
_ASIDE = np.float32(0.1)
#: Rows that share a pass differ by less than this in length, so little is spent on padding.
_BUCKET = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Scores:
    """One row a text: the embedding, and the logits of the three heads."""

    embedding: Floats
    intent: Floats
    sentiment: Floats
    urgent: Floats


@dataclass(frozen=True, kw_only=True, slots=True)
class _Window:
    """A piece of the text number `text`, as the network reads it."""

    text: int
    ids: Sequence[int]


class Encoder:
    """The network with its tokenizer; safe from any thread, and as many threads run it at once as call."""

    def __init__(self, artifact: Artifact) -> None:
        """Raises ModelRefused where the files are no model."""
        description = artifact.description
        self.rows_per_pass = description.rows_per_pass
        self._prefix = description.prefix
        self._longest = description.max_tokens
        self._asides = [description.intents.index(name) for name in (*COURTESIES, "other")]
        self._tokenizer = _tokenizer(artifact.tokenizer)
        self._pad = self._tokenizer.token_to_id("<pad>") or 0
        self._leading = len(self._ids(description.prefix.rstrip())) - 1
        self._session = _session(artifact.network)

    def encode(self, texts: Sequence[str]) -> Scores:
        """What the network says of each text, in their order."""
        windows = [window for number, text in enumerate(texts) for window in self._windows(number, text)]
        scores = self._scores(windows)
        return scores if len(windows) == len(texts) else _merged(scores, windows, self._asides, len(texts))

    def _windows(self, number: int, text: str) -> Iterator[_Window]:
        legible = text[:_READ_AT_MOST].encode("utf-8", "ignore").decode()
        ids = self._ids(self._prefix + prepare(legible))
        if len(ids) <= self._longest:
            yield _Window(text=number, ids=ids)
            return
        start, body, end = ids[: self._leading], ids[self._leading : -1], ids[-1:]
        size = self._longest - len(start) - len(end)
        overlap = size // _OVERLAPPING
        begins = list(range(0, len(body) - overlap, size - overlap))
        if len(begins) > _WINDOWS_AT_THE_START + _WINDOWS_AT_THE_END:
            begins = begins[:_WINDOWS_AT_THE_START] + begins[-_WINDOWS_AT_THE_END:]
        for begin in begins:
            yield _Window(text=number, ids=[*start, *body[begin : begin + size], *end])

    def _ids(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer.encode(text).ids
        return ids

    def _scores(self, windows: Sequence[_Window]) -> Scores:
        order = sorted(range(len(windows)), key=lambda at: len(windows[at].ids))
        passes = [self._run([windows[at].ids for at in rows]) for rows in self._shared(windows, order)]
        back = np.argsort(np.array(order, dtype=np.int64))
        heads = (np.concatenate(each)[back] for each in zip(*passes, strict=True))
        return Scores(**dict(zip(_OUTPUTS, heads, strict=True)))

    def _shared(self, windows: Sequence[_Window], order: Sequence[int]) -> Iterator[list[int]]:
        """The windows by passes: as many in each as may share one, all of nearly the same length."""
        rows: list[int] = []
        for at in order:
            if rows and (
                len(rows) == self.rows_per_pass
                or len(windows[at].ids) // _BUCKET != len(windows[rows[0]].ids) // _BUCKET
            ):
                yield rows
                rows = []
            rows.append(at)
        if rows:
            yield rows

    def _run(self, rows: Sequence[Sequence[int]]) -> list[Floats]:
        longest = max(map(len, rows))
        ids = np.full((len(rows), longest), self._pad, dtype=np.int64)
        mask = np.zeros((len(rows), longest), dtype=np.int64)
        for at, row in enumerate(rows):
            ids[at, : len(row)] = row
            mask[at, : len(row)] = 1
        found: list[Floats] = self._session.run(_OUTPUTS, dict(zip(_INPUTS, (ids, mask), strict=True)))
        return found


def _merged(scores: Scores, windows: Sequence[_Window], asides: Sequence[int], texts: int) -> Scores:
    """The windows' rows as one row a text; `asides` are the intents that no request has."""
    owners = np.array([window.text for window in windows], dtype=np.int64)
    pieces = np.array([len(window.ids) for window in windows], dtype=np.float32)
    urgent = np.full((texts, 1), -np.inf, dtype=np.float32)
    np.maximum.at(urgent, owners, scores.urgent)
    said = np.where(np.isin(scores.intent.argmax(axis=1), asides), _ASIDE, 1) * pieces * _certainty(scores.intent)
    embedding = _mean(scores.embedding, said, owners, texts)
    return Scores(
        embedding=embedding / np.linalg.norm(embedding, axis=1, keepdims=True),
        intent=_mean(scores.intent, said, owners, texts),
        sentiment=_mean(scores.sentiment, pieces * _certainty(scores.sentiment), owners, texts),
        urgent=urgent,
    )


def _mean(rows: Floats, weights: Floats, owners: npt.NDArray[np.int64], texts: int) -> Floats:
    sums = np.zeros((texts, rows.shape[1]), dtype=np.float32)
    totals = np.zeros((texts, 1), dtype=np.float32)
    np.add.at(sums, owners, rows * weights[:, None])
    np.add.at(totals, owners, weights[:, None])
    mean: Floats = sums / totals
    return mean


def _certainty(logits: Floats) -> Floats:
    best: Floats = 1 / np.exp(logits - logits.max(axis=1, keepdims=True)).sum(axis=1)
    return best * best


def _tokenizer(path: Path) -> Tokenizer:
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # tokenizers raises nothing more exact
        raise refused(path, f"no tokenizer: {error}") from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    # A pass runs in the thread that asks for it; several at once share the cores better than one pass its parts.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(os.fspath(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises a class of its own for each cause
        raise refused(path, f"no network: {error}") from error
    lacks = {*_OUTPUTS} - {each.name for each in session.get_outputs()}
    lacks |= {*_INPUTS} - {each.name for each in session.get_inputs()}
    if lacks:
        raise refused(path, f"the network has no {', '.join(sorted(lacks))}")
    return session
