"""The form in which the transformer reads a text."""

import pytest

from nlp.model_text import prepare


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("  Where   is\nmy order ", "Where is my order"),
        ("請問我的訂單", "请问我的订单"),
        ("zero\u200bwidth\ufe0f", "zerowidth"),
        ("order #A-20261122001 pls", "order [number] pls"),
        ("单号20261122001到哪了", "单号[number]到哪了"),
        ("打我电话13800001234", "打我电话[phone]"),
        ("看 https://example.com/a?b=1 这个", "看 [link] 这个"),
        ("Mail me: Ann.Lee@example.com", "Mail me: [mail]"),
        ("sooooooo slow!!!!!!", "sooo slow!!!"),
        ("👍🏽 thanks", "👍 thanks"),
        ("it is 15:30, 200 off", "it is 15:30, 200 off"),
    ],
)
def test_what_differs_from_message_to_message_is_taken_away(written: str, read: str) -> None:
    assert prepare(written) == read


def test_case_and_marks_stay() -> None:
    assert prepare("WHERE is it?!") == "WHERE is it?!"
