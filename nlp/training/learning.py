"""The training itself: three tasks at once, held to the frozen encoder; resumes after a stop."""

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from rich.progress import Progress
from torch import nn

from nlp.training.batches import Batch, batch_of, numbered
from nlp.training.courtesies import surrounded
from nlp.training.network import Numbers, TaggerNetwork
from nlp.training.noise import noised
from nlp.training.probe import task_loss
from nlp.training.rounding import set_rounding
from nlp.training.scores import Truth
from nlp.training.workshop import Workshop

CHECKPOINT_EVERY = 100
_BATCHES_SORTED_TOGETHER = 24


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipe:
    """The figures of a training run; chosen on authors held back, never on the test split."""

    seed: int = 11
    epochs: int = 3
    batch: int = 32
    general: int = 8  # texts of the public sets beside each batch
    general_texts: int = 6000  # of which those are drawn
    rate: float = 2.5e-4
    head_rate: float = 3e-4
    warm_up: float = 0.06
    decay: float = 0.01
    smoothing: float = 0.1
    asides: float = 0.5  # the weight of sentiment and urgency beside the intent's 1
    own_anchor: float = 0.1  # the weight of staying near the frozen encoder on our messages, 1 on general texts
    pointwise: float = 1.5
    pairwise: float = 1.5
    frozen_layers: int = 4
    noisy: float = 0.35  # the share of messages that are changed
    courteous: float = 0.25  # the share of those that ask for something which get courtesies around it
    rounding: bool = False  # whether the layers round as int8 will
    more_epochs: int = 1  # of a second round, from the first's end, with rounding
    more_rate: float = 1.5e-4
    last_epochs: int = 2  # of the round that learns from all authors
    last_rate: float = 1e-4

    def rounds(self) -> tuple["Recipe", "Recipe"]:
        return self, replace(self, seed=self.seed + 1, epochs=self.more_epochs, rate=self.more_rate, rounding=True)

    def last(self) -> "Recipe":
        return replace(self, seed=self.seed + 2, epochs=self.last_epochs, rate=self.last_rate, rounding=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class Lesson:
    """What is learnt from: prepared texts with labels, general texts, and what the frozen encoder says of both.

    `asking` gives the language ("en" or "zh") of a text that asks for something, "" for one to which a courtesy would
    mean another thing.
    """

    texts: Sequence[str]
    asking: Sequence[str]
    truth: Truth
    frozen: Numbers
    general: Sequence[str]
    frozen_general: Numbers


@dataclass(kw_only=True)
class Course:
    """One run over the lesson, from its last checkpoint on."""

    network: TaggerNetwork
    workshop: Workshop
    lesson: Lesson
    recipe: Recipe
    folder: Path
    middle: torch.Tensor = field(init=False)
    general_ids: list[list[int]] = field(init=False)

    def __post_init__(self) -> None:
        self.middle = torch.from_numpy(self.lesson.frozen.mean(axis=0))
        self.general_ids = numbered(self.workshop.tokenizer, self.lesson.general)

    def run(self, progress: Progress) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        set_rounding(self.network.encoder, on=self.recipe.rounding)
        optimizer = _optimizer(self.network, self.recipe)
        steps = self.recipe.epochs * math.ceil(len(self.lesson.texts) / self.recipe.batch)
        done = self._resumed(optimizer)
        bar = progress.add_task(self._name, total=steps, completed=done)
        losses: list[float] = []
        for step, rows in enumerate(self._rows()):
            if step < done:
                continue
            share = _share_of_rate(step / steps, self.recipe.warm_up)
            for group in optimizer.param_groups:
                group["lr"] = group["full_rate"] * share
            losses = [*losses[-49:], self._step(optimizer, rows, step)]
            if (step + 1) % CHECKPOINT_EVERY == 0 or step + 1 == steps:
                self._keep(optimizer, step + 1)
            progress.update(bar, advance=1, description=f"{self._name}, loss {sum(losses) / len(losses):.3f}")

    @property
    def _name(self) -> str:
        return f"{self.folder.parent.name}, {self.folder.name}"

    def _rows(self) -> Iterator[list[int]]:
        """Each epoch's batches: shuffled, of alike length, the same again after a stop."""
        size = self.recipe.batch
        for epoch in range(self.recipe.epochs):
            chance = random.Random(self.recipe.seed * 1000 + epoch)  # noqa: S311
            order = list(range(len(self.lesson.texts)))
            chance.shuffle(order)
            batches: list[list[int]] = []
            for start in range(0, len(order), size * _BATCHES_SORTED_TOGETHER):
                pool = sorted(order[start : start + size * _BATCHES_SORTED_TOGETHER], key=self._length)
                batches += [pool[at : at + size] for at in range(0, len(pool), size)]
            chance.shuffle(batches)
            yield from batches

    def _length(self, row: int) -> int:
        return len(self.lesson.texts[row].encode())

    def _step(self, optimizer: torch.optim.Optimizer, rows: list[int], step: int) -> float:
        self.network.train()
        chance = random.Random(self.recipe.seed * 1_000_000 + step)  # noqa: S311
        with torch.autocast("cpu", torch.bfloat16):
            loss = self._taught(rows, chance) + self._held(chance)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        optimizer.step()
        return float(loss.detach())

    def _taught(self, rows: list[int], chance: random.Random) -> torch.Tensor:
        texts = [self._varied(row, chance) for row in rows]
        pooled = self._pooled(_whole(numbered(self.workshop.tokenizer, texts), self._pad))
        with torch.autocast("cpu", enabled=False):
            logits = self.network.heads(pooled)
            chosen = np.array(rows)
            loss = task_loss(
                logits, self.lesson.truth, chosen, smoothing=self.recipe.smoothing, asides=self.recipe.asides
            )
            return loss + self.recipe.own_anchor * self._distance(pooled, self.lesson.frozen[chosen])

    def _varied(self, row: int, chance: random.Random) -> str:
        text, tongue = self.lesson.texts[row], self.lesson.asking[row]
        if chance.random() < self.recipe.noisy:
            text = noised(text, chance)
        if tongue and chance.random() < self.recipe.courteous:
            text = surrounded(text, tongue, chance)
        return text

    def _held(self, chance: random.Random) -> torch.Tensor:
        rows = chance.sample(range(len(self.lesson.general)), self.recipe.general)
        pooled = self._pooled(batch_of(self.general_ids, rows, self._pad))
        with torch.autocast("cpu", enabled=False):
            return self._distance(pooled, self.lesson.frozen_general[rows])

    def _pooled(self, batch: Batch) -> torch.Tensor:
        return self.network.pool(torch.from_numpy(batch.ids), torch.from_numpy(batch.mask))

    def _distance(self, pooled: torch.Tensor, frozen: Numbers) -> torch.Tensor:
        """How far the embedding has left the frozen one: text by text, and in how alike the texts are to each other."""
        ours = nn.functional.normalize(self.network.embed(pooled) - self.middle, dim=1)
        theirs = nn.functional.normalize(torch.from_numpy(frozen) - self.middle, dim=1)
        apart = (1 - (ours * theirs).sum(dim=1)).mean()
        pairs = (ours @ ours.T - theirs @ theirs.T).pow(2).mean()
        return self.recipe.pointwise * apart + self.recipe.pairwise * 10 * pairs

    @property
    def _pad(self) -> int:
        return int(self.network.encoder.config.pad_token_id)

    def _resumed(self, optimizer: torch.optim.Optimizer) -> int:
        path = self.folder / "checkpoint.pt"
        if not path.exists():
            return 0
        kept = torch.load(path, weights_only=True)
        self.network.load_state_dict(kept["network"])
        optimizer.load_state_dict(kept["optimizer"])
        torch.set_rng_state(kept["random"])
        return int(kept["step"])

    def _keep(self, optimizer: torch.optim.Optimizer, step: int) -> None:
        kept = {
            "network": self.network.state_dict(),
            "optimizer": optimizer.state_dict(),
            "random": torch.get_rng_state(),
            "step": step,
        }
        torch.save(kept, self.folder / "checkpoint.new")
        (self.folder / "checkpoint.new").replace(self.folder / "checkpoint.pt")


def _whole(ids: list[list[int]], pad: int) -> Batch:
    return batch_of(ids, range(len(ids)), pad)


def _share_of_rate(done: float, warm_up: float) -> float:
    return done / warm_up if done < warm_up else (1 - done) / (1 - warm_up)


def _optimizer(network: TaggerNetwork, recipe: Recipe) -> torch.optim.Optimizer:
    network.encoder.embeddings.requires_grad_(False)
    network.encoder.encoder.layer[: recipe.frozen_layers].requires_grad_(False)
    encoder = [parameter for parameter in network.encoder.parameters() if parameter.requires_grad]
    linear = (network.general, network.intent, network.sentiment, network.urgent)
    heads = [parameter for layer in linear for parameter in layer.parameters()]
    groups = [{"params": encoder, "full_rate": recipe.rate}, {"params": heads, "full_rate": recipe.head_rate}]
    return torch.optim.AdamW(groups, lr=recipe.rate, weight_decay=recipe.decay, betas=(0.9, 0.98), fused=True)
