"""New messages: text, media, albums, places, contacts, copies."""

from collections.abc import Callable, Iterable
from itertools import pairwise

from tests.emulator.entities import Entities, formatted, utf16_length
from tests.emulator.errors import bad_request
from tests.emulator.markup import reply_markup
from tests.emulator.media import MIME_TYPES, Upload, content_of
from tests.emulator.methods.places import message_in, place
from tests.emulator.params import Params
from tests.emulator.state import Chat, Json, Message, StoredFile, Topic, User
from tests.emulator.world import World

LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
UNCOPIED = ("forum_topic", "new_chat", "left_chat", "migrate_", "pinned_", "group_chat_created", "invoice", "giveaway")


def send_message(world: World, params: Params) -> Json:
    return _post(world, params, text_content(params, too_long="message is too long"))


def text_content(params: Params, *, too_long: str) -> Json:
    """Text and entities of a message; `too_long` differs between sending and editing in the real server."""
    if not params.text("text"):
        bad_request("message text is empty")
    text, entities = params.formatted("text", "entities")
    if not text:
        bad_request("text must be non-empty")
    if utf16_length(text) > LONGEST_TEXT:
        bad_request(too_long)
    return {"text": text, "entities": entities} if entities else {"text": text}


def caption_content(text: str, entities: Entities) -> Json:
    if utf16_length(text) > LONGEST_CAPTION:
        bad_request("message caption is too long")
    if not text:
        return {}
    return {"caption": text, "caption_entities": entities} if entities else {"caption": text}


def _sender(kind: str) -> Callable[[World, Params], Json]:
    def send(world: World, params: Params) -> Json:
        stored = _file(world, params, kind, params.text(kind), field=kind)
        caption = {} if kind == "sticker" else caption_content(*params.formatted("caption", "caption_entities"))
        return _post(world, params, content_of(stored) | caption)

    return send


def send_location(world: World, params: Params) -> Json:
    location = {}
    for name, bound in (("latitude", 90), ("longitude", 180)):
        if not params.text(name):
            bad_request(f"{name} is empty")
        location[name] = float(params.text(name))
        if abs(location[name]) > bound:
            bad_request("wrong location specified")
    return _post(world, params, {"location": location})


def send_contact(world: World, params: Params) -> Json:
    contact = {name: params.text(name) for name in ("phone_number", "first_name", "last_name", "vcard")}
    if not contact["phone_number"]:
        bad_request("phone number must be non-empty")
    if not contact["first_name"]:
        bad_request("first name must be non-empty")
    return _post(world, params, {"contact": {name: value for name, value in contact.items() if value}})


def send_media_group(world: World, params: Params) -> list[Json]:
    items = params.structure("media", "media")
    if not isinstance(items, list):
        bad_request("expected an Array of InputMedia")
    if not 2 <= len(items) <= 10:
        bad_request("wrong number of messages: album must have 2-10 items")
    contents = [_album_item(world, params, item) for item in items]
    kinds = {next(iter(content)) for content in contents}
    if not (kinds <= {"photo", "video"} or len(kinds) == 1):
        bad_request("can't use the media of the specified type in the album")
    where = place(world, params)
    world.charge(where.chat, len(contents))
    return [message.wire() for message in post_album(world, where.chat, world.bot, contents, topic=where.topic)]


def post_album(
    world: World, chat: Chat, sender: User, contents: Iterable[Json], *, topic: Topic | None = None
) -> list[Message]:
    """Several messages that share a media_group_id."""
    group = world.new_album()
    return [world.post(chat, sender, content | {"media_group_id": group}, topic=topic) for content in contents]


def copy_message(world: World, params: Params) -> Json:
    original = message_in(world, _source(params, params.integer("message_id")), "message to copy")
    content = _copied(original)
    if "caption" in params.values and "text" not in content:
        content = {name: value for name, value in content.items() if name not in {"caption", "caption_entities"}}
        content |= caption_content(*params.formatted("caption", "caption_entities"))
    copy = _posted(world, params, content, copied_from=(original.chat.id, original.id))
    return {"message_id": copy.id}


def copy_messages(world: World, params: Params) -> list[Json]:
    ids = params.structure("message_ids", "message identifiers")
    if not isinstance(ids, list) or not ids:
        bad_request("message identifiers are not specified")
    if len(ids) > 100:
        bad_request("too many message identifiers specified")
    if any(later <= earlier for earlier, later in pairwise(ids)):
        bad_request("message identifiers must be in a strictly increasing order")
    source = world.chat_for(_source(params, 0).chat_id())
    originals = [message for number in ids if (message := source.standing(int(number))) and _copyable(message)]
    if not originals:
        bad_request("there are no messages to copy")
    where = place(world, params)
    world.charge(where.chat, len(originals))
    groups: dict[str, str] = {}
    copies = [
        world.post(
            where.chat, world.bot, _regrouped(world, _copied(original), groups),
            topic=where.topic, copied_from=(original.chat.id, original.id),
        )
        for original in originals
    ]  # fmt: skip
    return [{"message_id": copy.id} for copy in copies]


def _regrouped(world: World, content: Json, groups: dict[str, str]) -> Json:
    """Copies of an album are an album of their own."""
    group = content.get("media_group_id")
    if group is None:
        return content
    if group not in groups:
        groups[group] = world.new_album()
    return content | {"media_group_id": groups[group]}


def _post(world: World, params: Params, content: Json) -> Json:
    return _posted(world, params, content).wire()


def _posted(world: World, params: Params, content: Json, copied_from: tuple[int, int] | None = None) -> Message:
    markup = reply_markup(params)
    where = place(world, params)
    world.charge(where.chat)
    return world.post(
        where.chat, world.bot, content,
        topic=where.topic, reply_to=where.reply_to, markup=markup, copied_from=copied_from,
    )  # fmt: skip


def _file(world: World, params: Params, kind: str, given: str, *, field: str) -> StoredFile:
    """An upload under the field's own name, an attach:// reference, or a file_id."""
    attached = given.removeprefix("attach://") if given.startswith("attach://") else field
    upload = params.uploads.get(attached)
    if upload is None and (not given or given.startswith("attach://")):
        bad_request(f"there is no {kind} in the request")
    if upload is None:
        if given.startswith(("http://", "https://")):
            bad_request("failed to get HTTP URL content")
        return world.files.known(given, kind)
    if not upload.data:
        bad_request("file must be non-empty")
    mime_type = upload.mime_type if kind == "document" else MIME_TYPES[kind]
    return world.files.store(kind, Upload(name=upload.name, mime_type=mime_type, data=upload.data))


def _album_item(world: World, params: Params, item: object) -> Json:
    if not isinstance(item, dict):
        bad_request("can't parse InputMedia: expected an Object")
    kind = str(item.get("type", ""))
    if kind not in {"photo", "video", "document", "audio"}:
        bad_request(f"can't parse InputMedia: type {kind} can't be used in the album")
    stored = _file(world, params, kind, str(item.get("media", "")), field="")
    text, entities = formatted(
        str(item.get("caption") or ""), str(item.get("parse_mode") or ""), item.get("caption_entities")
    )
    return content_of(stored) | caption_content(text, entities)


def _source(params: Params, message_id: int) -> Params:
    return Params({"chat_id": params.chat_id("from_chat_id"), "message_id": message_id})


def _copyable(message: Message) -> bool:
    return not message.kind.startswith(UNCOPIED)


def _copied(original: Message) -> Json:
    if not _copyable(original):
        bad_request("message can't be copied")
    return dict(original.content)


METHODS = {
    "sendMessage": send_message,
    "sendLocation": send_location,
    "sendContact": send_contact,
    "sendMediaGroup": send_media_group,
    "copyMessage": copy_message,
    "copyMessages": copy_messages,
    **{f"send{kind.capitalize()}": _sender(kind) for kind in MIME_TYPES},
}
