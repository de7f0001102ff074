"""The words on the WebSocket, version 1: JSON text frames, each an object with a `type`.

From the browser
    hello    {version, language, timezone?, code?}    first, once per connection; `code` is the source in the link
    message  {client_id, text, files?: [key]}         `client_id` is the browser's own UUID; the files went before it
    press    {client_id, action, message?}            a button of a message of ours, or without `message` the menu's
    read     {message}                                everything up to this message of ours was seen
    older    {before}                                 what stands before this message
    ping     {}                                       are you there?

From the server
    messages {items, span, more?}   `span` "tail": all there is from the first item to now, so what the browser holds
                                    from there on and does not find here was taken back; "changed": new or changed
                                    entries; "older": an answer to `older`. `more`: older entries are to be had
    removed  {ids}                  messages that were taken back
    stored   {client_id}            the tick: the message or press is on our disk for good
    error    {code, client_id?, retry_after?}   `retry_after` seconds: send it again then; without it, never as it is
    pong     {}

The codes: version (an older page: load it again), hello (something came before it), frame (not understood), empty,
too_long, too_many_files, unknown_file, stale (the button is gone), slow (too many at a time).

What a browser sends again after a lost connection does no harm: its `client_id` is part of the inbox's unique key.
There is no cursor to lose either: the server keeps what this very socket was shown and sends the difference, whether
the bell rang for a new message, an edit, a removed button or a read mark. A socket closed with code 4401 has no valid
cookie.
"""

from typing import Annotated, Literal

import msgspec

VERSION = 1
NO_COOKIE = 4401

#: What a database takes for a number.
Number = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
Code = Literal["version", "hello", "frame", "empty", "too_long", "too_many_files", "unknown_file", "stale", "slow"]


class Hello(msgspec.Struct, frozen=True, kw_only=True, tag="hello"):
    """The first word."""

    version: int
    language: str = ""
    timezone: str = ""
    code: str = ""


class SentMessage(msgspec.Struct, frozen=True, kw_only=True, tag="message"):
    """A visitor's message."""

    client_id: str
    text: str
    files: tuple[str, ...] = ()


class Press(msgspec.Struct, frozen=True, kw_only=True, tag="press"):
    """A pressed button."""

    client_id: str
    action: str
    message: Number | None = None


class Seen(msgspec.Struct, frozen=True, kw_only=True, tag="read"):
    """A message of ours was seen."""

    message: Number


class Older(msgspec.Struct, frozen=True, kw_only=True, tag="older"):
    """The visitor scrolls back."""

    before: Number


class Ping(msgspec.Struct, frozen=True, kw_only=True, tag="ping"):
    """The browser checks the line."""


ClientFrame = Hello | SentMessage | Press | Seen | Older | Ping


class ShownButton(msgspec.Struct, frozen=True, kw_only=True):
    """A chip."""

    label: str
    action: str


class ShownFile(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An attachment: a file with its address, a place, or a visiting card."""

    kind: str
    url: str | None = None
    name: str | None = None
    size: int | None = None
    image: bool = False
    latitude: float | None = None
    longitude: float | None = None
    phone: str | None = None
    person: str | None = None


class Item(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One entry of the transcript; `at` is milliseconds since 1970, `state` "read" once the other side saw it."""

    id: int
    author: str
    at: int
    text: str = ""
    name: str | None = None
    client_id: str | None = None
    state: str = ""
    edited: bool = False
    files: tuple[ShownFile, ...] = ()
    buttons: tuple[tuple[ShownButton, ...], ...] = ()


class Messages(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="messages"):
    """Entries of the transcript, oldest first."""

    items: tuple[Item, ...]
    span: Literal["tail", "changed", "older"]
    more: bool = False


class Removed(msgspec.Struct, frozen=True, kw_only=True, tag="removed"):
    """Messages that were taken back."""

    ids: tuple[int, ...]


class Stored(msgspec.Struct, frozen=True, kw_only=True, tag="stored"):
    """The tick."""

    client_id: str


class Refusal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="error"):
    """Why something was not taken."""

    code: Code
    client_id: str | None = None
    retry_after: float | None = None


class Pong(msgspec.Struct, frozen=True, kw_only=True, tag="pong"):
    """We are here."""


ServerFrame = Messages | Removed | Stored | Refusal | Pong

_decoder: msgspec.json.Decoder[ClientFrame] = msgspec.json.Decoder(ClientFrame)


def loads(text: str) -> ClientFrame:
    """A frame of the browser. Raises ValueError."""
    try:
        return _decoder.decode(text)
    except RecursionError:
        raise ValueError("the frame is nested too deeply") from None


def dumps(frame: ServerFrame) -> str:
    """A frame for the browser."""
    return msgspec.json.encode(frame).decode()
