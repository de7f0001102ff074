"""Tags and knowledge together, a round at a time."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.keywords import KeywordTagger
from nlp.knowledge import load_pages
from nlp.lexicon import load_lexicon
from nlp.plain import PlainUnderstander
from nlp.understander import Understander

UNDERSTANDER: Understander = PlainUnderstander(
    KeywordTagger(load_lexicon()), load_pages(Path(__file__).parents[2] / "bot" / "starter" / "knowledge")
)


async def test_a_round_is_understood_in_order() -> None:
    order, hours, nothing = await UNDERSTANDER.understand(["我的快递到哪了？", "When are you open?", ""])
    assert (order.reading.intent, order.reading.language) == ("order_status", "zh-Hans")
    assert hours.knowledge[0].page == "opening-hours.en"
    assert (nothing.reading.intent, nothing.knowledge) == ("other", ())


async def test_no_texts_no_understanding() -> None:
    assert await UNDERSTANDER.understand([]) == []


@given(st.lists(st.text(max_size=80), max_size=5))
@settings(max_examples=100, deadline=None)
async def test_a_text_is_understood_the_same_alone_and_in_a_round(texts: list[str]) -> None:
    alone = [(await UNDERSTANDER.understand([text]))[0] for text in texts]
    assert await UNDERSTANDER.understand(texts) == alone
