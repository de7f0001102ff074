"""The model that comes with the program reads what customers write, and the desk acts on it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from bot.company import load_company
from bot.tagger import SHIPPED
from lifecycle.configuration import Configuration
from tests.emulator import Emulator, Group
from tests.stories.house import DESK, House, open_house, settings
from tests.stories.talk import card_of, is_card

SALES = -1001000000005
RULES = """  rules:
    - {when: {intent: complaint, sentiment: negative}, team: support, priority: high}
    - {when: {intent: warranty_extension}, team: sales, priority: low}
    - {team: support}
"""
OWN = """
intents:
  - name: warranty_extension
    examples: [想给洗衣机延保, 延长保修怎么买, extend my warranty, can I buy two more years of cover]
"""


def _company(folder: Path) -> Configuration:
    """The stories' company with a second room, rules by tags, and an intent of its own."""
    text = DESK.read_text(encoding="utf-8")
    text = text.replace("  supervisors: {", f"  sales: {{telegram_chat: {SALES}}}\n  supervisors: {{")
    text = text.replace("teams:\n", "teams:\n  sales: {room: sales, calendar: always}\n", 1)
    text = text.replace("staff:\n", "staff:\n  - {name: Sun, telegram: 9003, role: agent, teams: [sales]}\n", 1)
    before, _, after = text.partition("  rules:\n    - {team: support}\n")
    file = folder / "desk.yaml"
    file.write_text(before + RULES + after + OWN, encoding="utf-8")
    return load_company(file, today=date(2026, 11, 23))


@dataclass(frozen=True, kw_only=True, slots=True)
class Desk:
    """The running house and its two rooms."""

    house: House
    emulator: Emulator
    support: Group
    sales: Group

    async def card(self, room: Group, name: str, text: str) -> str:
        """What the card says that a new customer's message makes in the room."""
        self.emulator.customer(600 + len(name), name).writes(text)
        await self.house.until(lambda: any(is_card(each) and name in each.text for each in room.messages))
        await self.house.is_quiet()
        return card_of(room.topic(name)).text


@pytest.fixture
async def desk(emulator: Emulator, database_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    support, sales = emulator.forum("Agents", chat_id=-1001000000001), emulator.forum("Sales", chat_id=SALES)
    emulator.forum("Supervisors", chat_id=-1001000000003)
    chosen = settings(database_url, tmp_path, nlp_model=SHIPPED)
    async with open_house(emulator, chosen, _company(tmp_path)) as house:
        yield Desk(house=house, emulator=emulator, support=support, sales=sales)


async def test_a_negative_complaint_in_chinese_is_of_high_priority(desk: Desk) -> None:
    said = await desk.card(desk.support, "王芳", "你们客服态度太恶劣了，推来推去一个星期没人管，我要去消协投诉你们")
    assert "About: Complaint · negative" in said
    assert "Priority: high" in said


async def test_sarcasm_in_english_is_negative_and_goes_to_a_person(desk: Desk) -> None:
    said = await desk.card(
        desk.support, "Ben", "Wow, three weeks for a reply, what lightning-fast service you people have"
    )
    assert "About: Complaint · negative" in said
    assert "Priority: high" in said


async def test_small_talk_is_led_back_and_reaches_no_room(desk: Desk) -> None:
    anna = desk.emulator.customer(501, "Anna")
    anna.writes("haha my cat just fell off the sofa, what a day")
    await desk.house.until(lambda: anna.texts)
    await desk.house.is_quiet()
    assert "Shanhai Appliances's assistant" in anna.last.text
    assert desk.support.topics == desk.sales.topics == []


@pytest.mark.parametrize(
    ("name", "text"),
    [("Maria", "I'd like to prolong the guarantee on my washing machine"), ("李雷", "冰箱的质保能再买两年吗")],
)
async def test_an_own_intent_from_four_examples_goes_where_its_rule_says(desk: Desk, name: str, text: str) -> None:
    said = await desk.card(desk.sales, name, text)
    assert "About: warranty extension" in said
    assert "Priority: low" in said
