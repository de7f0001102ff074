"""`guanxi tag` and `guanxi intents` by a model, and what is read anew."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from bot.company import load_company
from bot.tagger import corrected as corrected_texts
from bot.tagger import examples_of
from desk.company import OwnIntent
from desk.readings import Correction, Reading, Sentiment
from desk.values import replace
from store.database import open_database
from store.migrate import upgrade
from store.tables import corrections, messages
from tests.bot.conftest import ROOT, Guanxi, open_process
from tests.databases import in_a_loop
from tests.nlp.tiny_model import make_model

OWN = (
    "\nintents:\n  - {name: warranty, examples: [extend warranty, warranty, extend my warranty now, warranty extend]}\n"
)


@pytest.fixture
def model(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model that the settings name."""
    made = make_model(folder / "model")
    monkeypatch.setenv("GUANXI_NLP_MODEL", str(made))
    return made


@pytest.fixture
def company(folder: Path) -> Path:
    """A company's file with an intent of its own."""
    starter = (ROOT / "bot" / "starter" / "desk.yaml").read_text(encoding="utf-8")
    (folder / "desk.yaml").write_text(starter + OWN, encoding="utf-8")
    return folder / "desk.yaml"


def _message(number: int, text: str, day: int, **values: object) -> dict[str, Any]:
    usual = {
        "id": number,
        "contact_id": 1,
        "conversation_id": 1,
        "author": "customer",
        "public": True,
        "text": text,
        "at": datetime(2026, 1, day, 9, tzinfo=UTC),
        "delivery": "received",
        "intent": "other",
        "confidence": 0.2,
        "sentiment": "neutral",
        "urgent": False,
        "language": "en",
        "reader": "keywords",
    }
    return usual | values


STORED = [
    _message(1, "refund", 4),
    _message(2, "refund now", 5),
    _message(3, "furious about my order", 6, reader=None),
    _message(4, "a refund", 6, author="agent", intent=None, reader=None),
    _message(5, "parcel", 7, intent="praise", reader="tiny-1"),
    *(_message(number, "weather", 8) for number in range(6, 600)),
]


def test_lines_are_tagged_by_the_model(folder: Path, model: Path) -> None:
    out, err = open_process("tag", "--jsonl").communicate(b'"refund"\n{"text": "order"}\nx\n' * 300, timeout=60)
    found = [json.loads(line) for line in out.splitlines()]
    assert [each.get("intent") for each in found] == ["return_refund", "order_status", None] * 300
    assert {each["reader"] for each in found if "reader" in each} == {"tiny-1"}
    assert err.startswith(b"guanxi: 300 of 900 lines")


def test_an_own_intent_is_tagged_where_the_company_has_one(guanxi: Guanxi, model: Path, company: Path) -> None:
    assert json.loads(guanxi("tag", "can i extend the warranty").out)["intent"] == "warranty"
    assert (company.parent / "data" / "own-intents.npz").is_file()


@pytest.mark.parametrize("name", ["model.json", "model.onnx", "tokenizer.json"])
def test_a_broken_model_is_one_line_and_exit_code_1(guanxi: Guanxi, model: Path, name: str) -> None:
    (model / name).write_bytes(b"broken")
    for command in (["tag", "refund"], ["run"]):
        said = guanxi(*command)
        assert said.code == 1
        told = [line for line in said.err.splitlines() if line.startswith("guanxi: ")]
        assert len(told) == 1
        assert told[0].startswith(f"guanxi: {model}")


def test_after_a_start_that_failed_for_the_model_the_first_password_is_still_to_come(
    guanxi: Guanxi, model: Path, folder: Path
) -> None:
    (model / "model.onnx").write_bytes(b"broken")
    assert guanxi("run").code == 1
    assert not (folder / "data" / "guanxi.db").exists()


def test_stored_messages_are_read_anew_once(
    guanxi: Guanxi, model: Path, empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUANXI_DATABASE_URL", empty_database_url)
    upgrade(empty_database_url)
    _on(empty_database_url, lambda connection: connection.execute(insert(messages), STORED))
    assert guanxi("tag", "--again", "--since", "2026-01-05").out == "Read anew by tiny-1: 596 messages.\n"
    columns = (messages.c.intent, messages.c.urgent, messages.c.sentiment, messages.c.reader)
    rows = _on(
        empty_database_url, lambda connection: connection.execute(select(*columns).order_by(messages.c.id)).all()
    )
    assert rows[:6] == [
        ("other", False, "neutral", "keywords"),
        ("return_refund", True, "neutral", "tiny-1"),
        ("order_status", False, "negative", "tiny-1"),
        (None, False, "neutral", None),
        ("praise", False, "neutral", "tiny-1"),
        ("other", False, "neutral", "tiny-1"),
    ]
    assert guanxi("tag", "--again", "--since", "2026-01-05").out == "Read anew by tiny-1: 0 messages.\n"


def test_a_day_that_is_none_is_told(guanxi: Guanxi, model: Path) -> None:
    said = guanxi("tag", "--again", "--since", "yesterday")
    assert (said.code, said.err) == (2, "guanxi: yesterday: expected a date like 2026-01-05\n")


def _on(url: str, work: Any) -> Any:
    async def opened() -> Any:
        database = open_database(url)
        try:
            return await database.transaction(work)
        finally:
            await database.close()

    return in_a_loop(opened)


def test_own_intents_are_tested_without_their_examples(guanxi: Guanxi, model: Path, company: Path) -> None:
    odd = company.read_text(encoding="utf-8").replace("warranty extend]", "warranty extend, cat cat]")
    company.write_text(odd + "  - {name: pets, examples: [weather cat, cat]}\n", encoding="utf-8")
    said = guanxi("intents", "test")
    assert said.code == 0
    rows = [line.split("\t") for line in said.out.splitlines()]
    assert rows[0][:3] == ["warranty", "5", "4"]
    assert rows[1][:3] == ["pets", "2", "2"]
    assert [row[0::3] for row in rows[2:]] == [["warranty", "pets: cat"]]
    assert said.err == "guanxi: 6 of 7 examples are read right without themselves\n"


def test_own_intents_need_the_model(guanxi: Guanxi, company: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUANXI_NLP_MODEL", "keywords")
    said = guanxi("intents", "test")
    assert (said.code, said.out) == (2, "")


# ---- what the staff corrected ----------------------------------------------------------------------------------------


def _correction(number: int, text: str, intent: str, day: int, **values: object) -> dict[str, Any]:
    usual = {
        "id": number,
        "contact_id": 1,
        "message_id": number,
        "ticket": 1,
        "text": text,
        "language": "en",
        "intent": intent,
        "sentiment": None,
        "urgent": None,
        "read_intent": "order_status",
        "read_confidence": 0.7,
        "read_sentiment": "neutral",
        "read_urgent": False,
        "reader": "tiny-1",
        "at": datetime(2026, 1, day, 9, tzinfo=UTC),
        "by": "Lin",
    }
    return usual | values


@pytest.fixture
def corrected(empty_database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database in which something was corrected, one message twice."""
    monkeypatch.setenv("GUANXI_DATABASE_URL", empty_database_url)
    upgrade(empty_database_url)
    rows = [
        _correction(1, "parcel", "invoice", 4),
        _correction(2, "parcel", "delivery_problem", 5, message_id=1, sentiment="negative", urgent=True, by="Zhao"),
        _correction(3, "weather", "an intent of before", 6),
        _correction(4, "cat cat", "warranty", 7),
    ]
    _on(empty_database_url, lambda connection: connection.execute(insert(corrections), rows))


def test_corrections_are_exported_as_lines(guanxi: Guanxi, corrected: None) -> None:
    lines = [json.loads(line) for line in guanxi("intents", "export").out.splitlines()]
    assert [each["intent"] for each in lines] == ["delivery_problem", "an intent of before", "warranty"]
    assert lines[0] == {
        "text": "parcel",
        "intent": "delivery_problem",
        "sentiment": "negative",
        "urgent": True,
        "language": "en",
        "read": {
            "intent": "order_status",
            "confidence": 0.7,
            "sentiment": "neutral",
            "urgent": False,
            "reader": "tiny-1",
        },
        "at": "2026-01-05T09:00:00Z",
        "by": "Zhao",
    }
    assert (lines[1]["sentiment"], lines[1]["urgent"]) == (None, None)


def test_corrections_since_a_day_are_exported(guanxi: Guanxi, corrected: None) -> None:
    said = guanxi("intents", "export", "--since", "2026-01-06")
    assert [json.loads(line)["text"] for line in said.out.splitlines()] == ["weather", "cat cat"]
    assert guanxi("intents", "export", "--since", "2027-01-01").out == ""
    assert guanxi("intents", "export", "--since", "lately").code == 2


def test_a_text_is_read_as_the_staff_said(guanxi: Guanxi, model: Path, corrected: None) -> None:
    found = json.loads(guanxi("tag", "parcel").out)
    assert found["intent"] == "delivery_problem"
    assert found["reader"].startswith("tiny-1+")
    assert json.loads(guanxi("tag", "refund").out)["intent"] == "return_refund"


def test_keywords_learn_nothing(guanxi: Guanxi, corrected: None) -> None:
    assert json.loads(guanxi("tag", "parcel").out)["reader"] == "keywords"


def test_own_intents_learn_from_what_was_corrected_to_or_from_them() -> None:
    company = load_company(ROOT / "bot" / "starter" / "desk.yaml", today=date(2026, 1, 5)).company
    company = replace(company, intents=(OwnIntent(name="warranty", examples=("extend warranty", "warranty")),))
    told = (
        ("cat cat", "warranty", "other"),
        ("warranty", "how_to", "warranty"),
        ("parcel", "invoice", "order_status"),
        ("weather", "an intent of before", "warranty"),
    )
    said = [
        Correction(text=text, intent=intent, at=datetime(2026, 1, day, tzinfo=UTC), by="Lin", read=_read_as(read))
        for day, (text, intent, read) in enumerate(told, start=1)
    ]
    examples = {each.text: each.intent for each in examples_of(company, said)}
    assert examples == {"extend warranty": "warranty", "cat cat": "warranty", "warranty": "how_to"}
    assert {each.text: each.intent for each in corrected_texts(company, said)} == {
        "cat cat": "warranty",
        "warranty": "how_to",
        "parcel": "invoice",
    }


def _read_as(intent: str) -> Reading:
    return Reading(intent=intent, confidence=0.7, sentiment=Sentiment.NEUTRAL, urgent=False, language="en")


def test_without_a_database_a_text_is_read_as_the_model_does(guanxi: Guanxi, model: Path, folder: Path) -> None:
    assert json.loads(guanxi("tag", "parcel").out)["reader"] == "tiny-1"
    assert not (folder / "data" / "guanxi.db").exists()


def test_what_was_corrected_to_an_own_intent_is_tested_with_its_examples(
    guanxi: Guanxi, model: Path, company: Path, corrected: None
) -> None:
    rows = [line.split("\t") for line in guanxi("intents", "test").out.splitlines()]
    assert rows[0][:2] == ["warranty", "5"]


def test_a_database_that_cannot_be_reached_is_told_and_the_text_is_read(
    guanxi: Guanxi, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUANXI_DATABASE_URL", "postgresql://guanxi@127.0.0.1:1/guanxi")
    said = guanxi("tag", "parcel")
    assert json.loads(said.out)["intent"] == "order_status"
    assert said.err.startswith("guanxi: read without what the staff corrected: the database cannot be reached: ")
