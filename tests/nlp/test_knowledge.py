"""The pages nearest to a question, and how near: what the bot may answer by itself, and what it may not."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.company import KnowledgeRules
from desk.values import replace
from nlp.knowledge import AT_MOST, Audience, Page, Pages, load_pages
from nlp.language import identify
from nlp.pages import read_pages

HERE = Path(__file__).parent
FOLDER = HERE.parents[1] / "bot" / "starter" / "knowledge"
STARTER = load_pages(FOLDER)
RULES = KnowledgeRules()


def _page(name: str, question: str, *, language: str = "en", audience: Audience = Audience.CUSTOMERS) -> Page:
    return Page(
        name=name, title=question, questions=(question,), language=language, audience=audience, answer=f"About {name}"
    )


@pytest.mark.parametrize(
    ("question", "page"),
    [
        ("hi, what are your opening hours please?", "opening-hours.en"),
        ("How long will delivery take?", "delivery-times.en"),
        ("whats the return policy", "returns.en"),
        ("how long is your warranty", "warranty.en"),
        ("Can I download my invoice", "invoice.en"),
        ("how can I book a repair?", "repair-booking.en"),
        ("你们几点上班呀", "opening-hours.zh"),
        ("下单后几天到", "delivery-times.zh"),
        ("你们支持七天无理由退货吗", "returns.zh"),
        ("保修期是多久", "warranty.zh"),
        ("可以開增值稅專用發票嗎", "invoice.zh"),
        ("怎么预约维修呢", "repair-booking.zh"),
    ],
)
def test_a_question_in_nearly_the_pages_words_is_answered(question: str, page: str) -> None:
    best = STARTER.search(question, identify(question))[0]
    assert best.page == page
    assert best.similarity > RULES.answer_above


@pytest.mark.parametrize(
    ("question", "page"),
    [
        ("what hours is customer service available", "opening-hours.en"),
        ("how many years of warranty do I have", "warranty.en"),
        ("I need a VAT invoice", "invoice.en"),
        ("冰箱能送货上楼吗", "delivery-times.zh"),
        ("退款几天到账", "returns.zh"),
        ("上门维修收费多少", "repair-booking.zh"),
    ],
)
def test_a_paraphrase_is_at_least_suggested(question: str, page: str) -> None:
    best = STARTER.search(question, identify(question))[0]
    assert best.page == page
    assert best.similarity > RULES.suggest_above


def _asked() -> dict[str, str]:
    """Each question of questions.toml with the page that answers it, "" where none does."""
    asked = tomllib.loads((HERE / "questions.toml").read_text("utf-8"))
    answered = {question: page for page, questions in asked["answered"].items() for question in questions}
    return answered | {question: "" for questions in asked["unanswered"].values() for question in questions}


def _answering(pages: Pages, question: str) -> str:
    """The page that the bot answers with, "" where it leaves the question to a person."""
    hits = pages.search(question, identify(question))
    return hits[0].page if hits and hits[0].similarity >= RULES.answer_above else ""


def test_what_the_pages_do_not_answer_is_never_answered_and_most_of_the_rest_is() -> None:
    asked = _asked()
    answers = {question: _answering(STARTER, question) for question in asked}
    assert len(asked) > 300
    assert {question: page for question, page in answers.items() if page not in ("", asked[question])} == {}
    answerable = [question for question, page in asked.items() if page]
    assert sum(answers[question] != "" for question in answerable) >= 0.6 * len(answerable)


def test_a_question_that_its_own_page_does_not_have_is_answered_by_no_other() -> None:
    pages = read_pages(FOLDER)
    for page in pages:
        for question in page.questions:
            poorer = replace(page, questions=tuple(other for other in page.questions if other != question))
            others = Pages([poorer if other is page else other for other in pages])
            assert _answering(others, question) in ("", page.name), question


@pytest.mark.parametrize("question", ["where is my order", "where is my order m-1-1", "my order", "order"])
def test_a_word_beside_the_matter_does_not_make_a_page_the_answer(question: str) -> None:
    questions = ("Can I return an appliance?", "How do I return my order?", "What is your return policy?")
    page = Page(
        name="returns", title="Returns", questions=questions, language="en", audience=Audience.CUSTOMERS, answer="."
    )
    assert _answering(Pages([page]), question) == ""
    assert _answering(Pages([page]), "how can I return my order?") == "returns"


def test_a_slip_of_the_fingers_is_nearly_the_word_that_was_meant() -> None:
    (slip, *_), strange = (STARTER.search(f"What does the {word} cover?", "en") for word in ("warrenty", "catalog"))
    assert slip.page == "warranty.en"
    assert slip.similarity > RULES.suggest_above
    assert all(hit.similarity < RULES.suggest_above for hit in strange)


def test_whose_case_it_is_counts() -> None:
    pages = Pages([_page("visit", "how much is a repair"), _page("state", "is my product under warranty")])
    assert _answering(pages, "when is a repair") == "visit"
    assert _answering(pages, "when is my repair") == ""
    assert _answering(pages, "is my product under warranty") == "state"


@pytest.mark.parametrize(
    "question",
    [
        *["my washer is leaking", "I want to speak to a person", "how do I set the timer", "can I redeem my points"],
        *["what's the weather like", "thanks a lot", "我要投诉", "洗衣机漏水", "怎么连接wifi", "积分怎么用"],
        *["今天天气怎么样", "你好"],
    ],
)
def test_an_unrelated_text_is_near_to_nothing(question: str) -> None:
    assert all(hit.similarity < 0.4 for hit in STARTER.search(question, identify(question)))


def test_the_answer_is_plain_text_for_the_chat() -> None:
    answer = STARTER.search("How do I return a product?", "en")[0].answer
    assert "\n1. Tell us your order number" in answer
    assert "*" not in answer


def test_what_is_for_the_agents_is_never_found_for_a_customer() -> None:
    pages = Pages([_page("public", "opening hours"), _page("inside", "refund limits", audience=Audience.AGENTS)])
    assert pages.search("refund limits", "en") == ()
    assert [hit.page for hit in pages.search("refund limits", "en", Audience.AGENTS)] == ["inside"]
    assert [hit.page for hit in pages.search("opening hours", "en", Audience.AGENTS)] == ["public"]


def test_pages_are_sought_in_the_language_of_the_question() -> None:
    pages = Pages([_page("zh", "app 怎么用", language="zh"), _page("en", "app")])
    assert [hit.page for hit in pages.search("app", "en")] == ["en"]
    assert [hit.page for hit in pages.search("app怎麼用", "zh-Hant")] == ["zh"]
    assert {hit.page for hit in pages.search("app", "other")} == {"zh", "en"}


def test_a_page_is_found_once_best_first_and_never_more_than_a_few() -> None:
    pages = Pages([_page(f"page {number}", f"washer program {number}") for number in range(20)])
    hits = pages.search("washer program 7", "en")
    assert hits[0].page == "page 7"
    assert hits[0].similarity == 1.0
    assert len({hit.page for hit in hits}) == len(hits) == AT_MOST
    assert [hit.similarity for hit in hits] == sorted((hit.similarity for hit in hits), reverse=True)


def test_without_pages_nothing_is_found() -> None:
    assert Pages([]).search("anything", "en") == ()


@given(st.text(max_size=200), st.sampled_from(["zh-Hans", "zh-Hant", "en", "other", ""]))
@settings(max_examples=200, deadline=None)
def test_any_text_can_be_sought(text: str, language: str) -> None:
    hits = STARTER.search(text, language)
    assert hits == STARTER.search(text, language)
    assert all(0 <= hit.similarity <= 1 for hit in hits)
