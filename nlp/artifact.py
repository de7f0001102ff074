"""A trained model's folder: what model.json says of it, its files checked by their hashes."""

import hashlib
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

DESCRIPTION, NETWORK, TOKENIZER = "model.json", "model.onnx", "tokenizer.json"


class ModelRefused(ValueError):
    """A model that cannot be used; the text is one line that says what to do."""


class Temperature(msgspec.Struct, frozen=True):
    """What each head's logits are divided by, so that their probabilities mean what they say."""

    intent: float
    sentiment: float
    urgent: float


class Spread(msgspec.Struct, frozen=True):
    """Mean and deviation of a score on messages that are in scope."""

    mean: float
    deviation: float


class Refusal(msgspec.Struct, frozen=True):
    """When a text is refused: `weights` times both standardised scores are less than `threshold`.

    The scores are the logarithm of the best probability in scope, and the cosine to the nearest intent's centre.
    `slope` says how fast the odds of being out of scope grow beyond the threshold.
    """

    centres: dict[str, list[float]]
    probability: Spread
    distance: Spread
    weights: tuple[float, float]
    threshold: float
    slope: float = 1.5


class Standard(msgspec.Struct, frozen=True):
    """What is taken from an embedding, and what it is divided by, before two are compared."""

    mean: list[float]
    scale: list[float]


class Anchors(msgspec.Struct, frozen=True):
    """Typical messages of the built-in intents, as embeddings (float16, one after the other)."""

    intents: list[str]
    embeddings: bytes


class Description(msgspec.Struct, frozen=True):
    """model.json. Readings of a model with `rows_per_pass` 1 would depend on what else is read in the same pass."""

    version: str
    files: dict[str, str]
    intents: list[str]
    sentiments: list[str]
    temperature: Temperature
    urgent_threshold: float
    max_tokens: int
    prefix: str
    embedding: Standard
    refusal: Refusal
    anchors: Anchors | None = None
    rows_per_pass: int = 1


class Artifact(msgspec.Struct, frozen=True):
    """A model that is whole."""

    folder: Path
    description: Description

    @property
    def network(self) -> Path:
        """The graph, for onnxruntime."""
        return self.folder / NETWORK

    @property
    def tokenizer(self) -> Path:
        """The pieces, for tokenizers."""
        return self.folder / TOKENIZER


def open_artifact(folder: Path) -> Artifact:
    """The model in a folder. Raises ModelRefused where it is not there or not whole."""
    try:
        description = msgspec.json.decode((folder / DESCRIPTION).read_bytes(), type=Description)
        for name in (NETWORK, TOKENIZER):
            if _sha256(folder / name) != description.files.get(name):
                raise refused(folder / name, "it is not the file that model.json names (another sha256)")
    except OSError as error:
        raise refused(Path(error.filename or folder), error.strerror or "it cannot be read") from error
    except msgspec.MsgspecError as error:
        raise refused(folder / DESCRIPTION, str(error)) from error
    return Artifact(folder=folder, description=description)


def standardised(model: Description, embeddings: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Embeddings of which each component has mean 0 and deviation 1 over the messages that the model was taught."""
    standard = model.embedding
    rows: npt.NDArray[np.float64] = (embeddings.astype(np.float64) - np.array(standard.mean)) / np.array(standard.scale)
    return rows


def refused(path: Path, why: str) -> ModelRefused:
    """The one line for a model that cannot be used."""
    said = " ".join(why.split()).rstrip(".")
    return ModelRefused(f"{path}: {said}; install Guanxi anew, or set GUANXI_NLP_MODEL=keywords to read by keywords")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
