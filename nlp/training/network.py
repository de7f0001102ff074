"""The network: the encoder, its pooled embedding, and a linear head for each thing that is read from it."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer
from torch import nn
from transformers import BertModel

from desk.readings import INTENTS
from nlp.encoder import Scores
from nlp.training.batches import by_length, numbered
from nlp.training.messages import SENTIMENTS
from nlp.training.scores import OUTPUTS

Read = tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]
Numbers = npt.NDArray[np.float32]


class TaggerNetwork(nn.Module):
    """Gives the embedding and the logits of intent, sentiment and urgency.

    All stand on the mean over the tokens. The heads take it standardised: its coordinates differ little from text to
    text. The embedding is a linear map of it, which learns to undo what the tasks bend, so that it stays general.
    """

    def __init__(self, encoder: BertModel) -> None:
        super().__init__()
        hidden = encoder.config.hidden_size
        self.encoder = encoder
        self.dropout = nn.Dropout(0.2)
        self.general = nn.Linear(hidden, hidden, bias=False)
        nn.init.eye_(self.general.weight)
        self.intent = nn.Linear(hidden, len(INTENTS))
        self.sentiment = nn.Linear(hidden, len(SENTIMENTS))
        self.urgent = nn.Linear(hidden, 1)
        self.register_buffer("mean", torch.zeros(hidden))
        self.register_buffer("scale", torch.ones(hidden))

    def standardise_by(self, embeddings: Numbers) -> None:
        self.mean = torch.from_numpy(embeddings.mean(axis=0))
        self.scale = torch.from_numpy(embeddings.std(axis=0))

    def heads(self, pooled: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        features = self.dropout((pooled - self.mean) / self.scale)
        return self.intent(features), self.sentiment(features), self.urgent(features)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> Read:
        pooled = self.pool(input_ids, attention_mask)
        return self.embed(pooled), *self.heads(pooled)

    def embed(self, pooled: torch.Tensor) -> torch.Tensor:
        return _unit(self.general(pooled))

    def pool(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        hidden = self.encoder(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=torch.zeros_like(input_ids)
        ).last_hidden_state
        weights = attention_mask.unsqueeze(-1).to(torch.float32)
        pooled = (hidden.float() * weights).sum(dim=1) / weights.sum(dim=1)
        return _unit(pooled)


def _unit(rows: torch.Tensor) -> torch.Tensor:
    return rows / rows.pow(2).sum(dim=1, keepdim=True).sqrt()


@torch.inference_mode()
def read(network: TaggerNetwork, tokenizer: Tokenizer, texts: Sequence[str]) -> Scores:
    """What the network says of each prepared text, in their order."""
    network.eval()
    ids = numbered(tokenizer, texts)
    found = [np.zeros((len(ids), width), dtype=np.float32) for width in _widths(network)]
    for batch in by_length(ids, 64, network.encoder.config.pad_token_id):
        for whole, part in zip(found, network(torch.from_numpy(batch.ids), torch.from_numpy(batch.mask)), strict=True):
            whole[batch.rows] = part.numpy()
    return Scores(**dict(zip(OUTPUTS, found, strict=True)))


def _widths(network: TaggerNetwork) -> tuple[int, ...]:
    return network.encoder.config.hidden_size, len(INTENTS), len(SENTIMENTS), 1
