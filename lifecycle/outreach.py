"""What the company sends of its own accord, as the company's file says it: journeys, nudges, surveys."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from enum import StrEnum

from desk.company import Texts
from desk.conditions import ALWAYS, Condition
from lifecycle.policy import Limit, TaskOrder


@dataclass(frozen=True, kw_only=True, slots=True)
class EnterWhen:
    """A journey begins for a contact when the condition comes to hold."""

    condition: Condition


@dataclass(frozen=True, kw_only=True, slots=True)
class EnterOnDate:
    """A journey begins each year on the day of a contact's date field, at a time of the contact's own zone."""

    field: str
    at: time


@dataclass(frozen=True, kw_only=True, slots=True)
class EnterBeforeNextOrder:
    """A journey begins so long before the order that the contact's own rhythm foretells."""

    lead: timedelta


Entry = EnterWhen | EnterOnDate | EnterBeforeNextOrder


@dataclass(frozen=True, kw_only=True, slots=True)
class StepButton:
    """A button under a message; a tap on it is read as a message of this intent."""

    label: Texts
    intent: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SendStep:
    """A message to the customer."""

    texts: Texts
    buttons: tuple[StepButton, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitStep:
    """Plain time until the next step."""

    duration: timedelta


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskStep:
    """A task for a team."""

    task: TaskOrder


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """One way of a choose step; `send` None sends nothing."""

    when: Condition = ALWAYS
    send: SendStep | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ChooseStep:
    """The first choice whose condition holds."""

    choices: tuple[Choice, ...]


Step = SendStep | WaitStep | TaskStep | ChooseStep


@dataclass(frozen=True, kw_only=True, slots=True)
class Goal:
    """What the journey is for, and within which time of its start it counts."""

    condition: Condition
    within: timedelta | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SplitArm:
    """A share (per cent) of the contacts and what they are sent; the hold-out's `send` is None."""

    name: str
    share: int
    send: SendStep | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Journey:
    """A journey has steps or a split; without `again_after` a contact enters it once (J2)."""

    name: str
    enter: Entry
    steps: tuple[Step, ...] = ()
    split: tuple[SplitArm, ...] = ()
    exit: Condition | None = None
    again_after: timedelta | None = None
    goal: Goal | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class QuietHours:
    """The time of day, in the customer's own zone, in which nothing is sent; may run over midnight."""

    start: time
    end: time


@dataclass(frozen=True, kw_only=True, slots=True)
class NudgeRules:
    """Holds for all journeys and broadcasts together. `channels` in the order they are tried."""

    quiet_hours: QuietHours | None = None
    at_most: tuple[Limit, ...] = ()
    not_while_ticket_open: bool = True
    channels: tuple[str, ...] = ("last_used",)


class SurveyKind(StrEnum):
    """The question: satisfaction with one case (1 to 5), or whether one would recommend us (0 to 10)."""

    CSAT = "csat"
    NPS = "nps"


@dataclass(frozen=True, kw_only=True, slots=True)
class AfterTicket:
    """Asked after a ticket comes to this status ("resolved")."""

    status: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AfterStage:
    """Asked of contacts in any of these stages."""

    stages: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Survey:
    """A question to the customer: sent `wait` after its cause, repeated `every`, capped by `at_most` sends."""

    name: str
    kind: SurveyKind
    after: AfterTicket | AfterStage
    wait: timedelta = timedelta(0)
    every: timedelta | None = None
    ask_why_below: int | None = None
    expires_after: timedelta = timedelta(days=7)
    at_most: Limit | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SurveyAlerts:
    """A CSAT answer that opens a task, and how many falling scores running open a win-back task."""

    csat_at_or_below: int | None = None
    falling: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class OutreachRules:
    """All that the company sends of its own accord; journeys by name, in the order of the file."""

    journeys: Mapping[str, Journey] = field(default_factory=dict)
    nudges: NudgeRules = field(default_factory=NudgeRules)
    surveys: tuple[Survey, ...] = ()
    survey_alerts: SurveyAlerts = field(default_factory=SurveyAlerts)
