"""The language of a text, without a model."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.language import identify


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("我的快递到哪了", "zh-Hans"),
        ("你好", "zh-Hans"),
        ("請問訂單出貨了嗎", "zh-Hant"),
        ("那我先掰囉", "zh-Hant"),
        ("后台里面", "zh-Hans"),
        ("iPhone 15 Pro Max 多少钱", "zh-Hans"),
        ("my order 订单 is late, please help me with this", "en"),
        ("Where is my order?", "en"),
        ("café tables, do you have them in stock", "en"),
        ("ok", "en"),
        ("où est ma commande, bonjour", "other"),
        ("Wo ist mein Paket, bitte?", "other"),
        ("¿Dónde está mi pedido?", "other"),
        ("注文はどこですか", "other"),
        ("주문 어디에 있나요", "other"),
        ("где мой заказ", "other"),
        ("12345 ???", "other"),
        ("👍", "other"),
        ("", "other"),
    ],
)
def test_language_by_script_and_small_words(text: str, language: str) -> None:
    assert identify(text) == language


@given(st.text())
def test_any_text_has_one_of_four_languages(text: str) -> None:
    assert identify(text) in {"zh-Hans", "zh-Hant", "en", "other"}
