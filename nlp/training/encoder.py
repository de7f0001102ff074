"""The source's weights as a BERT encoder with the chosen pieces."""

from collections.abc import Sequence

import torch
from transformers import BertConfig, BertModel

from nlp.training.source import Source

_PARTS = {
    "attention.self.query": "q",
    "attention.self.key": "k",
    "attention.self.value": "v",
    "attention.output.dense": "ao",
    "attention.output.LayerNorm": "aln",
    "intermediate.dense": "fi",
    "output.dense": "fo",
    "output.LayerNorm": "oln",
}


def encoder_of(source: Source, kept: Sequence[int]) -> BertModel:
    """The encoder with the embeddings of the kept pieces alone, on eager attention, which exports cleanly."""
    shape = source.shape
    config = BertConfig(
        vocab_size=len(kept),
        hidden_size=shape["hidden"],
        num_hidden_layers=shape["layers"],
        num_attention_heads=shape["heads"],
        intermediate_size=shape["inner"],
        max_position_embeddings=shape["positions"],
        type_vocab_size=shape["types"],
        layer_norm_eps=source.epsilon,
        pad_token_id=source.pad,
        attn_implementation="eager",
    )
    model = BertModel(config, add_pooling_layer=False)
    model.load_state_dict(_state(source, kept, model), strict=True)
    return model


def _state(source: Source, kept: Sequence[int], model: BertModel) -> dict[str, torch.Tensor]:
    state = {name: value for name, value in model.state_dict().items() if "position_ids" in name}
    names = {
        "word_embeddings.weight": "word",
        "position_embeddings.weight": "pos",
        "token_type_embeddings.weight": "type",
    }
    for ours, theirs in names.items():
        table = source.tensors[f"emb.{theirs}"].reshape(-1, source.shape["hidden"])
        state[f"embeddings.{ours}"] = torch.from_numpy(table[list(kept)] if theirs == "word" else table)
    for kind in ("weight", "bias"):
        state[f"embeddings.LayerNorm.{kind}"] = torch.from_numpy(source.tensors[f"emb.ln.{kind[0]}"])
        for layer in range(source.shape["layers"]):
            for ours, theirs in _PARTS.items():
                name = f"encoder.layer.{layer}.{ours}.{kind}"
                wanted = model.state_dict()[name].shape
                state[name] = torch.from_numpy(source.tensors[f"l{layer}.{theirs}.{kind[0]}"].reshape(wanted))
    return state
