"""People who are not who they would like to be, by Telegram: in the staff's room, in private, by forged presses."""

import pytest

from desk.values import replace
from store.tables import contacts, surveys, tickets
from tests.emulator import Emulator
from tests.stories.house import House, Staff
from tests.stories.talk import card_of, taken_by_lin, with_ticket

NOT_STAFF = "You are not in the company's staff list."


async def _ticket(house: House) -> tuple[str, str | None]:
    """Status and assignee of the first ticket."""
    query = tickets.select().with_only_columns(tickets.c.status, tickets.c.assignee).where(tickets.c.number == 1)
    status, assignee = await house.built.database.read(lambda connection: connection.execute(query).one())
    return status, assignee


async def test_a_stranger_in_the_room_does_nothing(emulator: Emulator, people: Staff, house: House) -> None:
    anna, topic = await with_ticket(emulator, people, house)
    before, heard = await _ticket(house), list(anna.texts)
    mallory = people.room.member(6666, "Mallory")
    mallory.writes("Send me your card number", topic=topic)
    for order in ("/take", "/resolve", "/note mine", "// mine", "/online", "/who"):
        mallory.writes(order, topic=topic)
    presses = [mallory.presses(card_of(topic), "Take"), mallory.presses(card_of(topic), "Resolve")]
    await house.is_quiet()
    assert [press.notice for press in presses] == [NOT_STAFF] * 2
    assert (await _ticket(house), anna.texts) == (before, heard)


async def test_whoever_left_the_company_cannot_change_what_they_said(
    emulator: Emulator, people: Staff, house: House
) -> None:
    anna, topic = await taken_by_lin(emulator, people, house)
    said = next(message for message in topic.messages if message.text == "Lin here")
    company = house.built.rulebook.configuration().company
    staff = tuple(member for member in company.staff if member.name != "Lin")
    rulebook = house.built.rulebook
    rulebook._rules = replace(
        rulebook.rules(), configuration=replace(rulebook.configuration(), company=replace(company, staff=staff))
    )
    people.lin.edits(said, "Pay to this account instead")
    await house.is_quiet()
    assert anna.texts[-1] == "Lin here"
    assert [message.edits for message in anna.received if message.text == "Lin here"] == [[]]


@pytest.mark.parametrize(
    "data",
    [
        "take:1:1", "resolve:1:", "send_note:1:1:1", "acknowledge:sla:1:first_reply:1:100", "online", "score:1:5",
        f"score:{9 * 10**30}:5", f"take:{9 * 10**30}:1", "score:\u0661:5", "helped:yes:no", "lang:../..",
        "", ":", "\u202e",
    ],
)  # fmt: skip
async def test_a_customer_presses_no_button_of_the_staff(
    emulator: Emulator, people: Staff, house: House, data: str
) -> None:
    """Telegram lets a changed client send any data at all."""
    anna, _ = await with_ticket(emulator, people, house)
    before = await _ticket(house)
    press = anna.presses_data(anna.received[-1], data)
    await house.is_quiet()
    assert (await _ticket(house), await house.parked()) == (before, [])
    assert data == "" or press.notice


@pytest.mark.parametrize(
    "data", [f"take:{9 * 10**30}:1", f"send_note:1:1:{9 * 10**30}", f"acknowledge:sla:{9 * 10**30}:a:b:c"]
)
async def test_forged_numbers_of_the_staff_harm_nobody(
    emulator: Emulator, people: Staff, house: House, data: str
) -> None:
    anna, topic = await taken_by_lin(emulator, people, house)
    before = await _ticket(house)
    people.lin.presses_data(card_of(topic), data)
    people.lin.writes("still here", topic=topic)
    await house.is_quiet()
    assert await _ticket(house) == before
    assert "still here" in anna.texts


@pytest.mark.parametrize("data", ["dance:1:1", "take:x:1", "take:1:x", "take", ":", "\u202e"])
async def test_h5_a_stranger_presses_what_is_no_button_and_nothing_is_set_aside(
    emulator: Emulator, people: Staff, house: House, data: str
) -> None:
    _, topic = await with_ticket(emulator, people, house)
    before = await _ticket(house)
    mallory = people.room.member(6666, "Mallory")
    for _ in range(3):
        mallory.presses_data(card_of(topic), data)
    people.lin.writes("/take", topic=topic)
    await house.is_quiet()
    assert (before, await _ticket(house)) == (("new", None), ("open", "Lin"))
    assert await house.parked() == []
    assert house.built.metrics._errors.labels("forged")._value.get() == 3


async def test_nobody_answers_for_another(emulator: Emulator, people: Staff, house: House) -> None:
    anna, topic = await taken_by_lin(emulator, people, house)
    people.lin.writes("/resolve", topic=topic)
    await house.passes(hours=1)
    asked = next(message for message in reversed(anna.received) if message.buttons)
    button = next(each["callback_data"] for each in asked.buttons if each["callback_data"].startswith("score:"))
    mallory = emulator.customer(777, "Mallory")
    mallory.writes("hello")
    await house.is_quiet()
    mallory.presses_data(mallory.received[-1], button)
    await house.is_quiet()
    query = surveys.select().with_only_columns(surveys.c.score)
    assert await house.built.database.read(lambda connection: connection.execute(query).scalars().all()) == [None]


async def test_orders_in_a_private_chat_are_words(emulator: Emulator, people: Staff, house: House) -> None:
    """Even of the staff: in their own chat with the bot they are customers like everybody."""
    _, topic = await with_ticket(emulator, people, house)
    before = await _ticket(house)
    lin = emulator.customer(9001, "Lin")
    for order in ("/take", "/resolve 1", "/reply 1 hi"):
        lin.writes(order)
    await house.is_quiet()
    assert await _ticket(house) == before
    assert card_of(topic).text


async def test_a_name_forges_no_line_and_no_markup(emulator: Emulator, people: Staff, house: House) -> None:
    name = "<b>Lin</b>\n✅ Status: resolved\u202e\u0007 &amp; x" + "y" * 300
    anna = emulator.customer(501, name)
    anna.writes("I want to talk to a person")
    await house.is_quiet()
    query = contacts.select().with_only_columns(contacts.c.name)
    kept = await house.built.database.read(lambda connection: connection.execute(query).scalar_one())
    assert kept.startswith("<b>Lin</b> ✅ Status: resolved &amp; xy")
    assert len(kept) <= 100
    assert kept.isprintable()
    (topic,) = people.room.topics
    assert "<b>Lin</b>" in card_of(topic).text
    assert [line for line in card_of(topic).text.splitlines() if line.startswith(("✅", "Status: resolved"))] == []


@pytest.mark.parametrize(
    ("typed", "source"), [("spring-sale_1", "spring-sale_1"), ("<b>x</b> y", None), ("x" * 65, None)]
)
async def test_a_source_is_a_code(
    emulator: Emulator, people: Staff, house: House, typed: str, source: str | None
) -> None:
    emulator.customer(501, "Anna").writes(f"/start {typed}")
    await house.is_quiet()
    query = contacts.select().with_only_columns(contacts.c.source)
    assert await house.built.database.read(lambda connection: connection.execute(query).scalar_one()) == source
