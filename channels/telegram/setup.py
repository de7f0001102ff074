"""What a newcomer's bot still lacks, asked of Telegram itself; and the menus of commands, registered there.

A short process of its own in which a person waits, so aiogram's client serves here as it comes, and its 130 MB do not
matter. Nothing that stays running imports this module.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    AiogramError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    ChatFullInfo,
    ChatMemberAdministrator,
    ChatMemberBanned,
    ChatMemberLeft,
    ChatMemberOwner,
    ChatMemberRestricted,
    ResultChatMemberUnion,
    User,
)

from desk.company import Company, Room, StaffMember

#: Seconds that one answer of Telegram is waited for.
PATIENCE = 15.0


class Weight(StrEnum):
    """Whether a finding is well, worth knowing, or in the way."""

    FINE = "ok"
    NOTE = "note"
    PROBLEM = "problem"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that was looked at; `remedy` says what to do about it, empty where nothing is to be done."""

    weight: Weight
    about: str
    text: str
    remedy: str = ""

    @property
    def line(self) -> str:
        """The finding on one line."""
        return f"{self.about}: {self.text}{f'; {self.remedy}' if self.remedy else ''}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Menu:
    """Commands with what they do, for people whose Telegram speaks `language`; None: for all others."""

    language: str | None
    commands: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Menus:
    """What customers see behind the menu button, and the staff in their rooms."""

    customers: Sequence[Menu]
    staff: Sequence[Menu]


class NotChecked(Exception):
    """Telegram could not be asked; `str()` says why, without the address, which holds the token."""


async def check(*, token: str, api_url: str, company: Company, webhook_url: str | None, menus: Menus) -> list[Finding]:
    """Look at the bot, its way in, its rooms and their people, and register the menus.

    `webhook_url` is where updates should be delivered, None where they are polled. Raises NotChecked.
    """
    session = AiohttpSession(api=TelegramAPIServer.from_base(api_url), timeout=PATIENCE)
    try:
        async with Bot(token, session=session) as bot:
            return [finding async for finding in _findings(bot, company, webhook_url, menus)]
    except TelegramRetryAfter as error:
        raise NotChecked(f"Telegram asks for a pause of {error.retry_after} s: try again after it") from None
    except TelegramNetworkError as error:
        what = type(error.__cause__).__name__
        raise NotChecked(f"Telegram cannot be reached at {_host(api_url)} ({what})") from None
    except AiogramError as error:
        raise NotChecked(f"{_host(api_url)} does not answer as Telegram does ({type(error).__name__})") from None


async def _findings(bot: Bot, company: Company, webhook_url: str | None, menus: Menus) -> AsyncIterator[Finding]:
    try:
        me = await bot.get_me()
    except (TelegramUnauthorizedError, TelegramNotFound):
        yield _problem("token", "Telegram does not know it", "copy it anew from @BotFather into GUANXI_TELEGRAM_TOKEN")
        return
    yield _fine("token", f"the bot is @{me.username}")
    async for finding in _way_in(bot, webhook_url):
        yield finding
    yield await _set_menus(bot, "customers' menu", menus.customers, BotCommandScopeAllPrivateChats())
    async for finding in _rooms(bot, me, company, menus.staff):
        yield finding


async def _way_in(bot: Bot, webhook_url: str | None) -> AsyncIterator[Finding]:
    info = await bot.get_webhook_info()
    if webhook_url is None:
        yield _polled(info.url)
    elif info.url == webhook_url:
        yield _fine("webhook", f"set to {webhook_url}")
    elif info.url:
        remedy = "guanxi run sets it anew; end the other program that uses this token"
        yield _note("webhook", f"set to another address, at {_host(info.url)}", remedy)
    else:
        yield _note("webhook", "not set yet", "guanxi run sets it")
    if info.url and info.last_error_message:
        text = f"the last delivery failed: {info.last_error_message} ({info.pending_update_count} updates wait)"
        yield _problem("webhook", text, "see that GUANXI_PUBLIC_URL can be reached from outside by https")


def _polled(set_to: str) -> Finding:
    if not set_to:
        return _fine("updates", "they are polled, as GUANXI_PUBLIC_URL is not set")
    text = f"they will be polled, but a webhook is set at {_host(set_to)}"
    return _note("updates", text, "guanxi run takes it away; end the other program that uses this token")


async def _rooms(bot: Bot, me: User, company: Company, menus: Sequence[Menu]) -> AsyncIterator[Finding]:
    groups = [room for room in company.rooms.values() if room.telegram_chat is not None]
    if not groups:
        yield _note("rooms", "none has a Telegram group: the staff work in the web console alone")
    sees_all = True
    for room in groups:
        looked = await _look(bot, me, room)
        if isinstance(looked, Finding):
            yield looked
            continue
        chat, own = looked
        is_administrator = isinstance(own, ChatMemberAdministrator | ChatMemberOwner)
        sees_all = sees_all and is_administrator
        for finding in _of_room(room, chat, own):
            yield finding
        async for finding in _people(bot, company, room):
            yield finding
        yield await _set_menus(bot, f"menu of room {room.name}", menus, BotCommandScopeChat(chat_id=chat.id))
    if groups:
        yield _privacy(me, sees_all=sees_all)


def _privacy(me: User, *, sees_all: bool) -> Finding:
    """An administrator is shown everything, whatever the privacy mode."""
    if me.can_read_all_group_messages:
        return _fine("privacy mode", "off")
    remedy = "write /setprivacy to @BotFather, choose Disable, then remove the bot from its groups and add it again"
    if sees_all:
        return _note("privacy mode", "on: the bot sees what the staff write only while it is an administrator", remedy)
    return _problem("privacy mode", "on: the bot does not see what the staff write", remedy)


async def _look(bot: Bot, me: User, room: Room) -> Finding | tuple[ChatFullInfo, ResultChatMemberUnion]:
    """The room's group and the bot's place in it, or why there is nothing more to ask of it."""
    about, chat_id = f"room {room.name}", room.telegram_chat or 0
    try:
        chat = await bot.get_chat(chat_id)
        own = await bot.get_chat_member(chat_id, me.id)
    except TelegramMigrateToChat as moved:
        text = f"the group has become a supergroup with the id {moved.migrate_to_chat_id}"
        return _problem(about, text, f"write telegram_chat: {moved.migrate_to_chat_id} into desk.yaml")
    except (TelegramBadRequest, TelegramForbiddenError) as error:
        text = f"the bot is not in a group with the id {chat_id} ({error.message})"
        return _problem(about, text, "add the bot to the group; a group's id begins with -, a supergroup's with -100")
    if isinstance(own, ChatMemberLeft | ChatMemberBanned):
        return _problem(about, "the bot is not in the group", "add it as an administrator")
    return chat, own


def _of_room(room: Room, chat: ChatFullInfo, own: ResultChatMemberUnion) -> list[Finding]:
    about = f"room {room.name}"
    if isinstance(own, ChatMemberRestricted) and not own.can_send_messages:
        return [_problem(about, "the bot may not write in the group", "make it an administrator")]
    if not chat.is_forum:
        text = "the group has no topics: customers are answered by replying to their lines"
        return [_note(about, text, "turn Topics on in the group's settings to have a topic for each customer")]
    if not isinstance(own, ChatMemberAdministrator):
        remedy = "make it one, with the right to manage topics"
        return [_problem(about, "the bot is no administrator: everything goes to the General topic", remedy)]
    if not own.can_manage_topics:
        remedy = "give it that right in the group's list of administrators"
        return [_problem(about, "the bot may not manage topics: everything goes to the General topic", remedy)]
    return [_fine(about, "a forum in which the bot may manage topics")]


async def _people(bot: Bot, company: Company, room: Room) -> AsyncIterator[Finding]:
    for member in people_of(company, room.name):
        finding = await _person(bot, room, member)
        if finding is not None:
            yield finding


def people_of(company: Company, room: str) -> list[StaffMember]:
    """Who works in a room: its teams' members, and the supervisors where it hears of breaches."""
    teams = {team.name for team in company.teams.values() if team.room == room}
    found = [member for member in company.staff if teams & set(member.teams)]
    if company.sla.breach.room == room:
        found += [member for member in company.supervisors() if member not in found]
    return found


async def _person(bot: Bot, room: Room, member: StaffMember) -> Finding | None:
    """What keeps somebody from working in the room, None where nothing does."""
    about = f"{member.name} in room {room.name}"
    if member.telegram is None:
        return _note(
            about, "has no Telegram id, and can work in the web console alone", "write telegram: ID under staff"
        )
    try:
        found = await bot.get_chat_member(room.telegram_chat or 0, member.telegram)
    except (TelegramBadRequest, TelegramForbiddenError):
        return _problem(about, f"nobody with the id {member.telegram} is in the group", "add them, or correct the id")
    if isinstance(found, ChatMemberLeft | ChatMemberBanned):
        return _problem(about, "has left the group", "add them again")
    if isinstance(found, ChatMemberAdministrator | ChatMemberOwner) and found.is_anonymous:
        return _problem(about, "writes anonymously, so nobody knows whose words these are", "turn Remain anonymous off")
    return None


async def _set_menus(
    bot: Bot, about: str, menus: Sequence[Menu], scope: BotCommandScopeAllPrivateChats | BotCommandScopeChat
) -> Finding:
    try:
        for menu in menus:
            commands = [BotCommand(command=name, description=text) for name, text in menu.commands.items()]
            await bot.set_my_commands(commands, scope=scope, language_code=menu.language)
    except (TelegramBadRequest, TelegramForbiddenError) as error:
        return _problem(about, f"Telegram refuses it ({error.message})")
    return _fine(about, f"registered ({', '.join(menu.language or 'all others' for menu in menus)})")


def _host(url: str) -> str:
    """The address without its path and user, which may hold secrets."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)


def _fine(about: str, text: str) -> Finding:
    return Finding(weight=Weight.FINE, about=about, text=text)


def _note(about: str, text: str, remedy: str = "") -> Finding:
    return Finding(weight=Weight.NOTE, about=about, text=text, remedy=remedy)


def _problem(about: str, text: str, remedy: str = "") -> Finding:
    return Finding(weight=Weight.PROBLEM, about=about, text=text, remedy=remedy)
