"""The plain understander: a tagger that reads one text at a time, and the company's knowledge."""

from collections.abc import Sequence

from desk.readings import Understanding
from nlp.knowledge import Pages
from nlp.understander import Tagger


class PlainUnderstander:
    """Reads by the tagger given to it; quick enough for the event loop, so it never leaves it."""

    def __init__(self, tagger: Tagger, knowledge: Pages) -> None:
        self.reader = tagger.reader
        self._tagger = tagger
        self._knowledge = knowledge

    async def understand(self, texts: Sequence[str]) -> list[Understanding]:
        """One understanding for each text, in the same order."""
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> Understanding:
        reading = self._tagger.tag(text)
        return Understanding(reading=reading, knowledge=self._knowledge.search(text, reading.language))
