"""The methods of the Bot API that the emulator knows, by their lower-case names (the real server ignores case)."""

from collections.abc import Callable
from typing import Any

from tests.emulator.methods import chats, editing, profile, sending, topics
from tests.emulator.params import Params
from tests.emulator.world import World

Method = Callable[[World, Params], Any]

_KNOWN: dict[str, Method] = {**profile.METHODS, **sending.METHODS, **editing.METHODS, **topics.METHODS, **chats.METHODS}
_RECEIVING = ("getUpdates", "setWebhook", "deleteWebhook", "getWebhookInfo")
METHODS: dict[str, Method] = {name.lower(): method for name, method in _KNOWN.items()}
SPELLING: dict[str, str] = {name.lower(): name for name in (*_KNOWN, *_RECEIVING)}
