"""The plain tagger on hand-written messages, its manners, and its honesty."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.readings import INTENTS, Reading, Sentiment
from nlp.keywords import UNKNOWN, KeywordTagger
from nlp.lexicon import load_lexicon

TAGGER = KeywordTagger(load_lexicon())
MESSAGES = [
    json.loads(line) for line in (Path(__file__).parent / "messages.jsonl").read_text(encoding="utf-8").splitlines()
]
READINGS = [TAGGER.tag(message["text"]) for message in MESSAGES]


def _right(above: float = 0.0, up_to: float = 1.0) -> float:
    right = [
        bool(reading.intent == message["intent"])
        for reading, message in zip(READINGS, MESSAGES, strict=True)
        if above < reading.confidence <= up_to
    ]
    return sum(right) / len(right)


def _agreement(readings: Sequence[object], labels: Sequence[object]) -> float:
    return sum(reading == label for reading, label in zip(readings, labels, strict=True)) / len(labels)


def test_most_sure_readings_are_right() -> None:
    assert _right(above=0.55) >= 0.8
    assert _right(above=0.8) >= 0.9


def test_confidence_tells_the_sure_from_the_unsure() -> None:
    assert _right(above=0.55) > _right(up_to=0.55)


def test_every_intent_is_recognised_in_both_languages() -> None:
    for chinese in (True, False):
        found = {
            message["intent"]
            for reading, message in zip(READINGS, MESSAGES, strict=True)
            if reading.intent == message["intent"] and reading.language.startswith("zh") is chinese
        }
        assert found == set(INTENTS)


def test_sentiment_and_urgency_mostly_agree() -> None:
    assert _agreement([str(reading.sentiment) for reading in READINGS], [m["sentiment"] for m in MESSAGES]) >= 0.8
    assert _agreement([reading.urgent for reading in READINGS], [m["urgent"] for m in MESSAGES]) >= 0.9


@pytest.mark.parametrize("text", ["hi, where is my order", "你好，我的快递到哪了", "thanks! where's my parcel?"])
def test_the_request_decides_over_a_courtesy(text: str) -> None:
    assert TAGGER.tag(text).intent == "order_status"


@pytest.mark.parametrize(
    ("text", "refused"),
    [("不要退款", "return_refund"), ("I don't want a refund", "return_refund"), ("别转人工", "human_agent")],
)
def test_what_is_refused_is_not_asked_for(text: str, refused: str) -> None:
    assert TAGGER.tag(text).intent != refused


def test_a_negated_verb_is_a_fault_and_no_refusal() -> None:
    assert TAGGER.tag("my oven is not working").intent == "technical_fault"


@pytest.mark.parametrize(
    ("text", "sentiment"),
    [
        ("服务很好", Sentiment.POSITIVE),
        ("我很不满意", Sentiment.NEGATIVE),
        ("I'm not happy with this", Sentiment.NEGATIVE),
        ("not bad", Sentiment.NEUTRAL),
        ("不错", Sentiment.POSITIVE),
        ("the kettle 😡", Sentiment.NEGATIVE),
        ("arrived today 🥰", Sentiment.POSITIVE),
        ("空调不制冷", Sentiment.NEUTRAL),
    ],
)
def test_sentiment_is_in_the_words(text: str, sentiment: Sentiment) -> None:
    assert TAGGER.tag(text).sentiment is sentiment


@pytest.mark.parametrize(
    ("text", "urgent"),
    [
        ("热水器冒烟了", True),
        ("I need it by tomorrow", True),
        ("URGENT: shop is closed because of this", True),
        ("不急，慢慢来", False),
        ("no rush", False),
        ("WHERE IS MY ORDER", False),
    ],
)
def test_urgency_is_stated(text: str, urgent: bool) -> None:  # noqa: FBT001
    assert TAGGER.tag(text).urgent is urgent


@pytest.mark.parametrize("text", ["", "   ", "???", "qwertz uiop", "嘤嚶", "🧿", "где мой заказ"])
def test_without_evidence_it_says_other_and_is_not_sure(text: str) -> None:
    reading = TAGGER.tag(text)
    assert (reading.intent, reading.confidence) == ("other", UNKNOWN)


def test_two_requests_leave_it_unsure() -> None:
    assert TAGGER.tag("查一下积分，再帮我开发票，还要改地址").confidence < 0.55


@pytest.mark.parametrize(
    "twins",
    [
        ("REFUND PLEASE", "refund please"),
        ("ｒｅｆｕｎｄ", "refund"),
        ("轉人工", "转人工"),
        ("don’t text me", "don't text me"),
    ],
)
def test_form_does_not_matter(twins: tuple[str, str]) -> None:
    first, second = map(TAGGER.tag, twins)
    assert (first.intent, first.confidence) == (second.intent, second.confidence)


def test_stop_unsubscribes_only_alone() -> None:
    assert TAGGER.tag("Stop!").intent == "unsubscribe"
    assert TAGGER.tag("the washer makes a stop in the middle").intent != "unsubscribe"


@given(st.text(max_size=300))
@settings(max_examples=300, deadline=None)
def test_any_text_gets_a_reading_and_always_the_same(text: str) -> None:
    reading = TAGGER.tag(text)
    assert reading == TAGGER.tag(text)
    assert isinstance(reading, Reading)
    assert reading.intent in INTENTS
    assert 0 <= reading.confidence <= 1


@given(st.lists(st.sampled_from([word for message in MESSAGES for word in message["text"].split()]), max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_mixture_of_known_words_gets_a_reading(words: list[str]) -> None:
    assert TAGGER.tag(" ".join(words)).intent in INTENTS
