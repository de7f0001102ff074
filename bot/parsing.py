"""From a stored row to commands: each channel reads its own, the house reads what it wrote itself."""

from collections.abc import Mapping
from typing import Any, get_args, get_type_hints

import msgspec

from channels.base import Channel
from desk.commands import (
    AtMessage,
    AtThread,
    AtTicket,
    Command,
    HouseCommand,
    Place,
    StaffActed,
    StaffCommand,
    StaffEdited,
    StaffWrote,
)
from store.deadlines import HOUSE
from store.inbox import InboxRow

_HOUSE_COMMANDS: Mapping[str, Any] = {
    kind.__name__: kind for kind in (*get_args(StaffCommand), *get_args(HouseCommand))
}

_PLACED = (StaffWrote, StaffEdited, StaffActed)


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
    command: Command = (
        _placed(envelope.body, kind) if kind in _PLACED else msgspec.json.decode(envelope.body, type=kind)
    )
    return command


def _placed(body: msgspec.Raw, kind: Any) -> Any:
    """A command with a place: which of the places it is, its own fields tell (msgspec knows no such unions)."""
    hints = get_type_hints(kind)
    fields = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    if not fields.keys() <= hints.keys():
        raise ValueError(f"command {kind.__name__} has no {', '.join(sorted(fields.keys() - hints.keys()))}")
    values = {name: msgspec.json.decode(raw, type=hints[name]) for name, raw in fields.items() if name != "place"}
    return kind(**values, place=_place(fields["place"]))


def _place(raw: msgspec.Raw) -> Place | None:
    named = msgspec.json.decode(raw, type=dict[str, int] | None)
    match named:
        case None:
            return None
        case {"number": _}:
            return msgspec.convert(named, AtTicket)
        case {"thread": _}:
            return msgspec.convert(named, AtThread)
        case _:
            return msgspec.convert(named, AtMessage)
