"""Public texts beside our own messages: they keep the embedding general.

Only sets whose licence allows it, only their training parts, and none of their labels.
"""

import csv
import json
import random
from pathlib import Path

from nlp.model_text import prepare

LICENCES = [
    "texts that keep the embedding general: Banking77 (PolyAI), training part without labels, CC BY 4.0",
    "the same: CLINC150 (Larson et al. 2019), training part without labels, CC BY 3.0",
]


class NoPublicDataError(Exception):
    """The folder with the public sets is not there."""


def texts(folder: Path, count: int, seed: int) -> list[str]:
    """So many texts of Banking77 and CLINC150, prepared, without repetitions."""
    with _existing(folder / "banking77/train.csv").open(encoding="utf-8", newline="") as rows:
        found = [row["text"] for row in csv.DictReader(rows)]
    found += [text for text, _ in _clinc(folder)["train"]]
    distinct = sorted({prepare(text) for text in found})
    return random.Random(seed).sample(distinct, min(count, len(distinct)))  # noqa: S311


def _clinc(folder: Path) -> dict[str, list[tuple[str, str]]]:
    splits: dict[str, list[tuple[str, str]]] = json.loads(_existing(folder / "clinc150/data_full.json").read_text())
    return splits


def _existing(path: Path) -> Path:
    if not path.exists():
        message = f"{path} is not there: name the folder of the public sets by --public."
        raise NoPublicDataError(message)
    return path
