"""What `guanxi telegram check` finds in a bot, its rooms and their people, and the menus that it registers."""

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import BotCommandScopeAllPrivateChats, BotCommandScopeChat

from bot.catalogue import load_catalogue
from bot.company import load_company
from bot.menus import STAFF, menus
from channels.telegram import room
from channels.telegram.setup import Finding, NotChecked, Weight, check, people_of
from desk.company import Company, Room, StaffMember
from desk.values import replace
from tests.emulator.emulator import Emulator
from tests.emulator.groups import Group

STARTER = Path(__file__).parents[2] / "bot" / "starter" / "desk.yaml"
MENUS = menus(load_catalogue("zh"), ("zh", "en"))
AGENT, SUPERVISOR = 9001, 9009


@pytest.fixture
def company(forum: Group) -> Company:
    """The starter's company with one forum as its agents' room, Lin in it and Zhao over all."""
    starter = load_company(STARTER, today=date(2026, 11, 22)).company
    agent, supervisor = starter.staff
    forum.member(AGENT, "Lin")
    return replace(
        starter,
        rooms={**starter.rooms, "agents": Room(name="agents", telegram_chat=forum.id)},
        staff=(replace(agent, name="Lin", telegram=AGENT), replace(supervisor, name="Zhao", telegram=SUPERVISOR)),
    )


async def found(emulator: Emulator, company: Company, *, webhook_url: str | None = None) -> list[Finding]:
    return await check(
        token=emulator.token, api_url=emulator.url, company=company, webhook_url=webhook_url, menus=MENUS
    )


def weighty(findings: list[Finding]) -> list[tuple[Weight, str]]:
    """What is not fine: (weight, what it is about)."""
    return [(each.weight, each.about) for each in findings if each.weight is not Weight.FINE]


def with_room(company: Company, group: Group | None, chat: int | None = None) -> Company:
    target = chat if group is None else group.id
    return replace(company, rooms={**company.rooms, "agents": Room(name="agents", telegram_chat=target)})


async def test_a_desk_that_is_set_up_well_has_nothing_to_do(emulator: Emulator, company: Company) -> None:
    findings = await found(emulator, company)
    assert weighty(findings) == []
    assert [each.about for each in findings] == [
        "token",
        "updates",
        "customers' menu",
        "room agents",
        "menu of room agents",
        "privacy mode",
    ]
    assert all(emulator.token not in each.line and "\n" not in each.line for each in findings)


async def test_a_wrong_token_is_told_and_nothing_else_is_asked(emulator: Emulator, company: Company) -> None:
    wrong = "42000:another-token-of-another-bot-12345"
    findings = await check(token=wrong, api_url=emulator.url, company=company, webhook_url=None, menus=MENUS)
    assert weighty(findings) == [(Weight.PROBLEM, "token")]
    assert "@BotFather" in findings[0].line
    assert wrong not in findings[0].line


async def test_an_address_where_nobody_listens_is_told_in_a_line_without_the_token(company: Company) -> None:
    with pytest.raises(NotChecked, match=r"cannot be reached at 127\.0\.0\.1:1 ") as refusal:
        await check(
            token="42000:secret-part", api_url="http://127.0.0.1:1", company=company, webhook_url=None, menus=MENUS
        )
    assert "secret-part" not in str(refusal.value)


async def test_a_pause_that_telegram_asks_for_is_told(emulator: Emulator, company: Company) -> None:
    emulator.faults.storm("getChat", retry_after=7)
    with pytest.raises(NotChecked, match="pause of 7 s"):
        await found(emulator, company)


async def test_a_server_out_of_order_is_told(emulator: Emulator, company: Company) -> None:
    emulator.faults.fail("getMe", code=502)
    with pytest.raises(NotChecked, match="does not answer as Telegram does"):
        await found(emulator, company)


async def test_h3_a_bot_that_may_not_manage_topics_is_told(emulator: Emulator, company: Company, forum: Group) -> None:
    forum.takes("can_manage_topics")
    findings = await found(emulator, company)
    assert weighty(findings) == [(Weight.PROBLEM, "room agents")]
    assert any("may not manage topics" in each.text for each in findings)


async def test_h3_a_bot_that_is_no_administrator_is_told(emulator: Emulator, company: Company, forum: Group) -> None:
    forum.dismisses_bot()
    assert weighty(await found(emulator, company)) == [(Weight.PROBLEM, "room agents")]


async def test_h1_a_group_without_topics_works_by_replies(emulator: Emulator, company: Company) -> None:
    plain = emulator.plain_group()
    plain.member(AGENT, "Lin")
    findings = await found(emulator, with_room(company, plain))
    assert weighty(findings) == [(Weight.NOTE, "room agents")]
    assert any("by replying" in each.text for each in findings)


@pytest.mark.parametrize("is_kicked", [True, False])
async def test_a_group_that_the_bot_is_not_in_is_told(emulator: Emulator, company: Company, *, is_kicked: bool) -> None:
    if is_kicked:
        emulator.forum().kicks_bot()
        wrong = company
    else:
        wrong = with_room(company, None, -1_001_999_999_999)
    findings = await found(emulator, wrong)
    assert weighty(findings) == [(Weight.PROBLEM, "room agents")]
    assert "menu of room agents" not in {each.about for each in findings}


async def test_a_group_that_became_a_supergroup_is_told_with_its_new_id(emulator: Emulator, company: Company) -> None:
    plain = emulator.plain_group()
    moved = plain.migrates()
    findings = await found(emulator, with_room(company, plain))
    assert weighty(findings) == [(Weight.PROBLEM, "room agents")]
    assert any(f"telegram_chat: {moved.id}" in each.remedy for each in findings)


async def test_no_group_at_all_is_worth_knowing(emulator: Emulator, company: Company) -> None:
    assert weighty(await found(emulator, with_room(company, None))) == [(Weight.NOTE, "rooms")]


async def test_privacy_mode_matters_where_the_bot_is_no_administrator(
    emulator: Emulator, company: Company, forum: Group
) -> None:
    emulator.world.reads_all_messages = False
    assert weighty(await found(emulator, company)) == [(Weight.NOTE, "privacy mode")]
    forum.dismisses_bot()
    assert (Weight.PROBLEM, "privacy mode") in weighty(await found(emulator, company))


@pytest.mark.parametrize(
    ("what", "weight"),
    [("absent", "problem"), ("left", "problem"), ("anonymous", "problem"), ("without an id", "note")],
)
async def test_staff_who_cannot_work_in_their_room_are_named(
    emulator: Emulator, company: Company, forum: Group, what: str, weight: str
) -> None:
    agent, supervisor = company.staff
    match what:
        case "absent":
            agent = replace(agent, telegram=9_999)
        case "left":
            forum.loses(AGENT)
        case "anonymous":
            forum.disguises(AGENT)
        case _:
            agent = replace(agent, telegram=None)
    findings = await found(emulator, replace(company, staff=(agent, supervisor)))
    assert weighty(findings) == [(Weight(weight), "Lin in room agents")]
    assert all(each.remedy for each in findings if each.about == "Lin in room agents")


def test_supervisors_belong_to_the_room_that_hears_of_breaches(company: Company) -> None:
    assert [member.name for member in people_of(company, "agents")] == ["Lin"]
    assert [member.name for member in people_of(company, "supervisors")] == ["Zhao"]
    leading: StaffMember = replace(company.staff[1], teams=("support",))
    both = replace(company, staff=(company.staff[0], leading))
    assert [member.name for member in people_of(both, "agents")] == ["Lin", "Zhao"]


async def test_the_webhook_is_held_against_the_public_address(emulator: Emulator, company: Company) -> None:
    ours, theirs = "http://127.0.0.1:1/telegram/webhook", "http://127.0.0.1:2/secret-path"
    assert (Weight.NOTE, "webhook") in weighty(await found(emulator, company, webhook_url=ours))
    async with Bot(emulator.token, session=AiohttpSession(api=TelegramAPIServer.from_base(emulator.url))) as bot:
        await bot.set_webhook(theirs)
        elsewhere = await found(emulator, company, webhook_url=ours)
        polled = await found(emulator, company)
        await bot.set_webhook(ours)
        assert weighty(await found(emulator, company, webhook_url=ours)) == []
    assert weighty(elsewhere) == [(Weight.NOTE, "webhook")]
    assert weighty(polled) == [(Weight.NOTE, "updates")]
    assert all("secret-path" not in each.line for each in elsewhere + polled)


async def test_a_webhook_that_cannot_be_reached_is_told(emulator: Emulator, company: Company) -> None:
    ours = "http://127.0.0.1:1/telegram/webhook"
    async with Bot(emulator.token, session=AiohttpSession(api=TelegramAPIServer.from_base(emulator.url))) as bot:
        await bot.set_webhook(ours)
        emulator.customer(7, "Ann").starts()
        await emulator.until(lambda: emulator.webhook.info().get("last_error_message"))
    findings = await found(emulator, company, webhook_url=ours)
    assert weighty(findings) == [(Weight.PROBLEM, "webhook")]


async def test_the_menus_are_registered_for_each_language_and_place(
    emulator: Emulator, company: Company, forum: Group
) -> None:
    await found(emulator, company)
    async with Bot(emulator.token, session=AiohttpSession(api=TelegramAPIServer.from_base(emulator.url))) as bot:
        private, here = BotCommandScopeAllPrivateChats(), BotCommandScopeChat(chat_id=forum.id)
        others = await bot.get_my_commands(scope=private)
        english = await bot.get_my_commands(scope=private, language_code="en")
        staff = await bot.get_my_commands(scope=here, language_code="zh")
    assert [each.command for each in others] == ["start", "help", "status", "lang", "stop"]
    assert [each.description for each in others] == list(MENUS.customers[0].commands.values())
    assert [each.description for each in english] == list(MENUS.customers[2].commands.values())
    assert [each.description for each in staff] == list(MENUS.staff[1].commands.values())


def test_the_staffs_menu_has_every_command_of_the_rooms() -> None:
    assert set(STAFF) == set(room._ACTIONS)


def test_nothing_that_stays_running_imports_aiogram() -> None:
    program = (
        "import json, sys, bot.app, bot.cli.commands; print(json.dumps([m for m in sys.modules if 'aiogram' in m]))"
    )
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert json.loads(printed) == []
