"""Public sets, by the shipped model as it is: frozen, with a logistic regression over what it says of a text.

That is the standardised embedding; of reviews the logits of its heads as well, since the tone is what is asked there.
How strongly the regression is held back is chosen on a fifth of what is learnt. Out of scope is told by the best
probability and the cosine to the nearest message that was learnt, together. Beside it the same network fine-tuned
(`benchmarks.nlp_tuned`), and TF-IDF over character n-grams
with logistic regression, trained on the same part.
"""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import nlp_rivals as rivals
from benchmarks.nlp_sets import PublicSet, public_sets
from benchmarks.nlp_tables import Table
from nlp.artifact import Artifact, standardised
from nlp.encoder import Encoder
from nlp.regression import Labels, Regression, fit
from nlp.training.figures import area_under

Floats = np.ndarray[Any, np.dtype[np.float64]]

_HEAD = ("set", "messages learnt", "asked", "must", "aim", "the frozen model + LR", "fine-tuned", "TF-IDF + LR")
_STRENGTHS = (0.003, 0.01, 0.03)
_SHARE = 64


class _Said:
    """What the model says of texts, each read once: the standardised embedding, then the heads' logits."""

    def __init__(self, artifact: Artifact) -> None:
        self._model = artifact.description
        self._encoder = Encoder(artifact)
        self._known: dict[str, Floats] = {}

    def rows(self, texts: Sequence[str], *, tones: bool) -> Floats:
        """A row a text; without `tones` the embedding alone."""
        new = list(dict.fromkeys(text for text in texts if text not in self._known))
        shares = [new[start : start + _SHARE] for start in range(0, len(new), _SHARE)]
        with ThreadPoolExecutor(2) as threads:
            for share, scores in zip(shares, threads.map(self._encoder.encode, shares), strict=True):
                heads = (standardised(self._model, scores.embedding), scores.intent, scores.sentiment, scores.urgent)
                self._known.update(zip(share, np.concatenate(heads, axis=1), strict=True))
        width = None if tones else len(self._model.embedding.mean)
        return np.stack([self._known[text][:width] for text in texts])


def tables(artifact: Artifact, folder: Path, tuned: Path | None = None) -> list[Table]:
    """One table of the sets that are in the folder; `tuned` is what `benchmarks.nlp_tuned` has kept."""
    said = _Said(artifact)
    accuracies: dict[str, float] = {} if tuned is None else json.loads(tuned.read_text())
    rows: list[tuple[str, ...]] = []
    for each in public_sets(folder):
        print(each.name, len(each.learnt), len(each.asked), flush=True)
        rows += _measured(each, said, accuracies.get(each.name))
    return [Table(title="Public sets, accuracy in per cent", head=_HEAD, rows=rows)]


def _measured(each: PublicSet, said: _Said, tuned: float | None) -> list[tuple[str, ...]]:
    names = sorted({label for _, label in each.learnt})
    texts, labels = [text for text, _ in each.learnt], [label for _, label in each.learnt]
    asked, wanted = [text for text, _ in each.asked], np.array([names.index(label) for _, label in each.asked])
    learnt = said.rows(texts, tones=each.tones)
    head = _taught(learnt, np.array([names.index(label) for label in labels]), len(names))
    rival = rivals.tfidf(texts, labels)
    ours, theirs = head.probabilities(said.rows(asked, tones=each.tones)), rival.predict_proba(asked)
    right = [float((found.argmax(1) == wanted).mean()) for found in (ours, theirs)]
    cells = ["" if share is None else f"{100 * share:.1f}" for share in (right[0], tuned, right[1])]
    rows = [(each.name, f"{len(texts):,}", f"{len(asked):,}", each.must, each.aim, *cells)]
    if each.outside:
        everything = [*asked, *each.outside]
        embedded = said.rows(everything, tones=False)
        inside = [
            _spread(np.log(head.probabilities(embedded).max(1))) + _spread(_nearest(embedded, learnt)),
            rival.predict_proba(everything).max(1),
        ]
        beyond = np.arange(len(everything)) >= len(asked)
        areas = [f"{area_under(-scores.astype(np.float32), beyond):.3f}" for scores in inside]
        sizes = (f"{len(texts):,}", f"{len(everything):,}")
        rows.append((f"{each.name}, out of scope: AUROC", *sizes, "0.97", "0.98", areas[0], "", areas[1]))
    return rows


def _nearest(rows: Floats, learnt: Floats) -> Floats:
    """The cosine of each to the nearest that was learnt."""
    ours, theirs = (each / np.linalg.norm(each, axis=1, keepdims=True) for each in (rows, learnt))
    found: Floats = np.concatenate([(ours[at : at + 500] @ theirs.T).max(1) for at in range(0, len(ours), 500)])
    return found


def _spread(scores: Floats) -> Floats:
    """Standardised by all that was asked, which needs no labels."""
    result: Floats = (scores - scores.mean()) / scores.std()
    return result


def _taught(rows: Floats, labels: Labels, classes: int) -> Regression:
    """With ten messages each there is nothing to choose by: C=1."""
    c = _strength(rows, labels, classes) if len(rows) > 20 * classes else 1.0
    return fit(rows, labels, np.ones(len(rows)), classes=classes, c=c)


def _strength(rows: Floats, labels: Labels, classes: int) -> float:
    held = np.random.default_rng(7).random(len(rows)) < 0.2
    start: Regression | None = None
    reached: list[float] = []
    for c in _STRENGTHS:
        start = fit(rows[~held], labels[~held], np.ones(int((~held).sum())), classes=classes, start=start, c=c)
        reached.append(float((start.probabilities(rows[held]).argmax(1) == labels[held]).mean()))
    return _STRENGTHS[int(np.argmax(reached))]
