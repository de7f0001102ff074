"""The company's knowledge: the pages nearest to a question.

How near a page is, by its title and questions, `nlp/similarity.py` says. Pages are sought in the question's language;
what is meant for the staff is found only by who asks for `Audience.AGENTS`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import nlargest
from pathlib import Path

from desk.readings import KnowledgeHit
from nlp.pages import LANGUAGES, Audience, Page, PageMistake, PagesRefused, read_pages
from nlp.similarity import PageIndex

__all__ = ["Audience", "Page", "PageMistake", "Pages", "PagesRefused", "load_pages"]

AT_MOST = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class _Shelf:
    """The pages of one language that one audience may see, by their numbers in the index."""

    index: PageIndex
    pages: tuple[Page, ...]


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
        shelves = [self._shelves[sought, audience] for sought in ((primary,) if primary in LANGUAGES else LANGUAGES)]
        found = [
            (similarity, shelf.pages[number]) for shelf in shelves for number, similarity in shelf.index.similar(text)
        ]
        best = nlargest(AT_MOST, found, key=lambda each: (each[0], each[1].name))
        return tuple(_hit(page, similarity) for similarity, page in best)


def load_pages(folder: Path) -> Pages:
    """The pages below a folder; PagesRefused names every mistake in them with file and line."""
    return Pages(read_pages(folder))


def _hit(page: Page, similarity: float) -> KnowledgeHit:
    return KnowledgeHit(page=page.name, title=page.title, answer=page.answer, similarity=round(min(1.0, similarity), 3))


def _shelf(pages: Iterable[Page]) -> _Shelf:
    shelved = tuple(pages)
    return _Shelf(index=PageIndex([((page.title, *page.questions), page.answer) for page in shelved]), pages=shelved)
