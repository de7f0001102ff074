"""What the staff see: the queues, a case with all that belongs to it, and nothing that a browser would run."""

from datetime import timedelta

import pytest

from console.languages import load_catalogue
from console.views import Standing, span, standing
from desk.company import Company
from desk.facts import FactKind
from desk.readings import INTENTS, Correction, Sentiment
from desk.sla import Clock, Metric, Outcome, Segment
from desk.tickets import Priority, Status
from desk.values import replace
from lifecycle.configuration import Configuration
from store import board, casebook
from store.board import Queue
from store.casefile import KeptCorrection
from store.saving import save
from tests.console.house import Browser, House, log_in
from tests.console.seed import NOW, Story, ago


async def page(browser: Browser, path: str, language: str = "en", **headers: str) -> str:
    async with browser.get(path, headers={"Accept-Language": language} | headers) as response:
        assert response.status == 200, await response.text()
        return await response.text()


async def numbers(house: House, queue: Queue, staff: str = "Lin", search: str = "") -> list[int]:
    lines = await house.database.read(lambda c: board.lines(c, queue=queue, staff=staff, search=search))
    return [line.ticket.number for line in lines]


@pytest.mark.parametrize(
    ("queue", "staff", "expected"),
    [
        (Queue.OPEN, "Lin", [1043, 1042, 1045, 1046, 1047]),
        (Queue.UNASSIGNED, "Lin", [1043, 1045, 1047]),
        (Queue.MINE, "Lin", [1042]),
        (Queue.MINE, "Sun", [1046, 1044]),
        (Queue.WAITING, "Lin", [1044]),
        (Queue.RESOLVED, "Lin", [1041]),
        (Queue.ALL, "Lin", [1047, 1042, 1046, 1043, 1045, 1044, 1041]),
    ],
)
async def test_r3_what_is_due_first_stands_first(house: House, queue: Queue, staff: str, expected: list[int]) -> None:
    found = await numbers(house, queue, staff)
    assert found == expected if queue is not Queue.ALL else set(found) == set(expected)


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("1042", [1042]),
        ("#1042", [1042]),
        (" 小雨 ", [1042]),
        ("emily", [1043]),
        ("%", []),
        ("_", []),
        ("\\", []),
        ("'; DROP TABLE tickets; --", []),
        ("99999999999999999999", []),
        ("١٠٤٢", []),
    ],
)
async def test_a_search_is_a_number_or_a_part_of_a_name(house: House, search: str, expected: list[int]) -> None:
    assert await numbers(house, Queue.ALL, search=search) == expected


async def test_v1_the_counts_are_those_of_the_queues(house: House) -> None:
    counts = await house.database.read(lambda c: board.counts(c, "Sun"))
    assert counts == {Queue.OPEN: 5, Queue.UNASSIGNED: 3, Queue.MINE: 2, Queue.WAITING: 1}


async def test_the_list_shows_what_presses(house: House) -> None:
    async with house.browser() as browser:
        await log_in(browser, "lin")
        shown = await page(browser, "/console")
        assert "17 min late" in shown
        assert "7 min left" in shown
        assert "可以。退款多久到账？" in shown
        assert "Unhappy" in shown
        assert "<i>Bot:</i> A colleague" in shown
        chinese = await page(browser, "/console", "zh")
        assert "超时17分钟" in chinese


async def test_only_supervisors_see_the_alerts(house: House) -> None:
    async with house.browser() as lin, house.browser() as zhao:
        await log_in(lin, "lin")
        await log_in(zhao, "zhao")
        assert "Acknowledge" not in await page(lin, "/console")
        assert "Acknowledge" in await page(zhao, "/console")


async def test_s17_an_acknowledged_repeat_settles_the_alerts_before_it(house: House) -> None:
    story = Story(1050, "Again")
    story.ticket("Late", at=ago(hours=3))
    story.alert(Metric.FIRST_REPLY, 100, ago(minutes=40))
    repeat = story.alert(Metric.FIRST_REPLY, 101, ago(minutes=25))
    story.alert(Metric.RESOLVE, 80, ago(minutes=5))
    alerts = story.file.effects.alerts
    await house.database.transaction(lambda c: save(c, [story.file], NOW))
    shown = await house.database.read(board.open_alerts)
    assert [(alert.ticket, alert.level) for alert in shown] == [(1050, 101), (1043, 100)]
    done = replace(alerts[repeat], acknowledged_by="Zhao", acknowledged_at=NOW)
    again = Story(1051, "Other")
    again.file.effects.alerts[repeat] = done
    await house.database.transaction(lambda c: save(c, [again.file], NOW))
    assert [alert.ticket for alert in await house.database.read(board.open_alerts)] == [1043]


async def test_a_case_is_shown_whole(house: House) -> None:
    async with house.browser() as browser:
        await log_in(browser, "lin")
        shown = await page(browser, "/console/tickets/1042")
    for text in (
        "每三个月清洗一次滤网", "Return or refund", "94%", "Lin · internal note", "Urgent", "Lin took the ticket",
        "The bot could not help", "washing-machine", "@xiaoyu_w", "Gold", "spring-fair", "10:40 · Asia/Shanghai",
        "Today", "Thu 19 Nov", "/console/files/1042008/0", "First reply", "kept",
    ):  # fmt: skip
        assert text in shown, text


async def test_the_fate_of_each_reply_is_shown(house: House) -> None:
    async with house.browser() as browser:
        await log_in(browser, "lin")
        assert 'class="fate read"' in await page(browser, "/console/tickets/1042")
        failed = await page(browser, "/console/tickets/1041")
        assert "Not delivered" in failed
        assert "CSAT 4" in failed


async def test_buttons_are_those_that_make_sense(house: House) -> None:
    async with house.browser() as lin, house.browser() as zhao:
        await log_in(lin, "lin")
        await log_in(zhao, "zhao")
        own, free, of_sun, over = [await page(lin, f"/console/tickets/{n}") for n in (1042, 1043, 1044, 1041)]
        assert [f'id="act-{name}"' in own for name in ("take", "release", "waiting", "resolve")] == [
            False,
            True,
            True,
            True,
        ]
        assert 'id="act-take"' in free
        assert 'id="act-' not in of_sun
        assert "Sun has this ticket" in of_sun
        assert 'id="act-reopen"' in over
        assert 'id="act-resolve"' in await page(zhao, "/console/tickets/1044")


async def test_whatever_a_customer_writes_stays_text(house: House) -> None:
    async with house.browser() as browser:
        await log_in(browser, "zhao")
        for path in ("/console?queue=all", "/console/tickets/1041", "/console?q=%00<script>alert(9)</script>"):
            shown = await page(browser, path)
            assert "<script>alert" not in shown
            assert "<img src=x" not in shown
            assert "<b>x.html" not in shown
            assert "<i>slow" not in shown
            assert "49 javascript" not in shown
        assert "&lt;img src=x onerror=alert(2)&gt; {{ 7*7 }}" in await page(browser, "/console/tickets/1041")


async def test_a_page_that_looks_as_before_is_not_sent_again(house: House) -> None:
    async with house.browser() as browser:
        await log_in(browser, "lin")
        headers = {"Guanxi-Refresh": "the-pages-key"}
        async with browser.get("/console/tickets/1042", headers=headers) as first:
            tag = first.headers["ETag"]
        async with browser.get("/console/tickets/1042", headers=headers | {"If-None-Match": tag}) as second:
            assert second.status == 304
        house.now += timedelta(minutes=1)
        async with browser.get("/console/tickets/1042", headers=headers | {"If-None-Match": tag}) as third:
            assert third.status == 200


async def test_long_lists_and_threads_go_on(house: House, company: Configuration) -> None:
    stories = []
    for number in range(2000, 2060):
        story = Story(number, f"Customer {number}")
        story.ticket("Question", at=ago(minutes=1))
        stories.append(story)
    for minute in range(130):
        stories[0].customer(f"line {minute}", ago(minutes=200 - minute))
    await house.database.transaction(lambda c: save(c, [story.file for story in stories], NOW))
    async with house.browser() as browser:
        await log_in(browser, "lin")
        first = await page(browser, "/console?queue=all")
        assert first.count('class="line') >= 50
        assert "count=100" in first
        assert "Show more" not in await page(browser, "/console?queue=all&count=100")
        thread = await page(browser, "/console/tickets/2000")
        assert "line 129" in thread
        assert ">line 3<" not in thread
        assert ">line 3<" in await page(browser, "/console/tickets/2000?messages=300")


async def test_preferences_are_kept_in_the_browser(house: House) -> None:
    async with house.browser() as browser:
        await log_in(browser, "lin")
        shown = await page(browser, "/console")
        token = shown.split('name="csrf" value="')[1].split('"')[0]
        data = {"csrf": token, "language": "zh", "theme": "dark", "back": "/console?queue=mine"}
        async with browser.post("/console/preferences", data=data, allow_redirects=False) as response:
            assert response.headers["Location"] == "/console?queue=mine"
        changed = await page(browser, "/console")
        assert 'data-theme="dark"' in changed
        assert "待处理" in changed


async def test_a_ticket_that_is_not_there_is_none(house: House) -> None:
    assert await house.database.read(lambda c: casebook.find_case(c, 7)) is None
    assert await house.database.read(lambda c: casebook.conversation_key(c, 1042)) == "telegram:visitor-1042"


def clock(company: Company, **values: object) -> Clock:
    start = ago(minutes=30)
    plain = Clock(
        ticket=1, metric=Metric.RESOLVE, started_at=start, calendar="office", segments=(Segment(start=start),),
        target=timedelta(minutes=100), due_at=NOW + timedelta(minutes=70),
    )  # fmt: skip
    return replace(plain, **values)


def test_s16_a_clock_changes_its_colour_at_half_and_at_four_fifths(company: Configuration) -> None:
    desk = company.company
    minutes = {100: Standing.FINE, 60: Standing.HALF, 37: Standing.PRESSING}
    for target, expected in minutes.items():
        assert standing(clock(desk, target=timedelta(minutes=target)), desk, NOW) is expected
    assert standing(clock(desk, due_at=ago(seconds=1)), desk, NOW) is Standing.BREACHED
    assert standing(clock(desk, calendar="gone", level=80), desk, NOW) is Standing.PRESSING
    paused = clock(desk, due_at=None, segments=(Segment(start=ago(minutes=30), end=ago(minutes=10)),))
    assert standing(paused, desk, NOW) is Standing.PAUSED
    met = clock(desk, ended_at=NOW, met_at=NOW, outcome=Outcome.MET)
    assert standing(met, desk, NOW) is Standing.MET
    assert standing(clock(desk, ended_at=NOW, outcome=Outcome.CLOSED), desk, NOW) is Standing.ENDED


def test_a_length_of_time_is_said_in_its_two_largest_units() -> None:
    def say(key: str, **figures: object) -> str:
        return f"{key.removeprefix('time.')} {figures}"

    assert span(timedelta(seconds=-59), say) == "under_a_minute {}"
    assert span(-timedelta(minutes=80), say) == "hours_minutes {'hours': 1, 'minutes': 20}"
    assert span(timedelta(days=2, hours=5, minutes=50), say) == "days_hours {'days': 2, 'hours': 5}"


def test_the_words_of_the_desk_are_in_every_language() -> None:
    tables = {
        "status": Status,
        "priority": Priority,
        "metric": Metric,
        "fact": FactKind,
        "intent": INTENTS,
        "queue": Queue,
    }
    for texts in load_catalogue("en").texts.values():
        for table, words in tables.items():
            assert {f"{table}.{word}" for word in words} <= set(texts), table


async def _correct(house: House, message: int) -> None:
    """Lin said that a message of 王小雨's is about a fault, and that she was not angry."""
    case = await house.database.read(lambda connection: casebook.find_case(connection, 1042))
    assert case is not None
    read = next(said.message.reading for said in case.said if said.message.id == message)
    assert read is not None
    told = Correction(
        text="x", intent="technical_fault", at=NOW, by="Lin", read=read, sentiment=Sentiment.NEUTRAL, urgent=True
    )
    line = Story(1042, "王小雨")
    line.file.contact, line.file.conversations = None, {}
    line.file.effects.corrections.append(
        KeptCorrection(contact_id=10420, message_id=message, ticket=1042, correction=told)
    )
    line.fact(
        FactKind.READING_CORRECTED, NOW, "Lin", message=message, old_intent="delivery_problem",
        intent="technical_fault", old_sentiment="negative", sentiment="neutral", urgency="urgent",
    )  # fmt: skip
    await house.database.transaction(lambda connection: save(connection, [line.file], NOW))


async def test_a_corrected_tag_says_who_corrected_it(house: House) -> None:
    await _correct(house, 1_042_004)
    async with house.browser() as browser:
        await log_in(browser, "lin")
        shown = await page(browser, "/console/tickets/1042")
    reading = shown.partition('id="reading-1042004"')[2].partition("</a>")[0]
    assert "Technical fault" in reading
    assert "Lin" in reading
    assert "%" not in reading
    assert "Unhappy" not in reading
    assert "Urgent" in reading
    assert "it was read as “Delivery problem”" in reading
    assert "Lin corrected the tag · Delivery problem → Technical fault · Unhappy → Neutral · urgent" in shown


async def test_what_may_not_change_any_more_is_shown_and_cannot_be_corrected(house: House) -> None:
    async with house.browser() as browser:
        await log_in(browser, "lin")
        assert "data-retag" in await page(browser, "/console/tickets/1041")
        house.now += timedelta(days=5)
        await log_in(browser, "lin")
        shown = await page(browser, "/console/tickets/1041")
    assert "data-retag" not in shown
    assert 'id="retag"' not in shown
    assert '<span class="tag">Other' in shown
