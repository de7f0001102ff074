"""A model small enough to be made in a test: a few words, each with a meaning, and the same files as a real one.

A word's embedding is a direction; a text's is the mean of its words', of length one. The heads read the directions.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from desk.readings import INTENTS

#: What each direction means: an intent, a sentiment, haste, nothing.
REFUND, ORDER, ANGER, JOY, HASTE, CHATTER, CARE, WIDTH = range(8)
WORDS = {
    "refund": REFUND,
    "money": REFUND,
    "退款": REFUND,
    "order": ORDER,
    "parcel": ORDER,
    "furious": ANGER,
    "lovely": JOY,
    "now": HASTE,
    "weather": CHATTER,
    "cat": CHATTER,
    "warranty": CARE,
    "extend": CARE,
}
_SPECIAL = ("<s>", "<pad>", "</s>", "<unk>", "query:")
_SURE = 12.0


def make_model(folder: Path, **changes: Any) -> Path:
    """Write the model's folder; `changes` go into model.json."""
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(_network(), folder / "model.onnx")
    _tokenizer().save(str(folder / "tokenizer.json"))
    files = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in ("model.onnx", "tokenizer.json")
    }
    (folder / "model.json").write_text(json.dumps(_description(files) | changes), encoding="utf-8")
    return folder


def _description(files: dict[str, str]) -> dict[str, Any]:
    centres = {"return_refund": _axis(REFUND), "order_status": _axis(ORDER)}
    return {
        "version": "tiny-1",
        "files": files,
        "intents": list(INTENTS),
        "sentiments": ["negative", "neutral", "positive"],
        "temperature": {"intent": 1.0, "sentiment": 1.0, "urgent": 1.0},
        "urgent_threshold": 0.5,
        "max_tokens": 16,
        "prefix": "query: ",
        "embedding": {"mean": [0.0] * WIDTH, "scale": [0.05] * WIDTH},
        "refusal": {
            "centres": centres,
            "probability": {"mean": 0.0, "deviation": 1.0},
            "distance": {"mean": 1.0, "deviation": 0.2},
            "weights": [0.5, 0.5],
            "threshold": -0.5,
            "slope": 8.0,
        },
        "rows_per_pass": 8,
    }


def _axis(direction: int) -> list[float]:
    return [float(direction == at) for at in range(WIDTH)]


def _tokenizer() -> Tokenizer:
    vocabulary = {word: number for number, word in enumerate((*_SPECIAL, *WORDS))}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", vocabulary["<s>"]), ("</s>", vocabulary["</s>"])]
    )
    return tokenizer


def _network() -> onnx.ModelProto:
    words = np.zeros((len(_SPECIAL) + len(WORDS), WIDTH), dtype=np.float32)
    words[: len(_SPECIAL), CHATTER] = 0.01
    for number, direction in enumerate(WORDS.values(), start=len(_SPECIAL)):
        words[number, direction] = 1.0
    intent = np.zeros((WIDTH, len(INTENTS)), dtype=np.float32)
    for direction, name in ((REFUND, "return_refund"), (ORDER, "order_status"), (CHATTER, "other"), (CARE, "how_to")):
        intent[direction, INTENTS.index(name)] = _SURE
    sentiment = np.zeros((WIDTH, 3), dtype=np.float32)
    sentiment[ANGER, 0], sentiment[:, 1], sentiment[JOY, 2] = 2 * _SURE, _SURE / 2, 2 * _SURE
    urgent = np.full((WIDTH, 1), -_SURE / 2, dtype=np.float32)
    urgent[HASTE] = 2 * _SURE
    constants = {"words": words, "to_intent": intent, "to_sentiment": sentiment, "to_urgent": urgent}
    nodes = [
        helper.make_node("Gather", ["words", "input_ids"], ["rows"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["mask", "last"], ["column"]),
        helper.make_node("Mul", ["rows", "column"], ["kept"]),
        helper.make_node("ReduceSum", ["kept", "middle"], ["sum"], keepdims=0),
        helper.make_node("LpNormalization", ["sum"], ["embedding"], axis=-1, p=2),
        *(
            helper.make_node("MatMul", ["embedding", f"to_{head}"], [head])
            for head in ("intent", "sentiment", "urgent")
        ),
    ]
    axes = {"last": np.array([2], dtype=np.int64), "middle": np.array([1], dtype=np.int64)}
    widths = {"embedding": WIDTH, "intent": len(INTENTS), "sentiment": 3, "urgent": 1}
    graph = helper.make_graph(
        nodes,
        "tiny",
        [
            helper.make_tensor_value_info(name, TensorProto.INT64, ["B", "T"])
            for name in ("input_ids", "attention_mask")
        ],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["B", width]) for name, width in widths.items()],
        [numpy_helper.from_array(array, name) for name, array in (constants | axes).items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
