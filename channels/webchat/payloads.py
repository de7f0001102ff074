"""What the web chat's door puts into the inbox: the stored JSON that the channel reads again."""

import msgspec

from desk.messages import Attachment


class Visitor(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who stood at the door: the id of the signed cookie, and what the browser told of itself."""

    id: str
    language: str
    timezone: str | None = None


class Started(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="started"):
    """The chat was opened for the first time, or by a link with a code."""

    visitor: Visitor
    code: str | None = None


class Wrote(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="wrote"):
    """A message; `client_id` is the browser's id of it."""

    visitor: Visitor
    client_id: str
    text: str
    attachments: tuple[Attachment, ...] = ()


class Pressed(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="pressed"):
    """A button of a message of ours, or an entry of the menu (no message)."""

    visitor: Visitor
    action: str
    message: int | None = None


class Read(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="read"):
    """Everything up to this message of ours was seen."""

    visitor: Visitor
    message: int


Payload = Started | Wrote | Pressed | Read

_decoder: msgspec.json.Decoder[Payload] = msgspec.json.Decoder(Payload)


def dumps(payload: Payload) -> str:
    """The JSON text that is stored."""
    return msgspec.json.encode(payload).decode()


def loads(text: str) -> Payload:
    """The payload again. Raises ValueError for anything else."""
    return _decoder.decode(text)
