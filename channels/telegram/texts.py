"""Texts as Telegram counts them: lengths in UTF-16 units, parts that fit, HTML that stays balanced in each part."""

import re
from collections.abc import Iterator
from html import escape, unescape

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
TITLE_LIMIT = 128
ANSWER_LIMIT = 200

_BORDERS = ("\n\n", "\n", " ")
_TOKEN = re.compile(r"<[^<>]*>|&(?:#\d+|#x[0-9a-fA-F]+|\w+);|[^<&]+|.", re.DOTALL)
_TAG = re.compile(r"<(/?)([a-zA-Z][\w-]*)[^<>]*>")
_SURROGATES = re.compile("[\ud800-\udfff]")


def utf16_length(text: str) -> int:
    """The length that Telegram's limits mean."""
    if text.isascii():
        return len(text)
    return len(text) + sum(character > "\uffff" for character in text)


def clean(text: str) -> str:
    """The text without lone surrogates and NUL, which no request can carry."""
    if text.isascii() and "\0" not in text:
        return text
    return _SURROGATES.sub("\ufffd", text).replace("\0", "\ufffd")


def html(text: str) -> str:
    """Plain text as Telegram's HTML."""
    return escape(text, quote=False)


def plain(markup: str) -> str:
    """What is left to read of Telegram's HTML."""
    return "".join(unescape(token) for token in _TOKEN.findall(markup) if not _TAG.fullmatch(token))


def cut(text: str, limit: int) -> str:
    """The text, or its beginning with an ellipsis where it is longer than `limit` UTF-16 units."""
    if utf16_length(text) <= limit:
        return text
    return text[: _fitting(text, 0, limit - 1)] + "…"


def split(text: str, limit: int = TEXT_LIMIT) -> list[str]:
    """Parts of at most `limit` units that joined give the text, cut after a paragraph, a line or a word if any fits."""
    if utf16_length(text) <= limit:
        return [text]
    parts = []
    start = 0
    while start < len(text):
        end = _fitting(text, start, limit)
        end = _border(text, start, end) if end < len(text) else end
        parts.append(text[start:end])
        start = end
    return parts


def split_html(markup: str, limit: int = TEXT_LIMIT) -> list[str]:
    """Parts whose own markup is balanced and whose text fits; tags open at a cut are closed and opened again.

    A limit counts what is left after the entities are parsed, so tags cost nothing.
    """
    if utf16_length(markup) <= limit:
        return [markup]
    return list(_html_parts(markup, limit))


def _html_parts(markup: str, limit: int) -> Iterator[str]:
    opened: list[tuple[str, str]] = []
    part, room = "", limit
    for token in _pieces(markup, limit):
        tag = _TAG.fullmatch(token)
        if tag:
            part += token
            _track(opened, tag)
            continue
        length = utf16_length(unescape(token))
        if length > room:
            yield part + "".join(f"</{name}>" for _, name in reversed(opened))
            part, room = "".join(start for start, _ in opened), limit
        part += token
        room -= length
    yield part + "".join(f"</{name}>" for _, name in reversed(opened))


def _pieces(markup: str, limit: int) -> Iterator[str]:
    """Tags, references, and stretches of text none of which is longer than a part."""
    for token in _TOKEN.findall(markup):
        if token[0] in "<&":
            yield token
        else:
            yield from _words(token, limit)


def _words(text: str, limit: int) -> Iterator[str]:
    for word in re.findall(r"\S*\s|\S+", text):
        yield from split(word, limit)


def _track(opened: list[tuple[str, str]], tag: re.Match[str]) -> None:
    closing, name = tag.groups()
    if not closing:
        opened.append((tag.group(), name))
    elif opened and opened[-1][1] == name:
        opened.pop()


def _fitting(text: str, start: int, limit: int) -> int:
    """The furthest end such that text[start:end] fits; at least one character on."""
    end = min(len(text), start + limit)
    room = limit
    for index in range(start, end):
        room -= 2 if text[index] > "\uffff" else 1
        if room < 0:
            return max(index, start + 1)
    return end


def _border(text: str, start: int, end: int) -> int:
    """The last good place to cut in the latter half, else the end itself."""
    middle = start + (end - start) // 2
    for border in _BORDERS:
        found = text.rfind(border, middle, end)
        if found >= 0:
            return found + len(border)
    return end
