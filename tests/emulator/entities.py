"""Formatted text: HTML parsed as strictly as the real server does, lengths in UTF-16 units, entities found in it."""

import re
from dataclasses import dataclass
from html import unescape
from typing import Any, NoReturn

from tests.emulator.errors import bad_request

Entities = list[dict[str, Any]]
TAGS = {
    **dict.fromkeys(("b", "strong"), "bold"),
    **dict.fromkeys(("i", "em"), "italic"),
    **dict.fromkeys(("u", "ins"), "underline"),
    **dict.fromkeys(("s", "strike", "del"), "strikethrough"),
    **dict.fromkeys(("tg-spoiler", "span"), "spoiler"),
    "tg-emoji": "custom_emoji",
    "a": "text_link",
    "pre": "pre",
    "code": "code",
    "blockquote": "blockquote",
}
_REFERENCE = re.compile(r"&(?:#x[0-9a-fA-F]+|#[0-9]+|lt(?![a-zA-Z])|gt(?![a-zA-Z])|amp(?![a-zA-Z])|quot(?![a-zA-Z]));?")
_ATTRIBUTE = re.compile(r"\s+([^\s=>]*)\s*(=?)\s*(\"[^\"]*\"?|'[^']*'?|[^\s>]*)")
_NAME_TOKEN = re.compile(r"[a-zA-Z0-9.-]*\Z")
_PIECE = re.compile(r"<|[^<]+")
_TAG_NAME = re.compile(r"[^\s>]*")
_TAG_END = re.compile(r"\s*>")
_END_TAG = re.compile(r"</([^\s>]*)\s*>")
_LINK = re.compile(r"(https?|tg|mailto|tel|ftp)://?\S+|[\w-]+\.[\w.-]+")
_SPONTANEOUS = re.compile(
    r"(?P<bot_command>(?<![\w/])/[A-Za-z0-9_]{1,64}(?:@\w+)?)|(?P<url>https?://[^\s<>]+)"
    r"|(?P<email>[\w.+-]+@[\w-]+\.[\w.]+)|(?P<mention>(?<!\w)@[A-Za-z]\w{4,31})"
)


def utf16_length(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


@dataclass(kw_only=True, slots=True)
class _Open:
    name: str
    argument: str
    offset: int
    position: int
    byte: int


class _Html:
    """One pass over the text; error texts carry byte offsets, as the real ones do."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._text: list[str] = []
        self._length = 0
        self._open: list[_Open] = []
        self.entities: Entities = []

    def parse(self) -> str:
        at = 0
        while piece := _PIECE.match(self._source, at):
            if piece[0] != "<":
                self._add(_REFERENCE.sub(_character, piece[0]))
                at = piece.end()
            elif self._source.startswith("</", at):
                at = self._close(at)
            else:
                at = self._begin(at)
        if self._open:
            _cannot_parse(f'Can\'t find end tag corresponding to start tag "{self._open[-1].name}"')
        self.entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
        return "".join(self._text)

    def _add(self, text: str) -> None:
        self._text.append(text)
        self._length += utf16_length(text)

    def _byte(self, at: int) -> int:
        return len(self._source[:at].encode())

    def _begin(self, at: int) -> int:
        name_end = _TAG_NAME.match(self._source, at + 1)
        end = name_end.end() if name_end else at + 1
        byte = self._byte(at)
        if end >= len(self._source):
            _cannot_parse(f"Unclosed start tag at byte offset {byte}")
        name = self._source[at + 1 : end].lower()
        if name not in TAGS:
            _cannot_parse(f'Unsupported start tag "{name}" at byte offset {byte}')
        argument = ""
        while not (closing := _TAG_END.match(self._source, end)):
            end, key, value = self._attribute(end, name, byte)
            argument = _argument(name, key, value) or argument
        if name == "span" and argument != "spoiler":
            _cannot_parse(f'Tag "span" must have class "tg-spoiler" at byte offset {byte}')
        self._open.append(_Open(name=name, argument=argument, offset=self._length, position=len(self._text), byte=byte))
        return closing.end()

    def _attribute(self, at: int, name: str, byte: int) -> tuple[int, str, str]:
        found = _ATTRIBUTE.match(self._source, at)
        if found is None or found.end() >= len(self._source):
            _cannot_parse(f"Unclosed start tag at byte offset {byte}")
        key, equals, value = found.groups()
        if not key:
            _cannot_parse(f'Empty attribute name in the tag "{name}" at byte offset {byte}')
        if not equals:
            if name == "blockquote" and key == "expandable":
                return at + len(found[0]) - len(value), key, key
            _cannot_parse(
                f'Expected equal sign in declaration of an attribute of the tag "{name}" at byte offset {byte}'
            )
        if value[:1] in {'"', "'"}:
            return found.end(), key, unescape(value.strip(value[0]))
        if not _NAME_TOKEN.match(value):
            _cannot_parse(f"Unexpected end of name token at byte offset {self._byte(found.start(3))}")
        return found.end(), key, value.lower()

    def _close(self, at: int) -> int:
        byte = self._byte(at)
        if not self._open:
            _cannot_parse(f"Unexpected end tag at byte offset {byte}")
        closing = _END_TAG.match(self._source, at)
        if closing is None:
            _cannot_parse(f"Unclosed end tag at byte offset {byte}")
        tag, found = self._open.pop(), closing[1].lower()
        if found and found != tag.name:
            _cannot_parse(f'Unmatched end tag at byte offset {byte}, expected "</{tag.name}>", found "</{found}>"')
        if self._length > tag.offset:
            self._emit(tag)
        return closing.end()

    def _emit(self, tag: _Open) -> None:
        entity: dict[str, Any] = {"offset": tag.offset, "length": self._length - tag.offset, "type": TAGS[tag.name]}
        match tag.name:
            case "a":
                url = tag.argument or "".join(self._text[tag.position :])
                if not _LINK.match(url):
                    return
                entity["url"] = url
            case "tg-emoji":
                entity["custom_emoji_id"] = tag.argument
            case "pre" if tag.argument:
                entity["language"] = tag.argument
            case "blockquote" if tag.argument:
                entity["type"] = "expandable_blockquote"
            case "code" if self._joins_pre(entity, tag.argument):
                return
            case _:
                pass
        self.entities.append(entity)

    def _joins_pre(self, entity: dict[str, Any], language: str) -> bool:
        """`<pre><code class="language-x">` is one entity: the code is dropped and the pre learns its language."""
        outer = self._open[-1] if self._open else None
        if outer is None or outer.name != "pre" or outer.offset != entity["offset"] or not language:
            return False
        outer.argument = language
        return True


def _argument(name: str, key: str, value: str) -> str:
    match name, key:
        case ("a", "href") | ("tg-emoji", "emoji-id") | ("blockquote", "expandable"):
            return value
        case "code", "class":
            return value.removeprefix("language-") if value.startswith("language-") else ""
        case "span", "class":
            return value.removeprefix("tg-") if value.startswith("tg-") else ""
        case _:
            return ""


def _character(reference: re.Match[str]) -> str:
    return unescape(reference[0] if reference[0].endswith(";") else reference[0] + ";")


def _cannot_parse(reason: str) -> NoReturn:
    bad_request(f"can't parse entities: {reason}")


def parse_html(source: str) -> tuple[str, Entities]:
    """Plain text and its entities; offsets and lengths in UTF-16 units."""
    if "<" not in source and "&" not in source:
        return source, []
    parser = _Html(source)
    return parser.parse(), parser.entities


def spontaneous(text: str) -> Entities:
    """The entities Telegram itself finds in plain text: commands, links, addresses, mentions."""
    if "/" not in text and "@" not in text:
        return []
    return [
        {"offset": utf16_length(text[: found.start()]), "length": utf16_length(found[0]), "type": found.lastgroup}
        for found in _SPONTANEOUS.finditer(text)
    ]


def formatted(text: str, parse_mode: str, given: object) -> tuple[str, Entities]:
    """Text as it will stand in the chat: parsed, trimmed, with its entities."""
    if len(text.encode()) > 1 << 15:
        bad_request("text is too long")
    entities: Entities = [dict(entity) for entity in given] if isinstance(given, list) else []
    match parse_mode.lower():
        case "" | "none":
            pass
        case "html":
            text, entities = parse_html(text)
        case _:
            bad_request("unsupported parse_mode")
    lead = utf16_length(text) - utf16_length(text.lstrip())
    trimmed = text.strip()
    return trimmed, _trimmed(entities, lead, utf16_length(trimmed)) or spontaneous(trimmed)


def _trimmed(entities: Entities, lead: int, length: int) -> Entities:
    kept = []
    for entity in entities:
        begin = max(0, entity["offset"] - lead)
        end = min(length, entity["offset"] - lead + entity["length"])
        if end > begin:
            kept.append({**entity, "offset": begin, "length": end - begin})
    return kept
