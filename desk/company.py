"""The company's desk as values: what the file `desk.yaml` says about people, hours, promises and routing.

The relationship's part of the same file stands in lifecycle/policy.py; lifecycle/configuration.py holds both.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from desk.conditions import ALWAYS, Condition
from desk.hours import Calendar
from desk.sla import SlaPolicy
from desk.tickets import Priority, Status

Texts = Mapping[str, str]
"""One text in the company's languages, by language ("zh", "en")."""


class Role(StrEnum):
    """What a member of the staff may do: a supervisor may do everything an agent may."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"


class Assignment(StrEnum):
    """How a team's next ticket finds its agent (R4)."""

    LEAST_LOADED = "least_loaded"
    ROUND_ROBIN = "round_robin"
    STICKY = "sticky"


class AssignmentMode(StrEnum):
    """Whether an agent is given a ticket at once or is offered it (R6)."""

    DIRECT = "direct"
    OFFER = "offer"


class FirstReplyStart(StrEnum):
    """Where the first_reply clock starts (S3)."""

    HANDOFF = "handoff"
    CREATED = "created"


class FieldType(StrEnum):
    """What a contact's field holds."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"
    CHOICE = "choice"


@dataclass(frozen=True, kw_only=True, slots=True)
class Room:
    """Where a team works; without a Telegram chat, in the web console alone."""

    name: str
    telegram_chat: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class StaffMember:
    """A person of the company; `telegram` is the user id, `capacity` the load of tickets they may hold (R2)."""

    name: str
    role: Role
    telegram: int | None = None
    teams: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    skills: frozenset[str] = frozenset()
    capacity: float = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Team:
    """A team; `room`, `calendar` and `overflow` are names. `accept_within` is open time of its calendar."""

    name: str
    room: str
    calendar: str
    assignment: Assignment = Assignment.LEAST_LOADED
    mode: AssignmentMode = AssignmentMode.DIRECT
    accept_within: timedelta = timedelta(minutes=5)
    overflow: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class BreachRules:
    """Who hears of a breach (a room's name), and how long after it again (S16)."""

    room: str | None = None
    again_after: tuple[timedelta, ...] = ()
    raise_priority: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class SlaRules:
    """All that stands under `sla`; the first policy whose condition fits a ticket is its policy."""

    policies: tuple[SlaPolicy, ...] = ()
    first_reply_starts: FirstReplyStart = FirstReplyStart.HANDOFF
    pause_while: frozenset[Status] = frozenset({Status.WAITING_ON_CUSTOMER, Status.ON_HOLD})
    warn_at: tuple[int, ...] = (50, 80)
    breach: BreachRules = field(default_factory=BreachRules)
    reopen_within: timedelta = timedelta(hours=72)


@dataclass(frozen=True, kw_only=True, slots=True)
class PriorityRule:
    """What a message itself says about its priority."""

    priority: Priority
    when: Condition = ALWAYS


@dataclass(frozen=True, kw_only=True, slots=True)
class RoutingRule:
    """To whom a ticket goes; `priority` is absolute, `raise_by` moves it up by levels."""

    team: str
    when: Condition = ALWAYS
    priority: Priority | None = None
    raise_by: int = 0
    skills: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class HandoffRules:
    """When the bot hands a conversation to a person."""

    intents: frozenset[str] = frozenset({"human_agent"})
    after_failed_answers: int = 2
    below_confidence: float = 0.55


@dataclass(frozen=True, kw_only=True, slots=True)
class IdleRules:
    """What happens to a ticket whose customer does not answer (H14); None: nothing."""

    nudge_after: timedelta | None = None
    resolve_after: timedelta | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RoutingRules:
    """All that stands under `routing`; of `priorities` and of `rules` the first that fits decides."""

    rules: tuple[RoutingRule, ...]
    priorities: tuple[PriorityRule, ...] = ()
    handoff: HandoffRules = field(default_factory=HandoffRules)
    idle: IdleRules = field(default_factory=IdleRules)


@dataclass(frozen=True, kw_only=True, slots=True)
class KnowledgeRules:
    """Where the pages are (beside the company's file) and from which similarity they are used."""

    folder: str = "knowledge"
    answer_above: float = 0.80
    suggest_above: float = 0.55


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnIntent:
    """An intent of the company's own, taught by a few example messages."""

    name: str
    examples: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ContactField:
    """A field of the company's own on a contact; `choices` belong to the type choice."""

    name: str
    type: FieldType
    choices: tuple[str, ...] = ()


BUILT_IN_FIELDS: tuple[ContactField, ...] = (
    ContactField(name="name", type=FieldType.TEXT),
    ContactField(name="phone", type=FieldType.TEXT),
    ContactField(name="email", type=FieldType.TEXT),
    ContactField(name="birthday", type=FieldType.DATE),
    ContactField(name="timezone", type=FieldType.TEXT),
    ContactField(name="source", type=FieldType.TEXT),
)
"""The fields that every contact has."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Digest:
    """The daily figures: when (the company's time) and in which room."""

    at: time
    room: str


@dataclass(frozen=True, kw_only=True, slots=True)
class MetricsRules:
    """What is watched: per cent off the same weekday's median of 8 weeks that alerts, and the daily digest."""

    off_baseline: float | None = None
    digest: Digest | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Company:
    """The desk of one company. Mappings are by name, in the order of the file.

    `versions` are short hashes of the contents, by name: a clock keeps the one it was computed with (S13).
    """

    name: str
    timezone: ZoneInfo
    languages: tuple[str, ...]
    rooms: Mapping[str, Room]
    staff: tuple[StaffMember, ...]
    calendars: Mapping[str, Calendar]
    teams: Mapping[str, Team]
    routing: RoutingRules
    sla: SlaRules = field(default_factory=SlaRules)
    knowledge: KnowledgeRules = field(default_factory=KnowledgeRules)
    intents: tuple[OwnIntent, ...] = ()
    replies: Mapping[str, Texts] = field(default_factory=dict)
    contact_fields: Mapping[str, ContactField] = field(default_factory=dict)
    metrics: MetricsRules = field(default_factory=MetricsRules)
    calendar_versions: Mapping[str, str] = field(default_factory=dict)
    policy_versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def default_language(self) -> str:
        """The language of those whose own is not among the company's."""
        return self.languages[0]

    def text(self, texts: Texts, language: str) -> str:
        """The text in the language ("zh-Hans" finds "zh"), else in the default one."""
        return texts.get(language) or texts.get(language.partition("-")[0]) or texts[self.default_language]

    def supervisors(self) -> tuple[StaffMember, ...]:
        """The staff who may decide over tickets of others."""
        return tuple(member for member in self.staff if member.role is Role.SUPERVISOR)

    def members(self, team: str) -> tuple[StaffMember, ...]:
        """The staff of a team."""
        return tuple(member for member in self.staff if team in member.teams)
