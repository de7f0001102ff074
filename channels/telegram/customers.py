"""Private chats: what customers write, change, press and do, as commands."""

import re
from collections.abc import Sequence
from datetime import datetime

from channels.telegram.contents import attachments_of, stand_in, text_of
from channels.telegram.front import NAME
from channels.telegram.wire import (
    CallbackQuery,
    Chat,
    MemberUpdated,
    Message,
    MessageReaction,
    Update,
    User,
    moment,
)
from desk.commands import (
    CustomerBlocked,
    CustomerCommand,
    CustomerEdited,
    CustomerPressed,
    CustomerReacted,
    CustomerStarted,
    CustomerUnblocked,
    CustomerWrote,
    Sender,
)

#: What Telegram lets a link carry; whoever types more behind /start invents it.
_CODE = re.compile(r"[A-Za-z0-9_-]{1,64}")


def read(update: Update, received_at: datetime) -> Sequence[CustomerCommand]:
    """What an update from a private chat asks for; empty where it concerns nobody."""
    if update.message is not None:
        return _wrote(update.message)
    if update.edited_message is not None:
        return _edited(update.edited_message)
    if update.callback_query is not None:
        return _pressed(update.callback_query, received_at)
    if update.message_reaction is not None:
        return _reacted(update.message_reaction)
    if update.my_chat_member is not None:
        return _membership(update.my_chat_member)
    return ()


def _wrote(message: Message) -> Sequence[CustomerCommand]:
    user = message.sender
    if user is None or user.is_bot:
        return ()
    text, attachments = text_of(message), attachments_of(message)
    sender, at = _sender(user, message.chat), moment(message.date)
    if text.startswith("/start") and text[6:7] in {"", " ", "@"}:
        code = text.partition(" ")[2].strip()
        return (CustomerStarted(sender=sender, at=at, code=code if _CODE.fullmatch(code) else None),)
    if not text and not attachments:
        shown = stand_in(message)
        if shown is None:
            return ()
        text = shown
    answered = message.reply_to_message
    wrote = CustomerWrote(
        sender=sender,
        external_id=str(message.message_id),
        text=text,
        at=at,
        attachments=attachments,
        reply_to=str(answered.message_id) if answered else None,
        group=message.media_group_id,
    )
    return (wrote,)


def _edited(message: Message) -> Sequence[CustomerCommand]:
    """A live location moves by edits; those say nothing new in words."""
    user = message.sender
    if user is None or user.is_bot or message.location is not None:
        return ()
    at = moment(message.edit_date or message.date)
    sender = _sender(user, message.chat)
    return (CustomerEdited(sender=sender, external_id=str(message.message_id), text=text_of(message), at=at),)


def _pressed(query: CallbackQuery, received_at: datetime) -> Sequence[CustomerCommand]:
    """A press bears no date of its own."""
    if query.message is None or query.data is None:
        return ()
    pressed = CustomerPressed(
        sender=_sender(query.sender, query.message.chat),
        action=query.data,
        at=received_at,
        press=query.id,
        external_id=str(query.message.message_id),
    )
    return (pressed,)


def _reacted(reaction: MessageReaction) -> Sequence[CustomerCommand]:
    """One emoji or none; a reaction that has no emoji of its own is left out, being neither."""
    if reaction.user is None:
        return ()
    emojis = [new.emoji for new in reaction.new_reaction if new.emoji]
    if reaction.new_reaction and not emojis:
        return ()
    reacted = CustomerReacted(
        sender=_sender(reaction.user, reaction.chat),
        external_id=str(reaction.message_id),
        emoji=emojis[-1] if emojis else None,
        at=moment(reaction.date),
    )
    return (reacted,)


def _membership(update: MemberUpdated) -> Sequence[CustomerCommand]:
    sender, at = _sender(update.sender, update.chat), moment(update.date)
    match update.new_chat_member.status:
        case "kicked":
            return (CustomerBlocked(sender=sender, at=at),)
        case "member":
            return (CustomerUnblocked(sender=sender, at=at),)
        case _:
            return ()


def _sender(user: User, chat: Chat) -> Sender:
    name = f"{user.first_name} {user.last_name}" if user.last_name else user.first_name
    return Sender(
        channel=NAME,
        address=str(chat.id),
        name=name.strip() or user.username or str(user.id),
        username=user.username,
        language=user.language_code,
    )
