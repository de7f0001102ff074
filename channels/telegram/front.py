"""The front door's reading of an update: its key, its lane, and not a byte more; the text is kept as it came."""

import json
from datetime import datetime

import msgspec
from msgspec import Struct

from channels.base import Raw

NAME = "telegram"
ELSEWHERE = f"{NAME}:other"


class _Chat(Struct, frozen=True, gc=False):
    id: int
    type: str = ""


class _Placed(Struct, frozen=True, gc=False):
    chat: _Chat
    message_thread_id: int | None = None
    is_topic_message: bool = False


class _Pressed(Struct, frozen=True, gc=False):
    message: _Placed | None = None


class _Peek(Struct, frozen=True, gc=False):
    update_id: int
    message: _Placed | None = None
    edited_message: _Placed | None = None
    callback_query: _Pressed | None = None
    message_reaction: _Placed | None = None
    my_chat_member: _Placed | None = None
    message_reaction_count: _Placed | None = None
    chat_member: _Placed | None = None
    chat_join_request: _Placed | None = None
    channel_post: _Placed | None = None
    edited_channel_post: _Placed | None = None


_PEEK = msgspec.json.Decoder(_Peek)


def read_update(body: bytes, *, bot_id: int, received_at: datetime) -> Raw:
    """The update as a row of the inbox. Raises ValueError for what is no JSON object with an update_id."""
    number, lane = _number_and_lane(body)
    return Raw(
        key=f"{NAME}:{bot_id}:{number}",
        lane=lane,
        channel=NAME,
        payload=str(body, "utf-8"),
        received_at=received_at,
    )


def update_id(raw: Raw) -> int:
    """The number in a row's key."""
    return int(raw.key.rpartition(":")[2])


def _number_and_lane(body: bytes) -> tuple[int, str]:
    try:
        peek = _PEEK.decode(body)
    except msgspec.DecodeError:
        return _number(body), ELSEWHERE
    except RecursionError:
        raise ValueError("the update is nested too deeply") from None
    return peek.update_id, _lane(peek)


def _number(body: bytes) -> int:
    """By the standard library, which reads strings that msgspec holds to be broken (half a surrogate pair)."""
    try:
        update = json.loads(body)
    except RecursionError:
        raise ValueError("the update is nested too deeply") from None
    number = update.get("update_id") if isinstance(update, dict) else None
    if type(number) is not int:
        raise ValueError("there is no update_id")
    return number


def _lane(peek: _Peek) -> str:
    pressed = peek.callback_query
    placed = (
        peek.message
        or (pressed.message if pressed else peek.edited_message)
        or peek.message_reaction
        or peek.my_chat_member
        or _rare(peek)
    )
    if placed is None:
        return ELSEWHERE
    if placed.chat.type == "private":
        return f"{NAME}:{placed.chat.id}"
    thread = placed.message_thread_id if placed.is_topic_message else None
    return f"{NAME}:{placed.chat.id}:{thread or 0}"


def _rare(peek: _Peek) -> _Placed | None:
    return (
        peek.message_reaction_count
        or peek.chat_member
        or peek.chat_join_request
        or peek.channel_post
        or peek.edited_channel_post
    )
