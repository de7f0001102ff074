"""A desk on a Friday morning: tickets of every kind, written by the store's own saving."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bot.company import load_company
from desk import clocks
from desk.facts import Fact, FactKind
from desk.hours import Calendar
from desk.messages import Attachment, AttachmentKind, Author, Delivery, Message
from desk.readings import Reading, Sentiment
from desk.sla import Clock, Metric, Terms
from desk.tickets import Contact, Conversation, Priority, Status, Ticket
from desk.values import replace
from lifecycle.configuration import Configuration
from store.casefile import Alert, CaseFile, KeptMessage, SurveyRecord, key_of
from store.database import Database
from store.saving import save

#: A Friday, 10:40 in Shanghai: the office is open.
NOW = datetime(2026, 11, 20, 2, 40, tzinfo=UTC)

#: What an attacker calls himself.
SCRIPT = "<script>alert('name')</script>"


def configuration() -> Configuration:
    """The specification's own company file."""
    return load_company(Path(__file__).parents[1] / "company" / "desk.yaml", today=date(2026, 11, 20))


def ago(**length: float) -> datetime:
    """A moment before NOW."""
    return NOW - timedelta(**length)


class NoMore:
    """Nothing is asked of the store, and no new number taken, while a seed is written."""

    def __getattr__(self, name: str) -> None:
        raise AssertionError(name)


class Story:
    """One contact's case, told message by message."""

    def __init__(self, number: int, name: str, *, channel: str = "webchat", language: str = "en") -> None:
        nothing = NoMore()
        self.number = number
        self.file = CaseFile(numbers=nothing, look=nothing)  # type: ignore[arg-type]
        self.contact_id = number * 10
        opened = ago(days=30)
        self.file.contact = Contact(
            id=self.contact_id, name=name, language=language, language_chosen=False, created_at=opened
        )
        self.file.put_conversation(
            Conversation(
                id=number * 10 + 1,
                contact_id=self.contact_id,
                channel=channel,
                address=f"visitor-{number}",
                created_at=opened,
            )
        )
        self._messages = 0

    def ticket(
        self, subject: str, *, at: datetime, team: str = "support", intent: str = "other", **values: object
    ) -> None:
        """The story's ticket."""
        plain = Ticket(
            number=self.number,
            contact_id=self.contact_id,
            conversation_id=self.contact_id + 1,
            status=Status.OPEN,
            priority=Priority.NORMAL,
            team=team,
            subject=subject,
            intent=intent,
            created_at=at,
            handed_over_at=at,
            updated_at=at,
        )
        self.file.put_ticket(replace(plain, **values))

    def person(self, **values: object) -> None:
        """More of the contact."""
        assert self.file.contact is not None
        self.file.contact = replace(self.file.contact, **values)

    def place(self, **values: object) -> None:
        """More of the conversation."""
        (conversation,) = self.file.conversations.values()
        self.file.put_conversation(replace(conversation, **values))

    def customer(
        self, text: str, at: datetime, *, intent: str = "other", confidence: float = 0.9, **values: object
    ) -> int:
        """A customer's message with its tags."""
        sentiment = values.pop("sentiment", Sentiment.NEUTRAL)
        reading = Reading(
            intent=intent,
            confidence=confidence,
            sentiment=Sentiment(str(sentiment)),
            urgent=bool(values.pop("urgent", False)),
            language="zh-Hans" if text[:1] > "z" else "en",
        )
        return self._say(Author.CUSTOMER, None, text, at, delivery=Delivery.RECEIVED, reading=reading, **values)

    def bot(self, text: str, at: datetime, **values: object) -> int:
        """The bot's words."""
        return self._say(Author.BOT, None, text, at, **{"delivery": Delivery.READ} | values)

    def agent(self, name: str, text: str, at: datetime, **values: object) -> int:
        """A reply."""
        return self._say(Author.AGENT, name, text, at, **{"delivery": Delivery.SENT} | values)

    def note(self, name: str, text: str, at: datetime) -> int:
        """A note."""
        return self._say(Author.AGENT, name, text, at, public=False, delivery=Delivery.INTERNAL)

    def _say(self, author: Author, name: str | None, text: str, at: datetime, **values: object) -> int:
        self._messages += 1
        message = Message(
            id=self.number * 1000 + self._messages,
            contact_id=self.contact_id,
            conversation_id=self.contact_id + 1,
            ticket_id=self.number,
            author=author,
            author_name=name,
            public=True,
            text=text,
            attachments=(),
            at=at,
            delivery=Delivery.SENT,
        )
        self.file.effects.messages.append(KeptMessage(message=replace(message, **values)))
        return message.id

    def fact(self, kind: FactKind, at: datetime, by: str, **data: object) -> None:
        """Something that happened."""
        fact = Fact(kind=kind, at=at, contact_id=self.contact_id, by=by, ticket=self.number, data=data)
        self.file.effects.facts.append(fact)

    def clock(self, metric: Metric, calendar: Calendar, target: timedelta, at: datetime) -> Clock:
        """A clock that runs from then."""
        clock = clocks.start(ticket=self.number, metric=metric, terms=Terms(calendar=calendar, target=target), at=at)
        self.put_clock(clock)
        return clock

    def put_clock(self, clock: Clock) -> None:
        """Keep a clock as it is."""
        self.file.clocks[key_of(clock)] = clock

    def alert(self, metric: Metric, level: int, at: datetime) -> str:
        """An alert that was sent."""
        key = f"alert:{self.number}:{metric.value}:{level}"
        self.file.effects.alerts[key] = Alert(key=key, ticket=self.number, metric=metric, level=level, at=at)
        return key


def angry_refund(calendar: Calendar) -> Story:
    """A customer in Chinese who waits for Lin, after the bot could not help."""
    story = Story(1042, "王小雨", channel="telegram", language="zh")
    story.person(tier="gold", stage="repeat", timezone="Asia/Shanghai", source="spring-fair", tags=("washing-machine",))
    story.place(username="xiaoyu_w")
    story.ticket(
        "洗衣机漏水，要求退货",
        at=ago(minutes=52),
        intent="return_refund",
        assignee="Lin",
        priority=Priority.HIGH,
        handoff_reason="failed_answers",
        waiting_since=ago(minutes=9),
        updated_at=ago(minutes=9),
        version=7,
    )
    before_a_person(story)
    with_a_person(story)
    story.put_clock(
        clocks.meet(
            story.clock(Metric.FIRST_REPLY, calendar, timedelta(hours=1), ago(minutes=52)), calendar, ago(minutes=40)
        )
    )
    story.clock(Metric.NEXT_REPLY, calendar, timedelta(minutes=16), ago(minutes=9))
    story.clock(Metric.RESOLVE, calendar, timedelta(hours=16), ago(minutes=52))
    return story


def before_a_person(story: Story) -> None:
    """What the bot and the customer said, and how it came to a person."""
    story.bot("您好，我是山海电器的助手，请问有什么可以帮您？", ago(days=1, minutes=3))
    story.customer("你们的洗衣机怎么保养", ago(days=1), intent="how_to", confidence=0.81)
    story.bot("每三个月清洗一次滤网，步骤见说明书第 12 页。这有帮助吗？", ago(days=1) + timedelta(seconds=2))
    story.customer(
        "昨天刚收到的洗衣机就漏水，地板都泡了！",
        ago(minutes=54),
        intent="delivery_problem",
        confidence=0.72,
        sentiment="negative",
    )
    story.bot("很抱歉给您带来不便。请检查进水管是否拧紧。", ago(minutes=53))
    story.customer(
        "拧紧了还是漏，我要退货，马上给我处理",
        ago(minutes=52),
        intent="return_refund",
        confidence=0.94,
        sentiment="negative",
        urgent=True,
    )
    story.fact(FactKind.TICKET_OPENED, ago(minutes=52), "bot", team="support", priority="high")
    story.fact(FactKind.HANDED_OVER, ago(minutes=52), "bot", reason="failed_answers")
    story.fact(FactKind.TICKET_TAKEN, ago(minutes=41), "Lin")


def with_a_person(story: Story) -> None:
    """What Lin and Chen made of it."""
    story.agent(
        "Lin",
        "王女士您好，我是客服小林。非常抱歉！请您先关掉进水阀，再拍一张漏水位置的照片给我，好吗？",
        ago(minutes=40),
        delivery=Delivery.READ,
    )
    photo = Attachment(
        kind=AttachmentKind.PHOTO, file="local:photo", name="leak.jpg", media_type="image/png", size=2300
    )
    story.customer("", ago(minutes=31), intent="other", confidence=0.41, attachments=(photo,))
    story.note("Lin", "订单 88213，11 月 17 日签收，仍在七天无理由期内。@Chen 明天上午能上门取机吗？", ago(minutes=28))
    story.note("Chen", "可以，10 点到 12 点。", ago(minutes=25))
    story.agent("Lin", "照片收到了，可以为您办理退货。明天上午 10 点到 12 点师傅上门取机，方便吗？", ago(minutes=22))
    story.customer("可以。退款多久到账？", ago(minutes=9), intent="return_refund", confidence=0.88)


def breached_fault(calendar: Calendar) -> Story:
    """Nobody has taken an urgent fault, and the first reply is late."""
    story = Story(1043, "Emily Carter")
    story.person(timezone="Europe/London")
    story.ticket(
        "Fridge stopped cooling, medicine inside",
        at=ago(minutes=47),
        intent="technical_fault",
        priority=Priority.URGENT,
        status=Status.NEW,
        handoff_reason="urgent",
        waiting_since=ago(minutes=47),
        updated_at=ago(minutes=17),
        version=3,
    )
    story.customer(
        "My fridge stopped cooling this morning and I keep insulin in it. I need help today!",
        ago(minutes=47),
        intent="technical_fault",
        confidence=0.97,
        sentiment="negative",
        urgent=True,
    )
    story.bot("A colleague will be with you shortly.", ago(minutes=46))
    story.fact(FactKind.TICKET_OPENED, ago(minutes=47), "bot", team="support", priority="urgent")
    story.fact(FactKind.SLA_BREACHED, ago(minutes=17), "clock", metric="first_reply", level=100)
    clock = story.clock(Metric.FIRST_REPLY, calendar, timedelta(minutes=30), ago(minutes=47))
    story.put_clock(replace(clock, breached_at=clock.due_at, level=100))
    story.clock(Metric.RESOLVE, calendar, timedelta(hours=8), ago(minutes=47))
    story.alert(Metric.FIRST_REPLY, 100, ago(minutes=17))
    return story


def waiting_quote(calendar: Calendar) -> Story:
    """A sale that waits on the customer; its clock stands still."""
    story = Story(1044, "陈建国", channel="telegram", language="zh")
    story.person(tier="platinum", stage="opportunity")
    story.ticket(
        "商用洗衣机报价",
        at=ago(hours=3),
        team="sales",
        intent="purchase_intent",
        assignee="Sun",
        status=Status.WAITING_ON_CUSTOMER,
        updated_at=ago(hours=1),
        version=5,
    )
    story.customer(
        "我们酒店要采购 20 台商用洗衣机，请报价",
        ago(hours=3),
        intent="purchase_intent",
        confidence=0.96,
        sentiment="positive",
    )
    quote = Attachment(kind=AttachmentKind.DOCUMENT, file="local:quote", name="报价单.pdf", size=184_320)
    story.agent("Sun", "陈总您好，报价单已发给您。", ago(hours=1), delivery=Delivery.READ, attachments=(quote,))
    running = story.clock(Metric.RESOLVE, calendar, timedelta(hours=40), ago(hours=1, minutes=30))
    story.put_clock(clocks.pause(running, calendar, ago(hours=1)))
    return story


def attack() -> Story:
    """A resolved ticket of somebody who tries to be a script everywhere."""
    story = Story(1041, SCRIPT)
    story.ticket(
        '"><img src=x onerror=alert(1)>',
        at=ago(days=1),
        assignee="Chen",
        answered_by="Chen",
        status=Status.RESOLVED,
        resolutions=1,
        resolved_at=ago(hours=20),
        updated_at=ago(hours=20),
        version=6,
    )
    file = Attachment(
        kind=AttachmentKind.DOCUMENT, file="local:page", name='"><b>x.html', media_type="text/html", size=40
    )
    story.customer("<img src=x onerror=alert(2)> {{ 7*7 }} javascript:alert(3)", ago(days=1), attachments=(file,))
    story.agent("Chen", "</p><script>alert(4)</script>", ago(hours=23), delivery=Delivery.FAILED)
    story.fact(FactKind.TICKET_RESOLVED, ago(hours=20), "Chen")
    story.file.effects.surveys[410] = SurveyRecord(
        id=410,
        key="csat:1041:1",
        name="csat",
        kind="csat",
        contact_id=story.contact_id,
        conversation_id=story.contact_id + 1,
        channel="webchat",
        state="answered",
        planned_at=ago(hours=20),
        ticket=1041,
        resolution=1,
        agent="Chen",
        team="support",
        sent_at=ago(hours=19),
        answered_at=ago(hours=19),
        score=4,
        reason="<i>slow</i>",
    )
    return story


def question(number: int, name: str, text: str, *, minutes: int, calendar: Calendar, **values: object) -> Story:
    """A plain question."""
    language = "zh" if text[:1] > "z" else "en"
    story = Story(number, name, language=language)
    asked = ago(minutes=minutes)
    story.ticket(text[:40], at=asked, intent="product_question", team="sales", waiting_since=asked, **values)
    story.customer(text, asked, intent="product_question", confidence=0.86)
    story.clock(Metric.FIRST_REPLY, calendar, timedelta(hours=4), asked)
    return story


def stories(configuration: Configuration) -> Sequence[Story]:
    """The whole morning."""
    office = configuration.company.calendars["office"]
    return [
        attack(),
        angry_refund(office),
        breached_fault(office),
        waiting_quote(office),
        question(
            1045, "David Müller", "Does the dryer fit on top of the WM-7 washing machine?", minutes=25, calendar=office
        ),
        question(1046, "李婷", "烘干机支持以旧换新吗？", minutes=12, calendar=office, assignee="Sun"),
        question(
            1047, "Aisha Khan", "Is the 9 kg model in stock in white?", minutes=4, calendar=office, status=Status.NEW
        ),
    ]


async def seed(database: Database, configuration: Configuration) -> None:
    """Write the morning."""
    files = [story.file for story in stories(configuration)]
    files[0].effects.presences |= {"Lin": True, "Chen": True, "Zhao": True, "Sun": False}
    await database.transaction(lambda connection: save(connection, files, NOW))
