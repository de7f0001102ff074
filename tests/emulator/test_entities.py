"""HTML is parsed as strictly as by the real server, with its error texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.emulator.entities import formatted, parse_html, spontaneous, utf16_length
from tests.emulator.errors import ApiError


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("<b>bold", 'Can\'t find end tag corresponding to start tag "b"'),
        ("a <script>", 'Unsupported start tag "script" at byte offset 2'),
        ("好 <x>", 'Unsupported start tag "x" at byte offset 4'),
        ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
        ("price<", "Unclosed start tag at byte offset 5"),
        ("</b>", "Unexpected end tag at byte offset 0"),
        ("<b><i>x</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<a href>x</a>", 'Expected equal sign in declaration of an attribute of the tag "a" at byte offset 0'),
        ('<a href="x', "Unclosed start tag at byte offset 0"),
        ("<a href=x/y>x</a>", "Unexpected end of name token at byte offset 8"),
    ],
)
def test_malformed_html_is_refused_in_the_real_words(source: str, reason: str) -> None:
    with pytest.raises(ApiError) as refusal:
        parse_html(source)
    assert refusal.value.description == f"Bad Request: can't parse entities: {reason}"


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("<b>x</b>", "x", [{"offset": 0, "length": 1, "type": "bold"}]),
        ("😀<i>x</i>", "😀x", [{"offset": 2, "length": 1, "type": "italic"}]),
        ("a &lt;b&gt; &amp; &#39;&quot;", "a <b> & '\"", []),
        ("&nbsp;&copy", "&nbsp;&copy", []),
        ("<b></b>x", "x", []),
        (
            '<a href="https://e.com/?a=1&amp;b=2">x</a>',
            "x",
            [{"offset": 0, "length": 1, "type": "text_link", "url": "https://e.com/?a=1&b=2"}],
        ),
        (
            '<pre><code class="language-py">x</code></pre>',
            "x",
            [{"offset": 0, "length": 1, "type": "pre", "language": "py"}],
        ),
        (
            "<b>a<i>b</i></b>",
            "ab",
            [{"offset": 0, "length": 2, "type": "bold"}, {"offset": 1, "length": 1, "type": "italic"}],
        ),
        (
            "<blockquote expandable>q</blockquote>",
            "q",
            [{"offset": 0, "length": 1, "type": "expandable_blockquote"}],
        ),
        ('<span class="tg-spoiler">s</span>', "s", [{"offset": 0, "length": 1, "type": "spoiler"}]),
    ],
)
def test_html_becomes_text_and_entities(source: str, text: str, entities: list[dict[str, object]]) -> None:
    assert parse_html(source) == (text, entities)


def test_text_is_trimmed_and_entities_move_along() -> None:
    assert formatted("  <b>x</b> ", "HTML", None) == ("x", [{"offset": 0, "length": 1, "type": "bold"}])


def test_commands_links_and_mentions_are_found() -> None:
    found = {entity["type"]: entity["offset"] for entity in spontaneous("😀 /start at https://e.com for @lin_support")}
    assert found == {"bot_command": 3, "url": 13, "mention": 31}


@given(st.text())
def test_escaped_text_comes_back_whole(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert parse_html(escaped) == (text, [])
    assert utf16_length(text) == sum(2 if ord(character) > 0xFFFF else 1 for character in text)
