"""Markdown to the plain text of a chat: lists keep their marks, links their address."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False})


def chat_text(markdown: str) -> str:
    """The text as a person would type it into a chat: paragraphs apart by an empty line, list items a line each."""
    lists: list[int | None] = []
    blocks: list[str] = []
    mark = ""
    for token in _parser().parse(markdown):
        match token.type:
            case "bullet_list_open":
                lists.append(None)
            case "ordered_list_open":
                lists.append(int(token.attrGet("start") or 1))
            case "bullet_list_close" | "ordered_list_close":
                lists.pop()
                mark = "  " * len(lists)
            case "list_item_open":
                mark = _item_mark(lists)
            case "inline" | "fence" | "code_block":
                blocks.append(_separated(mark + _written(token), in_list=bool(lists), first=not blocks))
                mark = "  " * len(lists)
    return "".join(blocks).strip()


def _separated(text: str, *, in_list: bool, first: bool) -> str:
    if first:
        return text
    return ("\n" if in_list else "\n\n") + text


def _item_mark(lists: list[int | None]) -> str:
    indent = "  " * (len(lists) - 1)
    number = lists[-1]
    if number is None:
        return f"{indent}• "
    lists[-1] = number + 1
    return f"{indent}{number}. "


def _written(token: Token) -> str:
    return "".join(_inline(token.children)) if token.children is not None else token.content.rstrip("\n")


def _inline(tokens: Sequence[Token]) -> Iterator[str]:
    target, label = "", ""
    for token in tokens:
        match token.type:
            case "softbreak" | "hardbreak":
                yield "\n"
            case "link_open":
                target, label = str(token.attrGet("href") or ""), ""
            case "link_close":
                if target.removeprefix("mailto:") != label:
                    yield f" ({target})"
            case _:
                label += token.content
                yield token.content
