"""Words, rules and how they meet."""

import pytest

from desk.readings import INTENTS
from nlp.lexicon import Lexicon, load_lexicon

WORDS = {"objects": {"order": "order, 订单", "refund": "refund, refund order", "broken": "broken", "unwanted": "no"}}
RULES: dict[str, list[str]] = {"urgent": [], "unless_refused": [], "negative": [], "positive": []}


def _lexicon(**intents: dict[str, list[str]]) -> Lexicon:
    return Lexicon([WORDS], {**RULES, "urgent": ["broken !order"], **intents})


def test_the_longest_form_wins_and_forms_never_overlap() -> None:
    lexicon = _lexicon()
    [hit] = lexicon.scan(["refund", "order"])
    assert (hit.start, hit.end, hit.words) == (0, 2, lexicon.mask(["refund"]))
    assert [hit.words for hit in lexicon.scan(["order", "x", "订", "单"])] == [lexicon.mask(["order"])] * 2


def test_a_longer_rule_of_another_intent_explains_a_shorter_one_away() -> None:
    lexicon = _lexicon(status={"likely": ["order"]}, fault={"sure": ["order broken"]})
    assert [rule.intent for rule in lexicon.fired(lexicon.mask(["order", "broken"]))] == ["fault"]
    assert [rule.intent for rule in lexicon.fired(lexicon.mask(["order"]))] == ["status"]


def test_a_blocked_word_silences_a_rule() -> None:
    lexicon = _lexicon(status={"likely": ["order !refund"]})
    assert lexicon.fired(lexicon.mask(["order", "refund"])) == []
    assert lexicon.urgent(lexicon.mask(["broken"]))
    assert not lexicon.urgent(lexicon.mask(["broken", "order"]))


@pytest.mark.parametrize(("rule", "problem"), [("ordre", "'ordre'"), ("!order", "requires no word")])
def test_a_wrong_rule_is_refused_by_name(rule: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        _lexicon(status={"sure": [rule]})


def test_an_empty_form_is_refused() -> None:
    with pytest.raises(ValueError, match="empty form"):
        Lexicon([{"objects": {"order": "order,,"}}], RULES)


def test_the_shipped_lexicon_speaks_of_every_built_in_intent_and_no_other() -> None:
    lexicon = load_lexicon()
    assert lexicon.intents == frozenset(INTENTS)
