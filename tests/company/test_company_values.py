"""The specification's own file, read: a value for every key of it."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from bot.company import load_company, read_company
from desk.company import (
    Assignment,
    AssignmentMode,
    Digest,
    FieldType,
    FirstReplyStart,
    IdleRules,
    Role,
    Room,
)
from desk.conditions import ALWAYS, Compares, Comparison, Condition, CountTest, Equals, EventTest, Like
from desk.hours import is_open
from desk.sla import Metric
from desk.tickets import Priority, Status
from lifecycle.configuration import Configuration
from lifecycle.outreach import (
    AfterStage,
    AfterTicket,
    ChooseStep,
    EnterBeforeNextOrder,
    EnterOnDate,
    EnterWhen,
    QuietHours,
    SendStep,
    SurveyKind,
    TaskStep,
    WaitStep,
)
from lifecycle.policy import CouponReward, Limit, PointsReward, PointsRule, TaskOrder

FULL = Path(__file__).with_name("desk.yaml")
STARTER = Path(__file__).parents[2] / "bot" / "starter" / "desk.yaml"
TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def configuration() -> Configuration:
    return load_company(FULL, today=TODAY)


def test_people_and_places(configuration: Configuration) -> None:
    company = configuration.company
    chen = company.staff[1]

    assert (company.name, company.timezone.key, company.languages) == (
        "Shanhai Appliances",
        "Asia/Shanghai",
        ("zh", "en"),
    )
    assert company.rooms["vip"] == Room(name="vip", telegram_chat=-1001000000002)
    assert (chen.name, chen.telegram, chen.role, chen.teams) == ("Chen", 9002, Role.AGENT, ("support", "vip"))
    assert (chen.languages, chen.skills, chen.capacity) == (("zh",), frozenset({"repair"}), 5)
    assert [member.name for member in company.supervisors()] == ["Zhao"]
    assert [member.name for member in company.members("support")] == ["Lin", "Chen"]
    assert company.staff[3].languages == ("zh", "en")
    vip = company.teams["vip"]
    assert (vip.room, vip.calendar, vip.overflow, vip.accept_within) == (
        "vip",
        "always",
        "support",
        timedelta(seconds=90),
    )
    assert (vip.assignment, vip.mode) == (Assignment.STICKY, AssignmentMode.OFFER)


@pytest.mark.parametrize(
    ("wall_clock", "opened"),
    [
        ("2026-11-23T11:59", True),
        ("2026-11-23T12:30", False),
        ("2026-10-01T10:00", False),  # a public holiday
        ("2026-10-10T10:00", True),  # the Saturday that makes up for it
        ("2026-12-31T10:00", False),  # the company's own closure
        ("2027-01-02T12:30", True),  # an extra workday, with hours of its own
        ("2026-11-22T10:00", False),  # a Sunday
    ],
)
def test_s12_the_office_calendar(configuration: Configuration, wall_clock: str, *, opened: bool) -> None:
    office = configuration.company.calendars["office"]
    moment = datetime.fromisoformat(wall_clock).replace(tzinfo=office.timezone).astimezone(UTC)

    assert is_open(office, moment) is opened


def test_promises(configuration: Configuration) -> None:
    sla = configuration.company.sla
    vip, standard = sla.policies

    assert (vip.name, vip.calendar, standard.when) == ("vip", "always", ALWAYS)
    assert vip.when == Condition(values={"tier": (Equals(value="gold"), Equals(value="platinum"))})
    assert vip.target(Priority.URGENT, Metric.RESOLVE) == timedelta(hours=4)
    assert standard.target(Priority.LOW, Metric.NEXT_REPLY) is None
    assert standard.target(Priority.LOW, Metric.RESOLVE) == timedelta(hours=80)
    assert sla.first_reply_starts is FirstReplyStart.HANDOFF
    assert sla.pause_while == {Status.WAITING_ON_CUSTOMER, Status.ON_HOLD}
    assert (sla.warn_at, sla.reopen_within) == ((50, 80), timedelta(hours=72))
    assert (sla.breach.room, sla.breach.raise_priority) == ("supervisors", True)
    assert sla.breach.again_after == (timedelta(minutes=15), timedelta(minutes=60))


def test_routing_and_what_the_bot_knows(configuration: Configuration) -> None:
    company = configuration.company
    routing = company.routing

    assert [rule.team for rule in routing.rules] == ["vip", "sales", "support", "support", "support", "support"]
    assert (routing.rules[0].raise_by, routing.rules[2].priority) == (1, Priority.HIGH)
    assert (routing.rules[3].skills, routing.rules[5].when) == (frozenset({"repair"}), ALWAYS)
    assert routing.priorities[0].when.values["urgent"] == (Equals(value=True),)
    assert routing.priorities[1].when.values["streak"] == (Compares(comparison=Comparison.AT_LEAST, figure=2),)
    assert routing.handoff.intents == {"human_agent", "complaint"}
    assert (routing.handoff.after_failed_answers, routing.handoff.below_confidence) == (2, 0.55)
    assert routing.idle == IdleRules(nudge_after=timedelta(hours=24), resolve_after=timedelta(hours=48))
    knowledge = company.knowledge
    assert (knowledge.folder, knowledge.answer_above, knowledge.suggest_above) == ("knowledge", 0.8, 0.55)
    assert company.intents[0].examples[2] == "extend my warranty"
    assert company.text(company.replies["ask_order"], "en-GB").startswith("Hi {customer.name}")
    assert company.text(company.replies["ask_order"], "fr").startswith("{customer.name}您好")
    assert company.contact_fields["industry"].choices == ("retail", "medical", "finance", "other")
    assert company.contact_fields["purchase_cycle_days"].type is FieldType.NUMBER
    assert company.metrics.digest == Digest(at=time(18, 30), room="supervisors")
    assert company.metrics.off_baseline == 15


def test_stages_and_scores(configuration: Configuration) -> None:
    lifecycle = configuration.lifecycle
    scoring = lifecycle.scoring

    assert (lifecycle.first_stage, len(lifecycle.stages)) == ("lead", 8)
    assert lifecycle.transitions[0].when == Condition(
        values={"score": (Compares(comparison=Comparison.AT_LEAST, figure=80),)}
    )
    assert lifecycle.transitions[4].when.count == CountTest(event="order_paid", within=timedelta(days=365), at_least=5)
    assert lifecycle.transitions[6].when.silent_for == timedelta(days=90)
    assert scoring.half_life == timedelta(days=30)
    assert scoring.fit[0].when.fields == {"industry": (Equals(value="medical"), Equals(value="finance"))}
    assert scoring.engagement[2].when.event == EventTest(
        names=("page_viewed",), properties={"page": (Like(pattern="/pricing*"),)}
    )
    assert scoring.engagement[2].at_most == Limit(count=30, per=timedelta(days=1))
    assert scoring.engagement[4].points == -10
    assert scoring.bands[0].task == TaskOrder(team="sales", title="Call {customer.name}", within=timedelta(hours=1))
    assert scoring.bands[1].journey == "case-study"
    assert scoring.learn is not None
    assert (scoring.learn.from_event, scoring.learn.at_least) == ("order_paid", 200)


def test_health_loyalty_opportunities(configuration: Configuration) -> None:
    health, loyalty = configuration.lifecycle.health, configuration.lifecycle.loyalty
    referral, sales = configuration.lifecycle.referral, configuration.opportunities

    assert (health.recency, health.frequency, health.satisfaction, health.service) == (35, 20, 25, 20)
    assert health.warn_drop == 20
    assert loyalty.points["order_paid"] == PointsRule(points=1, per_amount=10, event_property="amount")
    assert loyalty.points["referral_joined"] == PointsRule(points=200)
    assert loyalty.tiers == {"member": 0, "silver": 1000, "gold": 5000, "platinum": 20000}
    assert loyalty.expire_after == loyalty.keep_tier == timedelta(days=365)
    assert referral is not None
    assert (referral.counts_when, referral.referrer) == ("order_paid", PointsReward(points=200))
    assert referral.friend == CouponReward(code="NEW10")
    assert sales.stages == {"qualified": 20, "proposal": 50, "negotiation": 75, "won": 100, "lost": 0}
    assert (sales.stale_after, sales.senior) == (timedelta(days=14), "Zhao")


def test_journeys(configuration: Configuration) -> None:
    journeys = configuration.outreach.journeys
    order_paid = Condition(event=EventTest(names=("order_paid",)))
    wait, choose = journeys["case-study"].steps
    wake_up = journeys["wake-up"]

    assert list(journeys) == ["welcome", "case-study", "wake-up", "maintenance", "birthday", "restock"]
    assert journeys["welcome"].enter == EnterWhen(condition=Condition(values={"stage": (Equals(value="lead"),)}))
    assert journeys["case-study"].exit == order_paid
    assert wait == WaitStep(duration=timedelta(days=3))
    assert isinstance(choose, ChooseStep)
    assert choose.choices[1].when == ALWAYS
    assert choose.choices[1].send is not None
    assert choose.choices[1].send.texts["en"] == "How our customers use us: {link:cases}"
    assert wake_up.goal is not None
    assert (wake_up.goal.condition, wake_up.goal.within) == (order_paid, timedelta(days=14))
    assert [(arm.name, arm.share, arm.send is None) for arm in wake_up.split] == [
        ("coupon", 45, False),
        ("news", 45, False),
        ("holdout", 10, True),
    ]
    assert wake_up.again_after == timedelta(days=60)
    assert journeys["birthday"].enter == EnterOnDate(field="birthday", at=time(10))
    assert journeys["restock"].enter == EnterBeforeNextOrder(lead=timedelta(days=14))
    assert isinstance(journeys["restock"].steps[0], TaskStep)


def test_a_journey_on_an_event_with_a_figure_and_a_button(configuration: Configuration) -> None:
    maintenance = configuration.outreach.journeys["maintenance"]
    hours = (Compares(comparison=Comparison.AT_LEAST, figure=2000),)

    assert maintenance.enter == EnterWhen(
        condition=Condition(event=EventTest(names=("device_hours",), properties={"hours": hours}))
    )
    assert isinstance(maintenance.steps[0], SendStep)
    assert maintenance.steps[0].buttons[0].intent == "repair_visit"


def test_nudges_and_surveys(configuration: Configuration) -> None:
    outreach = configuration.outreach
    csat, nps = outreach.surveys

    assert outreach.nudges.quiet_hours == QuietHours(start=time(21), end=time(9))
    assert outreach.nudges.at_most == (
        Limit(count=1, per=timedelta(days=1)),
        Limit(count=3, per=timedelta(days=7)),
    )
    assert outreach.nudges.not_while_ticket_open is True
    assert outreach.nudges.channels == ("last_used", "telegram", "webchat", "email")
    assert (csat.kind, csat.after, csat.wait) == (
        SurveyKind.CSAT,
        AfterTicket(status="resolved"),
        timedelta(minutes=10),
    )
    assert (csat.ask_why_below, csat.at_most) == (4, Limit(count=1, per=timedelta(days=7)))
    assert (nps.kind, nps.after) == (SurveyKind.NPS, AfterStage(stages=("customer", "repeat", "loyal")))
    assert (nps.every, nps.expires_after) == (timedelta(days=90), timedelta(days=7))
    assert (outreach.survey_alerts.csat_at_or_below, outreach.survey_alerts.falling) == (2, 3)


def test_s13_a_version_tells_contents_apart_and_nothing_else(configuration: Configuration) -> None:
    text = FULL.read_text(encoding="utf-8")
    later = text.replace("normal: {first_reply: 4h,", "normal: {first_reply: 5h,").replace("# closed as well", "# shut")
    same, changed = configuration.company, read_company(later, file_name="desk.yaml", today=TODAY).company

    assert same.calendar_versions == changed.calendar_versions
    assert same.policy_versions["vip"] == changed.policy_versions["vip"]
    assert same.policy_versions["standard"] != changed.policy_versions["standard"]


def test_the_starter_file_works_in_the_console_alone() -> None:
    company = load_company(STARTER, today=TODAY).company

    assert {room.telegram_chat for room in company.rooms.values()} == {None}
    assert {member.role for member in company.staff} == {Role.AGENT, Role.SUPERVISOR}


def test_anchors_and_merges_are_understood() -> None:
    text = STARTER.read_text(encoding="utf-8")
    week = text.index("      mon: [")
    shared = '      mon: &day ["09:00-18:00"]\n      tue: *day\n'
    merged = text[:week] + shared + text[text.index("    public_holidays") :]
    merged = merged.replace("  supervisors: {}", "  supervisors: {<<: {telegram_chat: -5}}")

    company = read_company(merged, file_name="desk.yaml", today=TODAY).company

    assert sorted(company.calendars["office"].weekly) == [0, 1]
    assert company.rooms["supervisors"].telegram_chat == -5
