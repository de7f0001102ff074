"""The table of routes, and what each of them does."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from msgspec import UNSET, Struct, UnsetType

from console.api import shapes
from console.api.problems import Wrong
from console.api.routes import Call, Route, Run
from console.ports import Api
from desk.commands import Action, Actor, AtTicket, Command, EventRecorded, StaffActed
from desk.tickets import Ticket
from store import casebook, listings
from store.listings import Cursor, TicketFilter

Row = TypeVar("Row")
Shape = TypeVar("Shape")
Value = TypeVar("Value")


@dataclass(frozen=True, kw_only=True, slots=True)
class Endpoints:
    """The operations of the API."""

    api: Api

    def routes(self) -> tuple[Route, ...]:
        """The one table: what is not here is neither served nor documented."""
        page = shapes.PageQuery
        return (
            reading("/contacts", self.list_contacts, shapes.ContactPage, "Contacts, in the order of their ids", page),
            reading("/contacts/{id}", self.get_contact, shapes.ContactDetail, "One contact with their channels"),
            reading(
                "/tickets", self.list_tickets, shapes.TicketPage, "Tickets, by their last change", shapes.TicketQuery
            ),
            reading("/tickets/{number}", self.get_ticket, shapes.TicketDetail, "One ticket with its SLA clocks"),
            reading("/tickets/{number}/timeline", self.list_facts, shapes.FactPage, "What happened to it", page),
            reading("/tickets/{number}/messages", self.list_messages, shapes.MessagePage, "What was said in it", page),
            *self._writing(),
        )

    def _writing(self) -> tuple[Route, ...]:
        return (
            Route(
                method="POST",
                path="/tickets/{number}/messages",
                name="create_message",
                summary="A reply or a note in the name of a member of the staff",
                run=self.create_message,
                answer=shapes.Accepted,
                body=shapes.NewMessage,
                status=202,
                needs_key=True,
                problems=(409,),
            ),
            Route(
                method="POST",
                path="/tickets/{number}/corrections",
                name="create_correction",
                summary="What a customer's message means, where it was read wrong",
                run=self.create_correction,
                answer=shapes.Accepted,
                body=shapes.NewCorrection,
                status=202,
                needs_key=True,
                problems=(409,),
            ),
            Route(
                method="POST",
                path="/contacts/{id}/events",
                name="record_event",
                summary="Something that a contact did elsewhere",
                run=self.record_event,
                answer=shapes.Accepted,
                body=shapes.NewEvent,
                status=202,
                problems=(409,),
            ),
        )

    # ---- reading -----------------------------------------------------------------------------------------------------

    async def list_contacts(self, call: Call) -> shapes.ContactPage:
        """GET /contacts."""
        after, count = _place(call.query), call.query.limit
        rows = await self.api.database.read(
            lambda connection: listings.list_contacts(connection, after=after, count=count + 1)
        )
        items, following = _page(rows, count, lambda contact: Cursor(number=contact.id))
        return shapes.ContactPage(items=[shapes.contact_shape(each) for each in items], next=following)

    async def get_contact(self, call: Call) -> shapes.ContactDetail:
        """GET /contacts/{id}."""
        found = await self.api.database.read(lambda connection: listings.find_contact(connection, call.number))
        if found is None:
            raise Wrong(404, f"There is no contact {call.number}.")
        contact, places = found
        return shapes.contact_detail(contact, list(places))

    async def list_tickets(self, call: Call) -> shapes.TicketPage:
        """GET /tickets."""
        query: shapes.TicketQuery = call.query
        since = _given(query.updated_since)
        wanted = TicketFilter(
            status=_given(query.status),
            team=_given(query.team),
            assignee=_given(query.assignee),
            priority=_given(query.priority),
            updated_since=None if since is None else shapes.utc(since),
        )
        after = _place(query)
        rows = await self.api.database.read(
            lambda connection: listings.list_tickets(connection, wanted, after=after, count=query.limit + 1)
        )
        items, following = _page(rows, query.limit, _ticket_cursor)
        return shapes.TicketPage(items=[shapes.ticket_shape(each) for each in items], next=following)

    async def get_ticket(self, call: Call) -> shapes.TicketDetail:
        """GET /tickets/{number}."""
        ticket = await self._ticket(call.number)
        clocks = await self.api.database.read(lambda connection: casebook.ticket_clocks(connection, call.number))
        return shapes.ticket_detail(ticket, clocks)

    async def list_facts(self, call: Call) -> shapes.FactPage:
        """GET /tickets/{number}/timeline."""
        await self._ticket(call.number)
        after, count = _place(call.query), call.query.limit
        rows = await self.api.database.read(
            lambda connection: listings.list_facts(connection, call.number, after=after, count=count + 1)
        )
        items, following = _page(rows, count, lambda row: Cursor(number=row[0]))
        return shapes.FactPage(items=[shapes.fact_shape(number, fact) for number, fact in items], next=following)

    async def list_messages(self, call: Call) -> shapes.MessagePage:
        """GET /tickets/{number}/messages."""
        await self._ticket(call.number)
        after, count = _place(call.query), call.query.limit
        rows = await self.api.database.read(
            lambda connection: listings.list_messages(connection, call.number, after=after, count=count + 1)
        )
        items, following = _page(rows, count, lambda each: Cursor(moment=each.at, number=each.id))
        return shapes.MessagePage(items=[shapes.message_shape(each) for each in items], next=following)

    # ---- writing -----------------------------------------------------------------------------------------------------

    async def create_message(self, call: Call) -> shapes.Accepted:
        """POST /tickets/{number}/messages."""
        body: shapes.NewMessage = call.body
        await self._ticket(call.number)
        self._check_author(body.author)
        command = StaffActed(
            by=Actor(name=body.author),
            action=Action.REPLY if body.public else Action.NOTE,
            at=self.api.now(),
            place=AtTicket(number=call.number),
            argument=body.text.strip(),
        )
        return await self._submit(command, key=f"api:{call.number}:{call.key}", lane=f"ticket:{call.number}")

    async def create_correction(self, call: Call) -> shapes.Accepted:
        """POST /tickets/{number}/corrections."""
        body: shapes.NewCorrection = call.body
        await self._ticket(call.number)
        self._check_author(body.author)
        command = StaffActed(
            by=Actor(name=body.author),
            action=Action.RETAG,
            at=self.api.now(),
            place=AtTicket(number=call.number),
            argument=body.intent,
            message=None if isinstance(body.message, UnsetType) else int(body.message),
            sentiment=_given(body.sentiment),
            urgent=_given(body.urgent),
        )
        return await self._submit(command, key=f"api:{call.number}:{call.key}", lane=f"ticket:{call.number}")

    async def record_event(self, call: Call) -> shapes.Accepted:
        """POST /contacts/{id}/events."""
        body: shapes.NewEvent = call.body
        if await self.api.database.read(lambda connection: listings.find_contact(connection, call.number)) is None:
            raise Wrong(404, f"There is no contact {call.number}.")
        at = _given(body.at)
        command = EventRecorded(
            contact_id=call.number,
            id=body.id,
            name=body.name,
            at=self.api.now() if at is None else shapes.utc(at),
            data=dict(body.data),
        )
        return await self._submit(command, key=f"event:{body.id}", lane=f"contact:{call.number}")

    async def _submit(self, command: Command, *, key: str, lane: str) -> shapes.Accepted:
        try:
            refusal = await self.api.submit(command, key=key, lane=lane)
        except TimeoutError:
            return shapes.Accepted(handled=False)
        if refusal is not None:
            raise Wrong(409, refusal)
        return shapes.Accepted(handled=True)

    def _check_author(self, name: str) -> None:
        if all(member.name != name for member in self.api.company().company.staff):
            raise Wrong(409, f"Nobody of the staff is called {name!r} in the company's file.")

    async def _ticket(self, number: int) -> Ticket:
        ticket = await self.api.database.read(lambda connection: casebook.find_ticket(connection, number))
        if ticket is None:
            raise Wrong(404, f"There is no ticket {number}.")
        return ticket


def reading(
    path: str, run: Run, answer: type[Struct], summary: str, query: type[shapes.PageQuery] | None = None
) -> Route:
    """A GET, named like the method that serves it."""
    return Route(method="GET", path=path, name=run.__name__, summary=summary, run=run, answer=answer, query=query)


def _given(value: Value | UnsetType) -> Value | None:
    return None if isinstance(value, UnsetType) else value


def _place(query: shapes.PageQuery) -> Cursor | None:
    return None if query.cursor is UNSET else Cursor.of(str(query.cursor))


def _ticket_cursor(ticket: Ticket) -> Cursor:
    if ticket.updated_at is None:
        raise ValueError(f"ticket {ticket.number} was never saved")
    return Cursor(moment=ticket.updated_at, number=ticket.number)


def _page(rows: Sequence[Row], count: int, cursor: Callable[[Row], Cursor]) -> tuple[Sequence[Row], str | None]:
    """The page and where it goes on; one row more was asked for, to know whether it does."""
    return (rows[:count], str(cursor(rows[count - 1]))) if len(rows) > count else (rows, None)
