"""The transformer as an understander: it reads in threads of its own, many conversations' texts together."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from desk.readings import Reading, Sentiment, Understanding
from nlp.artifact import open_artifact
from nlp.embeddings import Embeddings
from nlp.encoder import Encoder
from nlp.examples import Example
from nlp.judging import OTHER, Judge
from nlp.keywords import UNKNOWN
from nlp.knowledge import Pages
from nlp.language import identify
from nlp.memory import RememberingJudge, remember
from nlp.model_text import prepare
from nlp.own_intents import learn
from nlp.pages import Page
from nlp.passes import Passes, PassLimits
from nlp.second_opinion import SecondOpinion
from nlp.understander import RoundTagger, Search


class TransformerTagger:
    """nlp.understander.RoundTagger by the network."""

    def __init__(self, encoder: Encoder, judge: Judge, opinion: SecondOpinion | None = None) -> None:
        """`judge` turns into readings what `encoder` says; `opinion` looks at what the knowledge search found."""
        self._encoder = encoder
        self._judge = judge
        self._opinion = opinion
        self.reader = judge.reader
        self.shares_passes = encoder.rows_per_pass > 1

    def tag_all(self, texts: Sequence[str]) -> list[Reading]:
        """The tags of each text, in order."""
        return [each.reading for each in self.understand_all(texts, lambda _text, _language: ())]

    def understand_all(self, texts: Sequence[str], search: Search) -> list[Understanding]:
        """The tags of each text with the knowledge near it, in order."""
        legible = [text for text in texts if prepare(text)]
        found = iter(self._understood(legible, search) if legible else ())
        return [next(found) if prepare(text) else Understanding(reading=self._nothing()) for text in texts]

    def _understood(self, texts: Sequence[str], search: Search) -> Iterator[Understanding]:
        scores = self._encoder.encode(texts)
        readings = self._judge.readings(scores, list(map(identify, texts)))
        for text, reading, embedding in zip(texts, readings, scores.embedding, strict=True):
            hits = search(text, reading.language)
            if self._opinion is not None:
                hits = self._opinion.weighed(hits, embedding, reading.language)
            yield Understanding(reading=reading, knowledge=hits)

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
        return self._tagger.understand_all(texts, self._knowledge.search)


def open_tagger(
    folder: Path,
    examples: Sequence[Example] = (),
    pages: Sequence[Page] = (),
    data: Path | None = None,
    *,
    corrected: Sequence[Example] = (),
) -> TransformerTagger:
    """The model in a folder, with a company's own intents, what its staff corrected, and its pages by meaning.

    What is computed for these is kept in the folder `data`. Raises ModelRefused where the model is not whole.
    """
    artifact = open_artifact(folder)
    encoder = Encoder(artifact)
    model = artifact.description
    embeddings = Embeddings(model, encoder, data and data / "embeddings.npz")
    own = learn(model, embeddings, examples, data and data / "own-intents.npz")
    memory = remember(model, embeddings, own, corrected, examples)
    judge = Judge(model, own) if memory is None else RememberingJudge(model, own, memory)
    opinion = SecondOpinion(artifact, encoder, pages, data and data / "pages.npz") if pages else None
    return TransformerTagger(encoder, judge, opinion)
