"""Teaching the glance (nlp.glance) what the network says of messages, of variants of them and of public texts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from rich.progress import Progress
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits, cosine_similarity, log_softmax, relu

from desk.readings import INTENTS
from nlp.encoder import Scores
from nlp.glance import READ_AT_MOST, Floats, Keys, Weights, strings
from nlp.training.messages import SENTIMENTS
from nlp.training.scores import Labels, Truth

_LOGITS = len(INTENTS) + len(SENTIMENTS) + 1


@dataclass(frozen=True, kw_only=True, slots=True)
class GlanceRecipe:
    """The figures of the glance's training; chosen on scenarios and authors held back."""

    seed: int = 11
    numbers: int = 40  # of a string's row
    seen: int = 7  # in so many messages a string must stand
    epochs: int = 12
    batch: int = 128
    rate: float = 0.01
    left_out: float = 0.2  # the share of a text's strings that is not looked at
    softness: float = 1.5  # the temperature of what the network says
    believed: float = 0.8  # how much of a message's label is what the network says, beside what people say
    asides: float = 0.5  # the weight of sentiment and urgency beside the intent's 1
    meaning: float = 2.0  # the weight of the embedding
    general_texts: int = 20_000  # of the public sets


@dataclass(frozen=True, kw_only=True, slots=True)
class GlanceLesson:
    """Texts and what the network says of them, its embedding standardised; the first ones are messages with a truth."""

    texts: Sequence[str]
    said: Scores
    truth: Truth


class _Pupil(nn.Module):
    def __init__(self, strings_known: int, numbers: int, width: int) -> None:
        super().__init__()
        self.rows = nn.EmbeddingBag(strings_known, numbers, mode="sum")
        nn.init.normal_(self.rows.weight, 0, numbers**-0.5)
        self.mixing = nn.Linear(numbers, numbers)
        self.heads = nn.Linear(numbers, _LOGITS)
        self.embedding = nn.Linear(numbers, width)

    def forward(self, bag: "_Bag", left_out: float) -> tuple[torch.Tensor, torch.Tensor]:
        weights = bag.weights * (torch.rand_like(bag.weights) >= left_out) / (1 - left_out)
        mean = self.rows(bag.strings, bag.starts, per_sample_weights=weights)
        mixed = mean + relu(self.mixing(mean))
        return self.heads(mixed), self.embedding(mixed)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Bag:
    """The strings of some texts, one text after the other, where each begins, and how much each string counts."""

    strings: torch.Tensor
    starts: torch.Tensor
    weights: torch.Tensor


@dataclass(frozen=True, kw_only=True, slots=True)
class _Known:
    """The strings that count, ascending, and how rare each is."""

    keys: Keys
    rarity: Floats

    def bag(self, texts: Sequence[Labels]) -> _Bag:
        lengths = np.array([len(found) for found in texts])
        flat = np.concatenate(texts)
        owners = np.repeat(np.arange(len(texts)), lengths)
        rarity = self.rarity[flat]
        norms = np.sqrt(np.bincount(owners, rarity * rarity, minlength=len(texts)))
        weights = (rarity / np.maximum(norms, 1e-9)[owners]).astype(np.float32)
        starts = np.cumsum(lengths) - lengths
        return _Bag(strings=torch.from_numpy(flat), starts=torch.from_numpy(starts), weights=torch.from_numpy(weights))

    def among(self, keys: Keys) -> Labels:
        at = np.searchsorted(self.keys, keys)
        at[at == len(self.keys)] = 0
        found: Labels = at[self.keys[at] == keys].astype(np.int64)
        return found


def taught(lesson: GlanceLesson, recipe: GlanceRecipe, progress: Progress, name: str) -> Weights:
    """What a glance learns from the network's word and the people's."""
    torch.manual_seed(recipe.seed)
    keys = [strings(text[:READ_AT_MOST]) for text in lesson.texts]
    known = _known(keys[: len(lesson.truth.intent)], recipe.seen)
    texts = [known.among(each) for each in keys]
    pupil = _Pupil(len(known.keys), recipe.numbers, lesson.said.embedding.shape[1])
    wanted = _Wanted.of(lesson, recipe)
    optimizer = torch.optim.AdamW(pupil.parameters(), lr=recipe.rate, weight_decay=0.0)
    batches = list(_batches(len(texts), recipe))
    for step, rows in enumerate(progress.track(batches, description=name)):
        optimizer.param_groups[0]["lr"] = recipe.rate * (1 - step / len(batches))
        logits, embedding = pupil(known.bag([texts[row] for row in rows]), recipe.left_out)
        optimizer.zero_grad()
        wanted.loss(torch.from_numpy(rows), logits, embedding, recipe).backward()
        optimizer.step()
    weights: Weights = _rounded(pupil, known)
    return weights


def _known(messages: Sequence[Keys], seen: int) -> _Known:
    keys, counts = np.unique(np.concatenate(messages), return_counts=True)
    kept = counts >= seen
    rarity = np.log((1 + len(messages)) / (1 + counts[kept])) + 1
    return _Known(keys=keys[kept], rarity=rarity.astype(np.float16).astype(np.float32))


def _batches(texts: int, recipe: GlanceRecipe) -> Iterator[Labels]:
    chance = np.random.default_rng(recipe.seed)
    for _ in range(recipe.epochs):
        order = chance.permutation(texts)
        yield from (order[at : at + recipe.batch] for at in range(0, texts, recipe.batch))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Wanted:
    """What should be said of each text, as probabilities, and its embedding's direction."""

    intent: torch.Tensor
    sentiment: torch.Tensor
    urgent: torch.Tensor
    embedding: torch.Tensor

    @classmethod
    def of(cls, lesson: GlanceLesson, recipe: GlanceRecipe) -> "_Wanted":
        said, truth = lesson.said, lesson.truth
        intent = torch.softmax(torch.from_numpy(said.intent) / recipe.softness, dim=1)
        sentiment = torch.softmax(torch.from_numpy(said.sentiment) / recipe.softness, dim=1)
        urgent = torch.sigmoid(torch.from_numpy(said.urgent[:, 0]) / recipe.softness)
        many = len(truth.intent)
        for heard, labels in ((intent, truth.intent), (sentiment, truth.sentiment)):
            people = torch.nn.functional.one_hot(torch.from_numpy(labels), heard.shape[1])
            heard[:many] = recipe.believed * heard[:many] + (1 - recipe.believed) * people
        urgent[:many] = recipe.believed * urgent[:many] + (1 - recipe.believed) * torch.from_numpy(truth.urgent)
        return cls(intent=intent, sentiment=sentiment, urgent=urgent, embedding=torch.from_numpy(said.embedding))

    def loss(
        self, rows: torch.Tensor, logits: torch.Tensor, embedding: torch.Tensor, recipe: GlanceRecipe
    ) -> torch.Tensor:
        intents, sentiments, urgent = logits.split((len(INTENTS), len(SENTIMENTS), 1), dim=1)
        by_intent = -(self.intent[rows] * log_softmax(intents, dim=1)).sum(dim=1).mean()
        by_sentiment = -(self.sentiment[rows] * log_softmax(sentiments, dim=1)).sum(dim=1).mean()
        by_urgency = binary_cross_entropy_with_logits(urgent[:, 0], self.urgent[rows])
        by_meaning = 1 - cosine_similarity(embedding, self.embedding[rows]).mean()
        total: torch.Tensor = by_intent + recipe.asides * (by_sentiment + by_urgency) + recipe.meaning * by_meaning
        return total


@torch.inference_mode()
def _rounded(pupil: _Pupil, known: _Known) -> Weights:
    """In the precision in which it is kept."""
    rows = pupil.rows.weight.numpy()
    scale = np.maximum(np.abs(rows).max(axis=1) / 127, 1e-8).astype(np.float16).astype(np.float32)
    layers = {"mixing": pupil.mixing, "heads": pupil.heads, "embedding": pupil.embedding}
    return Weights(
        keys=known.keys,
        rarity=known.rarity,
        rows=np.clip(np.round(rows / scale[:, None]), -127, 127).astype(np.int8),
        scale=scale,
        **{name: _half(layer.weight.T) for name, layer in layers.items()},
        **{f"{name}_bias": _half(layer.bias) for name, layer in layers.items()},
    )


def _half(values: torch.Tensor) -> Floats:
    half: Floats = values.numpy().astype(np.float16).astype(np.float32)
    return half


def write(weights: Weights, path: Path) -> None:
    """Keep it, in half precision but for the rows and keys."""
    arrays = {name: getattr(weights, name) for name in Weights.__dataclass_fields__}
    halves = {name: array.astype(np.float16) for name, array in arrays.items() if array.dtype == np.float32}
    with path.open("wb") as file:
        np.savez_compressed(file, **(arrays | halves))
