"""From the trained network to model.onnx: all heads in the graph, fused for onnxruntime, int8 for each channel."""

from pathlib import Path

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers import optimizer
from onnxruntime.transformers.fusion_options import FusionOptions

from nlp.training.network import TaggerNetwork
from nlp.training.scores import OUTPUTS

OPSET = 17
HEADS = ("intent", "sentiment", "urgent")


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
        nodes_to_exclude=_head_nodes(fused),
        extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
    )
    for path in (whole, fused):
        path.unlink()


def _trace(network: TaggerNetwork, target: Path) -> None:
    network.eval()
    ids = torch.full((2, 16), 5, dtype=torch.int64)
    dynamic = {name: {0: "batch", 1: "tokens"} for name in ("input_ids", "attention_mask")}
    torch.onnx.export(
        network,
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
    """The heads are small, and every bit of theirs counts."""
    nodes = onnx.load(path).graph.node
    return [node.name for node in nodes if any(f"/{head}/" in node.name or node.name == head for head in HEADS)]
