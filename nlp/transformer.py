"""The transformer as an understander: it reads in threads of its own, many conversations' texts together."""

from collections.abc import Sequence
from pathlib import Path

from desk.readings import KnowledgeHit, Reading, Sentiment, Understanding
from nlp.artifact import open_artifact
from nlp.encoder import Encoder
from nlp.examples import Example
from nlp.judging import OTHER, Judge
from nlp.keywords import UNKNOWN
from nlp.knowledge import Pages
from nlp.language import identify
from nlp.model_text import prepare
from nlp.own_intents import learn
from nlp.passes import Passes, PassLimits
from nlp.understander import RoundTagger


class TransformerTagger:
    """nlp.understander.RoundTagger by the network."""

    def __init__(self, encoder: Encoder, judge: Judge) -> None:
        """`judge` turns into readings what `encoder` says."""
        self._encoder = encoder
        self._judge = judge
        self.reader = judge.reader
        self.shares_passes = encoder.rows_per_pass > 1

    def tag_all(self, texts: Sequence[str]) -> list[Reading]:
        """The tags of each text, in order."""
        legible = [text for text in texts if prepare(text)]
        found = iter(
            self._judge.readings(self._encoder.encode(legible), list(map(identify, legible))) if legible else ()
        )
        return [next(found) if prepare(text) else self._nothing() for text in texts]

    def _nothing(self) -> Reading:
        return Reading(
            intent=OTHER,
            confidence=UNKNOWN,
            sentiment=Sentiment.NEUTRAL,
            urgent=False,
            language=OTHER,
            reader=self.reader,
        )


class TransformerUnderstander:
    """Tags and knowledge for whole rounds, without keeping the event loop from turning."""

    def __init__(self, tagger: RoundTagger, knowledge: Pages, limits: PassLimits | None = None) -> None:
        """Close it at the end."""
        self.reader = tagger.reader
        self._tagger = tagger
        self._knowledge = knowledge
        self._passes = Passes(self._understood, limits or PassLimits(), waits=tagger.shares_passes)

    async def understand(self, texts: Sequence[str]) -> list[Understanding]:
        """One understanding for each text, in the same order."""
        return await self._passes.answers(texts)

    def close(self) -> None:
        """End the threads."""
        self._passes.close()

    def _understood(self, texts: Sequence[str]) -> list[Understanding]:
        return [
            Understanding(reading=reading, knowledge=self._found(text, reading))
            for text, reading in zip(texts, self._tagger.tag_all(texts), strict=True)
        ]

    def _found(self, text: str, reading: Reading) -> tuple[KnowledgeHit, ...]:
        return self._knowledge.search(text, reading.language)


def open_tagger(folder: Path, examples: Sequence[Example] = (), cache: Path | None = None) -> TransformerTagger:
    """The model in a folder, with a company's own intents beside its own. Raises ModelRefused where it is not whole."""
    artifact = open_artifact(folder)
    encoder = Encoder(artifact)
    own = learn(artifact.description, encoder, examples, cache) if examples else None
    return TransformerTagger(encoder, Judge(artifact.description, own))
