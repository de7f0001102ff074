"""The mistakes of a company's file: all of them, each with its line, its key path and what was expected."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Mistake:
    """One mistake. `path` is like `teams.support.room` or `sla.policies[0].when`, empty for the file itself."""

    line: int
    path: str
    message: str


class CompanyFileError(Exception):
    """The file cannot be used; the text of the error has one line for each mistake, in the order of the file."""

    def __init__(self, file_name: str, mistakes: Iterable[Mistake]) -> None:
        self.file_name = file_name
        self.mistakes = tuple(sorted(set(mistakes)))
        super().__init__("\n".join(self._line(mistake) for mistake in self.mistakes))

    def _line(self, mistake: Mistake) -> str:
        return ": ".join(part for part in (f"{self.file_name}:{mistake.line}", mistake.path, mistake.message) if part)


def quoted(text: str) -> str:
    """What stands in the file, short and on one line, safe for a terminal."""
    return printable(json.dumps(short(text), ensure_ascii=False))


def short(text: str) -> str:
    """No longer than 60 characters."""
    return text if len(text) <= 60 else f"{text[:59]}…"


def printable(text: str) -> str:
    """On one line and without what would move a terminal."""
    return "".join(letter if letter.isprintable() else f"\\u{ord(letter):04x}" for letter in text)


def suggestion(word: str, known: Iterable[str]) -> str:
    """`, did you mean X?` where a known word is near, else nothing."""
    near = get_close_matches(word, list(known), n=1)
    return f", did you mean {near[0]}?" if near else ""
