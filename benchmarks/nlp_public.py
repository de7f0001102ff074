"""Public sets, by the shipped model as it is: frozen, with a logistic regression over what it says of a text.

That is the standardised embedding; of reviews the logits of its heads as well, since the tone is what is asked there.
How strongly the regression is held back is chosen on a fifth of what is learnt. Beside it TF-IDF over character n-grams
with logistic regression, trained on the same part.
"""

import csv
import gzip
import json
import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import nlp_rivals as rivals
from benchmarks.nlp_tables import Table
from nlp.artifact import Artifact, standardised
from nlp.encoder import Encoder
from nlp.regression import Labels, Regression, fit
from nlp.training.figures import area_under

Pairs = Sequence[tuple[str, str]]
Floats = np.ndarray[Any, np.dtype[np.float64]]

_HEAD = ("set", "messages learnt", "asked", "must", "aim", "the frozen model + LR", "TF-IDF + LR")
_STRENGTHS = (0.001, 0.003, 0.01, 0.03, 0.1, 1.0)
_REVIEWS = 8000
_SHARE = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class _Set:
    """What is learnt and what is asked, as (text, label); `outside` is asked too, and has none of the labels."""

    name: str
    must: str
    aim: str
    learnt: Pairs
    asked: Pairs
    outside: Sequence[str] = ()
    tones: bool = False


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


def tables(artifact: Artifact, folder: Path) -> list[Table]:
    """One table of the sets that are in the folder."""
    said = _Said(artifact)
    rows: list[tuple[str, ...]] = []
    for each in _sets(folder):
        print(each.name, len(each.learnt), len(each.asked), flush=True)
        rows += _measured(each, said)
    return [Table(title="Public sets, accuracy in per cent", head=_HEAD, rows=rows)]


def _measured(each: _Set, said: _Said) -> list[tuple[str, ...]]:
    names = sorted({label for _, label in each.learnt})
    wanted = np.array([names.index(label) for _, label in each.asked])
    texts, labels = [text for text, _ in each.learnt], [label for _, label in each.learnt]
    asked = [text for text, _ in each.asked]
    learnt = said.rows(texts, tones=each.tones)
    head = _taught(learnt, np.array([names.index(label) for label in labels]), len(names))
    rival = rivals.tfidf(texts, labels)
    ours, theirs = head.probabilities(said.rows(asked, tones=each.tones)), rival.predict_proba(asked)
    sizes = (f"{len(texts):,}", f"{len(asked):,}")
    cells = [f"{100 * float((found.argmax(1) == wanted).mean()):.1f}" for found in (ours, theirs)]
    rows = [(each.name, *sizes, each.must, each.aim, *cells)]
    if each.outside:
        outside = [
            head.probabilities(said.rows(each.outside, tones=each.tones)),
            rival.predict_proba(list(each.outside)),
        ]
        known = np.concatenate([np.zeros(len(asked), dtype=bool), np.ones(len(each.outside), dtype=bool)])
        areas = [
            area_under(-np.concatenate([inside.max(1), beyond.max(1)]).astype(np.float32), known)
            for inside, beyond in zip((ours, theirs), outside, strict=True)
        ]
        beyond = f"{len(asked) + len(each.outside):,}"
        rows.append(
            (f"{each.name}, out of scope: AUROC", sizes[0], beyond, "0.97", "0.98", *map("{:.3f}".format, areas))
        )
    return rows


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


def _sets(folder: Path) -> Iterator[_Set]:
    banking = folder / "banking77"
    test = _csv(banking / "test.csv")
    yield _Set(name="Banking77", must="92.5", aim="93.8", learnt=_csv(banking / "train.csv"), asked=test)
    yield _Set(name="Banking77, 10 of each", must="82.5", aim="85.5", learnt=_lines(banking / "ten_shot"), asked=test)
    clinc = json.loads((folder / "clinc150" / "data_full.json").read_text(encoding="utf-8"))
    pairs = {part: [(text, label) for text, label in clinc[part]] for part in ("train", "test", "oos_test")}
    outside = [text for text, _ in pairs["oos_test"]]
    yield _Set(name="CLINC150", must="95.5", aim="97.2", learnt=pairs["train"], asked=pairs["test"], outside=outside)
    reviews = _csv(folder / "waimai" / "waimai_10k.csv", text=1, label=0)
    yield _halves("waimai", reviews, "92.5")
    with gzip.open(folder / "shopping" / "online_shopping_10_cats.csv.gz", "rt", encoding="utf-8") as lines:
        shopping = [(row["review"], row["label"]) for row in csv.DictReader(lines) if row["review"]]
    yield _halves("shopping", shopping, "94")


def _csv(path: Path, text: int = 0, label: int = 1) -> Pairs:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return [(row[text], row[label]) for row in list(csv.reader(lines))[1:]]


def _lines(folder: Path) -> Pairs:
    """The usual ten-shot split, as Few-Shot-Intent-Detection keeps it."""
    texts, labels = ((folder / name).read_text(encoding="utf-8").splitlines() for name in ("seq.in", "label"))
    return list(zip(texts, labels, strict=True))


def _halves(name: str, pairs: Pairs, aim: str) -> _Set:
    mixed = random.Random(7).sample(list(pairs), min(len(pairs), _REVIEWS))
    cut = len(mixed) * 4 // 5
    title = name if len(mixed) == len(pairs) else f"{name}, {len(mixed):,} of {len(pairs):,}"
    return _Set(name=title, must="above TF-IDF", aim=aim, learnt=mixed[:cut], asked=mixed[cut:], tones=True)
