"""What a message was understood to say: the words that the tagger and the desk share."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Sentiment(StrEnum):
    """The writer's tone towards the company or the situation."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


#: The built-in intents, in the order of the specification; a company adds its own beside them.
INTENTS: tuple[str, ...] = (
    "greeting",
    "thanks",
    "goodbye",
    "human_agent",
    "order_status",
    "delivery_problem",
    "change_order",
    "return_refund",
    "payment_problem",
    "invoice",
    "product_question",
    "price_promotion",
    "purchase_intent",
    "account_access",
    "technical_fault",
    "how_to",
    "repair_visit",
    "complaint",
    "praise",
    "suggestion",
    "membership_points",
    "referral",
    "unsubscribe",
    "privacy_request",
    "cancel_service",
    "other",
)

COURTESIES: frozenset[str] = frozenset({"greeting", "thanks", "goodbye"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """One message's tags.

    `confidence` is the calibrated probability (0 to 1) of the intent. `language` is a BCP 47 tag
    ("zh-Hans", "zh-Hant", "en"), or "other" where the text does not tell. `reader` names the model and its version.
    """

    intent: str
    confidence: float
    sentiment: Sentiment
    urgent: bool
    language: str
    reader: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Correction:
    """A person of the staff says what a text means; of tone and urgency None where they said nothing.

    `read` is what its reader had said.
    """

    text: str
    intent: str
    at: datetime
    by: str
    read: Reading
    sentiment: Sentiment | None = None
    urgent: bool | None = None

    @property
    def meant(self) -> Reading:
        """What the text is taken for since then."""
        return Reading(
            intent=self.intent,
            confidence=1.0,
            sentiment=self.read.sentiment if self.sentiment is None else self.sentiment,
            urgent=self.read.urgent if self.urgent is None else self.urgent,
            language=self.read.language,
            reader=self.by,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class KnowledgeHit:
    """A knowledge page near a question; `similarity` runs from 0 to 1."""

    page: str
    title: str
    answer: str
    similarity: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Understanding:
    """All that is known of one text before the rules decide: its tags and the knowledge near it, best first."""

    reading: Reading
    knowledge: tuple[KnowledgeHit, ...] = ()
