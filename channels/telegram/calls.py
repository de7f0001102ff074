"""What is to be said, as calls of the Bot API: plans made before anything is sent, without a network in sight."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from channels.base import Address, Rejected
from channels.telegram.contents import ROUND, SCHEME
from channels.telegram.front import NAME
from channels.telegram.texts import CAPTION_LIMIT, clean, html, plain, split, split_html, utf16_length
from desk.messages import Attachment, AttachmentKind
from desk.outgoing import Buttons, Card, CustomerMessage, Line, Relay
from desk.values import replace

LOCAL = "local"
ALBUM_SIZE = 10
Params = dict[str, object]

_ALBUMS = {
    AttachmentKind.PHOTO: "picture",
    AttachmentKind.VIDEO: "picture",
    AttachmentKind.DOCUMENT: "document",
    AttachmentKind.AUDIO: "audio",
}
_CAPTIONED = frozenset({*_ALBUMS, AttachmentKind.VOICE, AttachmentKind.ANIMATION})


@dataclass(frozen=True, kw_only=True, slots=True)
class Carried:
    """A file of our own store that a call carries under the field's name."""

    field: str
    key: str
    name: str
    media_type: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One call that makes messages; `many` says that the answer is a list. `instead` is tried where it is refused."""

    method: str
    params: Params
    carried: tuple[Carried, ...] = ()
    many: bool = False
    instead: tuple["Call", ...] = ()

    def with_params(self, more: Params) -> "Call":
        """The same with more parameters, also for what is tried instead."""
        instead = tuple(call.with_params(more) for call in self.instead)
        return replace(self, params={**self.params, **more}, instead=instead)


def spot(address: Address) -> Params:
    """The place of a new message. The General topic is named by leaving the thread out."""
    if address.thread is None:
        return {"chat_id": int(address.chat)}
    return {"chat_id": int(address.chat), "message_thread_id": address.thread}


def keyboard(buttons: Buttons) -> Params:
    """Buttons under a message, or nothing."""
    if not buttons:
        return {}
    rows = [[{"text": button.label, "callback_data": button.action} for button in row] for row in buttons]
    return {"reply_markup": {"inline_keyboard": rows}}


def reply(message: str | int | None) -> Params:
    """The message that is answered; one that is gone is no reason not to send."""
    if message is None:
        return {}
    return {"reply_parameters": {"message_id": int(message), "allow_sending_without_reply": True}}


def texts(text: str) -> list[str]:
    """The parts of a text that are worth a message; Telegram refuses blank ones."""
    return [part for part in split(clean(text)) if not part.isspace() and part]


def customer_message(content: CustomerMessage, where: Params, answered: str | None) -> list[Call]:
    """The calls for a message to a customer, with the reply on the first and the buttons on the last."""
    if not content.attachments:
        calls = _spoken(content.text, where)
    else:
        calls = _shown(content.text, content.attachments, where, albums=not content.buttons)
    return _dressed(calls, reply(answered), keyboard(content.buttons))


def line(content: Line, where: Params) -> list[Call]:
    """The calls for a line of the house's own."""
    return _dressed(_spoken(content.text, where), reply(content.reply_to_external), keyboard(content.buttons))


def relay(content: Relay, where: Params) -> list[Call]:
    """The calls that show the staff a customer's message.

    In a topic it stands alone; in a group for everybody it begins with who wrote it.
    """
    named = "message_thread_id" not in where
    text = authored(content.author, content.text) if named else content.text
    if content.text and not content.attachments:
        return _spoken(text, where)
    door, _, chat = content.origin.partition(":")
    if door == NAME and content.external_id is not None:
        return _copied(content, _ids(content.external_id), int(chat), where, named=named)
    return _shown(text, content.attachments, where)


def authored(author: str, text: str) -> str:
    """A text with its author's name before it."""
    return f"{author}: {text}"


def card(content: Card) -> tuple[str, str]:
    """A ticket's card, as Telegram's HTML and as plain text; one message, so what does not fit is left out."""
    rows = [f"<b>{html(clean(label))}</b>: {html(clean(value))}" for label, value in content.rows]
    markup = split_html("\n".join([f"<b>{html(clean(content.headline))}</b>", *rows]))[0]
    return markup, plain(markup)


def _spoken(text: str, where: Params) -> list[Call]:
    parts = texts(text)
    if not parts:
        raise Rejected("there is nothing to send")
    return [Call(method="sendMessage", params={**where, "text": part}) for part in parts]


def _dressed(calls: list[Call], first: Params, last: Params) -> list[Call]:
    if first:
        calls[0] = calls[0].with_params(first)
    if last:
        calls[-1] = calls[-1].with_params(last)
    return calls


def _shown(text: str, attachments: Sequence[Attachment], where: Params, *, albums: bool = True) -> list[Call]:
    """Attachments with the text as the first one's caption, or before them where it cannot be one."""
    fits = attachments[0].kind in _CAPTIONED and utf16_length(text) <= CAPTION_LIMIT
    if attachments[0].file and attachments[0].file.startswith(f"{SCHEME}:{ROUND}"):
        fits = False
    caption = clean(text) if fits else ""
    calls = [] if fits or not text.strip() else _spoken(text, where)
    groups = _grouped(attachments) if albums else [(one,) for one in attachments]
    for number, group in enumerate(groups):
        told = caption if number == 0 else ""
        calls.append(_album(group, told, where) if len(group) > 1 else _single(group[0], told, where))
    return calls


def _grouped(attachments: Sequence[Attachment]) -> Iterator[tuple[Attachment, ...]]:
    """Neighbours that may stand in one album, in their order."""
    group: tuple[Attachment, ...] = ()
    for attachment in attachments:
        if group and (_album_of(attachment) != _album_of(group[0]) or len(group) == ALBUM_SIZE):
            yield group
            group = ()
        group += (attachment,)
        if _album_of(attachment) is None:
            yield group
            group = ()
    if group:
        yield group


def _album_of(attachment: Attachment) -> str | None:
    if attachment.file is not None and attachment.file.startswith(f"{SCHEME}:{ROUND}"):
        return None
    return _ALBUMS.get(attachment.kind)


def _album(group: Sequence[Attachment], caption: str, where: Params) -> Call:
    media, carried = [], []
    for number, attachment in enumerate(group):
        field = f"file{number}"
        source, file = _source(attachment, field)
        item = {"type": attachment.kind.value, "media": f"attach://{field}" if file else source}
        media.append(item | ({"caption": caption} if caption and number == 0 else {}))
        carried += [file] if file else []
    params = {**where, "media": media}
    return Call(method="sendMediaGroup", params=params, carried=tuple(carried), many=True)


def _single(attachment: Attachment, caption: str, where: Params) -> Call:
    match attachment.kind:
        case AttachmentKind.LOCATION:
            return Call(method="sendLocation", params={**where, **_place(attachment)})
        case AttachmentKind.CONTACT:
            return Call(method="sendContact", params={**where, **_person(attachment)})
        case _:
            return _with_file(attachment, caption, where)


def _with_file(attachment: Attachment, caption: str, where: Params) -> Call:
    field = attachment.kind.value
    source, file = _source(attachment, field)
    if source.startswith(ROUND):
        return Call(method="sendVideoNote", params={**where, "video_note": source.removeprefix(ROUND)})
    method = f"send{field.capitalize()}"
    captioned: Params = {**where, "caption": caption} if caption else where
    if file is None:
        return Call(method=method, params={**captioned, field: source})
    document = Call(method="sendDocument", params=captioned, carried=(replace(file, field="document"),))
    instead = (document,) if attachment.kind is AttachmentKind.PHOTO else ()
    return Call(method=method, params=captioned, carried=(file,), instead=instead)


def _source(attachment: Attachment, field: str) -> tuple[str, Carried | None]:
    """What the call names, and the file it carries where that is ours."""
    scheme, _, key = (attachment.file or "").partition(":")
    match scheme:
        case "telegram":
            return key, None
        case "local":
            name = attachment.name or attachment.kind.value
            media_type = attachment.media_type or "application/octet-stream"
            return key, Carried(field=field, key=key, name=name, media_type=media_type)
        case _:
            raise Rejected("this attachment cannot be sent through Telegram")


def _place(attachment: Attachment) -> Params:
    if attachment.latitude is None or attachment.longitude is None:
        raise Rejected("the location lacks its coordinates")
    return {"latitude": attachment.latitude, "longitude": attachment.longitude}


def _person(attachment: Attachment) -> Params:
    if not attachment.phone:
        raise Rejected("the contact lacks a phone number")
    return {"phone_number": attachment.phone, "first_name": attachment.person or attachment.phone}


def _copied(content: Relay, ids: Sequence[int], origin: int, where: Params, *, named: bool) -> list[Call]:
    """Copies of the customer's own messages; where those are gone by now, what we know of them."""
    instead = _known(content, where)
    if len(ids) > 1:
        params = {**where, "from_chat_id": origin, "message_ids": ids}
        copy = Call(method="copyMessages", params=params, many=True, instead=instead)
    else:
        params = {**where, "from_chat_id": origin, "message_id": ids[0]}
        copy = Call(method="copyMessage", params=params, instead=instead)
    if not named:
        return [copy]
    caption = authored(content.author, clean(content.text))
    captioned = content.attachments and content.attachments[0].kind in _CAPTIONED and not _is_round(content)
    if captioned and len(ids) == 1 and utf16_length(caption) <= CAPTION_LIMIT:
        return [replace(copy, params={**copy.params, "caption": caption})]
    return [*_spoken(f"{content.author}:", where), copy]


def _known(content: Relay, where: Params) -> tuple[Call, ...]:
    if not content.attachments:
        return ()
    return tuple(_shown(content.text, content.attachments, where))


def _is_round(content: Relay) -> bool:
    return any(_album_of(one) is None and one.kind is AttachmentKind.VIDEO for one in content.attachments)


def _ids(external_id: str) -> list[int]:
    """Telegram wants the ids of an album rising."""
    return sorted({int(number) for number in external_id.split(",")})


def first_id(external_ids: Mapping[int, tuple[str, ...]], message: int | None) -> str | None:
    """The id in the chat of the first part of a message of ours, where it is known."""
    known = external_ids.get(message, ()) if message is not None else ()
    return known[0] if known else None
