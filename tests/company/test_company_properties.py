"""Whatever stands in the file, it is read or refused: nothing else is ever raised."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.company import CompanyFileError, load_company, read_company

TODAY = date(2026, 11, 22)
LINES = Path(__file__).with_name("desk.yaml").read_text(encoding="utf-8").splitlines(keepends=True)
SCRAPS = [
    "",
    "~",
    "[]",
    "{}",
    "*x",
    "&x [*x]",
    "{<<: 1}",
    "? [a]",
    "!!python/none x",
    "9" * 30,
    "0001-01-01",
    "'",
    "\t-",
    ".inf",
    "0x10",
    "\x00",
]
WORDS = st.sampled_from(sorted({word for line in LINES for word in line.split()}) + SCRAPS)


def judged(read: Callable[[], object]) -> None:
    """Reads, and looks at the refusal if there is one: every mistake on a line of its own."""
    try:
        read()
        return
    except CompanyFileError as error:
        refused = error
    assert refused.mistakes
    assert all(mistake.line >= 1 and mistake.message for mistake in refused.mistakes)
    assert len(str(refused).splitlines()) == len(refused.mistakes)


def judged_text(text: str) -> None:
    judged(lambda: read_company(text, file_name="desk.yaml", today=TODAY))


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """The specification's file with a few words exchanged and a few lines lost, doubled or moved in."""
    lines = list(LINES)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        words = lines[at].split(" ")
        words[draw(st.integers(0, len(words) - 1))] = draw(WORDS)
        change: list[list[str]] = [[], [lines[at]] * 2, [f" {lines[at]}"], [" ".join(words)], [" ".join(words)]]
        lines[at : at + 1] = draw(st.sampled_from(change))
    return "".join(lines)


@given(mutated())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_mutated_file_is_read_or_refused(text: str) -> None:
    judged_text(text)


@given(st.text())
@settings(max_examples=80, deadline=None)
def test_any_text_is_read_or_refused(text: str) -> None:
    judged_text(text)


KEYS = sorted(set(re.findall(r"(\w+):", "".join(LINES))))
TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | WORDS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=4), inner, max_size=6)
    ),
    max_leaves=25,
)


@given(st.dictionaries(st.sampled_from(KEYS), TREES))
@settings(max_examples=80, deadline=None)
def test_any_tree_of_known_keys_is_refused_politely(tree: dict[str, object]) -> None:
    judged_text(yaml.safe_dump(tree, allow_unicode=True))


def test_nested_deeper_than_anyone_means_it() -> None:
    judged_text("[" * 2_000)


@given(st.binary())
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_read_or_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "desk.yaml"
    path.write_bytes(content)
    judged(lambda: load_company(path, today=TODAY))
