"""The transformer as an understander, on a tiny model: its manners, its honesty, a company's own intents."""

import asyncio
import base64
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.readings import INTENTS, KnowledgeHit, Reading, Sentiment
from nlp.artifact import ModelRefused, open_artifact
from nlp.encoder import Encoder, Scores
from nlp.examples import Example
from nlp.knowledge import Audience, Page, Pages, load_pages
from nlp.passes import PassLimits
from nlp.transformer import TransformerTagger, TransformerUnderstander, open_tagger
from tests.nlp.tiny_model import WIDTH, WORDS, make_model

WARRANTY = [Example(text=text, intent="warranty") for text in ("extend warranty", "warranty", "extend my warranty now")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole model."""
    return make_model(tmp_path_factory.mktemp("tagger"))


@pytest.fixture(scope="module")
def tagger(folder: Path) -> TransformerTagger:
    """Its tagger."""
    return open_tagger(folder)


def _tag(tagger: TransformerTagger, text: str) -> Reading:
    return tagger.tag_all([text])[0]


def test_one_pass_gives_intent_sentiment_urgency_and_reader(tagger: TransformerTagger) -> None:
    reading = _tag(tagger, "i want a refund now i am furious")
    assert (reading.intent, reading.sentiment, reading.urgent) == ("return_refund", Sentiment.NEGATIVE, True)
    assert (reading.language, reading.reader) == ("en", "tiny-1")
    assert _tag(tagger, "lovely parcel").sentiment is Sentiment.POSITIVE
    assert _tag(tagger, "我 要 退款").intent == "return_refund"


def test_confidence_is_the_calibrated_probability(folder: Path, tmp_path: Path) -> None:
    hot = make_model(tmp_path, temperature={"intent": 4.0, "sentiment": 1.0, "urgent": 1.0})
    assert _tag(open_tagger(folder), "refund").confidence > 0.99
    assert 0.3 < _tag(open_tagger(hot), "refund").confidence < 0.6


def test_what_lies_far_from_every_intent_is_refused_whatever_the_head_says(tagger: TransformerTagger) -> None:
    reading = _tag(tagger, "warranty")  # the head says how_to with certainty, but no centre is near
    assert reading.intent == "other"
    assert 0.5 < reading.confidence < 1.0


@pytest.mark.parametrize("text", ["", "   ", "\n\u200b", "\x00"])
def test_nothing_is_other_and_not_sure(tagger: TransformerTagger, text: str) -> None:
    reading = _tag(tagger, text)
    assert (reading.intent, reading.confidence, reading.language) == ("other", 0.2, "other")


def test_emoji_alone_get_a_reading(tagger: TransformerTagger) -> None:
    assert _tag(tagger, "😡😡😡").intent in INTENTS


def test_a_long_text_is_read_to_its_end(tagger: TransformerTagger) -> None:
    small_talk = "weather cat " * 20
    assert _tag(tagger, small_talk).intent == "other"
    assert _tag(tagger, small_talk + "refund money " * 10).intent == "return_refund"
    assert _tag(tagger, "now " * 30 + "weather " * 300).urgent
    assert _tag(tagger, "refund " * 5000).intent == "return_refund"


@given(st.lists(st.one_of(st.text(max_size=40), st.lists(st.sampled_from([*WORDS, "?"])).map(" ".join)), max_size=30))
@settings(max_examples=60, deadline=None)
def test_many_at_once_are_read_as_one_by_one(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    tagger = _shared_tagger(tmp_path_factory)
    for together, alone in zip(tagger.tag_all(texts), [_tag(tagger, text) for text in texts], strict=True):
        assert together.confidence == pytest.approx(alone.confidence, abs=1.1e-3)
        assert (together.intent, together.sentiment, together.urgent) == (alone.intent, alone.sentiment, alone.urgent)


def _shared_tagger(tmp_path_factory: pytest.TempPathFactory) -> TransformerTagger:
    folder = tmp_path_factory.getbasetemp() / "shared-model"
    return open_tagger(folder if (folder / "model.json").exists() else make_model(folder))


def test_the_scores_of_a_text_do_not_depend_on_who_is_read_with_it(folder: Path) -> None:
    encoder = Encoder(open_artifact(folder))
    texts = [" ".join(list(WORDS)[: 1 + number % 9]) for number in range(100)]
    together = encoder.encode(texts)
    for number, text in enumerate(texts):
        alone = encoder.encode([text])
        for head in ("embedding", "intent", "sentiment", "urgent"):
            assert getattr(alone, head)[0] == pytest.approx(getattr(together, head)[number], abs=1e-4)


# ---- in the program --------------------------------------------------------------------------------------------------


async def test_a_round_is_understood_in_order_with_its_pages(tagger: TransformerTagger) -> None:
    pages = load_pages(Path(__file__).parents[2] / "bot" / "starter" / "knowledge")
    understander = TransformerUnderstander(tagger, pages)
    refund, hours, nothing = await understander.understand(["refund", "When are you open?", ""])
    understander.close()
    assert refund.reading.intent == "return_refund"
    assert hours.knowledge[0].page == "opening-hours.en"
    assert (nothing.reading.intent, nothing.knowledge) == ("other", ())


async def test_500_conversations_at_once_are_read_as_one_by_one_while_the_loop_turns(tagger: TransformerTagger) -> None:
    texts = [f"{list(WORDS)[number % len(WORDS)]} order {'weather ' * (number % 5)}" for number in range(500)]
    understander = TransformerUnderstander(tagger, Pages(()), PassLimits(threads=2, share=8, in_line=64))
    turns = 0

    async def turn() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    turning = asyncio.create_task(turn())
    found = await asyncio.gather(*(understander.understand([text]) for text in texts))
    turning.cancel()
    understander.close()
    assert [each[0].reading for each in found] == [_tag(tagger, text) for text in texts]
    assert turns > len(texts) // 8


# ---- the knowledge by meaning ----------------------------------------------------------------------------------------


def _page(name: str, *questions: str, audience: Audience = Audience.CUSTOMERS) -> Page:
    return Page(name=name, title=name, questions=questions, language="en", audience=audience, answer=f"About {name}")


PAGES = (
    _page("refunds", "refund your money"),
    _page("orders", "where is your parcel"),
    _page("ours", "weather", audience=Audience.AGENTS),
)


def _best(folder: Path, text: str, similarity: float, page: str, data: Path | None = None) -> KnowledgeHit:
    hit = KnowledgeHit(page=page, title=page, answer=f"About {page}", similarity=similarity)
    tagger = open_tagger(folder, pages=PAGES, data=data)
    return tagger.understand_all([text], lambda _text, _language: (hit, hit))[0].knowledge[0]


def test_a_page_that_both_take_for_the_nearest_counts_as_near_as_its_sentence(folder: Path) -> None:
    assert _best(folder, "money", 0.6, "refunds").similarity > 0.9
    assert _best(folder, "money furious warranty", 0.9, "refunds").similarity == 0.9


@pytest.mark.parametrize(
    ("text", "similarity", "page"),
    [("money", 0.6, "orders"), ("money", 0.4, "refunds")],
)
def test_where_they_do_not_agree_the_search_decides(folder: Path, text: str, similarity: float, page: str) -> None:
    assert _best(folder, text, similarity, page).similarity == similarity


def test_the_sentences_are_read_once(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _best(folder, "money", 0.6, "refunds", tmp_path)
    read: list[str] = []
    encode = Encoder.encode

    def noted(encoder: Encoder, texts: Sequence[str]) -> Scores:
        read.extend(texts)
        return encode(encoder, texts)

    monkeypatch.setattr(Encoder, "encode", noted)
    assert _best(folder, "money", 0.6, "refunds", tmp_path).similarity > 0.9
    assert read == ["money"]


# ---- a company's own intents -----------------------------------------------------------------------------------------


def test_own_intents_compete_on_equal_terms(folder: Path) -> None:
    tagger = open_tagger(folder, WARRANTY)
    assert _tag(tagger, "can i extend the warranty").intent == "warranty"
    assert _tag(tagger, "refund my money").intent == "return_refund"
    assert _tag(tagger, "weather cat").intent == "other"
    assert _tag(tagger, "warranty").reader.startswith("tiny-1+")


def test_what_was_learnt_is_kept_by_its_content(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tmp_path / "data"
    first = open_tagger(folder, WARRANTY, data=data)
    monkeypatch.setattr("nlp.own_intents.fit", None)
    assert _tag(open_tagger(folder, WARRANTY, data=data), "warranty") == _tag(first, "warranty")
    with pytest.raises(TypeError):
        open_tagger(folder, WARRANTY[:1], data=data)


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 no archive", b"\x93NUMPY"])
def test_what_was_kept_and_broke_is_learnt_anew(folder: Path, tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "own-intents.npz").write_bytes(damage)
    assert _tag(open_tagger(folder, WARRANTY, data=tmp_path), "warranty").intent == "warranty"


def test_a_folder_that_cannot_be_written_is_no_obstacle(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert _tag(open_tagger(folder, WARRANTY, data=tmp_path / "file"), "warranty").intent == "warranty"


def test_typical_messages_of_the_model_stand_for_its_intents(tmp_path: Path) -> None:
    rows = np.eye(WIDTH, dtype="<f2")[[0, 0, 1, 5]]
    names = ["return_refund", "return_refund", "order_status", "other"]
    anchors = {"intents": names, "embeddings": base64.b64encode(rows.tobytes()).decode()}
    tagger = open_tagger(make_model(tmp_path, anchors=anchors), WARRANTY)
    found = [_tag(tagger, text).intent for text in ("warranty", "refund", "order", "weather")]
    assert found == ["warranty", "return_refund", "order_status", "other"]


# ---- files that are not whole ----------------------------------------------------------------------------------------


def _broken(folder: Path, name: str, content: bytes | None) -> None:
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(content)


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("model.json", None, "No such file"),
        ("model.json", b"{", "truncated"),
        ("model.json", b'{"version": 3}', "version"),
        ("model.onnx", None, "No such file"),
        ("model.onnx", b"other bytes", "another sha256"),
        ("tokenizer.json", b"{}", "another sha256"),
    ],
)
def test_a_folder_that_is_not_whole_is_refused_in_one_line(
    tmp_path: Path, name: str, content: bytes | None, why: str
) -> None:
    _broken(make_model(tmp_path), name, content)
    with pytest.raises(ModelRefused, match=why) as refused:
        open_tagger(tmp_path)
    assert str(refused.value).startswith(str(tmp_path / name))
    assert "\n" not in str(refused.value)
    assert "GUANXI_NLP_MODEL=keywords" in str(refused.value)


@pytest.mark.parametrize(("name", "why"), [("model.onnx", "no network"), ("tokenizer.json", "no tokenizer")])
def test_files_that_are_what_they_were_and_no_model_are_refused(tmp_path: Path, name: str, why: str) -> None:
    (make_model(tmp_path) / name).write_bytes(b"nonsense")
    described = json.loads((tmp_path / "model.json").read_text())
    described["files"][name] = hashlib.sha256(b"nonsense").hexdigest()
    (tmp_path / "model.json").write_text(json.dumps(described))
    with pytest.raises(ModelRefused, match=why):
        open_tagger(tmp_path)
