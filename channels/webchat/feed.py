"""What one socket has been shown, and what is new since.

The difference is taken against the transcript itself, so nothing depends on a cursor: a new message, an edit, a removed
button, a read mark and a message that was taken back all show in it, in whatever order the processes wrote them.
"""

from collections.abc import Sequence

from channels.webchat.chat import Transcript
from channels.webchat.frames import Item, Messages, Removed, ServerFrame, ShownButton, ShownFile
from channels.webchat.media import SHOWN_TYPES
from desk.messages import Attachment, AttachmentKind, Author, Delivery
from desk.transcript import Entry


class Feed:
    """The last `history` entries of a conversation, as one socket sees them."""

    def __init__(self, transcript: Transcript, conversation: str, history: int) -> None:
        """Nothing is shown yet."""
        self._transcript = transcript
        self._conversation = conversation
        self._history = history
        self._shown: dict[int, Item] | None = None

    async def news(self) -> Sequence[ServerFrame]:
        """The frames that bring the socket up to date; the first time all of the tail."""
        entries = await self._transcript.tail(self._conversation, self._history)
        current = {entry.id: shown(entry) for entry in entries}
        before, self._shown = self._shown, current
        if before is None:
            return [Messages(items=tuple(current.values()), span="tail", more=len(entries) == self._history)]
        return _difference(before, current)

    async def older(self, before: int) -> tuple[tuple[Item, ...], bool]:
        """The entries before a message, and whether there may be more."""
        entries = await self._transcript.tail(self._conversation, self._history, before)
        return tuple(shown(entry) for entry in entries), len(entries) == self._history

    async def is_unread(self, message: int) -> bool:
        """Whether a message is one of ours in this conversation that was not marked as read."""
        entry = await self._transcript.entry(self._conversation, message)
        return entry is not None and entry.author is not Author.CUSTOMER and entry.delivery is not Delivery.READ


def _difference(before: dict[int, Item], current: dict[int, Item]) -> Sequence[ServerFrame]:
    result: list[ServerFrame] = []
    changed = tuple(item for number, item in current.items() if before.get(number) != item)
    if changed:
        result.append(Messages(items=changed, span="changed"))
    oldest = min((item.at for item in current.values()), default=0)
    # What only slid out of the tail by age was not taken back.
    gone = tuple(number for number, item in before.items() if number not in current and item.at >= oldest)
    if gone:
        result.append(Removed(ids=gone))
    return result


def shown(entry: Entry) -> Item:
    """An entry as the browser is told of it."""
    return Item(
        id=entry.id,
        author=entry.author.value,
        at=round(entry.at.timestamp() * 1000),
        text=entry.text,
        name=entry.author_name if entry.author is Author.AGENT else None,
        client_id=entry.external_id if entry.author is Author.CUSTOMER else None,
        state="read" if entry.delivery is Delivery.READ else "",
        edited=entry.edited_at is not None and entry.author is Author.AGENT,
        files=tuple(_file(entry.id, place, attachment) for place, attachment in enumerate(entry.attachments)),
        buttons=tuple(
            tuple(ShownButton(label=each.label, action=each.action) for each in row) for row in entry.buttons
        ),
    )


def _file(message: int, place: int, attachment: Attachment) -> ShownFile:
    return ShownFile(
        kind=attachment.kind.value,
        url=None if attachment.file is None else f"/chat/messages/{message}/files/{place}",
        name=attachment.name,
        size=attachment.size,
        image=attachment.kind is AttachmentKind.PHOTO or attachment.media_type in SHOWN_TYPES,
        latitude=attachment.latitude,
        longitude=attachment.longitude,
        phone=attachment.phone,
        person=attachment.person,
    )
