"""Telegram's refusals as the errors of channels.base, with reasons an agent can read.

Rejected
├── BadMarkup      our markup could not be parsed; send it as plain text
├── NotModified    the edit changes nothing: as good as done
├── NoText         the message has a caption instead of a text
├── NotEditable    the message is gone or too old to be changed
├── PressExpired   the button was pressed too long ago to be answered
└── NotAPicture    Telegram cannot make a photo of this file
RetryLater
└── Conflict       somebody else receives this bot's updates
"""

from collections.abc import Callable

from channels.base import (
    Rejected,
    RetryLater,
    RoomMoved,
    SendError,
    ThreadClosed,
    ThreadMissing,
    ThreadsForbidden,
    Unreachable,
)

SERVER_PAUSE = 2.0
TOKEN_PAUSE = 60.0
CONFLICT_PAUSE = 5.0


class BadMarkup(Rejected):
    """Our markup could not be parsed."""


class NotModified(Rejected):
    """The edit changes nothing."""


class NoText(Rejected):
    """The message has a caption instead of a text."""


class NotEditable(Rejected):
    """The message is gone or too old to be changed."""


class PressExpired(Rejected):
    """The button was pressed too long ago."""


class NotAPicture(Rejected):
    """Telegram cannot make a photo of this file."""


class Conflict(RetryLater):
    """Somebody else receives this bot's updates."""


_THREADS = "the bot may not manage topics in this group, or the group has none"

#: What Telegram's description holds, in lower case, and what it means; the first that fits.
_REASONS: tuple[tuple[str, Callable[[str], SendError], str], ...] = (
    ("can't parse entities", BadMarkup, "the formatting cannot be read"),
    ("message is not modified", NotModified, "nothing changed"),
    ("topic_not_modified", NotModified, "nothing changed"),
    ("no text in the message to edit", NoText, "the message has no text to change"),
    ("message to edit not found", NotEditable, "the message to change is gone"),
    ("message can't be edited", NotEditable, "the message cannot be changed any more"),
    ("no caption in the message to edit", NotEditable, "the message cannot be changed"),
    ("message_id_invalid", NotEditable, "the message is gone"),
    ("message to react not found", Rejected, "the message is gone"),
    ("query is too old", PressExpired, "the button was pressed too long ago"),
    ("message thread not found", ThreadMissing, "the topic was deleted"),
    ("topic_deleted", ThreadMissing, "the topic was deleted"),
    ("topic_id_invalid", ThreadMissing, "the topic was deleted"),
    ("topic_closed", ThreadClosed, "the topic is closed"),
    ("not enough rights to create a topic", ThreadsForbidden, _THREADS),
    ("not enough rights to manage topics", ThreadsForbidden, _THREADS),
    ("not enough rights to edit the topic", ThreadsForbidden, _THREADS),
    ("not enough rights to close the topic", ThreadsForbidden, _THREADS),
    ("not enough rights to reopen the topic", ThreadsForbidden, _THREADS),
    ("the chat is not a forum", ThreadsForbidden, _THREADS),
    ("channel_forum_missing", ThreadsForbidden, _THREADS),
    ("chat not found", Unreachable, "Telegram does not know this chat"),
    ("user not found", Unreachable, "Telegram does not know this person"),
    ("peer_id_invalid", Unreachable, "Telegram does not know this chat"),
    ("user_is_blocked", Unreachable, "the customer has blocked the bot"),
    ("too long", Rejected, "the text is too long for Telegram"),
    ("message_too_long", Rejected, "the text is too long for Telegram"),
    ("text is empty", Rejected, "there is no text to send"),
    ("must be non-empty", Rejected, "something needed is empty"),
    ("message to copy not found", Rejected, "the customer's message is gone, so it cannot be shown"),
    ("no messages to copy", Rejected, "the customer's messages are gone, so they cannot be shown"),
    ("can't be copied", Rejected, "Telegram does not let this kind of message be copied"),
    ("message to delete not found", Rejected, "the message is gone already"),
    ("message can't be deleted", Rejected, "Telegram does not let this message be deleted any more"),
    ("photo_invalid_dimensions", NotAPicture, "Telegram cannot show this picture"),
    ("photo_save_file_invalid", NotAPicture, "Telegram cannot show this picture"),
    ("image_process_failed", NotAPicture, "Telegram cannot show this picture"),
    ("too big", Rejected, "the file is too big for Telegram"),
    ("reaction_invalid", Rejected, "Telegram does not know this reaction"),
    ("not enough rights", Rejected, "the bot lacks the right to write in this chat"),
    ("chat_write_forbidden", Rejected, "the bot lacks the right to write in this chat"),
)
_UNREACHABLE = (
    ("blocked", "the customer has blocked the bot"),
    ("deactivated", "the customer's account is deleted"),
    ("kicked", "the bot was removed from the group"),
    ("not a member", "the bot is not in the group"),
    ("initiate", "the customer has not started a conversation with the bot"),
)


def refusal(
    code: int, description: str, *, retry_after: float | None, moved_to: int | None, names_chat: bool
) -> SendError:
    """The error for an answer with ok=false.

    A pause that Telegram asks for is the chat's where the request named one: it never says which limit was met, and
    stopping every chat for one busy group costs more than one more refusal.
    """
    if moved_to is not None:
        return RoomMoved("the group has become a supergroup", moved_to=moved_to)
    if retry_after is not None or code == 429:
        return RetryLater("Telegram asks for a pause", after=retry_after or 1.0, whole_bot=not names_chat)
    if code >= 500:
        return RetryLater(f"Telegram is out of order ({code})", after=SERVER_PAUSE)
    if code in {401, 404}:
        return RetryLater("Telegram does not know the bot's token", after=TOKEN_PAUSE, whole_bot=True)
    if code == 409:
        return Conflict(f"another program receives this bot's updates ({description})", after=CONFLICT_PAUSE)
    if code == 413:
        return Rejected("the file is too big for Telegram")
    return _by_description(code, description)


def _by_description(code: int, description: str) -> SendError:
    said = description.lower()
    if code == 403:
        reasons = (reason for part, reason in _UNREACHABLE if part in said)
        return Unreachable(next(reasons, f"Telegram does not let the bot write there: {description}"))
    for part, kind, reason in _REASONS:
        if part in said:
            return kind(reason)
    return Rejected(f"Telegram refused it: {description.removeprefix('Bad Request: ')}")
