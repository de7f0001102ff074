"""From the trained network to model.onnx: all heads in the graph, fused for onnxruntime, int8 for each channel.

onnxruntime would give the table of pieces one scale, and round the first layer norm as well. So the table is rounded
here, a scale for each piece; all that is small stays as it is.
"""

import copy
from pathlib import Path

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers import optimizer
from onnxruntime.transformers.fusion_options import FusionOptions
from torch import nn

from nlp.training.batches import MAX_TOKENS
from nlp.training.network import TaggerNetwork
from nlp.training.scores import OUTPUTS

OPSET = 17
_HEADS = "heads"


class _Pieces(nn.Module):
    """What the pieces and their places are to the encoder: an int8 row and a scale for each piece."""

    def __init__(self, whole: nn.Module) -> None:
        super().__init__()
        table = whole.word_embeddings.weight.detach()
        scale = (table.abs().amax(dim=1, keepdim=True) / 127).clamp(min=1e-9)
        self.register_buffer("rows", (table / scale).round().to(torch.int8))
        self.register_buffer("scale", scale)
        places, kinds = whole.position_embeddings.weight, whole.token_type_embeddings.weight
        self.register_buffer("places", (places[:MAX_TOKENS] + kinds[0]).detach())
        self.norm = whole.LayerNorm

    def forward(self, *, input_ids: torch.Tensor, **_: object) -> torch.Tensor:
        pieces = self.rows[input_ids].float() * self.scale[input_ids]
        found: torch.Tensor = self.norm(pieces + self.places[: input_ids.shape[1]])
        return found


class _Deployed(nn.Module):
    """The network as it runs: one matrix for the three heads, which holds the standardising as well."""

    def __init__(self, network: TaggerNetwork) -> None:
        super().__init__()
        layers = (network.intent, network.sentiment, network.urgent)
        weight = torch.cat([layer.weight for layer in layers]) / network.scale
        bias = torch.cat([layer.bias for layer in layers]) - weight @ network.mean
        self.network = copy.deepcopy(network)
        self.network.encoder.embeddings = _Pieces(network.encoder.embeddings)
        self.widths = [layer.out_features for layer in layers]
        self.heads = nn.Linear(weight.shape[1], weight.shape[0])
        self.heads.weight.data, self.heads.bias.data = weight, bias

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> tuple[torch.Tensor, ...]:
        pooled = self.network.pool(input_ids, attention_mask)
        return self.network.embed(pooled), *self.heads(pooled).split(self.widths, dim=1)


def export(network: TaggerNetwork, target: Path) -> None:
    """Write the int8 model; what is made on the way is left beside it and taken away."""
    whole, fused = target.with_suffix(".fp32.onnx"), target.with_suffix(".fused.onnx")
    _trace(network, whole)
    _fuse(network, whole, fused)
    quantize_dynamic(
        fused,
        target,
        weight_type=QuantType.QInt8,
        per_channel=True,
        op_types_to_quantize=["MatMul", "Attention"],
        nodes_to_exclude=_head_nodes(fused),
        extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
    )
    for path in (whole, fused):
        path.unlink()


def _trace(network: TaggerNetwork, target: Path) -> None:
    ids = torch.full((2, 16), 5, dtype=torch.int64)
    dynamic = {name: {0: "batch", 1: "tokens"} for name in ("input_ids", "attention_mask")}
    torch.onnx.export(
        _Deployed(network).eval(),
        (ids, torch.ones_like(ids)),
        str(target),
        input_names=["input_ids", "attention_mask"],
        output_names=list(OUTPUTS),
        dynamic_axes={**dynamic, **{name: {0: "batch"} for name in OUTPUTS}},
        opset_version=OPSET,
        dynamo=False,
    )


def _fuse(network: TaggerNetwork, source: Path, target: Path) -> None:
    config = network.encoder.config
    fused = optimizer.optimize_model(
        str(source),
        model_type="bert",
        num_heads=config.num_attention_heads,
        hidden_size=config.hidden_size,
        optimization_options=FusionOptions("bert"),
    )
    fused.save_model_to_file(str(target))


def _head_nodes(path: Path) -> list[str]:
    """The heads are small, and every bit of theirs counts. The quantizer has its own name for them."""
    names = [node.name for node in onnx.load(path).graph.node if f"/{_HEADS}/" in node.name]
    return [*names, *(f"{name}_MatMul" for name in names)]
