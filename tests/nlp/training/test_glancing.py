"""A glance is taught, kept and read back. Needs the extra [train]."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch makes the model, and is not needed to run it")

from rich.progress import Progress  # noqa: E402

from desk.readings import INTENTS  # noqa: E402
from nlp.encoder import Scores  # noqa: E402
from nlp.glance import Glance, open_weights  # noqa: E402
from nlp.training.glancing import GlanceLesson, GlanceRecipe, taught, write  # noqa: E402
from nlp.training.scores import Truth  # noqa: E402

KINDS = (("refund my money", 7, 0, 0), ("你们真快谢谢", 1, 2, 0), ("deliver it today", 5, 1, 1))
RECIPE = GlanceRecipe(numbers=8, seen=2, epochs=60, batch=8)


def _lesson() -> GlanceLesson:
    texts = [f"{text} {number}" for text, *_ in KINDS for number in range(8)]
    intent, sentiment, urgent = (np.repeat([kind[at] for kind in KINDS], 8) for at in (1, 2, 3))
    said = Scores(
        embedding=np.eye(4, dtype=np.float32)[np.repeat([0, 1, 2], 8)],
        intent=12 * np.eye(len(INTENTS), dtype=np.float32)[intent],
        sentiment=12 * np.eye(3, dtype=np.float32)[sentiment],
        urgent=(24 * urgent[:, None] - 12).astype(np.float32),
    )
    return GlanceLesson(texts=texts, said=said, truth=Truth(intent=intent, sentiment=sentiment, urgent=urgent))


def test_what_was_taught_is_seen_and_survives_the_file(tmp_path: Path) -> None:
    with Progress(disable=True) as progress:
        weights = taught(_lesson(), RECIPE, progress, "test")
    write(weights, tmp_path / "glance.npz")
    seen = Glance(open_weights(tmp_path / "glance.npz")).see([text for text, *_ in KINDS])
    before = Glance(weights).see([text for text, *_ in KINDS])
    assert np.array_equal(seen.scores.intent, before.scores.intent)
    assert seen.scores.intent.argmax(axis=1).tolist() == [kind[1] for kind in KINDS]
    assert seen.scores.sentiment.argmax(axis=1).tolist() == [kind[2] for kind in KINDS]
    assert (seen.scores.urgent[:, 0] > 0).tolist() == [bool(kind[3]) for kind in KINDS]
    assert (np.diag(seen.scores.embedding[:, :3]) > 0.9).all()
    assert (seen.known > 0.6).all()


def test_the_same_seed_teaches_the_same() -> None:
    with Progress(disable=True) as progress:
        one, other = (taught(_lesson(), RECIPE, progress, "test") for _ in range(2))
    assert np.array_equal(one.rows, other.rows)
    assert one.rows.dtype == np.int8
