"""The model that comes with the program: whole, small enough, good enough, and in a flood the same as one by one."""

import asyncio
import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import bot
from bot.tagger import SHIPPED
from desk.company import KnowledgeRules
from desk.readings import INTENTS
from nlp.artifact import NETWORK, TOKENIZER, Artifact, open_artifact
from nlp.encoder import Encoder, Scores
from nlp.examples import Example
from nlp.judging import OTHER, Judge
from nlp.knowledge import Pages, load_pages
from nlp.pages import read_pages
from nlp.regression import softmax
from nlp.training.figures import calibration_error, f1, macro_f1
from nlp.training.messages import TEST, TRAIN, Message, read
from nlp.transformer import TransformerTagger, TransformerUnderstander, open_tagger

QUESTIONS = Path(__file__).with_name("questions.toml")
STARTER = Path(bot.__file__).with_name("starter") / "knowledge"
OWN = ("想给洗衣机延保", "延长保修怎么买", "extend my warranty", "can I buy two more years of cover")


@cache
def artifact() -> Artifact:
    return open_artifact(Path(SHIPPED))


@cache
def tagger() -> TransformerTagger:
    return open_tagger(Path(SHIPPED))


@cache
def unseen() -> list[Message]:
    """The messages that nobody trained or tuned on. What is shipped is held to its figures; they choose nothing."""
    return read(TEST)


@cache
def scores() -> Scores:
    return Encoder(artifact()).encode([message.text for message in unseen()])


@cache
def wanted() -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array([INTENTS.index(message.intent) for message in unseen()])


@cache
def intents() -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return Judge(artifact().description).intents(scores())


def test_model_and_tokenizer_have_at_most_45_megabytes() -> None:
    assert sum((Path(SHIPPED) / name).stat().st_size for name in (NETWORK, TOKENIZER)) <= 45e6


def test_it_knows_the_built_in_intents_in_their_order() -> None:
    assert artifact().description.intents == list(INTENTS)


@pytest.mark.parametrize(("tongue", "least"), [("zh", 0.88), ("en", 0.90)])
def test_intents_of_strangers_are_read(tongue: str, least: float) -> None:
    mine = np.array([message.tongue == tongue for message in unseen()])
    assert macro_f1(intents()[mine].argmax(1), wanted()[mine]) >= least


def test_confidence_means_what_it_says() -> None:
    best, right = intents().max(1), intents().argmax(1) == wanted()
    assert calibration_error(best.astype(np.float32), right) <= 0.03
    assert right[best > 0.8].mean() >= 0.8


def test_what_is_out_of_scope_is_told() -> None:
    number = INTENTS.index(OTHER)
    other, outside = intents()[:, number], number == wanted()
    assert (other[outside] > np.quantile(other[~outside], 0.95)).mean() >= 0.75


def test_sentiment_and_urgency_of_strangers_are_read() -> None:
    model = artifact().description
    tones = softmax(scores().sentiment / model.temperature.sentiment)
    tone = np.array([model.sentiments.index(message.sentiment) for message in unseen()])
    assert macro_f1(tones.argmax(1), tone) >= 0.80
    assert calibration_error(tones.max(1).astype(np.float32), tones.argmax(1) == tone) <= 0.03
    hurry = 1 / (1 + np.exp(-scores().urgent[:, 0] / model.temperature.urgent))
    urgent = np.array([message.urgent for message in unseen()])
    assert f1(hurry >= model.urgent_threshold, urgent) >= 0.70
    assert calibration_error(np.maximum(hurry, 1 - hurry), (hurry >= 0.5) == urgent) <= 0.03


def test_an_own_intent_is_learnt_from_four_examples() -> None:
    own = open_tagger(Path(SHIPPED), [Example(text=text, intent="warranty") for text in OWN])
    asked = [
        "I'd like to prolong the guarantee on my washing machine",
        "冰箱的质保能再买两年吗",
        "How much is an extra year of warranty?",
    ]
    assert [reading.intent for reading in own.tag_all(asked)] == ["warranty"] * 3
    kept = [message for message in read(TRAIN)[::40] if message.intent in ("order_status", "invoice", "thanks")]
    assert "warranty" not in {reading.intent for reading in own.tag_all([message.text for message in kept])}


def test_meaning_finds_more_pages_and_answers_nothing_that_a_person_should_have() -> None:
    """On the questions that the knowledge search is held to, in the same words and in others."""
    questions = tomllib.loads(QUESTIONS.read_text(encoding="utf-8"))
    pages, searched = read_pages(STARTER), load_pages(STARTER)
    reader = open_tagger(Path(SHIPPED), pages=pages)

    def answered(asked: Sequence[str]) -> list[str]:
        found = reader.understand_all(asked, searched.search)
        best = [each.knowledge[0] for each in found if each.knowledge]
        return [hit.page for hit in best if hit.similarity >= KnowledgeRules().answer_above]

    assert answered([question for asked in questions["unanswered"].values() for question in asked]) == []
    by_page = {page: answered(asked) for page, asked in questions["answered"].items()}
    assert all({page} >= set(found) for page, found in by_page.items())
    assert sum(map(len, by_page.values())) >= 120


async def test_a_flood_of_500_conversations_is_read_as_one_by_one() -> None:
    texts = [message.text for message in read(TRAIN)[::20]][:500]
    understander = TransformerUnderstander(tagger(), Pages(()))
    flood = await asyncio.gather(*(understander.understand([text]) for text in texts))
    alone = [(await understander.understand([text]))[0] for text in texts]
    understander.close()
    assert [each for (each,) in flood] == alone
    assert len(texts) == 500
