"""Closing courtesies: words that end a conversation and ask for nothing (S6)."""

import re

from desk.messages import Attachment, AttachmentKind
from desk.readings import Reading, Sentiment

#: The confidence from which on a message asks for nothing: a request that is lost costs more than a ticket too many.
ASKS_NOTHING_FROM = 0.8

_CLOSING_INTENTS = frozenset({"thanks", "goodbye"})
_LONGEST = 40
_QUESTION = re.compile(
    r"[?？吗呢]|\b(?:but|when|how|why|where|what|can|could)\b|但是|不过|什么|怎么|还没", re.IGNORECASE
)
_ASKS = re.compile(
    r"[?？]|[吗呢]\s*[。.!！~～]*\s*$|什么时候|怎么|为什么|为何|哪里|哪儿|多久|多少|能不能|可不可以|可以.*吗|有没有|是不是"
    r"|^\W*(?:how|why|where|when|what|which|who|can|could|would|will|is|are|do|does|did)\b",
    re.IGNORECASE | re.MULTILINE,
)
_ACKNOWLEDGED = re.compile(
    r"(?:ok|okay|okey|k|kk|got it|noted|fine|great|cool|perfect|sure|alright|all right"
    r"|好|好的|好滴|好哒|好嘞|嗯|嗯嗯|行|可以|收到|明白|明白了|知道了|了解|没问题|👍|👌|🙏|❤️|😊|🙂)[\s!.。！~～]*",
    re.IGNORECASE,
)


def asks(text: str) -> bool:
    """Whether words are a question, by their look."""
    return _ASKS.search(text) is not None


def closes(text: str, reading: Reading | None, attachments: tuple[Attachment, ...] = ()) -> bool:
    """Whether a message is a short closing courtesy without a question, and from nobody who is upset or pressed."""
    if attachments:
        return not text and all(each.kind is AttachmentKind.STICKER for each in attachments)
    words = text.strip()
    if not words or len(words) > _LONGEST:
        return False
    if all(_ACKNOWLEDGED.fullmatch(part) for part in re.split(r"[\s,，、]+", words) if part):
        return True
    return reading is not None and _is_closing(reading) and not _QUESTION.search(words)


def _is_closing(reading: Reading) -> bool:
    """Thanks for damage done are none, and what is not surely thanks may be a request that ends in thanks."""
    calm = reading.sentiment is not Sentiment.NEGATIVE and not reading.urgent
    return reading.intent in _CLOSING_INTENTS and reading.confidence >= ASKS_NOTHING_FROM and calm
