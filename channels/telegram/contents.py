"""What a message of Telegram's carries: its text and its attachments, in the desk's words."""

from channels.telegram.wire import Contact, File, Location, Message
from desk.messages import Attachment, AttachmentKind

SCHEME = "telegram"
#: Marks a round video message, which Telegram sends again by its own method alone.
ROUND = "round/"

_FILES = (
    ("voice", AttachmentKind.VOICE),
    ("animation", AttachmentKind.ANIMATION),  # before the document, which Telegram sets beside it
    ("document", AttachmentKind.DOCUMENT),
    ("video", AttachmentKind.VIDEO),
    ("audio", AttachmentKind.AUDIO),
    ("sticker", AttachmentKind.STICKER),
)
_UNNAMED = ("story", "game", "checklist", "paid_media")


def text_of(message: Message) -> str:
    """The text or the caption; for a venue its name and address."""
    if message.text is not None:
        return message.text
    if message.venue is not None:
        return "\n".join(part for part in (message.venue.title, message.venue.address) if part)
    return message.caption or ""


def attachments_of(message: Message) -> tuple[Attachment, ...]:
    """What hangs on the message: nothing, or one thing."""
    if message.text is not None:
        return ()
    if message.photo:
        largest = max(message.photo, key=lambda size: size.width * size.height)
        return (_file(AttachmentKind.PHOTO, largest, media_type="image/jpeg"),)
    if message.video_note is not None:
        return (_file(AttachmentKind.VIDEO, message.video_note, prefix=ROUND, media_type="video/mp4"),)
    for name, kind in _FILES:
        found: File | None = getattr(message, name)
        if found is not None:
            return (_file(kind, found, media_type=found.mime_type or _sticker_type(kind, found)),)
    return _without_file(message)


def stand_in(message: Message) -> str | None:
    """A line for what only Telegram can show; None where the message is no such thing, or nothing at all."""
    if message.poll is not None:
        return f"📊 {message.poll.question}"
    if message.dice is not None:
        return f"{message.dice.emoji} {message.dice.value}"
    for name in _UNNAMED:
        if getattr(message, name) is not None:
            return f"[{name.replace('_', ' ')}]"
    return None


def _without_file(message: Message) -> tuple[Attachment, ...]:
    if message.venue is not None:
        return (_place(message.venue.location),)
    if message.location is not None:
        return (_place(message.location),)
    if message.contact is not None:
        return (_card(message.contact),)
    return ()


def _file(kind: AttachmentKind, file: File, *, media_type: str | None, prefix: str = "") -> Attachment:
    return Attachment(
        kind=kind,
        file=f"{SCHEME}:{prefix}{file.file_id}",
        name=file.file_name,
        media_type=media_type,
        size=file.file_size,
    )


def _sticker_type(kind: AttachmentKind, file: File) -> str | None:
    if kind is not AttachmentKind.STICKER:
        return None
    if file.is_animated:
        return "application/x-tgsticker"
    return "video/webm" if file.is_video else "image/webp"


def _place(location: Location) -> Attachment:
    return Attachment(kind=AttachmentKind.LOCATION, latitude=location.latitude, longitude=location.longitude)


def _card(contact: Contact) -> Attachment:
    name = f"{contact.first_name} {contact.last_name or ''}".strip()
    return Attachment(kind=AttachmentKind.CONTACT, phone=contact.phone_number, person=name)
