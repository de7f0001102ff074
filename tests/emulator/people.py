"""Those who talk to the bot: customers in their private chats, members in a group. Each act is one update or more."""

from collections.abc import Sequence

from tests.emulator.entities import spontaneous
from tests.emulator.media import MIME_TYPES, Upload, content_of
from tests.emulator.methods import topics
from tests.emulator.methods.sending import post_album
from tests.emulator.state import Chat, Json, Message, Topic, User, Version
from tests.emulator.world import Callback, World

PIXEL = b"\xff\xd8\xff\xe0 a small picture \xff\xd9"


class Person:
    """Somebody in a chat. `topic` None is General, or the whole chat where there are no topics."""

    def __init__(self, world: World, user: User, chat: Chat) -> None:
        self._world = world
        self.user = user
        self.chat = chat

    @property
    def id(self) -> int:
        return self.user.id

    def writes(self, text: str, *, topic: Topic | None = None) -> Message:
        return self._says(_text(text), topic=topic)

    def replies_to(self, message: Message, text: str) -> Message:
        return self._says(_text(text), topic=message.topic, reply_to=message)

    def sends_photo(self, data: bytes = PIXEL, caption: str = "", *, topic: Topic | None = None) -> Message:
        return self.sends("photo", data, caption, topic=topic)

    def sends_document(
        self, data: bytes = b"%PDF-1.4", caption: str = "", *, name: str = "order.pdf",
        mime_type: str = "application/pdf", declared_size: int | None = None, topic: Topic | None = None,
    ) -> Message:  # fmt: skip
        upload = Upload(name=name, mime_type=mime_type, data=data)
        extra = {} if declared_size is None else {"declared_size": declared_size}
        content = content_of(self._world.files.store("document", upload, **extra))
        return self._says(content | _caption(caption), topic=topic)

    def sends_voice(self, data: bytes = b"OggS voice", *, topic: Topic | None = None) -> Message:
        return self.sends("voice", data, topic=topic)

    def sends_video(self, data: bytes = b"ftyp video", caption: str = "", *, topic: Topic | None = None) -> Message:
        return self.sends("video", data, caption, topic=topic)

    def sends_sticker(self, emoji: str = "👍", *, topic: Topic | None = None) -> Message:
        upload = Upload(name="sticker.webp", mime_type="image/webp", data=b"RIFF sticker")
        return self._says(content_of(self._world.files.store("sticker", upload, emoji=emoji)), topic=topic)

    def sends_location(self, latitude: float, longitude: float, *, topic: Topic | None = None) -> Message:
        return self._says({"location": {"latitude": latitude, "longitude": longitude}}, topic=topic)

    def sends_contact(self, phone_number: str, first_name: str, *, topic: Topic | None = None) -> Message:
        """Their own number has their own user_id, as when Telegram's button shares it."""
        contact: Json = {"phone_number": phone_number, "first_name": first_name}
        if first_name == self.user.first_name:
            contact["user_id"] = self.user.id
        return self._says({"contact": contact}, topic=topic)

    def sends(self, kind: str, data: bytes, caption: str = "", *, topic: Topic | None = None) -> Message:
        """Any medium of `media.MIME_TYPES`."""
        upload = Upload(name=f"{kind}.bin", mime_type=MIME_TYPES[kind], data=data)
        return self._says(content_of(self._world.files.store(kind, upload)) | _caption(caption), topic=topic)

    def sends_album(self, pictures: Sequence[bytes], caption: str = "", *, topic: Topic | None = None) -> list[Message]:
        """Several photos that arrive as several updates with one media_group_id; the first bears the caption."""
        contents = []
        for number, data in enumerate(pictures):
            upload = Upload(name=f"{number}.jpg", mime_type="image/jpeg", data=data)
            first = _caption(caption) if number == 0 else {}
            contents.append(content_of(self._world.files.store("photo", upload)) | first)
        self._world.chats[self.chat.id].started = True
        album = post_album(self._world, self.chat, self.user, contents, topic=topic)
        for message in album:
            self._world.announce(message)
        return album

    def edits(self, message: Message, text: str) -> None:
        """A text, or the caption of a medium."""
        before = Version(content=message.content, markup=message.markup, until=self._world.now())
        told = _text(text) if "text" in message.content else message.content | _caption(text)
        message.edits.append(before)
        message.content, message.edit_date = told, self._world.now()
        self._world.announce(message, "edited_message")

    def presses(self, message: Message, button: str) -> Callback:
        """Press an inline button by its text or its data; a button that is not there is the test's mistake."""
        for shown in message.buttons:
            if button in {shown["text"], shown.get("callback_data")}:
                return self._world.press(self.user, message, shown["callback_data"])
        raise LookupError(f"no button {button!r} among {[shown['text'] for shown in message.buttons]}")

    def presses_data(self, message: Message, data: str) -> Callback:
        """A button of an older keyboard, or a forged one."""
        return self._world.press(self.user, message, data)

    def reacts(self, message: Message, emoji: str | None) -> None:
        """React with one emoji, or take the reaction back (None). The bot hears of it only where it asked to."""
        old = message.reactions.get(self.user.id, [])
        new: list[Json] = [{"type": "emoji", "emoji": emoji}] if emoji else []
        message.reactions[self.user.id] = new
        payload = {
            "chat": self.chat.wire, "message_id": message.id, "user": self.user.wire,
            "date": self._world.now(), "old_reaction": old, "new_reaction": new,
        }  # fmt: skip
        if not self.chat.is_group or self.chat.bot_status == "administrator":
            self._world.updates.add("message_reaction", payload, lane=self.chat.id)
        self._world.changed()

    def deletes_message(self, message: Message) -> None:
        """Bots are not told."""
        message.deleted = True
        self._world.changed()

    def _says(self, content: Json, *, topic: Topic | None = None, reply_to: Message | None = None) -> Message:
        self.chat.started = True
        message = self._world.post(self.chat, self.user, content, topic=topic, reply_to=reply_to)
        self._world.announce(message)
        return message


class Customer(Person):
    """A person in the private chat with the bot."""

    @property
    def received(self) -> list[Message]:
        """What the bot has sent, oldest first; deleted ones stay, with their flag."""
        return [message for message in self.chat.messages.values() if message.from_bot]

    @property
    def texts(self) -> list[str]:
        """What stands in the chat from the bot, as text."""
        return [message.text for message in self.received if not message.deleted]

    @property
    def last(self) -> Message:
        return self.received[-1]

    def starts(self, payload: str = "") -> Message:
        """Press Start, with the code of a deep link."""
        return self.writes(f"/start {payload}".strip())

    def blocks(self) -> None:
        self.chat.blocked = True
        self._world.bot_membership(self.chat, self.user, "kicked")

    def unblocks(self) -> None:
        self.chat.blocked = False
        self._world.bot_membership(self.chat, self.user, "member")

    def deletes_account(self) -> None:
        """The bot is not told; its next message is refused."""
        self.user.deactivated = True


class Member(Person):
    """A person in a group."""

    def opens(self, name: str) -> Topic:
        topic = topics.new_topic(self._world, self.chat, self.user, name)
        if topic.created is not None:
            self._world.announce(topic.created)
        return topic

    def closes(self, topic: Topic) -> None:
        topics.set_closed(self._world, topic, self.user, closed=True)
        self._world.announce(topic.messages[-1])

    def reopens(self, topic: Topic) -> None:
        topics.set_closed(self._world, topic, self.user, closed=False)
        self._world.announce(topic.messages[-1])

    def renames(self, topic: Topic, name: str) -> None:
        topics.rename(self._world, topic, self.user, name)
        self._world.announce(topic.messages[-1])

    def deletes(self, topic: Topic) -> None:
        """Bots are not told that a topic is gone."""
        topics.delete(self._world, topic)


def _text(text: str) -> Json:
    entities = spontaneous(text)
    return {"text": text, "entities": entities} if entities else {"text": text}


def _caption(text: str) -> Json:
    entities = spontaneous(text)
    return ({"caption": text} if text else {}) | ({"caption_entities": entities} if entities else {})
