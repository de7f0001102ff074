"""`python -m benchmarks.nlp_tuned`: the shipped network fine-tuned on public sets, where the training works.

Needs PyTorch and the folder in which `python -m nlp.training` has made the model. All but the frozen lowest layers
learn each set's own training part, from a head that a logistic regression fitted; measured in full precision.
"""

import argparse
import json
import math
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

from benchmarks.nlp_sets import PublicSet, public_sets
from nlp.model_text import prepare
from nlp.regression import Labels, fit
from nlp.training import messages, workshop
from nlp.training.batches import batch_of, by_length, numbered
from nlp.training.network import Numbers

EPOCHS, BATCH, RATE, WARM_UP, SEED = 2, 32, 1.5e-4, 0.06, 11
FROZEN_LAYERS = 2


def main() -> None:
    """Tune on each set that is asked for, and keep the accuracies."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.nlp_tuned", description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("build/tagger"))
    parser.add_argument("--public", type=Path, default=Path("../shared/data"))
    parser.add_argument("--only", nargs="*", help="sets whose names begin so")
    options = parser.parse_args()
    kept = options.work / "tuned.json"
    found = json.loads(kept.read_text()) if kept.exists() else {}
    for each in public_sets(options.public):
        if each.tuned and (not options.only or each.name.startswith(tuple(options.only))):
            found[each.name] = _Tuning(options.work, each).accuracy()
            kept.write_text(json.dumps(found, indent=1))
            print(each.name, found[each.name], flush=True)


class _Tuning:
    def __init__(self, work: Path, given: PublicSet) -> None:
        shop = workshop.opened(work, messages.read(messages.TRAIN))
        workshop.seeded(SEED)
        self.network = shop.network()
        self.network.load_state_dict(torch.load(work / "shipped" / "trained.pt", weights_only=True))
        names = sorted({label for _, label in given.learnt})
        self.learnt, self.labels = _read(shop, given.learnt), _labels(names, given.learnt)
        self.asked, self.wanted = _read(shop, given.asked), _labels(names, given.asked)
        self.head = nn.Linear(self.network.encoder.config.hidden_size, len(names))

    def accuracy(self) -> float:
        self._fit_head()
        optimizer = self._optimizer()
        steps = EPOCHS * math.ceil(len(self.learnt) / BATCH)
        for step, rows in enumerate(self._rows()):
            done = step / steps
            share = done / WARM_UP if done < WARM_UP else (1 - done) / (1 - WARM_UP)
            for group in optimizer.param_groups:
                group["lr"] = RATE * share
            self._step(optimizer, rows)
        return float((self._logits(self.asked).argmax(axis=1) == self.wanted).mean())

    def _fit_head(self) -> None:
        pooled = self._pooled(self.learnt)
        self.network.standardise_by(pooled)
        rows = ((pooled - pooled.mean(axis=0)) / pooled.std(axis=0)).astype(np.float64)
        fitted = fit(rows, self.labels, np.ones(len(rows)), classes=self.head.out_features, c=0.01)
        self.head.weight.data = torch.from_numpy(fitted.weights.T.astype(np.float32).copy())
        self.head.bias.data = torch.from_numpy(fitted.bias.astype(np.float32))

    def _optimizer(self) -> torch.optim.Optimizer:
        self.network.encoder.embeddings.requires_grad_(False)
        self.network.encoder.encoder.layer[:FROZEN_LAYERS].requires_grad_(False)
        learning = [each for each in self.network.encoder.parameters() if each.requires_grad]
        return torch.optim.AdamW([*learning, *self.head.parameters()], lr=RATE, weight_decay=0.01, fused=True)

    def _rows(self) -> Sequence[list[int]]:
        """Batches of alike length, in another order each epoch."""
        found: list[list[int]] = []
        for epoch in range(EPOCHS):
            chance = random.Random(SEED + epoch)
            order = sorted(range(len(self.learnt)), key=lambda row: (len(self.learnt[row]) // 4, chance.random()))
            batches = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
            chance.shuffle(batches)
            found += batches
        return found

    def _step(self, optimizer: torch.optim.Optimizer, rows: list[int]) -> None:
        self.network.train()
        batch = batch_of(self.learnt, rows, self._pad)
        with torch.autocast("cpu", torch.bfloat16):
            pooled = self.network.pool(torch.from_numpy(batch.ids), torch.from_numpy(batch.mask))
        features = self.network.dropout((pooled.float() - self.network.mean) / self.network.scale)
        wanted = torch.from_numpy(self.labels[rows])
        loss = nn.functional.cross_entropy(self.head(features), wanted, label_smoothing=0.1)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()

    def _logits(self, texts: list[list[int]]) -> Numbers:
        pooled = torch.from_numpy(self._pooled(texts))
        with torch.inference_mode():
            found: Numbers = self.head((pooled - self.network.mean) / self.network.scale).numpy()
        return found

    def _pooled(self, texts: list[list[int]]) -> Numbers:
        self.network.eval()
        found = np.zeros((len(texts), self.head.in_features), dtype=np.float32)
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
            for batch in by_length(texts, 64, self._pad):
                pooled = self.network.pool(torch.from_numpy(batch.ids), torch.from_numpy(batch.mask))
                found[batch.rows] = pooled.float().numpy()
        return found

    @property
    def _pad(self) -> int:
        return int(self.network.encoder.config.pad_token_id)


def _read(shop: workshop.Workshop, pairs: Sequence[tuple[str, str]]) -> list[list[int]]:
    return numbered(shop.tokenizer, [prepare(text) for text, _ in pairs])


def _labels(names: Sequence[str], pairs: Sequence[tuple[str, str]]) -> Labels:
    return np.array([names.index(label) for _, label in pairs], dtype=np.int64)


if __name__ == "__main__":
    main()
