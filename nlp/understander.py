"""What reads the customers' messages, whatever stands behind it."""

from collections.abc import Callable, Sequence
from typing import Protocol

from desk.readings import KnowledgeHit, Reading, Understanding


class Tagger(Protocol):
    """Tags one text at a time, in the caller's thread."""

    @property
    def reader(self) -> str:
        """What its readings name as their reader."""

    def tag(self, text: str) -> Reading:
        """The text's tags; never raises, whatever the text."""


#: The pages near a text in a language, best first.
Search = Callable[[str, str], tuple[KnowledgeHit, ...]]


class RoundTagger(Protocol):
    """Tags many texts at once, and keeps its thread busy meanwhile; safe from any."""

    @property
    def reader(self) -> str:
        """What its readings name as their reader."""

    @property
    def shares_passes(self) -> bool:
        """Whether many texts at once cost less than one by one."""

    def understand_all(self, texts: Sequence[str], search: Search) -> list[Understanding]:
        """The tags of each text with the knowledge near it, in order; never raises, whatever the texts."""


class Understander(Protocol):
    """Reads a whole round's texts at once, so that a model behind it may read them as one batch."""

    @property
    def reader(self) -> str:
        """What its readings name as their reader."""

    async def understand(self, texts: Sequence[str]) -> list[Understanding]:
        """One understanding for each text, in the same order; never raises, whatever the texts."""
