"""The web chat as a channel: stored updates become commands, and sending is ringing the visitor's sockets.

A message to a visitor is a row of the transcript before it is sent, and every socket reads the transcript for itself;
so there is nothing to carry, nothing to merge and no limit to keep.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime

from channels.base import Parcel, Rejected, Sent
from channels.webchat import payloads
from channels.webchat.payloads import Pressed, Read, Started, Wrote
from desk.commands import Command, CustomerPressed, CustomerRead, CustomerStarted, CustomerWrote, Sender
from desk.outgoing import (
    Card,
    Content,
    CustomerDelete,
    CustomerEdit,
    CustomerMessage,
    Line,
    Mark,
    PressAnswer,
    Relay,
    RelayEdit,
    ThreadTitle,
)

NAME = "webchat"


def conversation_key(visitor: str) -> str:
    """The key of a visitor's conversation, and the name of its lane."""
    return f"{NAME}:{visitor}"


def topic(visitor: str) -> str:
    """What is rung when a visitor's transcript has changed."""
    return f"conversation:{conversation_key(visitor)}"


class WebChatChannel:
    """The adapter. `ring` tells every process that a topic has news; `now` is the time."""

    def __init__(self, *, ring: Callable[[str], Awaitable[None]], now: Callable[[], datetime]) -> None:
        """Hold the bell and the clock."""
        self._ring = ring
        self._now = now

    @property
    def name(self) -> str:
        """The first part of a conversation's key."""
        return NAME

    def parse(self, payload: str, received_at: datetime) -> Sequence[Command]:
        """The one command of a stored update. Raises ValueError."""
        match payloads.loads(payload):
            case Started(visitor=visitor, code=code):
                return [CustomerStarted(sender=_sender(visitor), at=received_at, code=code)]
            case Wrote(visitor=visitor, client_id=client_id, text=text, attachments=attachments):
                return [
                    CustomerWrote(
                        sender=_sender(visitor),
                        external_id=client_id,
                        text=text,
                        at=received_at,
                        attachments=attachments,
                    )
                ]
            case Pressed(visitor=visitor, action=action, message=message):
                pressed = None if message is None else str(message)
                return [CustomerPressed(sender=_sender(visitor), action=action, at=received_at, external_id=pressed)]
            case Read(visitor=visitor, message=message):
                return [CustomerRead(sender=_sender(visitor), message=message, at=received_at)]

    async def send(self, parcel: Parcel) -> Sent:
        """Ring the visitor's sockets, which read the row. Raises Rejected for what is meant for the staff."""
        match parcel.content:
            case CustomerMessage() | CustomerEdit() | CustomerDelete() | PressAnswer():
                await self._ring(topic(parcel.address.chat))
                return Sent(external_ids=(), at=self._now())
            case Relay() | Line() | RelayEdit() | Mark() | Card() | ThreadTitle():
                raise Rejected("The web chat has no room for staff.")

    def pause(self, parcel: Parcel, now: float) -> float:
        """No limit: a ring costs nothing."""
        del parcel, now
        return 0.0

    def merge(self, contents: Sequence[Content]) -> Content | None:
        """Nothing is merged: each message is a row already."""
        del contents
        return None

    async def fetch(self, file: str) -> AsyncIterator[bytes]:
        """The web chat keeps no bytes of its own: they are in the file store. Raises FileNotFoundError."""
        raise FileNotFoundError(file)


def _sender(visitor: payloads.Visitor) -> Sender:
    # A visitor has no name; four signs of the id tell two of them apart in a list.
    return Sender(
        channel=NAME,
        address=visitor.id,
        name=f"Web {visitor.id[:4].upper()}",
        language=visitor.language,
        timezone=visitor.timezone,
    )
