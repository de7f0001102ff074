"""Walking the YAML nodes: every place knows its line and key path, and notes its mistakes instead of stopping.

A reader is a function from a place to a value. It always returns one: where the place is wrong it notes the mistake
and returns a blank, which nobody sees, because a file with mistakes is refused as a whole.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import TypeVar

import yaml

from bot.company.mistakes import Mistake, printable, quoted, short, suggestion
from desk.values import replace

T = TypeVar("T")
D = TypeVar("D")

_NULL = "tag:yaml.org,2002:null"
_MERGE = "tag:yaml.org,2002:merge"


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """One spot of the file. `node` None: nothing stands there. `muted`: its parent is already reported."""

    path: str
    line: int
    node: yaml.Node | None
    mistakes: list[Mistake] = field(repr=False, compare=False)
    key: str = ""
    muted: bool = False

    def wrong(self, message: str) -> None:
        """Notes a mistake here."""
        if not self.muted:
            self.mistakes.append(Mistake(line=self.line, path=printable(self.path), message=printable(message)))

    @property
    def is_empty(self) -> bool:
        """Whether nothing stands here, or YAML's null."""
        return self.node is None or self.node.tag == _NULL

    @property
    def is_list(self) -> bool:
        """Whether a list stands here."""
        return isinstance(self.node, yaml.SequenceNode)

    @property
    def is_mapping(self) -> bool:
        """Whether a mapping stands here."""
        return isinstance(self.node, yaml.MappingNode)

    @property
    def tag(self) -> str:
        """YAML's own idea of the value: "bool", "int", "str" and so on."""
        return "" if self.node is None else self.node.tag.rpartition(":")[2]

    @property
    def scalar(self) -> str | None:
        """The single value as it was written; None where there is none."""
        return self.node.value if isinstance(self.node, yaml.ScalarNode) and not self.is_empty else None

    def shown(self) -> str:
        """What stands here, for a message."""
        if self.is_list:
            return "a list"
        return "a mapping" if self.is_mapping else quoted(self.scalar or "")

    def items(self) -> list["Place"]:
        """The places of a list; none where nothing stands."""
        if isinstance(self.node, yaml.SequenceNode):
            return [
                replace(self, path=f"{self.path}[{index}]", key=str(index), line=_line(item), node=item)
                for index, item in enumerate(self.node.value)
            ]
        if self.node is None:
            self.wrong("missing; expected a list")
        elif not self.is_empty:
            self.wrong(f"{self.shown()} is not a list; expected one in [brackets] or with dashes")
        return []

    def entries(self) -> dict[str, "Place"]:
        """The places of a mapping by key; none where nothing stands. Keys that stand twice are mistakes."""
        if isinstance(self.node, yaml.MappingNode):
            return self._entries(self.node)
        if self.node is None:
            self.wrong("missing; expected a mapping")
        elif not self.is_empty:
            self.wrong(f"{self.shown()} is not a mapping; expected keys with values")
        return {}

    def _entries(self, node: yaml.MappingNode) -> dict[str, "Place"]:
        entries: dict[str, Place] = {}
        for key, value in node.value:
            place = replace(self, line=_line(key))
            if key.tag == _MERGE:
                continue
            if not isinstance(key, yaml.ScalarNode):
                place.wrong("a key must be a plain word; expected a word before the colon")
            elif key.value in entries:
                twice = self.child(key.value, value, _line(key))
                twice.wrong(f"stands twice; expected once (first on line {entries[key.value].line})")
            else:
                entries[key.value] = self.child(key.value, value, _line(key))
        return self._merged(node) | entries

    def _merged(self, node: yaml.MappingNode) -> dict[str, "Place"]:
        """What `<<` brings in; the mapping's own keys win over it, an earlier source over a later one."""
        merged: dict[str, Place] = {}
        for key, value in node.value:
            if key.tag != _MERGE:
                continue
            sources = value.value if isinstance(value, yaml.SequenceNode) else [value]
            for source in sources:
                if source is not node and isinstance(source, yaml.MappingNode):
                    merged = self._plain(source) | merged
                else:
                    replace(self, line=_line(key)).wrong("<< merges no mapping; expected an alias of one")
        return merged

    def _plain(self, node: yaml.MappingNode) -> dict[str, "Place"]:
        return {
            key.value: self.child(key.value, value, _line(key))
            for key, value in node.value
            if isinstance(key, yaml.ScalarNode) and key.tag != _MERGE
        }

    def child(self, key: str, node: yaml.Node | None, line: int) -> "Place":
        """The place under a key of this one."""
        path = f"{self.path}.{short(key)}" if self.path else short(key)
        return replace(self, path=path, key=key, line=line, node=node)


Reader = Callable[[Place], T]


class Section:
    """The keys of a mapping, read one by one; on leaving, the keys that nobody asked for are mistakes."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._entries = place.entries()
        self._asked: list[str] = []
        self._mistakes_before = len(place.mistakes)

    def __enter__(self) -> "Section":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            for key, place in self._entries.items():
                if key not in self._asked:
                    place.wrong(f"unknown key{suggestion(key, self._asked) or self._expected()}")

    def _expected(self) -> str:
        return f"; expected one of {', '.join(self._asked)}"

    @property
    def spoiled(self) -> bool:
        """Whether no mapping stands here, which is reported already."""
        return self.place.muted or not (self.place.is_mapping or self.place.tag == "null")

    @property
    def is_sound(self) -> bool:
        """Whether no mistake was noted in here so far: only then do its values mean anything together."""
        return len(self.place.mistakes) == self._mistakes_before

    def has(self, key: str) -> bool:
        """Whether the key stands here with a value."""
        return key in self._entries and not self._entries[key].is_empty

    def at(self, key: str) -> Place:
        """The place of a key, also where it is missing."""
        self._asked.append(key)
        missing = replace(self.place.child(key, None, self.place.line), muted=self.spoiled)
        return self._entries.get(key, missing)

    def required(self, key: str, read: Reader[T]) -> T:
        """The value of a key that must stand here."""
        return read(self.at(key))

    def optional(self, key: str, read: Reader[T], default: D) -> T | D:
        """The value of a key, or the default where the key is left out or empty."""
        place = self.at(key)
        return default if place.is_empty else read(place)

    def others(self) -> dict[str, Place]:
        """The places of all keys not asked for yet, which are hereby asked for."""
        others = {key: place for key, place in self._entries.items() if key not in self._asked}
        self._asked.extend(others)
        return others


def listed(read: Reader[T]) -> Reader[tuple[T, ...]]:
    """A list whose items are read alike."""
    return lambda place: tuple([read(item) for item in place.items()])


def listed_or_one(read: Reader[T]) -> Reader[tuple[T, ...]]:
    """A list, or a single value in place of a list of one."""
    return lambda place: listed(read)(place) if place.is_list else (read(place),)


def by_name(read: Reader[T]) -> Reader[dict[str, T]]:
    """A mapping of names of the company's own choosing; a place's `key` is its name."""

    def read_entry(entry: Place) -> T:
        if not entry.key.strip() or len(entry.key) > 64 or not entry.key.isprintable():
            entry.wrong("not a name; expected 1 to 64 characters on one line")
        return read(entry)

    return lambda place: {name: read_entry(entry) for name, entry in place.entries().items()}


def filled(read: Reader[T], what: str) -> Reader[T]:
    """The same, where at least one must stand."""

    def read_filled(place: Place) -> T:
        value = read(place)
        if (place.is_list or place.is_mapping or place.tag == "null") and not value:
            place.wrong(f"empty; expected at least one {what}")
        return value

    return read_filled


def checked(read: Reader[T], fault: Callable[[T], str | None]) -> Reader[T]:
    """The same, where a value that reads well may still have a fault as a whole."""

    def read_checked(place: Place) -> T:
        before = len(place.mistakes)
        value = read(place)
        found = fault(value) if len(place.mistakes) == before else None
        if found is not None:
            place.wrong(found)
        return value

    return read_checked


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
