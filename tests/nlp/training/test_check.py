"""The labelled messages: what the check finds, and that it finds nothing in those of the repository."""

from dataclasses import replace

import pytest

from nlp.training import messages
from nlp.training.check import faults, strange, tidied
from nlp.training.messages import Message

GIVEN = Message(
    text="where is the parcel I sent to my aunt?",
    intent="order_status",
    language="en",
    sentiment="neutral",
    urgent=False,
    scenario="A: order_status/en: the aunt's parcel",
)
ELSEWHERE = replace(GIVEN, text="我的包裹呢", language="zh-Hans", scenario="T: order_status/zh: a parcel")


def said(train: list[Message], test: list[Message]) -> list[str]:
    """The faults but for the numbers, which a few messages never reach."""
    return [fault for fault in faults(train, test) if "are needed" not in fault]


def test_the_repositorys_messages_are_sound() -> None:
    assert faults(*(messages.read(path) for path in (messages.TRAIN, messages.TEST, messages.STRANGERS))) == []


def test_strangers_have_written_nothing_that_is_learnt() -> None:
    stranger = replace(GIVEN, scenario="U: 001")
    known = [fault for fault in faults([GIVEN], [], [stranger]) if "stranger" in fault]
    assert len(known) == 1
    assert any(
        "author A is learnt from" in fault for fault in faults([GIVEN], [], [replace(ELSEWHERE, scenario="A: x")])
    )


def test_what_strangers_wrote_as_others_did_is_taken_out() -> None:
    new = replace(GIVEN, text="my parcel has not moved for a week", scenario="U: 002")
    assert strange(
        [replace(GIVEN, scenario="U: 001"), replace(ELSEWHERE, scenario="U: 003"), new], [GIVEN], [ELSEWHERE]
    ) == [new]


def test_the_repositorys_messages_are_sorted_by_author() -> None:
    authors = [message.author for message in messages.read(messages.TRAIN)]
    assert authors == sorted(authors)
    assert set(authors) == set("ABCDEFGHIJKLMNOPQR")


def test_sound_messages_have_no_fault_but_their_number() -> None:
    assert said([GIVEN], [ELSEWHERE]) == []
    assert any("other has 0 messages in zh, 500 are needed" in fault for fault in faults([GIVEN], []))
    assert any("order_status has 1 messages in en, 100 are needed" in fault for fault in faults([GIVEN], []))


@pytest.mark.parametrize("text", ["Where is the parcel, I sent to my AUNT", "where is the parcel I sent to my aunt??"])
def test_a_repetition_is_found_whatever_its_case_and_marks(text: str) -> None:
    assert len(said([GIVEN, replace(GIVEN, text=text)], [])) == 1


def test_a_leak_is_found_also_where_it_is_only_much_alike() -> None:
    same = replace(GIVEN, scenario="T: 1")
    alike = replace(GIVEN, scenario="T: 2", text="so where is the parcel I sent to my aunt?")
    other = replace(GIVEN, scenario="T: 3", text="when does the lamp for my uncle leave the warehouse")
    assert len(said([GIVEN], [same])) == 1
    assert len(said([GIVEN], [alike])) == 1
    assert said([GIVEN], [other]) == []


def test_a_leak_is_told_without_the_tests_text() -> None:
    (fault,) = said([GIVEN], [replace(GIVEN, scenario="T: 2", text="so where is the parcel I sent to my aunt?")])
    assert "so where" not in fault


def test_short_texts_may_be_alike_but_not_the_same() -> None:
    short = replace(GIVEN, text="where is it")
    assert said([short], [replace(short, text="where is it2", scenario="T: 1")]) == []
    assert len(said([short], [replace(short, text="Where is it?", scenario="T: 1")])) == 1


def test_a_scenario_on_both_sides_is_found() -> None:
    (fault,) = said([GIVEN], [replace(ELSEWHERE, scenario=GIVEN.scenario)])
    assert "both sides" in fault


@pytest.mark.parametrize("field", ["intent", "language", "sentiment"])
def test_an_unknown_label_is_found(field: str) -> None:
    (fault,) = said([replace(GIVEN, **{field: "nonsense"})], [])  # type: ignore[arg-type]
    assert f"unknown {field} nonsense" in fault


def test_tidying_keeps_the_first_of_each_and_nothing_that_leaks() -> None:
    again = replace(GIVEN, text=GIVEN.text.upper(), scenario="B: 1")
    fresh = replace(GIVEN, text="can I still change the colour", scenario="B: 2")
    leaked = replace(GIVEN, text="我的包裹呢?", scenario="B: 3")
    assert tidied([GIVEN, again, fresh, leaked], [ELSEWHERE]) == [GIVEN, fresh]
    assert said([GIVEN, fresh], [ELSEWHERE]) == []
