"""A company's own intents, learnt from a few examples each.

A logistic regression over the standardised embedding tells them from each other and from the built-in intents. For
these stand typical messages (`Description.anchors`), about as many as the own intents have, or their centres where a
model brings none. All intents weigh the same, whatever the number of their examples. What the regression leaves to the
built-in ones, the model's own head shares out.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import numpy as np

from nlp.artifact import Description, standardised
from nlp.embeddings import Embeddings
from nlp.examples import Example
from nlp.keeping import keep_arrays, kept_arrays
from nlp.regression import Floats, Labels, Regression, fit

#: Centres are directions; typical messages lie about so far out (standardised embeddings have a length of some 20).
_CENTRES_AT = 10.0
#: Typical messages of each built-in intent are as many as the own intents have examples, but not fewer than these.
_ANCHORS_AT_LEAST = 3
#: Part of the cache's key: another way of learning makes another head.
_WAY = "balanced logistic regression, C=1, as many anchors"


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnHead:
    """What was learnt: `names` are the company's intents; the regression has the built-in ones' columns first.

    `version` tells one company's lesson from another.
    """

    names: tuple[str, ...]
    regression: Regression
    version: str = ""

    def probabilities(self, standard: Floats) -> Floats:
        """How probable each own intent is, a row a text; what is missing to 1 is the built-in intents'."""
        found: Floats = self.regression.probabilities(standard)[:, -len(self.names) :]
        return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Lesson:
    """What is learnt from: standardised rows, labels counted through built-in and then own intents.

    The first `anchors` rows are the model's, the others the company's examples in their order.
    """

    names: tuple[str, ...]
    rows: Floats
    labels: Labels
    built_in: int
    anchors: int

    def learnt(self, start: OwnHead | None = None, without: int | None = None) -> OwnHead:
        """The head; `without` leaves an example out, and `start` is a head to begin from."""
        kept = np.ones(len(self.rows), dtype=bool)
        if without is not None:
            kept[self.anchors + without] = False
        labels = self.labels[kept]
        classes = self.built_in + len(self.names)
        present = np.bincount(labels, minlength=classes)
        own = present[self.built_in :]
        counts = max(1.0, own[own > 0].mean() if own.any() else 1.0) / present[labels]
        begin = None if start is None else start.regression
        return OwnHead(names=self.names, regression=fit(self.rows[kept], labels, counts, classes=classes, start=begin))


def lesson(model: Description, embeddings: Embeddings, examples: Sequence[Example]) -> Lesson:
    """The examples beside what the model brings; examples of built-in intents are more of those."""
    own = tuple(dict.fromkeys(each.intent for each in examples if each.intent not in model.intents))
    columns = [*model.intents, *own]
    taught = sum(each.intent in own for each in examples)
    anchors, labels = _anchors(model, max(_ANCHORS_AT_LEAST, round(taught / max(1, len(own)))))
    rows = embeddings.of([each.text for each in examples])
    own_labels = np.array([columns.index(each.intent) for each in examples], dtype=np.int64)
    return Lesson(
        names=own,
        rows=np.concatenate([anchors, rows]),
        labels=np.concatenate([labels, own_labels]),
        built_in=len(model.intents),
        anchors=len(anchors),
    )


def learn(
    model: Description, embeddings: Embeddings, examples: Sequence[Example], cache: Path | None
) -> OwnHead | None:
    """The head for these examples, None where none is of an own intent; kept in the file `cache` by their content."""
    if all(each.intent in model.intents for each in examples):
        return None
    key = _key(model, examples)
    found = None if cache is None else _kept(cache, key)
    if found is None:
        found = replace(lesson(model, embeddings, examples).learnt(), version=key[:8])
        if cache is not None:
            _keep(cache, key, found)
    return found


def _anchors(model: Description, each: int) -> tuple[Floats, Labels]:
    """So many typical messages of each built-in intent, or its centre."""
    if model.anchors is None:
        centres = model.refusal.centres
        rows = _CENTRES_AT * np.array(list(centres.values()))
        return rows, np.array([model.intents.index(name) for name in centres], dtype=np.int64)
    embeddings = np.frombuffer(model.anchors.embeddings, dtype="<f2").reshape(len(model.anchors.intents), -1)
    labels = np.array([model.intents.index(name) for name in model.anchors.intents], dtype=np.int64)
    kept = np.sort(np.concatenate([np.flatnonzero(labels == label)[:each] for label in np.unique(labels)]))
    return standardised(model, embeddings[kept]), labels[kept]


def _key(model: Description, examples: Sequence[Example]) -> str:
    said = [(each.text, each.intent) for each in examples]
    return hashlib.sha256(msgspec.json.encode([_WAY, model.version, model.files, said])).hexdigest()


def _kept(cache: Path, key: str) -> OwnHead | None:
    found = kept_arrays(cache, key)
    if found is None:
        return None
    regression = Regression(weights=found["weights"], bias=found["bias"])
    return OwnHead(names=tuple(map(str, found["names"])), regression=regression, version=key[:8])


def _keep(cache: Path, key: str, head: OwnHead) -> None:
    regression = head.regression
    arrays = {"names": np.array(head.names), "weights": regression.weights, "bias": regression.bias}
    keep_arrays(cache, key, arrays)
