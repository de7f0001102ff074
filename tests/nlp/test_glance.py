"""What is plain is read at a glance; whatever else goes through the network."""

import hashlib
import json
import zlib
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.readings import KnowledgeHit, Reading, Sentiment
from nlp.artifact import Glancing, ModelRefused, Sure, Temperature, open_artifact
from nlp.encoder import Encoder, Scores
from nlp.examples import Example
from nlp.first_look import FirstLook, open_first_look
from nlp.glance import READ_AT_MOST, strings
from nlp.judging import Judge
from nlp.pages import Audience, Page
from nlp.second_opinion import SecondOpinion
from nlp.transformer import TransformerTagger, open_tagger
from tests.nlp.tiny_model import add_glance, make_model

GLANCING = Glancing(
    temperature=Temperature(intent=1.0, sentiment=1.0, urgent=1.0),
    sure=Sure(intent=0.8, sentiment=0.8, urgent=0.1, known=0.5),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole model with a glance, which knows the network's words of Latin letters and pairs of them."""
    return add_glance(make_model(tmp_path_factory.mktemp("tagger")), GLANCING)


def _first_look(folder: Path, *taught: str) -> FirstLook:
    found = open_first_look(open_artifact(folder), "tiny-1", taught)
    assert found is not None
    return found


def _read(folder: Path, text: str, *taught: str) -> Reading | None:
    return _first_look(folder, *taught).readings([text], ["en"])[0]


class _Counting(Encoder):
    """Remembers what went through the network."""

    asked: list[str]

    def encode(self, texts: Sequence[str]) -> Scores:
        """As ever."""
        self.asked = [*getattr(self, "asked", []), *texts]
        return super().encode(texts)


def _counting(folder: Path, pages: Sequence[Page] = ()) -> tuple[TransformerTagger, _Counting]:
    artifact = open_artifact(folder)
    encoder = _Counting(artifact)
    opinion = SecondOpinion(artifact, encoder, pages, None)
    encoder.asked = []
    return TransformerTagger(encoder, Judge(artifact.description), opinion, _first_look(folder)), encoder


def test_what_is_plain_is_read(folder: Path) -> None:
    reading = _read(folder, "Refund refund")
    assert reading is not None
    assert (reading.intent, reading.sentiment, reading.urgent) == ("return_refund", Sentiment.NEUTRAL, False)
    assert reading.confidence > 0.9
    assert (reading.language, reading.reader) == ("en", "tiny-1")


@pytest.mark.parametrize(
    "text",
    [
        "refund order",  # two intents
        "refund refund now",  # haste
        "refund zzyzx qwrtp",  # strange words
        "refund " * (READ_AT_MOST // 7 + 1),  # too long to be seen whole
        "退款",  # nothing known at all
        "",
    ],
)
def test_what_is_not_plain_is_left_to_the_network(folder: Path, text: str) -> None:
    assert _read(folder, text) is None


def test_what_resembles_a_taught_text_is_left_to_the_network(folder: Path) -> None:
    assert _read(folder, "refund") is not None
    assert _read(folder, "refund", "money refund") is None
    assert _read(folder, "order", "money refund") is not None


def test_only_what_is_not_plain_pays_for_the_network_and_the_order_is_kept(folder: Path) -> None:
    tagger, encoder = _counting(folder)
    texts = ["refund", "furious parcel now", "order", "warranty zzyzx qwrtp"]
    readings = tagger.tag_all(texts)
    assert encoder.asked == ["furious parcel now", "warranty zzyzx qwrtp"]
    assert [reading.intent for reading in readings] == ["return_refund", "order_status", "order_status", "other"]
    assert [tagger.tag_all([text])[0] for text in texts] == readings


def test_where_a_page_may_answer_the_embedding_is_asked(folder: Path) -> None:
    page = Page(
        name="money", language="en", title="refund", questions=(), answer="In a week.", audience=Audience.CUSTOMERS
    )
    tagger, encoder = _counting(folder, [page])
    hit = KnowledgeHit(page="money", title="refund", answer="In a week.", similarity=0.6)
    (found,) = tagger.understand_all(["refund"], lambda _text, _language: (hit,))
    assert encoder.asked == ["refund"]
    assert found.knowledge[0].similarity > 0.9
    (found,) = tagger.understand_all(["refund"], lambda _text, _language: ())
    assert encoder.asked == ["refund"]
    assert found.reading.intent == "return_refund"


def test_an_own_intent_is_found_though_a_glance_would_be_sure_of_another(folder: Path) -> None:
    own = [Example(text=text, intent="deposit") for text in ("refund", "money refund", "refund money")]
    assert open_tagger(folder).tag_all(["refund"])[0].intent == "return_refund"
    assert open_tagger(folder, own).tag_all(["refund"])[0].intent == "deposit"


def test_a_glance_that_is_not_whole_is_refused(folder: Path, tmp_path: Path) -> None:
    broken = add_glance(make_model(tmp_path), GLANCING)
    (broken / "glance.npz").write_bytes(b"no arrays")
    with pytest.raises(ModelRefused, match=r"glance\.npz: it is not the file that model\.json names"):
        open_artifact(broken)
    described = json.loads((broken / "model.json").read_text(encoding="utf-8"))
    described["files"]["glance.npz"] = hashlib.sha256(b"no arrays").hexdigest()
    (broken / "model.json").write_text(json.dumps(described), encoding="utf-8")
    with pytest.raises(ModelRefused, match=r"glance\.npz: no glance: .*; install Guanxi anew"):
        open_tagger(broken)
    (broken / "glance.npz").unlink()
    with pytest.raises(ModelRefused, match=r"glance\.npz: No such file"):
        open_artifact(broken)
    assert folder.exists()


def test_strings_do_not_go_beyond_a_word_but_latin_words_stand_in_pairs_too() -> None:
    together = set(strings("ab cd"))
    assert together == {*strings("ab"), *strings("cd"), zlib.crc32(b"ab cd")}
    assert len(strings("退款")) == len({"退", "款", " 退", "退款", "款 ", " 退款", "退款 ", " 退款 "})


@given(st.text(max_size=40))
def test_every_text_has_strings_each_once_and_ascending(text: str) -> None:
    found = strings(text).tolist()
    assert found == sorted(set(found))
    assert found
