"""The company's knowledge: the pages nearest to a question.

A page is as near as the nearest of its title and questions. Pages are sought in the question's language; what is meant
for the staff is found only by who asks for `Audience.AGENTS`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import nlargest
from pathlib import Path

from desk.readings import KnowledgeHit
from nlp.pages import LANGUAGES, Audience, Page, PageMistake, PagesRefused, read_pages
from nlp.similarity import SentenceIndex, scaled

__all__ = ["Audience", "Page", "PageMistake", "Pages", "PagesRefused", "load_pages"]

#: The cosine below which a page is not worth showing to anybody (a similarity of 0.3).
NOT_BELOW = 0.21
AT_MOST = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class _Shelf:
    """The pages of one language that one audience may see; the index's sentences belong to `owners`, by number."""

    index: SentenceIndex
    owners: tuple[Page, ...]


class Pages:
    """All pages, ready to be searched; immutable, safe from any thread."""

    def __init__(self, pages: Sequence[Page]) -> None:
        self._shelves = {
            (language, audience): _shelf(
                page for page in pages if page.language == language and audience in (page.audience, Audience.AGENTS)
            )
            for language in LANGUAGES
            for audience in Audience
        }

    def search(self, text: str, language: str, audience: Audience = Audience.CUSTOMERS) -> tuple[KnowledgeHit, ...]:
        """The nearest pages, best first, at most three.

        `language` is the text's ("zh-Hant" and "zh-Hans" read the zh pages; where it tells nothing, all languages are
        searched). The agents are shown the customers' pages too, never the other way round.
        """
        primary = language.partition("-")[0]
        nearest: dict[str, tuple[float, Page]] = {}
        for sought in (primary,) if primary in LANGUAGES else LANGUAGES:
            shelf = self._shelves[sought, audience]
            for number, cosine in shelf.index.similar(text, NOT_BELOW):
                page = shelf.owners[number]
                if page.name not in nearest or cosine > nearest[page.name][0]:
                    nearest[page.name] = (cosine, page)
        best = nlargest(AT_MOST, nearest.values(), key=lambda found: (found[0], found[1].name))
        return tuple(_hit(page, scaled(cosine)) for cosine, page in best)


def load_pages(folder: Path) -> Pages:
    """The pages below a folder; PagesRefused names every mistake in them with file and line."""
    return Pages(read_pages(folder))


def _hit(page: Page, similarity: float) -> KnowledgeHit:
    return KnowledgeHit(page=page.name, title=page.title, answer=page.answer, similarity=round(min(1.0, similarity), 3))


def _shelf(pages: Iterable[Page]) -> _Shelf:
    sentences = [(sentence, page) for page in pages for sentence in (page.title, *page.questions)]
    return _Shelf(
        index=SentenceIndex([sentence for sentence, _ in sentences]), owners=tuple(page for _, page in sentences)
    )
