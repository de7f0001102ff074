"""A glance at a text: what its words and strings of letters say by themselves, at a fiftieth of the network's cost.

The shape is fastText's (Joulin et al., "Bag of Tricks for Efficient Text Classification", 2017): hashed words and
strings of one to four characters have a row of numbers each, and a text is their mean, weighted by how rare they are. A
small layer and the heads stand above. The network taught it.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from nlp.encoder import Scores
from nlp.model_text import prepare

Floats = npt.NDArray[np.float32]
Keys = npt.NDArray[np.uint32]

#: Strings of so many characters at the most.
_LONGEST = 4
#: What is longer has more than one thing to say.
READ_AT_MOST = 240
_SPACE = ord(" ")
#: Knuth's multiplicative hashing and FNV's prime: any two odd numbers would do, but these are what was trained with.
_SPREAD, _STEP = np.uint32(0x9E3779B1), np.uint32(0x01000193)


@dataclass(frozen=True, kw_only=True, slots=True)
class Weights:
    """What was learnt, of F strings, R numbers each: `rows` are int8 and are multiplied by `scale`.

    `keys` are the strings' hashes, ascending, `rarity` their idf. `heads` gives the logits of the intents, the three
    sentiments and urgency, in this order; `embedding` the network's embedding, standardised, but for its length.
    """

    keys: Keys
    rarity: Floats
    rows: npt.NDArray[np.int8]
    scale: Floats
    mixing: Floats
    mixing_bias: Floats
    heads: Floats
    heads_bias: Floats
    embedding: Floats
    embedding_bias: Floats


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """One row a text: scores, whose embedding has length 1, and which share of its strings is known.

    Of a text that is not read to its end nothing counts as known.
    """

    scores: Scores
    known: Floats


def open_weights(path: Path) -> Weights:
    """What was learnt, from a file. Raises OSError, ValueError or KeyError where there is none in it."""
    with np.load(path, allow_pickle=False) as kept:
        arrays = {name: kept[name] for name in Weights.__dataclass_fields__}
    single = {name: array.astype(np.float32) for name, array in arrays.items() if array.dtype == np.float16}
    return Weights(**(arrays | single))


class Glance:
    """Reads by the strings alone; immutable, safe from any thread."""

    def __init__(self, weights: Weights) -> None:
        """`weights` is what was learnt."""
        self._weights = weights

    def see(self, texts: Sequence[str]) -> Seen:
        """What a glance at each text shows, in their order; the same, to the last bit, whatever stands beside it."""
        found = [self._seen(text) for text in texts]
        logits, embeddings, known = zip(*found, strict=True) if found else ((), (), ())
        heads = np.array(logits, dtype=np.float32).reshape(len(found), -1)
        scores = Scores(
            embedding=np.array(embeddings, dtype=np.float32).reshape(len(found), -1),
            intent=heads[:, :-4],
            sentiment=heads[:, -4:-1],
            urgent=heads[:, -1:],
        )
        return Seen(scores=scores, known=np.array(known, dtype=np.float32))

    def _seen(self, text: str) -> tuple[Floats, Floats, float]:
        weights = self._weights
        mean, known = self._mean(text)
        mixed = mean + np.maximum(mean @ weights.mixing + weights.mixing_bias, 0)
        embedding = mixed @ weights.embedding + weights.embedding_bias
        length = max(float(np.linalg.norm(embedding)), 1e-9)
        return mixed @ weights.heads + weights.heads_bias, embedding / length, known

    def _mean(self, text: str) -> tuple[Floats, float]:
        weights = self._weights
        prepared = prepare(text)
        keys = strings(prepared[:READ_AT_MOST])
        at = np.searchsorted(weights.keys, keys)
        at[at == len(weights.keys)] = 0
        found = at[weights.keys[at] == keys]
        rarity = weights.rarity[found]
        length = max(float(np.sqrt(rarity @ rarity)), 1e-9)
        mean: Floats = (rarity * weights.scale[found] / length) @ weights.rows[found].astype(np.float32)
        return mean, len(found) / len(keys) if len(prepared) <= READ_AT_MOST else 0.0


def strings(prepared: str) -> Keys:
    """The hashes of a prepared text's strings and words, ascending, each once; never none.

    A string does not go beyond a word, but for the spaces beside it; words of Latin letters count whole and in pairs.
    """
    padded = f" {prepared.lower()} "
    codes = np.frombuffer(padded.encode("utf-32-le", "ignore"), dtype="<u4")
    gaps = codes == _SPACE
    hashes = codes * _SPREAD
    found = [hashes[~gaps], *_longer(codes, hashes, gaps)]
    words = padded.split()
    latin = [word.isascii() for word in words]
    named = [word for word, is_latin in zip(words, latin, strict=True) if is_latin]
    pairs = zip(words, words[1:], latin, latin[1:], strict=False)
    named += [f"{first} {second}" for first, second, *are_latin in pairs if all(are_latin)]
    found.append(np.array([zlib.crc32(each.encode()) for each in named], dtype=np.uint32))
    keys = np.unique(np.concatenate(found))
    return keys if len(keys) else np.zeros(1, dtype=np.uint32)


def _longer(codes: Keys, hashes: Keys, gaps: npt.NDArray[np.bool_]) -> list[Keys]:
    found = []
    for length in range(2, min(_LONGEST, len(codes)) + 1):
        hashes = (hashes[:-1] ^ (codes[length - 1 :] + np.uint32(length))) * _STEP
        hashes = hashes ^ (hashes >> np.uint32(15))
        crosses = np.zeros(len(hashes), dtype=bool)
        for inside in range(1, length - 1):
            crosses |= gaps[inside : len(hashes) + inside]
        found.append(hashes[~crosses])
    return found
