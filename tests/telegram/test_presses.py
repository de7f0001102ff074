"""What a button says is what its press is read as."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.commands import Action
from desk.presses import WITHOUT_TICKET, Press, decode, encode, named, named_by

ARGUMENTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
TICKETED = st.builds(
    Press,
    action=st.sampled_from([action for action in Action if action not in WITHOUT_TICKET]),
    ticket=st.integers(1, 10**9),
    seen=st.none() | st.integers(0, 10**6),
    argument=ARGUMENTS,
)
LOOSE = st.builds(Press, action=st.sampled_from(sorted(WITHOUT_TICKET)), argument=ARGUMENTS)
NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="#"), min_size=1, max_size=60)


@given(TICKETED | LOOSE)
def test_a_press_survives_the_button(press: Press) -> None:
    assert decode(encode(press)) == press


def test_the_words_of_the_buttons() -> None:
    assert encode(Press(action=Action.TAKE, ticket=42, seen=7)) == "take:42:7"
    assert encode(Press(action=Action.TAKE_AND_SEND, ticket=42, seen=7, argument="991")) == "take_and_send:42:7:991"
    assert encode(Press(action=Action.ACKNOWLEDGE, argument="sla:42:reply")) == "acknowledge:sla:42:reply"


@pytest.mark.parametrize("text", ["", "take", "take:", "take:x:1", "take:1:x", "dance:1:1", "csat:1:5"])
def test_what_no_button_of_ours_says_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        decode(text)


def test_a_ticket_button_needs_its_ticket() -> None:
    with pytest.raises(ValueError, match="needs a ticket"):
        encode(Press(action=Action.TAKE))


@given(st.lists(NAMES, min_size=1, max_size=30, unique=True), st.data())
def test_a_name_of_any_length_fits_a_button_and_is_known_again(names: list[str], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(names))
    button = encode(Press(action=Action.RETAG, ticket=10**11, seen=10**6, argument=named(name)))
    assert len(button.encode()) <= 64
    assert named_by(decode(button).argument, names) == name


def test_a_name_that_nobody_has_is_none() -> None:
    assert named_by("invoice", ["complaint"]) is None
    assert named_by("", ["complaint"]) is None
