"""Reading who works where: rooms, staff, teams, and the company's own word on itself."""

from collections.abc import Iterable
from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.company.names import Names
from bot.company.places import Place, Reader, Section, by_name, filled, listed
from bot.company.scalars import DURATION, LANGUAGE, NAME, known, number, read_zone, whole, word_of
from desk.company import Assignment, AssignmentMode, Role, Room, StaffMember, Team

Identity = tuple[str, ZoneInfo, tuple[str, ...]]
"""A company's name, its time zone, its languages."""


def identity(place: Place) -> Identity:
    """Reads `company`."""
    with Section(place) as keys:
        return (
            keys.required("name", NAME),
            keys.required("timezone", read_zone),
            keys.required("languages", filled(distinct(LANGUAGE), "language")),
        )


def distinct(read: Reader[str]) -> Reader[tuple[str, ...]]:
    """A list in which nothing stands twice."""

    def read_distinct(place: Place) -> tuple[str, ...]:
        once(place.items(), "")
        return listed(read)(place)

    return read_distinct


def once(places: Iterable[Place], key: str) -> None:
    """Notes where a value, of the key or of the place itself, stands a second time."""
    seen: dict[str, int] = {}
    for place in places:
        spot = place.entries().get(key) if key and place.is_mapping else place
        if spot is None or spot.scalar is None:
            continue
        if spot.scalar in seen:
            spot.wrong(f"stands twice; expected another value (first on line {seen[spot.scalar]})")
        seen.setdefault(spot.scalar, spot.line)


def rooms(place: Place) -> dict[str, Room]:
    """Reads `rooms`."""
    once(place.entries().values(), "telegram_chat")
    return filled(by_name(_room), "room")(place)


def _room(place: Place) -> Room:
    with Section(place) as keys:
        chat = keys.optional("telegram_chat", whole(-(10**15), 10**15), None)
    if chat == 0:
        place.wrong("0 is no chat; expected the id of a Telegram group, or no telegram_chat at all")
    return Room(name=place.key, telegram_chat=chat)


def staff(place: Place, names: Names) -> tuple[StaffMember, ...]:
    """Reads `staff`."""
    once(place.items(), "name")
    once(place.items(), "telegram")
    return filled(listed(lambda item: _member(item, names)), "person")(place)


def _member(place: Place, names: Names) -> StaffMember:
    with Section(place) as keys:
        return StaffMember(
            name=keys.required("name", NAME),
            role=keys.required("role", word_of(Role)),
            telegram=keys.optional("telegram", whole(1, 10**15), None),
            teams=keys.optional("teams", distinct(known(names.teams, "a team")), ()),
            languages=keys.optional(
                "languages", distinct(known(names.languages, "a language of the company")), names.languages
            ),
            skills=frozenset(keys.optional("skills", distinct(NAME), ())),
            capacity=keys.optional("capacity", number(0.25, 1000), 5),
        )


def teams(place: Place, names: Names) -> dict[str, Team]:
    """Reads `teams`."""
    found = filled(by_name(lambda entry: _team(entry, names)), "team")(place)
    overflows = {team.name: team.overflow for team in found.values()}
    for name, entry in place.entries().items():
        _check_overflow(entry, name, overflows)
    return found


def _team(place: Place, names: Names) -> Team:
    with Section(place) as keys:
        team = Team(
            name=place.key,
            room=keys.required("room", known(names.rooms, "a room")),
            calendar=keys.required("calendar", known(names.calendars, "a calendar")),
            assignment=keys.optional("assignment", word_of(Assignment), Assignment.LEAST_LOADED),
            mode=keys.optional("mode", word_of(AssignmentMode), AssignmentMode.DIRECT),
            accept_within=keys.optional("accept_within", DURATION, timedelta(minutes=5)),
            overflow=keys.optional("overflow", known(names.teams, "a team"), None),
        )
    if team.overflow is None and team.name not in names.manned_teams:
        place.wrong("has nobody on the staff; expected a member whose `teams` name it, or an `overflow`")
    return team


def _check_overflow(place: Place, team: str, overflows: dict[str, str | None]) -> None:
    """A ring of overflows would hand a ticket round for ever; each team on the ring says so."""
    seen: list[str] = []
    following: str | None = overflows.get(team)
    while following is not None and following not in seen:
        seen.append(following)
        following = overflows.get(following)
    if team in seen:
        ring = " to ".join([team, *seen[: seen.index(team) + 1]])
        spot = place.entries()["overflow"]
        spot.wrong(f"leads back to itself ({ring}); expected an end")
