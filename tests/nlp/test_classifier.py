"""Another model's labels as tags: what they mean, what goes wrong, and a real tiny one where the extra is installed."""

import json
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from desk.readings import Sentiment
from nlp.artifact import ModelRefused
from nlp.classifier import LABELS, open_classifier

MEANING = {"intents": {"LABEL_0": "return_refund", "LABEL_1": "order_status", "LABEL_2": "order_status"}}


def _folder(path: Path, meaning: object) -> str:
    (path / LABELS).write_text(json.dumps(meaning), encoding="utf-8")
    return str(path)


class _Pipeline:
    """As transformers', as far as we use it."""

    def __init__(self) -> None:
        self.model = SimpleNamespace(config=SimpleNamespace(max_position_embeddings=514))
        self.tokenizer = SimpleNamespace(model_max_length=10**30)

    def __call__(self, texts: Sequence[str]) -> list[list[dict[str, object]]]:
        scores = [(0.9, 0.05, 0.03, 0.02) if "money" in text else (0.3, 0.29, 0.28, 0.13) for text in texts]
        return [[{"label": f"LABEL_{at}", "score": each} for at, each in enumerate(row)] for row in scores]


@pytest.fixture
def transformers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra: sure of LABEL_0 where a text speaks of money, else torn between the others."""

    def pipeline(_task: str, **_options: object) -> Any:
        return _Pipeline()

    module = ModuleType("transformers")
    module.pipeline = pipeline  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "transformers", module)


def test_labels_of_one_meaning_count_together(transformers: None, tmp_path: Path) -> None:
    tagger = open_classifier(_folder(tmp_path, MEANING), None)
    refund, order, nothing = tagger.tag_all(["URGENT: my money back", "hello?", ""])
    assert (refund.intent, refund.confidence, refund.urgent) == ("return_refund", 0.9, True)
    assert (order.intent, order.confidence) == ("order_status", 0.57)
    assert (nothing.intent, nothing.confidence) == ("other", 0.2)
    assert refund.reader == str(tmp_path)


def test_a_classifier_of_tones_leaves_the_intent_to_the_keywords(transformers: None, tmp_path: Path) -> None:
    meaning = tmp_path / "tones.json"
    meaning.write_text(json.dumps({"sentiments": {"LABEL_0": "negative", "LABEL_1": "positive"}}))
    money, other = open_classifier("some/model", meaning).tag_all(["我要退款 money", "hello"])
    assert (money.intent, money.sentiment) == ("return_refund", Sentiment.NEGATIVE)
    assert other.sentiment is Sentiment.NEUTRAL


@pytest.mark.parametrize(
    ("meaning", "why"),
    [
        ({}, "expected"),
        ({"intents": {"LABEL_0": "refund"}}, "refund is no intent"),
        ({"sentiments": {"LABEL_0": "cross"}}, "cross"),
        ({"intent": {}}, "unknown field"),
        ({**MEANING, "sentiments": {"LABEL_3": "negative"}}, "expected"),
    ],
)
def test_a_file_of_labels_that_says_something_else_is_refused(tmp_path: Path, meaning: object, why: str) -> None:
    with pytest.raises(ModelRefused, match=why) as refused:
        open_classifier(_folder(tmp_path, meaning), None)
    assert "\n" not in str(refused.value)


def test_without_a_file_of_labels_or_the_extra_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelRefused, match="GUANXI_NLP_LABELS"):
        open_classifier(str(tmp_path), None)
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(ModelRefused, match=r"pip install 'guanxi\[transformers\]'"):
        open_classifier(_folder(tmp_path, MEANING), None)


@pytest.mark.skipif(
    find_spec("transformers") is None or find_spec("torch") is None,
    reason="the extra [transformers] is not installed: pip install 'guanxi[transformers]' (300 MB, so no lock has it)",
)
def test_a_real_classifier_is_read(tmp_path: Path) -> None:
    transformers: Any = import_module("transformers")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "refund", "order", "where"]
    (tmp_path / "vocab.txt").write_text("\n".join(words))
    tokenizer = transformers.BertTokenizerFast(str(tmp_path / "vocab.txt"))
    config = transformers.BertConfig(
        vocab_size=len(words),
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=8,
        num_labels=3,
    )
    model = transformers.BertForSequenceClassification(config)
    model.classifier.bias.data[0] = 5.0
    model.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    found = open_classifier(_folder(tmp_path, MEANING), None).tag_all(["where is my refund", "", "order " * 900])
    assert [each.intent for each in found] == ["return_refund", "other", "return_refund"]
    assert found[0].confidence > 0.8


def test_what_is_no_classifier_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def pipeline(*_arguments: object, **_options: object) -> None:
        raise OSError("no model\n here")

    module = ModuleType("transformers")
    module.pipeline = pipeline  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "transformers", module)
    with pytest.raises(ModelRefused, match="cannot be loaded as a text classifier: no model here"):
        open_classifier(_folder(tmp_path, MEANING), None)
