"""A desk under test: it is told commands at given moments and its outbox is read.

Only model, channels and clock are fakes: the rows go through the real inbox, worker and handlers on a real database.
What is sent is taken by a channel that accepts everything, or refuses for the reason it was given; its fate is reported
as the sender reports it.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, get_args
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Connection, select

from bot.catalogue import load_catalogue
from bot.company import load_company
from bot.doorbell import Bell
from bot.parsing import Parser
from bot.worker import Worker, WorkLimits
from channels.base import Channel
from desk.commands import (
    Action,
    Actor,
    AtThread,
    AtTicket,
    Command,
    CustomerCommand,
    CustomerPressed,
    CustomerStarted,
    CustomerWrote,
    DeliveryReported,
    Outcome,
    Place,
    Sender,
    StaffActed,
    StaffEdited,
    StaffWrote,
)
from desk.facts import Fact, FactKind
from desk.hours import Calendar
from desk.messages import Delivery
from desk.outgoing import (
    Card,
    Content,
    CustomerEdit,
    CustomerMessage,
    Line,
    PressAnswer,
    ThreadTitle,
    ToConversation,
    ToThread,
    recipient_of,
)
from desk.presses import decode
from desk.readings import KnowledgeHit, Reading, Sentiment, Understanding
from desk.sla import Clock, Metric
from desk.tickets import Ticket
from desk.values import replace
from handlers.scene import Rules
from lifecycle.configuration import Configuration
from store import deadlines, delivery, inbox, lanes, outbox, saving, tables, threads
from store.calendars import enforce
from store.casefile import ThreadState
from store.database import Database
from store.deadlines import HOUSE, house_command
from store.inbox import Arrival
from store.lanes import Lease
from store.outbox import OutboxRow, OutboxState
from store.threads import Thread
from store.values import ticket_of

Result = TypeVar("Result")

SHANGHAI = ZoneInfo("Asia/Shanghai")
ROOMS = {"agents": -1001000000001, "vip": -1001000000002, "supervisors": -1001000000003}
LIN, CHEN, SUN, ZHAO = (Actor(telegram=number) for number in (9001, 9002, 9003, 9009))
WANG = Sender(channel="telegram", address="501", name="Wang", language="zh")
ANNA = Sender(channel="telegram", address="502", name="Anna", language="en")

_CUSTOMER_COMMANDS: Mapping[str, Any] = {kind.__name__: kind for kind in get_args(CustomerCommand)}


def when(text: str) -> datetime:
    """ "23 10:20" is that hour in Shanghai on that day of November 2026; the 23rd is a Monday."""
    day, clock = text.split()
    hour, minute = clock.split(":")
    return datetime(2026, 11, int(day), int(hour), int(minute), tzinfo=SHANGHAI)


def shanhai(**changes: object) -> Configuration:
    """The specification's company, with changes to its desk."""
    configuration = _specified()
    return replace(configuration, company=replace(configuration.company, **changes))


@cache
def _specified() -> Configuration:
    return load_company(Path(__file__).parent.parent / "company" / "desk.yaml", today=date(2026, 11, 23))


def reading(intent: str = "order_status", **changes: Any) -> Reading:
    """A sure, calm, Chinese reading, but for what is said otherwise."""
    usual: dict[str, Any] = {"confidence": 0.9, "sentiment": Sentiment.NEUTRAL, "urgent": False, "language": "zh-Hans"}
    return Reading(intent=intent, **usual | changes)


def hit(similarity: float, answer: str = "保修三年。") -> KnowledgeHit:
    """A page of the knowledge, so near."""
    return KnowledgeHit(page="warranty", title="保修", answer=answer, similarity=similarity)


@dataclass(frozen=True, kw_only=True, slots=True)
class SentThing:
    """What left the house: to which lane, when."""

    lane: str
    content: Content
    at: datetime
    message: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """A channel that takes no message of the staff's, and says why."""

    reason: str
    blocked: bool = False


class _Dictionary:
    """The understander: knows the texts it was taught, and takes the rest for plain questions without an answer."""

    def __init__(self) -> None:
        self.known: dict[str, Understanding] = {}

    async def understand(self, texts: Sequence[str]) -> list[Understanding]:
        """The understanding of each text, in order."""
        return [self.known.get(text, Understanding(reading=reading())) for text in texts]


class _Door:
    """A channel's parser for what `Desk` stores: the command itself, as JSON."""

    def parse(self, payload: str, received_at: datetime) -> Sequence[Command]:
        """The one command."""
        del received_at
        name, body = msgspec.json.decode(payload, type=tuple[str, msgspec.Raw])
        command: Command = msgspec.json.decode(body, type=_CUSTOMER_COMMANDS[name])
        return [command]


class _Alarmed:
    """Metrics that let a test fail where the worker would retry or park."""

    def handled(self, seconds: float, command: str) -> None:
        """All is well."""

    def error(self, kind: str) -> None:
        """A lane failed."""
        raise AssertionError(f"the worker met an error: {kind}")


def _silence(topic: str) -> AbstractAsyncContextManager[Bell]:
    del topic
    return nullcontext(Bell())


@dataclass(kw_only=True)
class Desk:
    """The desk; `now` is the moment of everything that is done next."""

    database: Database
    configuration: Configuration = field(default_factory=shanhai)
    now: datetime = field(default_factory=lambda: when("23 10:00"))
    sent: list[SentThing] = field(default_factory=list)
    stored: int = 0
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    titles: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.catalogue = load_catalogue(self.configuration.company.default_language)
        self.dictionary = _Dictionary()
        self.worker = self.new_worker()

    def new_worker(self, *, lanes_at_once: int = 64) -> Worker:
        """One more worker on the same inbox."""
        door: Any = _Door()
        doors: dict[str, Channel] = {"telegram": door, "webchat": door}
        return Worker(
            database=self.database,
            parser=Parser(doors),
            understander=self.dictionary,
            rules=lambda: Rules(configuration=self.configuration, catalogue=self.catalogue, calendars=self.calendars),
            now=lambda: self.now,
            ring=lambda _topic: None,
            listen=_silence,
            metrics=_Alarmed(),
            limits=WorkLimits(lanes=lanes_at_once),
        )

    # ---- telling -----------------------------------------------------------------------------------------------------

    def teach(self, text: str, intent: str = "order_status", *hits: KnowledgeHit, **changes: Any) -> str:
        """Let a text be understood so; returns the text."""
        self.dictionary.known[text] = Understanding(reading=reading(intent, **changes), knowledge=hits)
        return text

    async def opens(self, configuration: Configuration) -> None:
        """The program starts anew, with this file."""
        company = configuration.company
        self.configuration = configuration
        self.calendars = await self.database.transaction(
            lambda connection: enforce(connection, company.calendars, company.calendar_versions, self.now)
        )

    def at(self, moment: str) -> "Desk":
        """It is so late now; see `when`."""
        self.now = when(moment)
        return self

    async def store(self, *commands: Command, lanes_apart: bool = False) -> list[str]:
        """Commands come in, through their usual doors or each through one of its own; returns the rows' keys."""
        arrivals = [self._arrival(command) for command in commands]
        if lanes_apart:
            arrivals = [replace(each, lane=each.key) for each in arrivals]
        await self.database.transaction(lambda connection: inbox.add(connection, arrivals, self.now))
        return [each.key for each in arrivals]

    def _arrival(self, command: Command) -> Arrival:
        self.stored += 1
        key = f"test:{self.stored}"
        if isinstance(command, get_args(CustomerCommand)):
            body = msgspec.json.encode((type(command).__name__, command)).decode()
            sender: Sender = command.sender
            return Arrival(key=key, lane=sender.key, channel=sender.channel, payload=body, received_at=self.now)
        return house_command(command, key=key, lane=_lane(command, self.stored), now=self.now)

    async def work(self) -> None:
        """Handle all that waits."""
        while await self.worker.work_once():
            pass

    async def tell(self, *commands: Command) -> list[str | None]:
        """Commands come in and are handled together; returns what each door is answered."""
        keys = await self.store(*commands)
        await self.work()
        return [await self.answer(key) for key in keys]

    async def answer(self, key: str) -> str | None:
        """What the door of a row is told."""
        found = await self.database.read(lambda connection: inbox.outcome(connection, key))
        assert found is not None
        return found[1]

    def message(self, text: str, *, by: Sender = WANG, at: datetime | None = None, **more: Any) -> CustomerWrote:
        """A customer's message, as a command."""
        self.stored += 1
        return CustomerWrote(sender=by, external_id=f"m{self.stored}", text=text, at=at or self.now, **more)

    async def write(self, *texts: str, by: Sender = WANG) -> None:
        """A customer writes messages that are handled together."""
        await self.tell(*[self.message(text, by=by) for text in texts])

    async def start(self, *, by: Sender = WANG) -> None:
        """A customer opens the chat."""
        await self.tell(CustomerStarted(sender=by, at=self.now))

    async def press(self, action: str, *, by: Sender = WANG) -> str:
        """A customer presses a button; returns what the tap is told."""
        press = f"press{self.stored}"
        await self.tell(CustomerPressed(sender=by, action=action, at=self.now, press=press))
        await self.deliver()
        return self._told(press)

    def _told(self, press: str) -> str:
        said = [each.content for each in self.sent if isinstance(each.content, PressAnswer)]
        return next((each.text for each in said if each.press == press), "")

    async def act(self, by: Actor, action: Action, ticket: int = 1, argument: str = "", **more: Any) -> str | None:
        """A member of the staff does something from the console; returns the refusal."""
        return (await self.tell(self.staff(by, action, ticket, argument, **more)))[0]

    def staff(self, by: Actor, action: Action, ticket: int = 1, argument: str = "", **more: Any) -> StaffActed:
        """What a member of the staff does with a ticket, as a command."""
        place = AtTicket(number=ticket)
        return StaffActed(by=by, action=action, at=self.now, place=place, argument=argument, **more)

    async def tap(self, by: Actor, button: str, *, room: str = "agents") -> str:
        """A member of the staff taps a button in a room; returns what the tap is told."""
        press, wanted = f"press{self.stored}", decode(button)
        place = None if wanted.ticket is None else AtTicket(number=wanted.ticket)
        await self.tell(
            StaffActed(
                by=by, action=wanted.action, at=self.now, place=place, argument=wanted.argument, seen=wanted.seen,
                press=press, chat=ROOMS[room],
            )
        )  # fmt: skip
        await self.deliver()
        return self._told(press)

    async def reply(self, by: Actor, text: str, *, place: Place | None = None, **more: Any) -> str | None:
        """A member of the staff writes in the customer's thread."""
        where = place or await self.thread()
        chat = where.chat if isinstance(where, AtThread) else None
        written = StaffWrote(
            by=by, place=where, text=text, at=self.now, chat=chat, external_id=f"s{self.stored}", **more
        )
        return (await self.tell(written))[0]

    # ---- time and delivery -------------------------------------------------------------------------------------------

    async def until(self, moment: str) -> None:
        """Time goes by: what falls due is swept when it does, and everything is delivered."""
        await self.deliver()
        while True:
            due = await self.database.read(deadlines.next_due)
            if due is None or due > when(moment):
                break
            self.now = max(self.now, due)
            await self.sweep()
        self.at(moment)

    async def sweep(self) -> None:
        """What is due by now is handled, and what follows delivered."""
        await self.database.transaction(lambda connection: deadlines.sweep(connection, self.now, 1000))
        await self.work()
        await self.deliver()

    async def deliver(self, refusal: Refusal | None = None) -> list[SentThing]:
        """Send all that waits, and tell the desk what became of it; returns what was sent."""
        before = len(self.sent)
        while reports := await self.database.transaction(lambda connection: self._send_waiting(connection, refusal)):
            if any(report is not None for report in reports):
                await self.tell(*[report for report in reports if report is not None])
        return self.sent[before:]

    def _send_waiting(self, connection: Connection, refusal: Refusal | None) -> list[Command | None]:
        leases = lanes.claim(
            connection, tables.outbox_lanes, owner="sender", now=self.now, lease=timedelta(minutes=1), limit=1000
        )
        if not leases:
            return []
        rows, _ = outbox.next_rows(connection, [lease.lane for lease in leases])
        handled: dict[Lease, int] = {}
        reports: list[Command | None] = [None]
        for lease in leases:
            handled[lease] = len(rows.get(lease.lane, []))
            reports += [self._send(connection, row, refusal) for row in rows.get(lease.lane, [])]
        lanes.release(connection, tables.outbox_lanes, handled, self.now)
        return reports

    def _send(self, connection: Connection, row: OutboxRow, refusal: Refusal | None) -> Command | None:
        state = OutboxState.FAILED if refusal and row.report else OutboxState.SENT
        reason = None if refusal is None else refusal.reason
        outbox.settle(connection, [(row.id, state, reason)], self.now)
        if state is OutboxState.SENT:
            self._keep(connection, row)
        if not row.report or row.contact_id is None or row.message_id is None:
            return None
        outcome = Outcome.SENT if state is OutboxState.SENT else Outcome.FAILED
        return DeliveryReported(
            contact_id=row.contact_id, message=row.message_id, outcome=outcome, at=self.now, reason=reason,
            blocked=refusal is not None and refusal.blocked,
        )  # fmt: skip

    def _keep(self, connection: Connection, row: OutboxRow) -> None:
        self.sent.append(SentThing(lane=row.lane, content=row.content, at=self.now, message=row.message_id))
        to = recipient_of(row.lane)
        match to:
            case ToConversation() if row.message_id is not None and isinstance(row.content, CustomerMessage):
                delivery.mark(connection, [row.message_id], Delivery.SENT)
                link = {"place": row.lane, "external_id": f"c{row.message_id}", "message_id": row.message_id}
                saving.add_links(connection, [link])
            case ToThread():
                thread = Thread(
                    room=to.room, contact_id=to.contact_id, chat=ROOMS[to.room], thread=1000 + to.contact_id,
                    state=ThreadState.OPEN,
                )  # fmt: skip
                threads.put(connection, [thread])
                self.titles.setdefault(thread.thread or 0, threads.titles(connection, [to.contact_id])[to.contact_id])
                if isinstance(row.content, ThreadTitle):
                    self.titles[thread.thread or 0] = row.content.title
            case _:
                return

    # ---- looking -----------------------------------------------------------------------------------------------------

    async def ticket(self, number: int = 1) -> Ticket:
        """A ticket as it is kept."""
        query = select(tables.tickets).where(tables.tickets.c.number == number)
        return await self.read(lambda connection: ticket_of(connection.execute(query).one()))

    async def clocks(self, metric: Metric, ticket: int = 1) -> list[Clock]:
        """A ticket's clocks of a metric, oldest first."""
        c = tables.clocks.c
        query = select(c.body).where(c.ticket == ticket, c.metric == metric.value).order_by(c.generation)
        return [msgspec.json.decode(row["body"], type=Clock) for row in await self.rows(query)]

    async def clock(self, metric: Metric, ticket: int = 1) -> Clock:
        """The newest clock of a metric."""
        return (await self.clocks(metric, ticket))[-1]

    async def facts(self, *kinds: FactKind, ticket: int | None = None) -> list[Fact]:
        """The timeline, or the facts of some kinds."""
        rows = await self.rows(select(tables.facts).order_by(tables.facts.c.id))
        facts = [
            Fact(
                **{name: value for name, value in row.items() if name not in ("id", "kind")}, kind=FactKind(row["kind"])
            )
            for row in rows
        ]
        return [
            each for each in facts if (not kinds or each.kind in kinds) and (ticket is None or each.ticket == ticket)
        ]

    async def rows(self, query: Any) -> list[dict[str, Any]]:
        """The rows of a query."""
        return await self.read(lambda connection: [row._asdict() for row in connection.execute(query)])

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        """Ask the database."""
        return await self.database.read(work)

    async def thread(self, *, by: Sender = WANG, room: str = "agents") -> AtThread:
        """Where the staff discuss a customer's case."""
        await self.deliver()
        conversations = tables.conversations.c
        rows = await self.rows(select(conversations.contact_id).where(conversations.key == by.key))
        return AtThread(chat=ROOMS[room], thread=1000 + rows[0]["contact_id"])

    def heard(self, *, by: Sender = WANG) -> list[str]:
        """What a customer was sent, in order: texts of messages."""
        to_them = (each.content for each in self.sent if each.lane == by.key)
        return [content.text for content in to_them if isinstance(content, CustomerMessage)]

    def changed(self, *, by: Sender = WANG) -> list[CustomerEdit]:
        """How messages to a customer were changed afterwards."""
        return [each.content for each in self.sent if each.lane == by.key and isinstance(each.content, CustomerEdit)]

    def seen(self, room: str = "agents") -> list[Content]:
        """What the staff saw in a room, in its threads and its General topic."""
        return [each.content for each in self.sent if each.lane == f"room:{room}" or each.lane.endswith(f":{room}")]

    def lines(self, room: str = "agents") -> list[str]:
        """The house's own lines in a room."""
        return [content.text for content in self.seen(room) if isinstance(content, Line)]

    def card(self, number: int = 1, room: str = "agents") -> Card:
        """A ticket's card as it stands now."""
        return [each for each in self.seen(room) if isinstance(each, Card) and each.ticket == number][-1]

    def button(self, action: Action, room: str = "agents") -> str:
        """The last button of an action that the staff were shown."""
        shown = [each for each in self.seen(room) if isinstance(each, Line | Card)]
        actions = [button.action for content in shown for row in content.buttons for button in row]
        return [each for each in actions if each.partition(":")[0] == action.value][-1]

    def say(self, key: str, *, language: str = "zh", **figures: object) -> str:
        """A text of the house's."""
        return self.catalogue.say(language, key, **figures)


def _lane(command: Command, number: int) -> str:
    """The staff's doors and the house's: every thread, ticket and member has a lane of its own."""
    match command:
        case DeliveryReported():
            return f"{HOUSE}:{command.contact_id}"
        case StaffActed(place=AtTicket(number=ticket)):
            return f"ticket:{ticket}"
        case StaffWrote(place=AtThread() as thread) | StaffEdited(place=AtThread() as thread):
            return f"telegram:{thread.chat}:{thread.thread}"
        case _:
            return f"{HOUSE}:{number}"
