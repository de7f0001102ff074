"""Markdown as a chat shows it."""

import pytest

from nlp.chat_text import chat_text


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("# Hours\n\nWe are **open** *daily*.\n\nWrite `now`.", "Hours\n\nWe are open daily.\n\nWrite now."),
        ("We need:\n\n- a number\n- a reason\n\nThanks.", "We need:\n• a number\n• a reason\n\nThanks."),
        ("3. one\n4. two\n   - inner", "3. one\n4. two\n  • inner"),
        ("- first\n\n  more of it\n- second", "• first\n  more of it\n• second"),
        ("See [our shop](https://shop.example/).", "See our shop (https://shop.example/)."),
        ("<https://shop.example/a> or <help@shop.example>", "https://shop.example/a or help@shop.example"),
        ("```\nx = 1\n```", "x = 1"),
        ("line one\nline two", "line one\nline two"),
        ("<b>2 < 3 & 4</b>", "<b>2 < 3 & 4</b>"),
        ("![the label](https://shop.example/label.png)", "the label"),
        ("", ""),
    ],
)
def test_markdown_reads_as_typed_by_a_person(markdown: str, text: str) -> None:
    assert chat_text(markdown) == text
