"""Who gets a ticket: eligible, least loaded, in turns, with the reasons of those who do not (R1, R2, R4, R5, R11)."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from desk.assignment import Candidate, Need, Objection, choose
from desk.company import Role, StaffMember
from desk.values import replace


def agent(name: str, load: float = 0, *, online: bool = True, capacity: float = 5, **more: object) -> Candidate:
    usual = StaffMember(name=name, role=Role.AGENT, languages=("zh", "en"), capacity=capacity)
    return Candidate(member=replace(usual, **more), is_online=online, load=load)


def need(turn: int = 0, language: str = "zh", *skills: str) -> Need:
    return Need(language=language, skills=frozenset(skills), turn=turn)


def test_r1_only_who_is_there_and_below_capacity() -> None:
    choice = choose([agent("Away", online=False), agent("Full", 5), agent("Free", 4.75)], need())
    assert (choice.name, choice.dropped) == ("Free", ())
    assert choice.objections == {"Away": (Objection.AWAY,), "Full": (Objection.FULL,)}


def test_r1_nobody() -> None:
    assert choose([], need()).name is None
    choice = choose([agent("Lin", 9, online=False)], need())
    assert (choice.name, choice.objections) == (None, {"Lin": (Objection.AWAY, Objection.FULL)})


def test_r4_the_load_is_weighed_against_the_capacity() -> None:
    choice = choose([agent("Lin", 2, capacity=4), agent("Sun", 3, capacity=8)], need())
    assert (choice.name, choice.objections) == ("Sun", {"Lin": (Objection.BUSIER,)})


def test_r5_first_the_language_is_dropped_then_the_skills() -> None:
    mute, unskilled = agent("Mute", languages=("fr",), skills=frozenset({"repair"})), agent("Unskilled")
    assert choose([mute, unskilled], need(0, "zh-Hant", "repair")).dropped == (Objection.LANGUAGE,)
    assert choose([mute, unskilled], need(0, "zh", "repair")).name == "Mute"
    choice = choose([unskilled], need(0, "zh", "refund"))
    assert (choice.name, choice.dropped) == ("Unskilled", (Objection.LANGUAGE, Objection.SKILLS))


def test_r4_three_equal_agents_300_tickets_100_each() -> None:
    loads = dict.fromkeys(("A", "B", "C"), 0.0)
    for number in range(1, 301):
        name = choose([agent(each, load, capacity=1000) for each, load in loads.items()], need(number)).name
        assert name is not None
        loads[name] += 1
    assert set(loads.values()) == {100.0}


def test_r4_100_each_also_where_every_ticket_is_settled_at_once() -> None:
    equals = [agent("A"), agent("B"), agent("C")]
    assert Counter(choose(equals, need(number)).name for number in range(300)) == {"A": 100, "B": 100, "C": 100}


@given(
    st.lists(st.tuples(st.floats(0, 8), st.booleans(), st.sampled_from(["zh", "en"])), max_size=6),
    st.integers(1, 10**6),
)
def test_r11_everybody_is_chosen_or_told_why_not(staff: list[tuple[float, bool, str]], turn: int) -> None:
    candidates = [
        agent(f"A{number}", load, online=online, languages=(language,))
        for number, (load, online, language) in enumerate(staff)
    ]
    choice = choose(candidates, need(turn))
    names = {each.member.name for each in candidates}
    assert set(choice.objections) == names - {choice.name}
    assert all(choice.objections.values())
    fit = [each for each in candidates if each.is_online and each.load < each.member.capacity]
    assert (choice.name is None) is (not fit)
    if choice.name is not None and not choice.dropped:
        speaking = [each.load for each in fit if each.member.languages == ("zh",)]
        assert next(each.load for each in fit if each.member.name == choice.name) == min(speaking)
