"""Texts as Telegram counts them."""

import re

from hypothesis import given
from hypothesis import strategies as st

from channels.telegram.texts import clean, cut, html, plain, split, split_html, utf16_length

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=120)
SPACED = st.lists(st.sampled_from(["word ", "词", "😀", "\n", "\n\n", "a" * 12, " "]), max_size=40).map("".join)
WORDS = st.text(st.sampled_from('ab 词😀<>&"\n'), min_size=1, max_size=30)
TREES = st.recursive(
    WORDS.map(html),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=4).map("".join)
        | st.tuples(st.sampled_from(["b", "i", "code"]), inner).map(lambda pair: f"<{pair[0]}>{pair[1]}</{pair[0]}>")
        | inner.map(lambda text: f'<a href="https://example.com/?a=1&amp;b=2">{text}</a>')
    ),
    max_leaves=12,
)


@given(TEXTS | SPACED, st.integers(2, 40))
def test_parts_joined_are_the_text_and_each_fits(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert "".join(parts) == text
    assert all(len(part.encode("utf-16-le")) // 2 <= limit for part in parts)
    assert all(parts) or text == ""


@given(TREES, st.integers(2, 40))
def test_each_part_of_html_fits_is_balanced_and_together_they_say_the_same(markup: str, limit: int) -> None:
    parts = split_html(markup, limit)
    assert "".join(map(plain, parts)) == plain(markup)
    for part in parts:
        assert utf16_length(plain(part)) <= limit
        assert balanced(part)
        assert not re.search(r"&(?!(?:amp|lt|gt|quot|#\d+);)", part), "an entity was cut"


def balanced(markup: str) -> bool:
    opened: list[str] = []
    for closing, name in re.findall(r"<(/?)(\w+)[^<>]*>", markup):
        if not closing:
            opened.append(name)
        elif not opened or opened.pop() != name:
            return False
    return not opened


@given(TEXTS)
def test_html_of_any_text_reads_as_that_text(text: str) -> None:
    assert plain(html(text)) == text


@given(TEXTS, st.integers(3, 40))
def test_a_cut_text_fits_and_begins_alike(text: str, limit: int) -> None:
    shortened = cut(text, limit)
    assert utf16_length(shortened) <= limit
    assert shortened == text or (shortened.endswith("…") and text.startswith(shortened[:-1]))


def test_a_text_is_cut_after_a_paragraph_before_a_line_before_a_word() -> None:
    assert split("one two\n\nthree four five", 14) == ["one two\n\n", "three four ", "five"]
    assert split("aaaaaaaa bb\ncccc dddd", 16) == ["aaaaaaaa bb\n", "cccc dddd"]
    assert split("x" * 10, 4) == ["xxxx", "xxxx", "xx"]


def test_a_character_of_two_units_is_never_halved() -> None:
    assert split("😀" * 5, 5) == ["😀😀", "😀😀", "😀"]


def test_what_no_request_can_carry_is_replaced() -> None:
    assert clean("a\ud83db\0") == "a\ufffdb\ufffd"
    clean("a\ud83db\0").encode()
