"""The folder that the running program loads: model, tokenizer, model.json with hashes and figures, card."""

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from desk.readings import INTENTS
from nlp.encoder import Floats
from nlp.model_text import prepare
from nlp.training.batches import MAX_TOKENS, PREFIX
from nlp.training.calibration import Calibration, centres, nearness, typical
from nlp.training.export import export
from nlp.training.messages import LANGUAGES, SENTIMENTS, Message
from nlp.training.network import TaggerNetwork
from nlp.training.reading import ExportedModel
from nlp.training.scores import Labels, truth_of

VERSION = "2026.11-1"
#: Typical messages of each intent that are kept.
ANCHORS = 10
#: Activations are scaled pass by pass, so texts in one pass would change each other's readings.
ROWS_PER_PASS = 1
MODEL, TOKENIZER, DESCRIPTION, CARD = "model.onnx", "tokenizer.json", "model.json", "card.md"


@dataclass(frozen=True, kw_only=True, slots=True)
class Geometry:
    """Where the training messages lie: mean and scale of the embedding, and the intents' centres when standardised.

    `anchors` are typical messages' embeddings, beside which a company's own examples stand.
    """

    mean: Floats
    scale: Floats
    centres: Floats
    anchors: dict[str, Any]

    def nearness(self, embedding: Floats) -> Floats:
        return nearness(embedding, self.centres, self.mean, self.scale)


@dataclass(frozen=True, kw_only=True, slots=True)
class Exported:
    """A model on disk, ready to be asked."""

    model: ExportedModel
    geometry: Geometry


def exported(network: TaggerNetwork, tokenizer: Tokenizer, folder: Path, learnt: Sequence[Message]) -> Exported:
    """Write model and tokenizer into the folder, and measure where the messages it was taught lie."""
    folder.mkdir(parents=True, exist_ok=True)
    export(network, folder / MODEL)
    tokenizer.no_truncation()
    tokenizer.save(str(folder / TOKENIZER), pretty=False)
    model = ExportedModel(folder / MODEL, tokenizer)
    embedding = model.read([prepare(message.text) for message in learnt]).embedding
    mean, scale = embedding.mean(axis=0), embedding.std(axis=0)
    intent = truth_of(learnt).intent
    middle = centres(embedding, intent, mean, scale)
    anchors = _anchors(embedding, typical(embedding, intent, mean, scale, ANCHORS), intent)
    return Exported(model=model, geometry=Geometry(mean=mean, scale=scale, centres=middle, anchors=anchors))


def _anchors(embedding: Floats, rows: Labels, intent: Labels) -> dict[str, Any]:
    halves = embedding[rows].astype("<f2").tobytes()
    return {"intents": [INTENTS[intent[row]] for row in rows], "embeddings": base64.b64encode(halves).decode()}


def describe(folder: Path, made: Exported, fitted: Calibration, figures: dict[str, Any], licences: list[str]) -> None:
    """Write model.json beside the model."""
    geometry = made.geometry
    description = {
        "version": VERSION,
        "files": {name: _sha256(folder / name) for name in (MODEL, TOKENIZER)},
        "intents": list(INTENTS),
        "sentiments": list(SENTIMENTS),
        "languages": list(LANGUAGES),
        "temperature": {"intent": fitted.intent, "sentiment": fitted.sentiment, "urgent": fitted.urgent},
        "urgent_threshold": fitted.urgent_threshold,
        "max_tokens": MAX_TOKENS,
        "prefix": PREFIX,
        "embedding": {"mean": _rounded(geometry.mean), "scale": _rounded(geometry.scale)},
        "refusal": {
            "centres": {intent: _rounded(row) for intent, row in zip(INTENTS, geometry.centres, strict=False)},
            "probability": {"mean": fitted.probability.mean, "deviation": fitted.probability.deviation},
            "distance": {"mean": fitted.distance.mean, "deviation": fitted.distance.deviation},
            "weights": list(fitted.weights),
            "threshold": fitted.threshold,
            "slope": fitted.slope,
        },
        "anchors": geometry.anchors,
        "rows_per_pass": ROWS_PER_PASS,
        "figures": figures,
        "licences": licences,
    }
    (folder / DESCRIPTION).write_text(json.dumps(description, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def opened(folder: Path) -> tuple[Exported, Calibration]:
    """An artifact read back: the model, and what was fitted for it."""
    described = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
    refusal, standard = described["refusal"], described["embedding"]
    geometry = Geometry(
        mean=np.array(standard["mean"], dtype=np.float32),
        scale=np.array(standard["scale"], dtype=np.float32),
        centres=np.array(list(refusal["centres"].values()), dtype=np.float32),
        anchors=described["anchors"],
    )
    fitted = Calibration.from_dict(
        {
            **described["temperature"],
            "urgent_threshold": described["urgent_threshold"],
            **{name: refusal[name] for name in ("probability", "distance", "weights", "threshold", "slope")},
        }
    )
    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    return Exported(model=ExportedModel(folder / MODEL, tokenizer), geometry=geometry), fitted


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _rounded(values: Floats) -> list[float]:
    return [round(float(value), 6) for value in values]
