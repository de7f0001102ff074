"""What every handler is given: the case file, the company's rules, the moment."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from desk.company import Company, Role, StaffMember, Team
from desk.conditions import Subject, Value
from desk.facts import Fact, FactKind
from desk.hours import Calendar
from desk.messages import Author, Delivery, Message
from desk.outgoing import Buttons, CustomerEdit, CustomerMessage, Outgoing, Rank, ToConversation
from desk.readings import Reading
from desk.texts import Catalogue
from desk.tickets import Contact, Conversation, Ticket
from lifecycle.configuration import Configuration
from store.casefile import CaseFile, MessageChange


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """What the company decided, and how the house says things.

    `calendars` are all that clocks were ever computed with, by version (S13).
    """

    configuration: Configuration
    catalogue: Catalogue
    calendars: Mapping[str, Calendar] = field(default_factory=dict)

    @property
    def company(self) -> Company:
        """The desk's part of the company's file."""
        return self.configuration.company


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """One command's surroundings; `now` is the moment of handling."""

    case: CaseFile
    rules: Rules
    now: datetime

    @property
    def company(self) -> Company:
        """The desk's part of the company's file."""
        return self.rules.company

    @property
    def contact(self) -> Contact:
        """The contact whose case this is."""
        return self.case.known

    def say(self, key: str, /, **figures: object) -> str:
        """A text for the customer, in their language."""
        return self.rules.catalogue.say(self.contact.language, key, **figures)

    def say_staff(self, key: str, /, **figures: object) -> str:
        """A text for the staff, in the company's first language."""
        return self.rules.catalogue.say(self.company.default_language, key, **figures)

    def record(
        self, kind: FactKind, *, by: str, ticket: Ticket | int | None = None, at: datetime | None = None, **data: object
    ) -> None:
        """Add a line to the timeline."""
        number = ticket.number if isinstance(ticket, Ticket) else ticket
        fact = Fact(kind=kind, at=at or self.now, contact_id=self.contact.id, by=by, ticket=number, data=data)
        self.case.record(fact)

    def tell_customer(
        self,
        conversation: Conversation,
        text: str,
        *,
        buttons: Buttons = (),
        ticket: int | None = None,
        rank: Rank = Rank.REPLY,
        key: str | None = None,
        again: bool = True,
    ) -> Message:
        """Keep a message of the bot's and put it on its way."""
        message = self.case.keep(
            Message(
                id=self.case.numbers.next_id(),
                contact_id=self.contact.id,
                conversation_id=conversation.id,
                ticket_id=ticket,
                author=Author.BOT,
                author_name=None,
                public=True,
                text=text,
                attachments=(),
                at=self.now,
                delivery=Delivery.QUEUED,
            ),
            buttons,
        )
        self.case.send(
            Outgoing(
                to=ToConversation(channel=conversation.channel, address=conversation.address),
                content=CustomerMessage(text=text, buttons=buttons),
                rank=rank,
                contact_id=self.contact.id,
                message=message.id,
                key=key,
                again=again,
            )
        )
        return message

    def rewrite(self, message: Message, text: str, buttons: Buttons) -> None:
        """A message of ours gets another text and other buttons, in the transcript and with the customer."""
        conversation = self.case.conversation(message.conversation_id)
        self.case.effects.message_changes.append(
            MessageChange(
                message_id=message.id, at=self.now, text=None if text == message.text else text, buttons=buttons
            )
        )
        self.case.send(
            Outgoing(
                to=ToConversation(channel=conversation.channel, address=conversation.address),
                content=CustomerEdit(message=message.id, text=text, buttons=buttons),
                rank=Rank.REPLY,
                contact_id=self.contact.id,
                replaces=f"edit:{message.id}",
            )
        )

    def is_sure(self, reading: Reading) -> bool:
        """Whether the tagger is sure enough for the bot to act on it by itself."""
        return reading.confidence >= self.company.routing.handoff.below_confidence

    def zone(self) -> ZoneInfo:
        """The contact's own time zone, else the company's (J6); a visitor's browser may name anything."""
        try:
            return ZoneInfo(self.contact.timezone or "")
        except (KeyError, ValueError, OSError):
            return self.company.timezone

    def team(self, ticket: Ticket) -> Team:
        """A ticket's team; the first one where the file does not have it any more."""
        teams = self.company.teams
        return teams.get(ticket.team) or next(iter(teams.values()))

    def staff(self, name: str | None) -> StaffMember | None:
        """A member of the staff by name."""
        return next((member for member in self.company.staff if member.name == name), None)

    def holder(self, ticket: Ticket) -> str | None:
        """Who has a ticket; nobody where the file does not have them any more."""
        member = self.staff(ticket.assignee)
        return None if member is None else member.name

    def subject(
        self,
        *,
        conversation: Conversation,
        reading: Reading | None = None,
        ticket: Ticket | None = None,
        text: str | None = None,
    ) -> Subject:
        """What the company's conditions are asked of."""
        values: dict[str, Value | Collection[str]] = {
            "channel": conversation.channel,
            "tier": self.contact.tier,
            "stage": self.contact.stage,
            "tag": self.contact.tags,
            "language": self.contact.language,
        }
        if reading is not None:
            values |= {
                "intent": reading.intent,
                "sentiment": reading.sentiment.value,
                "urgent": reading.urgent,
                "streak": conversation.negative_streak,
            }
        if ticket is not None:
            values |= {"priority": ticket.priority.value, "team": ticket.team, "status": ticket.status.value}
            values.setdefault("intent", ticket.intent)
        if text is not None:
            values["text"] = text
        return Subject(now=self.now, values=values, last_heard=conversation.last_message_at)


def is_supervisor(member: StaffMember) -> bool:
    """Whether a member of the staff may decide over others' tickets."""
    return member.role is Role.SUPERVISOR
