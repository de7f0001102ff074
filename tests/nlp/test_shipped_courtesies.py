"""The model that ships reads the request under a greeting or before thanks, and not the courtesy.

A courtesy is answered by the bot with one, so a request that is read as one is lost.
"""

from functools import cache
from pathlib import Path

import pytest

from bot.tagger import SHIPPED
from desk.courtesy import ASKS_NOTHING_FROM
from desk.readings import COURTESIES, Reading, Sentiment
from nlp.transformer import TransformerTagger, open_tagger

PLAIN = {
    "en": {
        "where is my package": "order_status",
        "my kettle arrived cracked": "delivery_problem",
        "please cancel my order": "change_order",
        "I want my money back": "return_refund",
        "you charged me twice": "payment_problem",
        "I need a receipt": "invoice",
        "does it come in green": "product_question",
        "how much is the big one": "price_promotion",
        "I'd like to order fifty of them": "purchase_intent",
        "I forgot my password": "account_access",
        "the app crashes when I open it": "technical_fault",
        "how do I set the timer": "how_to",
        "can somebody come and repair my washing machine": "repair_visit",
        "your staff were rude to me": "complaint",
        "it would be nice to have a dark mode": "suggestion",
        "how many points do I have": "membership_points",
        "what do I get for inviting a friend": "referral",
        "stop emailing me": "unsubscribe",
        "delete all the data you have about me": "privacy_request",
        "I want to end my subscription": "cancel_service",
        "I want to talk to a real person": "human_agent",
    },
    "zh": {
        "我的包裹到哪了": "order_status",
        "收到的杯子是碎的": "delivery_problem",
        "订单帮我取消": "change_order",
        "我要退钱": "return_refund",
        "扣了我两次钱": "payment_problem",
        "开张发票": "invoice",
        "这款有绿色的吗": "product_question",
        "大号的多少钱": "price_promotion",
        "我想订五十台": "purchase_intent",
        "密码忘了": "account_access",
        "软件一打开就闪退": "technical_fault",
        "定时怎么设置": "how_to",
        "洗衣机坏了找人上门修": "repair_visit",
        "你们店员态度太差了": "complaint",
        "建议出个夜间模式": "suggestion",
        "我还有多少积分": "membership_points",
        "邀请朋友有什么奖励": "referral",
        "别再给我发短信了": "unsubscribe",
        "把我的个人资料都删了": "privacy_request",
        "我不想续费了,帮我停掉会员": "cancel_service",
        "我要找真人": "human_agent",
    },
}
AROUND = {
    "en": [
        "Hi, {}",
        "Hello! {}",
        "Hi there! {}",
        "Good morning, {}",
        "hey {}",
        "{}, thanks",
        "{}. Thank you! Best, Nora",
    ],
    "zh": ["你好,{}", "你好!{}", "您好，{}", "哈喽～{}", "在吗 {}", "你好\n{}", "{},谢谢", "{},麻烦了,谢谢!"],
}


@cache
def tagger() -> TransformerTagger:
    return open_tagger(Path(SHIPPED))


def read(text: str) -> Reading:
    (reading,) = tagger().tag_all([text])
    return reading


@pytest.mark.parametrize(("tongue", "form"), [(tongue, form) for tongue, forms in AROUND.items() for form in forms])
def test_the_request_counts_whatever_courtesy_is_around_it(tongue: str, form: str) -> None:
    readings = [(wanted, read(form.format(text))) for text, wanted in PLAIN[tongue].items()]
    assert [wanted for wanted, reading in readings if _is_lost(reading)] == []
    wrong = [wanted for wanted, reading in readings if reading.intent != wanted]
    assert len(wrong) <= (1 if form.endswith("{}") else 2), wrong


def _is_lost(reading: Reading) -> bool:
    """The bot would have answered with a courtesy."""
    enough = 0.55 if reading.intent == "greeting" else ASKS_NOTHING_FROM
    return reading.intent in COURTESIES and reading.confidence >= enough


@pytest.mark.parametrize("text", ["你好!厨房里闻到煤气味", "Hi there! There is smoke coming from my heater"])
def test_what_is_dangerous_is_urgent_under_a_greeting(text: str) -> None:
    assert read(text).urgent


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("你好", "greeting"),
        ("在吗", "greeting"),
        ("Hi there!", "greeting"),
        ("Good evening team 👋", "greeting"),
        ("好的,谢谢", "thanks"),
        ("收到啦,谢谢你们", "thanks"),
        ("great, thank you!", "thanks"),
        ("it came this morning, cheers", "thanks"),
        ("再见", "goodbye"),
        ("that's all, bye", "goodbye"),
    ],
)
def test_a_courtesy_alone_is_one(text: str, wanted: str) -> None:
    assert read(text).intent == wanted


@pytest.mark.parametrize(
    "text", ["Thanks for losing three years of my photos.", "真是谢谢你们,把我的快递扔在雨里泡了一下午"]
)
def test_ironic_thanks_are_no_courtesy(text: str) -> None:
    reading = read(text)
    assert reading.sentiment is Sentiment.NEGATIVE
    assert reading.intent not in COURTESIES
