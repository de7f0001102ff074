"""What a pupil is shown beside the messages."""

import pytest

from nlp.training.messages import Message
from nlp.training.variants import varied


def _message(text: str, language: str = "en") -> Message:
    return Message(text=text, intent="thanks", language=language, sentiment="neutral", urgent=False, scenario="A:1")


MESSAGES = [
    _message("thank you for the quick delivery of order 12345678"),
    _message("you were a great help today"),
    _message("谢谢你们这么快就处理好了", "zh-Hans"),
    _message("太感謝了", "zh-Hant"),
]


def test_the_same_seed_gives_the_same_texts() -> None:
    assert varied(MESSAGES, 1) == varied(MESSAGES, 1) != varied(MESSAGES, 2)


def test_they_are_prepared_each_once_and_never_empty() -> None:
    found = varied(MESSAGES * 20, 3)
    assert len(found) == len(set(found)) > 40
    assert all(text == text.strip() != "" for text in found)
    assert not any("12345678" in text for text in found)
    assert any("[number]" in text for text in found)


@pytest.mark.parametrize("message", MESSAGES)
def test_they_are_made_of_what_was_said(message: Message) -> None:
    letters = set(message.text) | set("[number] ,.，。")
    assert all(set(text) <= letters | set("谢谢你们这么快就处理好了太感") for text in varied([message], 4))
