"""What is changed in Telegram after it was sent: edits, deletions, reactions, cards, topics, answers to presses."""

from collections.abc import Sequence
from contextlib import suppress

from channels.base import Parcel, Rejected, ThreadsForbidden
from channels.telegram import calls
from channels.telegram.api import Api
from channels.telegram.calls import Call, Params
from channels.telegram.carrier import Carrier
from channels.telegram.errors import BadMarkup, NotEditable, NoText, NotModified, PressExpired
from channels.telegram.texts import ANSWER_LIMIT, CAPTION_LIMIT, TEXT_LIMIT, TITLE_LIMIT, clean, cut, utf16_length
from channels.telegram.wire import Posted
from desk.outgoing import Card, CustomerDelete, CustomerEdit, Mark, PressAnswer, RelayEdit, ThreadTitle

#: Marks that Telegram has no reaction for, and the one that says the same.
REACTIONS = {"✅": "👌", "✔️": "👌", "✔": "👌", "❌": "👎", "⚠️": "👎", "⏳": "👀", "❓": "🤔", "📝": "✍"}


class Changes:
    """Changes what stands, and posts anew where it cannot be changed."""

    def __init__(self, api: Api, carrier: Carrier) -> None:
        """Hold the client, and what posts anew."""
        self._api = api
        self._carrier = carrier

    async def customer_edit(self, parcel: Parcel, content: CustomerEdit) -> list[Posted]:
        """Part by part; what the text has more of is sent anew, parts it has no more words for show an ellipsis."""
        ids = parcel.external_ids.get(content.message, ())
        parts = calls.texts(content.text)
        if not ids or not parts:
            raise Rejected("the message to change is not in this chat")
        where, buttons = calls.spot(parcel.address), calls.keyboard(content.buttons)
        last = min(len(ids), len(parts)) - 1
        for number, (message, part) in enumerate(zip(ids, parts, strict=False)):
            shown = buttons if number == last else {}
            await self._retext({**where, **shown, "message_id": int(message)}, part)
        for message in ids[len(parts) :]:
            with suppress(Rejected):
                await self._edit({**where, "message_id": int(message), "text": "…"})
        rest = [Call(method="sendMessage", params={**where, "text": part}) for part in parts[len(ids) :]]
        return await self._carrier.perform(rest)

    async def customer_delete(self, parcel: Parcel, content: CustomerDelete) -> None:
        """Every part of it. Raises Rejected where it is too old to be taken back."""
        ids = parcel.external_ids.get(content.message, ())
        if not ids:
            raise Rejected("the message to take back is not in this chat")
        chat = int(parcel.address.chat)
        for message in ids:
            await self._api.do("deleteMessage", {"chat_id": chat, "message_id": int(message)})

    async def press_answer(self, content: PressAnswer) -> None:
        """Too late is no failure: whoever pressed has stopped waiting."""
        params: Params = {"callback_query_id": content.press}
        if content.text:
            params["text"] = cut(clean(content.text), ANSWER_LIMIT)
        with suppress(PressExpired):
            await self._api.do("answerCallbackQuery", params)

    async def relay_edit(self, parcel: Parcel, content: RelayEdit) -> list[Posted]:
        """The copy in the room, or a line under it where there is not exactly one that can be changed."""
        where = calls.spot(parcel.address)
        text = content.text if parcel.address.thread is not None else calls.authored(content.author, content.text)
        ids = parcel.external_ids.get(content.message, ())
        if len(ids) == 1 and content.text.strip() and utf16_length(text) <= TEXT_LIMIT:
            with suppress(Rejected):
                await self._retext({**where, "message_id": int(ids[0])}, clean(text))
                return []
        told = calls.authored(f"✏️ {content.author}", content.text)
        lines = [Call(method="sendMessage", params={**where, "text": part}) for part in calls.texts(told)]
        lines[0] = lines[0].with_params(calls.reply(ids[0] if ids else None))
        return await self._carrier.perform(lines)

    async def mark(self, content: Mark) -> None:
        """A reaction, or none."""
        emoji = REACTIONS.get(content.emoji, content.emoji)
        reaction = [{"type": "emoji", "emoji": emoji}] if emoji else []
        message = int(content.external_id)
        params: Params = {"chat_id": content.chat, "message_id": message, "reaction": reaction}
        await self._api.do("setMessageReaction", params)

    async def card(self, parcel: Parcel, content: Card) -> list[Posted]:
        """Edited where it stands; posted where it does not, or cannot be edited any more."""
        markup, bare = calls.card(content)
        base = {**calls.spot(parcel.address), **calls.keyboard(content.buttons)}
        if parcel.posted is not None:
            with suppress(NotEditable, NoText):
                await self._edit_card({**base, "message_id": int(parcel.posted)}, markup, bare)
                return []
        plain = Call(method="sendMessage", params={**base, "text": bare})
        rich = Call(method="sendMessage", params={**base, "text": markup, "parse_mode": "HTML"}, instead=(plain,))
        return await self._carrier.perform([rich])

    async def thread_title(self, parcel: Parcel, content: ThreadTitle) -> None:
        """Where there are no topics there is nothing to call; a topic that we may not name serves all the same."""
        thread = parcel.address.thread
        if thread is None:
            return
        try:
            await self.rename(int(parcel.address.chat), thread, content.title)
        except ThreadsForbidden as forbidden:
            raise Rejected(str(forbidden)) from forbidden

    async def rename(self, chat: int, thread: int, name: str) -> None:
        """Raises SendError."""
        params: Params = {"chat_id": chat, "message_thread_id": thread, "name": topic_name(name)}
        with suppress(NotModified):
            await self._api.do("editForumTopic", params)

    async def topic(self, method: str, chat: int, thread: int) -> None:
        """Close or reopen; what is so already is well."""
        with suppress(NotModified):
            await self._api.do(method, {"chat_id": chat, "message_thread_id": thread})

    async def _edit_card(self, params: Params, markup: str, bare: str) -> None:
        with suppress(BadMarkup):
            await self._edit({**params, "text": markup, "parse_mode": "HTML"})
            return
        await self._edit({**params, "text": bare})

    async def _retext(self, params: Params, text: str) -> None:
        """A text's text, or the caption of what has one."""
        with suppress(NoText):
            await self._edit({**params, "text": text})
            return
        await self._edit({**params, "caption": cut(text, CAPTION_LIMIT)}, "editMessageCaption")

    async def _edit(self, params: Params, method: str = "editMessageText") -> None:
        """Telegram wants no thread for what stands already."""
        known = {name: value for name, value in params.items() if name != "message_thread_id"}
        with suppress(NotModified):
            await self._api.post(method, known)


def topic_name(title: str) -> str:
    """A title as Telegram takes it: one line, not empty, short enough."""
    return cut(" ".join(clean(title).split()), TITLE_LIMIT) or "…"


def ids_of(posted: Sequence[Posted]) -> tuple[str, ...]:
    """Message ids as the desk keeps them."""
    return tuple(str(message.message_id) for message in posted)
