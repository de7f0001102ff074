"""The rules in force: what the company's file says, with the rooms where their groups really are."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from bot.catalogue import load_catalogue
from desk.company import Company
from desk.hours import Calendar
from desk.texts import Catalogue
from desk.values import replace
from handlers.scene import Rules
from lifecycle.configuration import Configuration
from store import threads
from store.calendars import enforce
from store.database import Database


class Rulebook:
    """Holds the rules for everybody; a room's group that becomes another chat is followed."""

    def __init__(
        self,
        configuration: Configuration,
        catalogue: Catalogue,
        *,
        moved: Mapping[int, int],
        calendars: Mapping[str, Calendar],
    ) -> None:
        """`moved` maps chats to what they have become; `calendars` are all there ever were, by version."""
        self._configuration = configuration
        self._catalogue = catalogue
        self._calendars = calendars
        self._moved = dict(moved)
        self._rules = self._with_moves()

    def rules(self) -> Rules:
        """The rules as they are now."""
        return self._rules

    def configuration(self) -> Configuration:
        """The company's file as it is in force."""
        return self._rules.configuration

    def company(self) -> Company:
        """The desk's part of it."""
        return self._rules.company

    def move(self, old: int, new: int) -> None:
        """A room's group has another id now."""
        self._moved[old] = new
        self._rules = self._with_moves()

    def __contains__(self, chat: object) -> bool:
        """Whether a chat is one of the staff's rooms."""
        return any(room.telegram_chat == chat for room in self.company().rooms.values())

    def __iter__(self) -> Iterator[int]:
        """The chats of the staff's rooms."""
        return (room.telegram_chat for room in self.company().rooms.values() if room.telegram_chat is not None)

    def _with_moves(self) -> Rules:
        company = self._configuration.company
        rooms = {
            name: room if room.telegram_chat is None else replace(room, telegram_chat=self._now_at(room.telegram_chat))
            for name, room in company.rooms.items()
        }
        configuration = replace(self._configuration, company=replace(company, rooms=rooms))
        return Rules(configuration=configuration, catalogue=self._catalogue, calendars=self._calendars)

    def _now_at(self, chat: int) -> int:
        seen = {chat}
        while chat in self._moved and self._moved[chat] not in seen:
            chat = self._moved[chat]
            seen.add(chat)
        return chat


async def open_rulebook(database: Database, configuration: Configuration, now: datetime) -> Rulebook:
    """The rules of this configuration, in force from now on."""
    company = configuration.company
    calendars = await database.transaction(
        lambda connection: enforce(connection, company.calendars, company.calendar_versions, now)
    )
    moved = await database.read(threads.moved_chats)
    return Rulebook(configuration, load_catalogue(company.default_language), moved=moved, calendars=calendars)
