"""Any sequence classifier of Hugging Face's as a tagger, by a file that says what its labels mean.

It needs the extra `transformers`. A classifier knows one thing, an intent or a sentiment; the rest is read by keywords.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from desk.readings import INTENTS, Reading, Sentiment, Understanding
from nlp.artifact import ModelRefused
from nlp.keywords import KeywordTagger
from nlp.lexicon import load_lexicon
from nlp.understander import Search

#: Read where no file of labels is named.
LABELS = "guanxi-labels.json"

#: Texts in, the probability of each label out.
Classify = Callable[[Sequence[str]], Sequence[Mapping[str, float]]]


class Labels(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a classifier's labels mean, each an intent or each a sentiment; labels that are left out mean `other`."""

    intents: dict[str, str] = {}
    sentiments: dict[str, Sentiment] = {}


class ClassifierTagger:
    """nlp.understander.RoundTagger by a classifier."""

    shares_passes = True

    def __init__(self, name: str, classify: Classify, labels: Labels, keywords: KeywordTagger) -> None:
        """`keywords` read what the classifier does not."""
        self.reader = name
        self._classify = classify
        self._labels = labels
        self._keywords = keywords

    def tag_all(self, texts: Sequence[str]) -> list[Reading]:
        """The tags of each text, in order."""
        found = self._classify(texts)
        return [self._reading(text, scores) for text, scores in zip(texts, found, strict=True)]

    def understand_all(self, texts: Sequence[str], search: Search) -> list[Understanding]:
        """The tags of each text with the knowledge near it, in order."""
        return [
            Understanding(reading=reading, knowledge=search(text, reading.language))
            for text, reading in zip(texts, self.tag_all(texts), strict=True)
        ]

    def _reading(self, text: str, scores: Mapping[str, float]) -> Reading:
        reading = replace(self._keywords.tag(text), reader=self.reader)
        if not text.strip():
            return reading
        if self._labels.intents:
            intents = _summed(scores, self._labels.intents, "other")
            intent = max(intents, key=lambda name: intents[name])
            return replace(reading, intent=intent, confidence=round(min(1.0, intents[intent]), 3))
        sentiments = _summed(scores, self._labels.sentiments, Sentiment.NEUTRAL)
        return replace(reading, sentiment=Sentiment(max(sentiments, key=lambda name: sentiments[name])))


def open_classifier(model: str, labels: Path | None) -> ClassifierTagger:
    """The classifier in a folder or on the hub. Raises ModelRefused in one line."""
    meaning = _read_labels(labels if labels is not None else Path(model) / LABELS)
    return ClassifierTagger(model, _loaded(model), meaning, KeywordTagger(load_lexicon()))


def _summed(scores: Mapping[str, float], meaning: Mapping[str, str], rest: str) -> dict[str, float]:
    sums: dict[str, float] = {}
    for label, score in scores.items():
        name = meaning.get(label, rest)
        sums[name] = sums.get(name, 0.0) + score
    return sums


def _read_labels(path: Path) -> Labels:
    expected = '{"intents": {LABEL: INTENT}} or {"sentiments": {LABEL: SENTIMENT}}'
    try:
        labels = msgspec.json.decode(path.read_bytes(), type=Labels)
    except OSError as error:
        raise ModelRefused(f"{path}: {error.strerror}; expected {expected}, as GUANXI_NLP_LABELS names it") from error
    except msgspec.MsgspecError as error:
        raise ModelRefused(f"{path}: {error}; expected {expected}") from error
    strange = sorted(set(labels.intents.values()) - set(INTENTS))
    if strange:
        raise ModelRefused(f"{path}: {strange[0]} is no intent; expected one of {', '.join(INTENTS)}")
    if bool(labels.intents) is bool(labels.sentiments):
        raise ModelRefused(f"{path}: expected {expected}")
    return labels


def _loaded(model: str) -> Classify:
    try:
        from transformers import pipeline
    except ImportError as error:
        raise ModelRefused(
            f"{model}: a Hugging Face model needs the extra: pip install 'guanxi[transformers]' ({error})"
        ) from error
    try:
        classify = pipeline("text-classification", model=model, top_k=None, truncation=True)
        _bounded(classify)
    except Exception as error:  # transformers raises whatever went wrong below it
        said = " ".join(str(error).split()) or type(error).__name__
        raise ModelRefused(f"{model}: cannot be loaded as a text classifier: {said[:300]}") from error

    def scores(texts: Sequence[str]) -> list[dict[str, float]]:
        found = classify([text or " " for text in texts])
        return [{each["label"]: each["score"] for each in labels} for labels in found]

    return scores


def _bounded(classify: Any) -> None:
    """Cut texts to what the network has positions for: not every tokenizer knows, and some networks keep two back."""
    positions = classify.model.config.max_position_embeddings - 2
    classify.tokenizer.model_max_length = min(classify.tokenizer.model_max_length, positions)
