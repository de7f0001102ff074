"""The public sets that the tagger's encoder is measured on: what is learnt, what is asked."""

import csv
import gzip
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

Pairs = Sequence[tuple[str, str]]

_REVIEWS = 8000


@dataclass(frozen=True, kw_only=True, slots=True)
class PublicSet:
    """What is learnt and what is asked, as (text, label); `outside` is asked too, and has none of the labels.

    `tones`: the label is a tone. `tuned`: the network is fine-tuned on it as well (`benchmarks.nlp_tuned`).
    """

    name: str
    must: str
    aim: str
    learnt: Pairs
    asked: Pairs
    outside: Sequence[str] = ()
    tones: bool = False
    tuned: bool = False


def public_sets(folder: Path) -> Iterator[PublicSet]:
    """Those of the folder, one after the other."""
    banking = folder / "banking77"
    test = _csv(banking / "test.csv")
    yield PublicSet(
        name="Banking77", must="92.5", aim="93.8", learnt=_csv(banking / "train.csv"), asked=test, tuned=True
    )
    yield PublicSet(
        name="Banking77, 10 of each", must="82.5", aim="85.5", learnt=_lines(banking / "ten_shot"), asked=test
    )
    clinc = json.loads((folder / "clinc150" / "data_full.json").read_text(encoding="utf-8"))
    pairs = {part: [(text, label) for text, label in clinc[part]] for part in ("train", "test", "oos_test")}
    outside = [text for text, _ in pairs["oos_test"]]
    yield PublicSet(
        name="CLINC150", must="95.5", aim="97.2", learnt=pairs["train"], asked=pairs["test"], outside=outside
    )
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


def _halves(name: str, pairs: Pairs, aim: str) -> PublicSet:
    mixed = random.Random(7).sample(list(pairs), min(len(pairs), _REVIEWS))
    cut = len(mixed) * 4 // 5
    title = name if len(mixed) == len(pairs) else f"{name}, {len(mixed):,} of {len(pairs):,}"
    return PublicSet(
        name=title, must="above TF-IDF", aim=aim, learnt=mixed[:cut], asked=mixed[cut:], tones=True, tuned=True
    )
