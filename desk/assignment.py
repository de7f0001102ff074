"""Who gets a ticket, in the plain form: of those who are there and fit, whoever has the least to do (R1, R2, R4, R5).

Deterministic, and told with what stood against everybody else (R11). The last resort, another team, is not asked here.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from desk.company import StaffMember


class Objection(StrEnum):
    """Why somebody does not get a ticket."""

    AWAY = "away"
    FULL = "full"
    LANGUAGE = "language"
    SKILLS = "skills"
    BUSIER = "busier"
    TURN = "turn"


#: What is dropped where nobody fits, one after the other (R5).
_DROPPED = (Objection.LANGUAGE, Objection.SKILLS)


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A member of the team, whether they said that they are there, and the load they carry (R2)."""

    member: StaffMember
    is_online: bool
    load: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Need:
    """What a ticket asks of its agent; `turn` says whose turn it is among equals: the ticket's number."""

    language: str
    skills: frozenset[str]
    turn: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """Who gets the ticket, if anybody; why the others do not, by name; what had to be dropped for it."""

    name: str | None
    objections: dict[str, tuple[Objection, ...]]
    dropped: tuple[Objection, ...] = ()


def choose(candidates: Sequence[Candidate], need: Need) -> Choice:
    """The least loaded of those who fit; among equals they take turns."""
    objections = {each.member.name: tuple(_objections(each, need)) for each in candidates}
    for count in range(len(_DROPPED) + 1):
        dropped = _DROPPED[:count]
        fit = [each for each in candidates if not set(objections[each.member.name]) - set(dropped)]
        if fit:
            return _least_loaded(fit, objections, need.turn, dropped)
    return Choice(name=None, objections=objections)


def _objections(candidate: Candidate, need: Need) -> Iterator[Objection]:
    if not candidate.is_online:
        yield Objection.AWAY
    if candidate.load >= candidate.member.capacity:
        yield Objection.FULL
    if not _speaks(candidate.member.languages, need.language):
        yield Objection.LANGUAGE
    if need.skills - candidate.member.skills:
        yield Objection.SKILLS


def _speaks(languages: Collection[str], language: str) -> bool:
    return language.partition("-")[0] in {each.partition("-")[0] for each in languages}


def _least_loaded(
    fit: Sequence[Candidate], objections: dict[str, tuple[Objection, ...]], turn: int, dropped: tuple[Objection, ...]
) -> Choice:
    least = min(_share(each) for each in fit)
    equals = [each for each in fit if _share(each) == least]
    chosen = equals[turn % len(equals)]
    lost = {
        each.member.name: (Objection.TURN if each in equals else Objection.BUSIER,)
        for each in fit
        if each is not chosen
    }
    others = {name: against for name, against in (objections | lost).items() if name != chosen.member.name}
    return Choice(name=chosen.member.name, objections=others, dropped=dropped)


def _share(candidate: Candidate) -> float:
    return candidate.load / candidate.member.capacity
