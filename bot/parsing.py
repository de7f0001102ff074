"""From a stored row to commands: each channel reads its own, the house reads what it wrote itself."""

from collections.abc import Mapping
from typing import Any, get_args

import msgspec

from channels.base import Channel
from desk.commands import Command, HouseCommand, StaffCommand
from store.deadlines import HOUSE
from store.inbox import InboxRow

_HOUSE_COMMANDS: Mapping[str, Any] = {
    kind.__name__: kind for kind in (*get_args(StaffCommand), *get_args(HouseCommand))
}


class _Envelope(msgspec.Struct):
    command: str
    body: msgspec.Raw


_ENVELOPE = msgspec.json.Decoder(_Envelope)


class Parser:
    """Reads rows by the channel they came through."""

    def __init__(self, channels: Mapping[str, Channel]) -> None:
        """`channels` by name."""
        self._channels = channels

    def commands(self, row: InboxRow) -> list[Command]:
        """What a row asks for, nothing where it concerns nobody. Raises ValueError when it cannot be read."""
        if row.channel == HOUSE:
            return [_house_command(row.payload)]
        channel = self._channels.get(row.channel)
        if channel is None:
            raise ValueError(f"channel {row.channel!r} is not set up; expected one of {', '.join(self._channels)}")
        return list(channel.parse(row.payload, row.received_at))


def _house_command(payload: str) -> Command:
    envelope = _ENVELOPE.decode(payload)
    kind = _HOUSE_COMMANDS.get(envelope.command)
    if kind is None:
        raise ValueError(f"command {envelope.command!r} is unknown")
    command: Command = msgspec.json.decode(envelope.body, type=kind)
    return command
