"""The labelled messages: reading and writing them, and the form in which two of them are compared."""

import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

from nlp.normalise import traditional_characters

DATA = Path(__file__).with_name("data")
TRAIN = DATA / "train.jsonl"
TEST = DATA / "test.jsonl"
#: Never learnt from: what ships is calibrated by it.
STRANGERS = DATA / "strangers.jsonl"

LANGUAGES = ("zh-Hans", "zh-Hant", "en")
SENTIMENTS = ("negative", "neutral", "positive")

_BETWEEN_WORDS = re.compile(r"[\W_]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """One labelled message; `scenario` begins with the author's letter."""

    text: str
    intent: str
    language: str
    sentiment: str
    urgent: bool
    scenario: str

    @property
    def author(self) -> str:
        return self.scenario.split(":", 1)[0]

    @property
    def tongue(self) -> str:
        """The language without its script."""
        return self.language.split("-", 1)[0]


def read(path: Path) -> list[Message]:
    with path.open(encoding="utf-8") as lines:
        return [Message(**json.loads(line)) for line in lines]


def write(path: Path, messages: Iterable[Message]) -> None:
    lines = (json.dumps(asdict(message), ensure_ascii=False) + "\n" for message in messages)
    path.write_text("".join(lines), encoding="utf-8")


@lru_cache(maxsize=1)
def _simplified() -> dict[int, int]:
    return str.maketrans(*traditional_characters())


def compared(text: str) -> str:
    """The text without case, width, script, spaces and marks; of marks alone, those."""
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_simplified())
    return _BETWEEN_WORDS.sub("", folded) or folded.strip()


def trigrams(key: str) -> frozenset[str]:
    return frozenset(key[start : start + 3] for start in range(max(1, len(key) - 2)))
