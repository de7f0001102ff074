"""What the staff corrected is remembered: of their own words and of nearly the same, and of nothing else."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from desk.readings import Reading
from nlp.encoder import Encoder, Scores
from nlp.examples import Example
from nlp.memory import Memory
from nlp.transformer import open_tagger
from tests.nlp.tiny_model import make_model

WARRANTY = tuple(Example(text=text, intent="warranty") for text in ("extend warranty", "warranty", "warranty now"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model in a folder."""
    return make_model(tmp_path / "model")


def _read(
    folder: Path,
    *texts: str,
    corrected: Sequence[tuple[str, str]] = (),
    examples: Sequence[Example] = (),
    data: Path | None = None,
) -> list[Reading]:
    said = tuple(Example(text=text, intent=intent) for text, intent in corrected)
    return open_tagger(folder, (*examples, *said), (), data, corrected=said).tag_all(texts)


def test_a_corrected_text_is_read_as_it_should_have_been(folder: Path) -> None:
    before, after = _read(folder, "parcel")[0], _read(folder, "parcel", corrected=[("parcel", "delivery_problem")])[0]
    assert (before.intent, after.intent) == ("order_status", "delivery_problem")
    assert after.confidence == pytest.approx(0.95, abs=0.01)


def test_one_that_nearly_says_the_same_is_pulled_along(folder: Path) -> None:
    corrected = [("parcel order furious", "delivery_problem")]
    near, far = _read(folder, "parcel parcel order furious", "refund money", corrected=corrected)
    assert near.intent == "delivery_problem"
    assert far.intent == "return_refund"


def test_everything_else_is_read_as_before(folder: Path) -> None:
    texts = ["refund money", "warranty", "weather cat", "furious", "lovely now"]
    before, after = _read(folder, *texts), _read(folder, *texts, corrected=[("parcel", "delivery_problem")])
    assert [each.intent for each in after] == [each.intent for each in before]
    assert [each.confidence for each in after] == [each.confidence for each in before]


def test_a_correction_to_an_own_intent_and_away_from_one(folder: Path) -> None:
    corrected = [("order now", "warranty"), ("warranty extend now", "how_to")]
    to, away = _read(folder, "order now", "warranty extend now", corrected=corrected, examples=WARRANTY)
    assert (to.intent, away.intent) == ("warranty", "how_to")


def test_a_correction_takes_nothing_from_what_is_nearer_to_an_example(folder: Path) -> None:
    corrected = [("warranty extend now", "how_to")]
    near, own = _read(folder, "warranty extend now", "extend warranty", corrected=corrected, examples=WARRANTY)
    assert (near.intent, own.intent) == ("how_to", "warranty")


def test_the_reader_is_another_one_with_each_correction(folder: Path) -> None:
    none = _read(folder, "parcel")[0].reader
    one = _read(folder, "parcel", corrected=[("parcel", "delivery_problem")])[0].reader
    other = _read(folder, "parcel", corrected=[("parcel", "complaint")])[0].reader
    assert none == "tiny-1"
    assert one.startswith("tiny-1+")
    assert len({none, one, other}) == 3


@pytest.mark.parametrize(
    "corrected",
    [("", "invoice"), ("  ", "invoice"), ("ok", "invoice"), ("可以", "thanks"), ("parcel", "an intent of before")],
)
def test_what_cannot_be_learnt_from_is_left_out(folder: Path, corrected: tuple[str, str]) -> None:
    said = (Example(text=corrected[0], intent=corrected[1]),)
    assert open_tagger(folder, corrected=said).reader == "tiny-1"


def test_only_what_is_new_goes_through_the_network(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = _read(folder, "refund", corrected=[("parcel", "delivery_problem")], data=tmp_path)
    asked: list[Sequence[str]] = []
    encode = Encoder.encode

    def noted(encoder: Encoder, texts: Sequence[str]) -> Scores:
        asked.append(texts)
        return encode(encoder, texts)

    monkeypatch.setattr(Encoder, "encode", noted)
    corrected = [("parcel", "delivery_problem"), ("refund now", "complaint")]
    _read(folder, "refund", corrected=corrected, data=tmp_path)
    assert asked[0] == ["refund now"]
    assert _read(folder, "refund", corrected=corrected[:1], data=tmp_path) == first


def test_a_new_example_leaves_kept_what_was_corrected(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corrected = (Example(text="parcel", intent="delivery_problem"),)
    open_tagger(folder, WARRANTY[:1], (), tmp_path, corrected=corrected)
    open_tagger(folder, WARRANTY, (), tmp_path, corrected=corrected)
    asked: list[Sequence[str]] = []
    monkeypatch.setattr(Encoder, "encode", lambda _, texts: asked.append(texts))
    open_tagger(folder, WARRANTY, (), tmp_path, corrected=corrected)
    assert asked == []


def test_kept_embeddings_that_broke_are_made_anew(folder: Path, tmp_path: Path) -> None:
    corrected = [("parcel", "delivery_problem")]
    before = _read(folder, "parcel", corrected=corrected, data=tmp_path)
    (tmp_path / "embeddings.npz").write_bytes(b"broken")
    assert _read(folder, "parcel", corrected=corrected, data=tmp_path) == before


# ---- the shares ------------------------------------------------------------------------------------------------------


def _memory(*labelled: tuple[Sequence[float], int]) -> Memory:
    rows = np.array([row for row, _ in labelled], dtype=np.float64)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return Memory(directions=rows, labels=np.array([label for _, label in labelled]), columns=3, version="")


def test_the_nearest_says_how_much_and_difference_is_shared() -> None:
    text = np.array([[1.0, 0.9]])
    one = _memory(([1, 0], 0)).shares(text)[0]
    many = _memory(([1, 0], 0), *20 * [([0.98, -0.02], 0)]).shares(text)[0]
    split = _memory(([1, 0], 0), ([0, 1], 1)).shares(text)[0]
    assert 0 < one[0] < 1
    assert many[0] == pytest.approx(one[0])
    assert split[0] > split[1] > 0
    assert split.sum() == pytest.approx(one[0])
    assert one[1] == one[2] == 0


def test_a_share_is_never_more_than_all() -> None:
    rng = np.random.default_rng(7)
    memory = _memory(*[(row, number % 3) for number, row in enumerate(rng.normal(size=(50, 4)))])
    shares = memory.shares(rng.normal(size=(200, 4)))
    assert (shares >= 0).all()
    assert (shares.sum(axis=1) <= 1 + 1e-12).all()
