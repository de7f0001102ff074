"""The company's knowledge pages on disk: Markdown with a front matter in YAML, one file a page.

---
title: Opening hours
questions: [When are you open?, Are you open on Sundays?]
language: en
audience: customers      # or agents; customers where left out
---
We are open ...
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import yaml

from nlp.chat_text import chat_text

LANGUAGES = ("zh", "en")
_KEYS = ("title", "questions", "language", "audience")


class Audience(StrEnum):
    """Who may be shown a page: everybody, or the staff alone."""

    CUSTOMERS = "customers"
    AGENTS = "agents"


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """One page; `name` is its path below the folder without the ending, `answer` its body as a chat shows it."""

    name: str
    title: str
    questions: tuple[str, ...]
    language: str
    audience: Audience
    answer: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PageMistake:
    """What is wrong with a page, and in which line of which file."""

    file: str
    line: int
    problem: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.problem}"


class PagesRefused(ValueError):
    """Pages that cannot be read as they stand; `mistakes` holds all of them."""

    def __init__(self, mistakes: tuple[PageMistake, ...]) -> None:
        """Keep every mistake; the message has one a line."""
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes = mistakes


class _Wrong(Exception):
    def __init__(self, line: int, problem: str) -> None:
        super().__init__(problem)
        self.line = line


def read_pages(folder: Path) -> tuple[Page, ...]:
    """Every page below the folder, by name; PagesRefused with all mistakes where one is wrong."""
    if not folder.is_dir():
        raise PagesRefused(
            (PageMistake(file=str(folder), line=1, problem="there is no such folder of knowledge pages"),)
        )
    pages: list[Page] = []
    mistakes: list[PageMistake] = []
    for file in sorted(folder.rglob("*.md")):
        found = _read(file, file.relative_to(folder).with_suffix("").as_posix())
        if isinstance(found, Page):
            pages.append(found)
        else:
            mistakes += found
    if mistakes:
        raise PagesRefused(tuple(mistakes))
    return tuple(pages)


def _read(file: Path, name: str) -> Page | list[PageMistake]:
    try:
        head, body, body_line = _parted(file.read_bytes())
        keys = _mapping(head)
    except _Wrong as wrong:
        return [PageMistake(file=str(file), line=wrong.line, problem=str(wrong))]
    answer = chat_text(body)
    wrongs = [*_wrongs(keys), *([] if answer else [_Wrong(body_line, "the page has no text below its front matter")])]
    if wrongs:
        return [PageMistake(file=str(file), line=wrong.line, problem=str(wrong)) for wrong in wrongs]
    return Page(
        name=name,
        title=_text(keys["title"]),
        questions=tuple(_text(item) for item in _items(keys.get("questions"))),
        language=_text(keys["language"]),
        audience=Audience(_text(keys["audience"])) if "audience" in keys else Audience.CUSTOMERS,
        answer=answer,
    )


def _parted(content: bytes) -> tuple[str, str, int]:
    """Front matter, body, and the body's first line."""
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise _Wrong(content[: error.start].count(b"\n") + 1, "expected text in UTF-8") from None
    if not lines or lines[0].rstrip() != "---":
        raise _Wrong(1, "expected a front matter between two lines of ---")
    for number, line in enumerate(lines[1:], start=2):
        if line.rstrip() == "---":
            return "\n".join(["", *lines[1 : number - 1]]), "\n".join(lines[number:]), number + 1
    raise _Wrong(1, "the front matter is not closed by a line of ---")


def _mapping(head: str) -> dict[str, yaml.Node]:
    """The front matter's keys; its lines are the file's, because an empty line stands for the first ---."""
    try:
        node = yaml.compose(head, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 2
        raise _Wrong(line, f"the front matter is no YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        raise _Wrong(2, f"the front matter is no YAML: {error}") from None
    if not isinstance(node, yaml.MappingNode):
        raise _Wrong(2, f"expected the keys {', '.join(_KEYS)}")
    return {_text(key): value for key, value in node.value}


def _wrongs(keys: dict[str, yaml.Node]) -> Iterator[_Wrong]:
    for key, node in keys.items():
        if key not in _KEYS:
            yield _Wrong(_line(node), f"{key}: unknown key, expected one of {', '.join(_KEYS)}")
    yield from _wrong_choice(keys, "language", LANGUAGES, needed=True)
    yield from _wrong_choice(keys, "audience", tuple(Audience), needed=False)
    if not _text(keys.get("title")):
        yield _Wrong(_line(keys.get("title")), "title: expected a text")
    questions = keys.get("questions")
    if questions is not None and not isinstance(questions, yaml.SequenceNode):
        yield _Wrong(_line(questions), "questions: expected a list of texts")
    for item in _items(questions):
        if not _text(item):
            yield _Wrong(_line(item), "questions: expected a text")


def _wrong_choice(keys: dict[str, yaml.Node], key: str, choices: tuple[str, ...], *, needed: bool) -> Iterator[_Wrong]:
    node = keys.get(key)
    if (node is None and needed) or (node is not None and _text(node) not in choices):
        yield _Wrong(_line(node), f"{key}: expected {' or '.join(choices)}")


def _items(node: yaml.Node | None) -> list[yaml.Node]:
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _text(node: yaml.Node | None) -> str:
    """A scalar's text as written, so a title of 2026 or a question of yes is a text too."""
    return str(node.value).strip() if isinstance(node, yaml.ScalarNode) else ""


def _line(node: yaml.Node | None) -> int:
    return node.start_mark.line + 1 if node is not None else 1
