"""The lock files: pinned, hashed, from no named place, and without what the running program must not carry."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock")
TRAINING = "requirements-train.lock"
HEAVY = {"torch", "transformers", "huggingface-hub", "scipy", "scikit-learn"}


def pins(name: str) -> dict[str, str]:
    """Each requirement's block: `name==version` with what follows up to the next requirement."""
    blocks = re.split(r"\n(?=[a-z0-9])", (ROOT / name).read_text(encoding="utf-8").strip())
    return {block.split("==", 1)[0]: block for block in blocks}


def versions(name: str) -> dict[str, str]:
    return {package: block.split("==", 1)[1].split()[0] for package, block in pins(name).items()}


@pytest.mark.parametrize("name", [*LOCKS, TRAINING])
def test_every_requirement_is_pinned_and_hashed(name: str) -> None:
    locked = pins(name)
    assert len(locked) > 20
    assert [package for package, block in locked.items() if "--hash=sha256:" not in block] == []


@pytest.mark.parametrize("name", [*LOCKS, TRAINING])
def test_no_lock_names_a_place(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert re.findall(r"(?m)://|^-\S*|find-links|index-url", text) == []


@pytest.mark.parametrize("name", LOCKS)
def test_no_lock_carries_what_only_training_needs(name: str) -> None:
    assert HEAVY.isdisjoint(pins(name))


@pytest.mark.parametrize("name", ["requirements-dev.lock", TRAINING])
def test_development_and_training_run_on_the_same_versions(name: str) -> None:
    runtime = versions("requirements.lock")
    locked = versions(name)
    assert {package: locked.get(package) for package in runtime} == runtime


def test_pytorch_is_named_and_not_locked() -> None:
    """Its builds differ by machine, and the one at hand may be a company's own."""
    assert "torch" not in pins(TRAINING)
    assert {"onnx", "transformers", "wordfreq", "sentencepiece"} <= set(pins(TRAINING))
