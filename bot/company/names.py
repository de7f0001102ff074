"""All names that the file gives, gathered before it is read, so that every reference can be checked in one pass."""

from collections.abc import Mapping
from dataclasses import dataclass

import yaml

from bot.company.places import Place
from desk.company import ContactField
from desk.readings import INTENTS


@dataclass(frozen=True, kw_only=True, slots=True)
class Names:
    """The names that other parts of the file may refer to."""

    languages: tuple[str, ...]
    rooms: tuple[str, ...]
    calendars: tuple[str, ...]
    teams: tuple[str, ...]
    staff: tuple[str, ...]
    skills: tuple[str, ...]
    manned_teams: frozenset[str]
    intents: tuple[str, ...]
    stages: tuple[str, ...]
    tiers: tuple[str, ...]
    journeys: tuple[str, ...]
    channels: tuple[str, ...]
    fields: Mapping[str, ContactField]


def gather(root: Place, fields: Mapping[str, ContactField], channels: tuple[str, ...]) -> Names:
    """The names as they stand, whatever else is wrong with the file; `fields` and `channels` are given."""
    file = root.node
    staff = _items(_under(file, "staff"))
    return Names(
        languages=_words(_under(file, "company", "languages")),
        rooms=_keys(_under(file, "rooms")),
        calendars=_keys(_under(file, "calendars")),
        teams=_keys(_under(file, "teams")),
        staff=_named(staff),
        skills=tuple(dict.fromkeys(skill for member in staff for skill in _words(_under(member, "skills")))),
        manned_teams=frozenset(team for member in staff for team in _words(_under(member, "teams"))),
        intents=INTENTS + _named(_items(_under(file, "intents"))),
        stages=_words(_under(file, "lifecycle", "stages")) or ("lead", "customer"),
        tiers=_keys(_under(file, "lifecycle", "loyalty", "tiers")) or ("member",),
        journeys=_named(_items(_under(file, "journeys"))),
        channels=channels,
        fields=fields,
    )


def _under(node: yaml.Node | None, *keys: str) -> yaml.Node | None:
    for key in keys:
        pairs = node.value if isinstance(node, yaml.MappingNode) else []
        node = next((value for name, value in pairs if name.value == key), None)
    return node


def _items(node: yaml.Node | None) -> list[yaml.Node]:
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _words(node: yaml.Node | None) -> tuple[str, ...]:
    return tuple(item.value for item in _items(node) if isinstance(item, yaml.ScalarNode))


def _keys(node: yaml.Node | None) -> tuple[str, ...]:
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return tuple(name.value for name, _ in pairs if isinstance(name, yaml.ScalarNode))


def _named(nodes: list[yaml.Node]) -> tuple[str, ...]:
    names = (_under(node, "name") for node in nodes)
    return tuple(name.value for name in names if isinstance(name, yaml.ScalarNode))
