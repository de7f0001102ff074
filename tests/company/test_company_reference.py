"""The reference page names every key that the specification's file uses."""

import re
from pathlib import Path

import pytest
import yaml

REFERENCE = (Path(__file__).parents[2] / "docs" / "desk-yaml.md").read_text(encoding="utf-8")
FILE = Path(__file__).with_name("desk.yaml").read_text(encoding="utf-8")
#: Under these the company chooses the names itself.
OWN_NAMES = {"rooms", "calendars", "teams", "replies", "split", "field", "points", "tiers", "extra_workdays", "stages"}


def keys_of(node: yaml.Node | None, parent: str = "") -> set[str]:
    if isinstance(node, yaml.SequenceNode):
        return {key for item in node.value for key in keys_of(item, parent)}
    if not isinstance(node, yaml.MappingNode):
        return set()
    own: set[str] = set() if parent in OWN_NAMES else {str(key.value) for key, _ in node.value}
    return own | {key for name, value in node.value for key in keys_of(value, name.value)}


@pytest.mark.parametrize("key", sorted(keys_of(yaml.compose(FILE, Loader=yaml.SafeLoader))))
def test_every_key_is_in_the_reference(key: str) -> None:
    assert re.search(rf"[`.{{ ]{key}[`:,}}. ]", REFERENCE)
