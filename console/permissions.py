"""Who may do what at the console. The handlers decide for good; a page offers nothing that they would refuse."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from desk.commands import Action
from desk.company import Role
from desk.tickets import Status, Ticket

#: What the console offers on a ticket, in the order of the buttons.
TICKET_ACTIONS = (Action.TAKE, Action.RELEASE, Action.WAITING, Action.RESOLVE, Action.REOPEN)

_WAITING = (Status.WAITING_ON_CUSTOMER, Status.ON_HOLD, Status.SNOOZED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Staff:
    """Who sits at the console: the name in the company's file, and what they may do."""

    name: str
    role: Role

    @property
    def is_supervisor(self) -> bool:
        """Whether they may decide over the tickets of others."""
        return self.role is Role.SUPERVISOR

    @property
    def may_see_readings(self) -> bool:
        """Whether the page that says how messages are read is for them: it is about the work of the whole house."""
        return self.is_supervisor


def is_within_reach(staff: Staff, ticket: Ticket) -> bool:
    """Whether the ticket is theirs to decide on: nobody's, their own, or anybody's for a supervisor."""
    return staff.is_supervisor or ticket.assignee in (None, staff.name)


def may_reply(staff: Staff, ticket: Ticket) -> bool:
    """Whether words of theirs may go to the customer now."""
    return ticket.is_open and is_within_reach(staff, ticket)


def may_correct(ticket: Ticket, now: datetime, reopen_within: timedelta) -> bool:
    """Whether a reading in the ticket's thread may be corrected now: as long as the ticket may change at all."""
    return ticket.is_open or (ticket.resolved_at is not None and ticket.resolved_at > now - reopen_within)


def permits(staff: Staff, action: Action, ticket: Ticket) -> bool:
    """Whether they may do this with the ticket by their role, whatever its state is by now."""
    match action:
        case Action.ACKNOWLEDGE:
            return staff.is_supervisor
        case Action.NOTE | Action.TAKE | Action.REOPEN | Action.RETAG:
            return True
        case Action.REPLY | Action.RELEASE | Action.WAITING | Action.RESOLVE:
            return is_within_reach(staff, ticket)
        case _:
            return False


def offered(staff: Staff, ticket: Ticket) -> tuple[Action, ...]:
    """The buttons that make sense on the ticket as it stands."""
    return tuple(action for action in TICKET_ACTIONS if permits(staff, action, ticket) and _makes_sense(action, ticket))


def _makes_sense(action: Action, ticket: Ticket) -> bool:
    match action:
        case Action.TAKE:
            return ticket.is_open and ticket.assignee is None
        case Action.RELEASE:
            return ticket.is_open and ticket.assignee is not None
        case Action.WAITING:
            return ticket.is_open and ticket.status not in _WAITING
        case Action.RESOLVE:
            return ticket.is_open
        case _:
            return ticket.status is Status.RESOLVED
