"""One form for all that a customer may type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.normalise import READ_AT_MOST, normalise
from nlp.words import split, stem


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("ＲＥＦＵＮＤ！", "refund!"),
        ("Don’t", "don't"),
        ("退\u200b款\x07", "退款"),
        ("請問訂單", "请问订单"),
        ("see https://shop.example/a?b=1 now", "see  <link>  now"),
        ("mail me at a.b@example.com", "mail me at  <mail> "),
        ("打13800138000", "打 <phone> "),
        ("+86 138 0013 8000", " <phone> "),
        ("订单20260311001到哪了", "订单 <order> 到哪了"),
        ("order #88213", "order  <order> "),
        ("10kg, 50 units, 110v", "10kg, 50 units, 110v"),
    ],
)
def test_text_is_brought_to_one_form(written: str, read: str) -> None:
    assert normalise(written) == read


@given(st.text())
def test_normalising_bounds_and_lowers_any_text(text: str) -> None:
    read = normalise(text)
    assert not any("A" <= character <= "Z" for character in read)
    assert len(normalise(text * 50)) < READ_AT_MOST * 20


def test_units_are_characters_words_marks_and_emoji() -> None:
    assert split(normalise("My app闪退了!! 😡 :(")) == ["app", "闪", "退", "了", "!", "!", "😡", ":("]


def test_stretched_letters_are_cut() -> None:
    assert split("hiiiii sooooo") == split("hii soo")


@pytest.mark.parametrize(
    "family",
    [("cancel", "cancels", "cancelled", "cancelling"), ("charge", "charged", "charging"), ("reply", "replies")],
)
def test_inflected_words_meet(family: tuple[str, ...]) -> None:
    assert len({stem(word) for word in family}) == 1
