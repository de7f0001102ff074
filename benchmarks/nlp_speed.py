"""How fast the tagger is, what it holds in memory, and how little it keeps the event loop from turning."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from benchmarks import nlp_rivals as rivals
from benchmarks.nlp_tables import Table
from nlp.artifact import Artifact
from nlp.encoder import Encoder
from nlp.knowledge import Pages
from nlp.training.messages import TRAIN, Message, read
from nlp.transformer import TransformerUnderstander, open_tagger

CONVERSATIONS = 500
_SIXTEEN_TOKENS = "我的订单三天了还没有发货，什么时候到"
#: A pass of 16 pieces, in operations: 12 layers of 384 wide with 1,536 between (shared/design/tagger.md).
_OPERATIONS = 0.68e9
_COLD = """
import sys, time
begin = time.perf_counter()
from pathlib import Path
from nlp.transformer import open_tagger
tagger = open_tagger(Path(sys.argv[1]))
tagger.tag_all(["where is my order"])
cold = time.perf_counter() - begin
tagger.tag_all([f"where is my order number {number}" for number in range(300)])
held = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(cold, 1024 * int(held.split()[1]))
"""


def tables(artifact: Artifact) -> list[Table]:
    """One table of all figures."""
    messages = read(TRAIN)
    texts = [message.text for message in messages[::12]]
    single = _alone(artifact)
    together, lag = asyncio.run(_flood(artifact, texts))
    rival = _rival(messages, texts)
    limit = 2 * _limit() / _OPERATIONS
    cold, held = _cold(artifact.folder)
    rows = [
        ("16 pieces, one thread, alone: median ms", "8", "3", f"{1000 * single:.1f}"),
        ("messages a second, two threads (mean of the training messages)", "400", "1,000", f"{together:,.0f}"),
        ("… to TF-IDF + LR in one thread", "", "", f"{together / rival:.2f} of {rival:,.0f}"),
        ("… of 16 pieces, to the int8 GEMM limit of two cores", "", "0.6", f"{2 / single / limit:.2f} of {limit:,.0f}"),
        (f"{CONVERSATIONS} conversations at once: the event loop's longest lag, ms", "50", "", f"{1000 * lag:.0f}"),
        ("cold start, s", "0.6", "0.3", f"{cold:.2f}"),
        ("resident memory, MB", "200", "150", f"{held / 1e6:.0f}"),
    ]
    return [Table(title="Speed and memory", head=("figure", "must", "aim", "the tagger"), rows=rows)]


def _alone(artifact: Artifact) -> float:
    encoder = Encoder(artifact)
    for _ in range(20):
        encoder.encode([_SIXTEEN_TOKENS])
    return median(_timed(lambda: encoder.encode([_SIXTEEN_TOKENS])) for _ in range(200))


async def _flood(artifact: Artifact, texts: Sequence[str]) -> tuple[float, float]:
    """Messages a second, and the longest time that the event loop did not come round, while all ask at once."""
    understander = TransformerUnderstander(open_tagger(artifact.folder), Pages(()))
    await understander.understand(texts[:50])
    longest = 0.0

    async def turn() -> None:
        nonlocal longest
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.001)
            longest = max(longest, time.perf_counter() - before - 0.001)

    turning = asyncio.create_task(turn())
    begin = time.perf_counter()
    await asyncio.gather(*(understander.understand([text]) for text in texts[:CONVERSATIONS]))
    seconds = time.perf_counter() - begin
    turning.cancel()
    understander.close()
    return min(CONVERSATIONS, len(texts)) / seconds, longest


def _rival(messages: Sequence[Message], texts: Sequence[str]) -> float:
    model = rivals.tfidf([message.text for message in messages], [message.intent for message in messages])
    return len(texts) / min(_timed(lambda: model.predict(list(texts))) for _ in range(3))


def _limit() -> float:
    """Operations a second of one thread in products of int8 matrices as high as 16 pieces, and as wide as a layer."""
    rows, inner, columns = 16, 384, 1536
    weights = np.random.default_rng(0).integers(-127, 127, (inner, columns)).astype(np.int8)
    names = ["x", *(f"y{number}" for number in range(32))]
    nodes = [helper.make_node("MatMulInteger", ["x", "w"], [name]) for name in names[1:]]
    graph = helper.make_graph(
        nodes,
        "limit",
        [helper.make_tensor_value_info("x", TensorProto.UINT8, [rows, inner])],
        [helper.make_tensor_value_info(name, TensorProto.INT32, [rows, columns]) for name in names[1:]],
        [numpy_helper.from_array(weights, "w")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    given: dict[str, Any] = {"x": np.ones((rows, inner), dtype=np.uint8)}
    session.run(None, given)
    best = min(_timed(lambda: session.run(None, given)) for _ in range(50))
    return 2.0 * rows * inner * columns * len(nodes) / best


def _cold(folder: Path) -> tuple[float, float]:
    """Seconds to the first reading in a new process, the median of several; and its memory at its peak."""
    found = [
        subprocess.run(  # noqa: S603 - ourselves
            [sys.executable, "-c", _COLD, str(folder)], capture_output=True, text=True, check=True
        ).stdout.split()
        for _ in range(5)
    ]
    return median(float(cold) for cold, _ in found), max(float(held) for _, held in found)


def _timed(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin
