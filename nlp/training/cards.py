"""The model card: what the model is, what it was made from, how good it is, and where it fails."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from desk.readings import INTENTS
from nlp.training.artifact import CARD, DESCRIPTION
from nlp.training.evaluation import Judged

_TEST = "test"

_HEAD = """\
# The tagger's model, {version}

Reads a customer's message in Chinese or English: one of 26 intents, sentiment, urgency, and an embedding of 384
numbers, in one pass. Twelve layers of BERT shape from multilingual-e5-small, vocabulary cut to Chinese and English,
fine-tuned on hand-written messages, int8 for each channel. How it was made: `docs/tagger.md` and `nlp/training/`;
`python -m nlp.training` makes it anew.

## Made from

{licences}

The messages and how they were labelled: `nlp/training/data/README.md`. The model stands under the project's licence,
Apache-2.0; the MIT notices of the encoder's authors apply to what is theirs.

## Files

{files}
"""

_FIGURES = """\
## Figures

Whatever one threshold refuses counts as `other` here. The running program is gentler, and its figures, in
`docs/benchmarks.md`, differ a little.

"""

_LIMITS = """\
## Limits

- It knows Chinese and English. Of other languages it says something, and means nothing.
- The messages were written by few people, for harder than ordinary traffic, and not taken from real desks.
- Sarcasm without a word that gives it away is often read as neutral or positive.
- Which intent is the main one of two is a matter of opinion; so it is to the model.
- At most 128 tokens are read at once: about 100 words or 150 Chinese characters.
- Temperatures and thresholds were fitted to four authors, by models that had read nothing of theirs; for others they
  may be off.
"""


def write(folder: Path) -> None:
    """Write the card from what model.json holds."""
    described = _described(folder)
    parts = [
        _HEAD.format(
            version=described["version"],
            licences=_listed(described["licences"]),
            files=_listed(f"`{name}` SHA-256 `{digest}`" for name, digest in described["files"].items()),
        ),
        _FIGURES + _table(described["figures"]),
        _LIMITS,
    ]
    if table := described.get("confusion"):
        parts.append(
            "## Confusion on the test split\n\nRows are what was meant, columns what was read.\n\n" + _matrix(table)
        )
    (folder / CARD).write_text("\n".join(parts), encoding="utf-8")


def add_test(folder: Path, found: Judged) -> None:
    """Put the test split's figures and confusion into model.json, and write the card anew."""
    described = _described(folder)
    described["figures"][_TEST] = found.figures()
    described["confusion"] = found.confusion().tolist()
    text = json.dumps(described, ensure_ascii=False, indent=1) + "\n"
    (folder / DESCRIPTION).write_text(text, encoding="utf-8")
    write(folder)


def confusion_table(found: Judged) -> str:
    return _matrix(found.confusion().tolist())


def _described(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
    return found


def _listed(lines: Any) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _table(figures: dict[str, dict[str, Any]]) -> str:
    """A column for each set that was measured on, a row for each figure."""
    flat = {name: dict(_flat(values)) for name, values in figures.items()}
    rows = [f"| figure | {' | '.join(flat)} |", "|---|" + "---|" * len(flat)]
    for figure in next(iter(flat.values())):
        cells = (str(values.get(figure, "")) for values in flat.values())
        rows.append(f"| {figure} | {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def _flat(values: dict[str, Any]) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name, value in values.items():
        label = name.replace("_", " ")
        found += (
            [(f"{label}, {part}", part_value) for part, part_value in value.items()]
            if isinstance(value, dict)
            else [(label, value)]
        )
    return found


def _matrix(table: list[list[int]]) -> str:
    """Only what is not zero: twenty-six columns of zeros say little."""
    rows = ["| meant | read | as something else |", "|---|---|---|"]
    for intent, row in zip(INTENTS, np.array(table), strict=True):
        right = INTENTS.index(intent)
        wrong = [(int(row[at]), INTENTS[at]) for at in np.argsort(-row) if row[at] and at != right]
        rows.append(
            f"| {intent} | {row[right]} of {row.sum()} | {', '.join(f'{name} {many}' for many, name in wrong)} |"
        )
    return "\n".join(rows) + "\n"
