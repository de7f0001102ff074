"""The heads alone, fitted to embeddings that stay as they are: the stand-in model, and where the training begins."""

import numpy as np
import torch
from torch import nn

from nlp.training.network import Numbers, TaggerNetwork
from nlp.training.scores import Truth

STEPS = 400
#: How much large weights cost: as C = 0.005 in a logistic regression over as many messages.
PENALTY = 0.013


def fit_heads(network: TaggerNetwork, embeddings: Numbers, truth: Truth) -> None:
    """Logistic regression over the standardised embeddings, each head's by itself but in one pass."""
    network.standardise_by(embeddings)
    network.dropout.eval()
    heads = (network.intent, network.sentiment, network.urgent)
    for head in heads:
        nn.init.zeros_(head.weight)
        nn.init.zeros_(head.bias)
    weights = [parameter for head in heads for parameter in head.parameters()]
    optimizer = torch.optim.Adam(weights, lr=1e-2)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)
    given = torch.from_numpy(embeddings)
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = task_loss(network.heads(given), truth, np.arange(len(embeddings)))
        (loss + PENALTY * sum(head.weight.pow(2).sum() for head in heads)).backward()
        optimizer.step()
        schedule.step()


def task_loss(
    logits: tuple[torch.Tensor, torch.Tensor, torch.Tensor],
    truth: Truth,
    rows: np.typing.NDArray[np.int64],
    *,
    smoothing: float = 0.0,
    asides: float = 1.0,
) -> torch.Tensor:
    """Cross entropy of the three heads; `asides` weighs sentiment and urgency beside the intent."""
    intent, sentiment, urgent = logits
    entropy = nn.functional.cross_entropy
    tone = torch.from_numpy(truth.sentiment[rows])
    hurry = torch.from_numpy(truth.urgent[rows])
    loss = entropy(intent, torch.from_numpy(truth.intent[rows]), label_smoothing=smoothing)
    loss = loss + asides * entropy(sentiment, tone, label_smoothing=smoothing / 2)
    return loss + asides * nn.functional.binary_cross_entropy_with_logits(urgent[:, 0], hurry.float())
