"""A new ticket of a team in direct mode is given to somebody at once; with nobody there it is free for all (R4, R6)."""

from desk.assignment import Candidate, Choice, Need, choose
from desk.company import Assignment, AssignmentMode, StaffMember, Team
from desk.facts import FactKind
from desk.sla import Metric
from desk.tickets import Status, Ticket
from desk.values import replace
from handlers import promises
from handlers.scene import Scene
from store.casefile import Presence


def assign(scene: Scene, ticket: Ticket, skills: frozenset[str]) -> Ticket:
    """Give the ticket to whoever of its team is there and has the least to do; how it was decided is kept (R11)."""
    team = scene.team(ticket)
    if team.mode is not AssignmentMode.DIRECT or team.assignment is not Assignment.LEAST_LOADED:
        return ticket
    candidates = _candidates(scene, team)
    if not any(each.is_online for each in candidates):
        return ticket
    choice = choose(candidates, Need(language=scene.contact.language, skills=skills, turn=ticket.number))
    _record(scene, ticket, candidates, choice)
    if choice.name is None:
        return ticket
    scene.case.look.gave_ticket(choice.name)
    promises.meet(scene, ticket, Metric.ASSIGN, scene.now)
    return scene.case.put_ticket(replace(ticket, assignee=choice.name, status=Status.OPEN))


def _candidates(scene: Scene, team: Team) -> list[Candidate]:
    known = {each.name: each for each in scene.case.look.presences()}
    return [_candidate(member, known.get(member.name)) for member in scene.company.members(team.name)]


def _candidate(member: StaffMember, presence: Presence | None) -> Candidate:
    if presence is None:
        return Candidate(member=member, is_online=False, load=0)
    return Candidate(member=member, is_online=presence.online, load=presence.load)


def _record(scene: Scene, ticket: Ticket, candidates: list[Candidate], choice: Choice) -> None:
    scene.record(
        FactKind.TICKET_ASSIGNED,
        by="bot",
        ticket=ticket,
        assignee=choice.name,
        dropped=[each.value for each in choice.dropped],
        candidates=[
            {
                "name": each.member.name,
                "load": each.load,
                "capacity": each.member.capacity,
                "lost": [against.value for against in choice.objections.get(each.member.name, ())],
            }
            for each in candidates
        ],
    )
