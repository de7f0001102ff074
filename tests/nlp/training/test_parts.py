"""The lesser parts of the training: splits, noise, and the reading of the source's weights."""

import random
import struct
from dataclasses import replace

import numpy as np
import pytest

from nlp.training import messages, splits
from nlp.training.courtesies import surrounded
from nlp.training.noise import noised
from nlp.training.source import BrokenSourceError, parse

GIVEN = messages.read(messages.TRAIN)


def test_validation_shares_no_scenario_with_what_is_learnt() -> None:
    learnt, held = splits.by_scenario(GIVEN, 11)
    assert not {message.scenario for message in learnt} & {message.scenario for message in held}
    assert len(learnt) + len(held) == len(GIVEN)
    assert not {message.author for message in held} & set(splits.WHOLE)
    assert 0.03 < len(held) / len(GIVEN) < 0.07


def test_the_split_is_the_same_every_time() -> None:
    assert splits.by_scenario(GIVEN, 11) == splits.by_scenario(GIVEN, 11)
    assert splits.by_scenario(GIVEN, 11) != splits.by_scenario(GIVEN, 12)


def test_authors_can_be_left_out() -> None:
    learnt, held = splits.without_authors(GIVEN, "CG")
    assert {message.author for message in held} == set("CG")
    assert {message.author for message in learnt} == set("ABDEFHIJKLMNOPQR")


def test_noise_is_the_same_for_the_same_chance_and_never_empty() -> None:
    for message in [*GIVEN[:300], replace(GIVEN[0], text="!!!")]:
        assert noised(message.text, random.Random(4)) == noised(message.text, random.Random(4))
        assert noised(message.text, random.Random(4))


@pytest.mark.parametrize(("text", "tongue"), [("where is my order", "en"), ("订单到哪了?", "zh")])
def test_a_courtesy_stands_around_the_whole_request(text: str, tongue: str) -> None:
    several = [surrounded(text, tongue, random.Random(seed)) for seed in range(200)]
    assert several == [surrounded(text, tongue, random.Random(seed)) for seed in range(200)]
    assert all(text in each and each != text for each in several)
    assert any(each.startswith(text) for each in several)
    assert any(each.endswith(text) for each in several)
    assert any(not each.startswith(text) and not each.endswith(text) for each in several)


def weights(*tensors: tuple[str, int, bytes]) -> bytes:
    """A file as the source's, with two pieces and these tensors: name, count of weights, bytes."""
    pieces = b"<s>\xe4\xbd\xa0"
    head = b"E5S1" + struct.pack("<I7ifi", 1, 32, 1, 1, 64, 2, 8, 1, 1e-12, 32)
    words = struct.pack("<5iQ3I2f", 2, 0, 2, 1, 3, len(pieces), 0, 3, 6, 0.0, -1.5) + pieces
    folding = struct.pack("<iIIBI", 1, 9, 65, 1, 97)
    where = len(head) + len(words) + len(folding) + 4 + sum(23 + len(name) for name, _, _ in tensors)
    table, data = struct.pack("<i", len(tensors)), b""
    for name, count, raw in tensors:
        table += (
            struct.pack("<H", len(name)) + name.encode() + struct.pack("<BIQQ", 0, count, where + len(data), len(raw))
        )
        data += raw
    return head + words + folding + table + data


def test_the_sources_weights_are_read() -> None:
    plain = np.array([1.5, -2.0], dtype="<f4").tobytes()
    block = np.float16(0.5).tobytes() + bytes([0x80 + 15] + [0x88] * 15)
    found = parse(weights(("plain", 2, plain), ("packed", 32, block)))
    assert found.pieces == [("<s>", 0.0), ("你", -1.5)]
    assert found.shape["hidden"] == 32
    assert found.pad == 1
    assert found.tensors["plain"].tolist() == [1.5, -2.0]
    assert found.tensors["packed"][:2].tolist() == [3.5, 0.0]
    assert found.tensors["packed"].shape == (32,)


def test_another_file_is_refused() -> None:
    with pytest.raises(BrokenSourceError):
        parse(b"GGUF" + b"\0" * 64)
