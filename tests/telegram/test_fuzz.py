"""Mutated updates: what cannot be read is refused as such, and nothing else ever happens."""

import json
import random
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.telegram import customers
from channels.telegram.front import ELSEWHERE, read_update
from channels.telegram.room import Rooms
from channels.telegram.wire import UPDATE
from desk.commands import Command
from tests.telegram.conftest import NOW, payload, payload_names

JUNK: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    2**70,
    1.5,
    "",
    "x",
    "\ud83d",
    "\0",
    [],
    {},
    [None],
    {"id": "x"},
    "/",
    "//",
    "/take@",
    10**18,
)
RECORDED = [json.loads(payload(name)) for name in payload_names()]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["chat", "id", "message"]), inner),
    max_leaves=8,
)


def read_both(text: str) -> Sequence[Command]:
    """What either face makes of it, whatever the chat says it is."""
    update = UPDATE.decode(text)
    return [*customers.read(update, NOW), *Rooms(bot_id=42000, username="guanxi_bot").read(update, NOW)]


def mutated(value: Any, chance: random.Random) -> Any:
    """The same with a leaf or a branch replaced, dropped or doubled now and then."""
    if chance.random() < 0.06:
        return chance.choice(JUNK)
    if isinstance(value, dict):
        return {
            name: mutated(inner, chance)
            for name, inner in value.items()
            if name == "update_id" or chance.random() > 0.04
        }
    if isinstance(value, list):
        return [mutated(inner, chance) for inner in value for _ in range(1 + (chance.random() < 0.1))]
    return value


@pytest.mark.parametrize("seed", range(60))
def test_a_mutated_update_is_read_or_refused(seed: int) -> None:
    chance = random.Random(seed)
    for recorded in RECORDED:
        update = {name: mutated(value, chance) for name, value in recorded.items()} | {"update_id": 5}
        text = json.dumps(update)
        row = read_update(text.encode(), bot_id=42000, received_at=NOW)
        assert row.payload == text
        assert row.lane.startswith("telegram:")
        try:
            commands = read_both(text)
        except ValueError:
            continue
        assert all(not hasattr(command, "at") or command.at.tzinfo is UTC for command in commands)


@given(st.dictionaries(st.sampled_from(["message", "callback_query", "my_chat_member", "chat_member", "x"]), JSON))
@settings(max_examples=300)
def test_the_front_takes_any_object_with_a_number(update: dict[str, Any]) -> None:
    row = read_update(json.dumps({**update, "update_id": 7}).encode(), bot_id=1, received_at=NOW)
    assert row.key == "telegram:1:7"


@given(st.binary(max_size=40))
def test_the_front_refuses_what_is_no_update(body: bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read_update(body, bot_id=1, received_at=datetime.now(UTC))


@pytest.mark.parametrize("depth", [50, 100_000])
def test_deep_nesting_is_refused_or_taken_but_does_no_harm(depth: int) -> None:
    text = '{"update_id":1,"message":' + "[" * depth + "]" * depth + "}"
    try:
        row = read_update(text.encode(), bot_id=1, received_at=NOW)
    except ValueError:
        return
    assert row.lane == ELSEWHERE
