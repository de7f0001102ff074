"""The rooms: what the staff write, order and press in their groups, as commands."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from channels.base import Forged
from channels.telegram.contents import attachments_of, stand_in, text_of
from channels.telegram.wire import CallbackQuery, Message, Update, moment
from desk import presses
from desk.commands import (
    Action,
    Actor,
    AtMessage,
    AtThread,
    AtTicket,
    Place,
    RoomMoved,
    StaffActed,
    StaffCommand,
    StaffEdited,
    StaffWrote,
    ThreadClosed,
)

_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@(\w+))?(?:\s+(.*))?\s*\Z", re.DOTALL)
_TYPED = frozenset(
    {
        Action.TAKE,
        Action.RELEASE,
        Action.NOTE,
        Action.REPLY,
        Action.WAITING,
        Action.RESOLVE,
        Action.REOPEN,
        Action.WHO,
        Action.ONLINE,
        Action.AWAY,
        Action.HELP,
    }
)
_ACTIONS = {action.value: action for action in _TYPED}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Order:
    """A slash command; `action` is None where it is meant for another bot."""

    action: Action | None
    argument: str = ""


class Rooms:
    """Reads the updates of groups for one bot."""

    def __init__(self, *, bot_id: int, username: str) -> None:
        """`username` is the bot's, without the @."""
        self._bot_id = bot_id
        self._username = username.lower()

    def read(self, update: Update, received_at: datetime) -> Sequence[StaffCommand]:
        """What an update from a room asks for; empty where it concerns nobody."""
        if update.message is not None:
            return self._message(update.message)
        if update.edited_message is not None:
            return self._edited(update.edited_message)
        if update.callback_query is not None:
            return _pressed(update.callback_query, received_at)
        return ()

    def _message(self, message: Message) -> Sequence[StaffCommand]:
        at = moment(message.date)
        if message.migrate_to_chat_id is not None:
            return (RoomMoved(chat=message.chat.id, moved_to=message.migrate_to_chat_id, at=at),)
        actor = _actor(message)
        if actor is None:
            return ()
        if message.forum_topic_closed is not None:
            return _closed(message, at)
        order = self._order(text_of(message))
        if order is None:
            return self._wrote(message, actor, at)
        if order.action is None:
            return ()
        return (self._acted(message, actor, order.action, order.argument),)

    def _wrote(self, message: Message, actor: Actor, at: datetime) -> Sequence[StaffCommand]:
        """What only Telegram can show comes through empty, and is refused with the reason (H7)."""
        place = self._place(message)
        text, attachments = text_of(message), attachments_of(message)
        says_something = bool(text or attachments) or stand_in(message) is not None
        if place is None or not says_something:
            return ()
        wrote = StaffWrote(
            by=actor,
            place=place,
            text=text,
            at=at,
            attachments=attachments,
            chat=message.chat.id,
            external_id=str(message.message_id),
            group=message.media_group_id,
        )
        return (wrote,)

    def _acted(self, message: Message, actor: Actor, action: Action, argument: str) -> StaffActed:
        return StaffActed(
            by=actor,
            action=action,
            at=moment(message.date),
            place=self._place(message),
            argument=argument,
            attachments=attachments_of(message),
            chat=message.chat.id,
            external_id=str(message.message_id),
        )

    def _edited(self, message: Message) -> Sequence[StaffCommand]:
        """A changed note stays a note; a changed command is not carried out again."""
        actor, place = _actor(message), self._place(message)
        if actor is None or place is None or message.location is not None:
            return ()
        text = text_of(message)
        order = self._order(text)
        if order is not None:
            if order.action is not Action.NOTE:
                return ()
            text = order.argument
        edited = StaffEdited(
            by=actor,
            place=place,
            text=text,
            at=moment(message.edit_date or message.date),
            chat=message.chat.id,
            external_id=str(message.message_id),
            is_note=order is not None,
        )
        return (edited,)

    def _order(self, text: str) -> _Order | None:
        """The command a text begins with, or None for plain talk.

        A command nobody knows asks for help: whatever begins as a command is never shown to the customer (H15).
        """
        if not text.startswith("/"):
            return None
        if text.startswith("//"):
            return _Order(action=Action.NOTE, argument=text[2:].strip())
        found = _COMMAND.match(text)
        if found is None:
            return None
        name, addressed, argument = found.groups()
        if addressed is not None and addressed.lower() != self._username:
            return _Order(action=None)
        action = _ACTIONS.get(name.lower())
        if action is None:
            return _Order(action=Action.HELP, argument=f"/{name}")
        return _Order(action=action, argument=(argument or "").strip())

    def _place(self, message: Message) -> Place | None:
        """The topic, or the message of ours that was replied to where there is no topic.

        In a topic every message replies to the topic's root, so a reply says something only outside of one.
        """
        if message.thread is not None:
            return AtThread(chat=message.chat.id, thread=message.thread)
        answered = message.reply_to_message
        if answered is not None and answered.sender is not None and answered.sender.id == self._bot_id:
            return AtMessage(chat=message.chat.id, message=answered.message_id)
        return None


def _actor(message: Message) -> Actor | None:
    """Who wrote it; nobody where it was a bot, a channel, or an administrator in disguise."""
    sender = message.sender
    if sender is None or sender.is_bot or message.sender_chat is not None:
        return None
    return Actor(telegram=sender.id)


def _closed(message: Message, at: datetime) -> Sequence[StaffCommand]:
    if message.thread is None:
        return ()
    return (ThreadClosed(place=AtThread(chat=message.chat.id, thread=message.thread), at=at),)


def _pressed(query: CallbackQuery, received_at: datetime) -> Sequence[StaffCommand]:
    """Raises Forged for data that no button of ours bears: Telegram lets a changed client send any."""
    if query.message is None or query.data is None:
        return ()
    try:
        press = presses.decode(query.data)
    except ValueError as error:
        raise Forged(str(error)) from error
    acted = StaffActed(
        by=Actor(telegram=query.sender.id),
        action=press.action,
        at=received_at,
        place=None if press.ticket is None else AtTicket(number=press.ticket),
        argument=press.argument,
        seen=press.seen,
        press=query.id,
        chat=query.message.chat.id,
        external_id=str(query.message.message_id),
    )
    return (acted,)
