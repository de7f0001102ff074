"""The page of readings: who may see it, what it says, and that nothing on it runs."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import Connection, delete

from console.permissions import Staff
from desk.company import Role
from desk.tickets import Status
from store.tables import messages
from tests.console.house import Browser, House, log_in
from tests.console.messages import add_messages, add_person, add_season, add_ticket, correct, written
from tests.console.seed import NOW, ago


async def page(browser: Browser, path: str = "/console/readings", language: str = "en") -> str:
    async with browser.get(path, headers={"Accept-Language": language}) as response:
        assert response.status == 200, await response.text()
        return re.sub(r"\s+", " ", await response.text())


def test_it_is_for_supervisors() -> None:
    assert [Staff(name="x", role=role).may_see_readings for role in Role] == [role is Role.SUPERVISOR for role in Role]


async def test_an_agent_sees_neither_the_page_nor_its_link(house: House) -> None:
    async with house.browser() as browser:
        await log_in(browser, "lin")
        assert "/console/readings" not in await page(browser, "/console")
        async with browser.get("/console/readings", headers={"Accept-Language": "en"}) as response:
            assert response.status == 403
            text = await response.text()
    assert "You are not allowed to do this." in text
    assert "How messages are read" not in text


async def test_who_has_not_logged_in_is_sent_to_the_door(house: House) -> None:
    async with house.browser() as browser, browser.get("/console/readings?days=7", allow_redirects=False) as response:
        assert response.status == 303
        assert "/console/login?next=" in response.headers["Location"]


async def test_a_supervisor_finds_it_from_every_page(house: House) -> None:
    async with house.browser() as browser:
        await log_in(browser, "zhao")
        for path in ("/console", "/console/tickets/1042"):
            assert 'href="/console/readings"' in await page(browser, path)
        assert 'aria-current="page"><svg' in await page(browser)


async def test_it_says_what_was_taken_for_what(house: House) -> None:
    await house.database.transaction(add_season)
    async with house.browser() as browser:
        await log_in(browser, "zhao")
        shown = await page(browser, "/console/readings?days=90")
    assert "Only what your staff noticed and corrected of the messages of the last 90 days." in shown
    pairs = re.findall(r'<b>[^<]*</b></td><td class="number">(\d+)</td>', shown)
    assert sum(map(int, pairs)) == 18, "of twenty that were corrected the intent of two was right"
    assert sorted(map(int, pairs), reverse=True) == [int(each) for each in pairs]
    assert re.search(r"\d of \d+</td><td class=\"number\">\d\.\d%</td>", shown)


async def test_it_tells_the_week_that_changed_and_the_reader_that_is_new(house: House) -> None:
    await house.database.transaction(add_season)
    async with house.browser() as browser:
        await log_in(browser, "zhao")
        shown = await page(browser)
    assert '<span class="chip verdict-changed">has changed</span>' in shown
    assert shown.count('<span class="chip verdict-stable">') >= 8
    assert "small-2026-10 began to read" in shown
    assert len(re.findall(r'<svg class="bars"', shown)) >= 12
    assert "style=" not in shown, "the Content-Security-Policy refuses it"


async def test_the_period_begins_at_the_companys_midnight(house: House) -> None:
    """NOW is 10:40 of a Friday in Shanghai: seven days began on Saturday at 16:00 UTC of the day before."""

    def write(connection: Connection) -> None:
        begun = NOW.replace(hour=16, minute=0) - timedelta(days=7)
        add_person(connection, 1, "Ann")
        late, early = begun, begun - timedelta(microseconds=1)
        rows = [written(1, 1, late, "invoice", 0.1), written(2, 1, early, "praise", 0.1)]
        add_messages(connection, rows)

    await house.database.transaction(lambda c: c.execute(delete(messages)))
    await house.database.transaction(write)
    async with house.browser() as browser:
        await log_in(browser, "zhao")
        week, month = await page(browser, "/console/readings?days=7"), await page(browser, "/console/readings?days=30")
    assert "message 1" in week
    assert "message 2" not in week
    assert "message 2" in month


async def test_without_messages_it_says_so(house: House) -> None:
    await house.database.transaction(lambda c: c.execute(delete(messages)))
    async with house.browser() as browser:
        await log_in(browser, "zhao")
        assert "No customer has written yet." in await page(browser)
        assert "还没有客户发来消息。" in await page(browser, language="zh")


async def test_a_few_messages_make_no_verdict(house: House) -> None:
    async with house.browser() as browser:
        await log_in(browser, "zhao")
        shown = await page(browser)
    assert "too few messages to tell" in shown
    assert "verdict-" not in shown
    assert "Nobody has corrected the intent" in shown


async def test_the_least_sure_are_paged_and_can_be_corrected_where_their_ticket_may_change(house: House) -> None:
    def write(connection: Connection) -> None:
        add_person(connection, 1, "Ann")
        add_person(connection, 2, "Ben")
        add_person(connection, 3, "Cyd")
        add_ticket(connection, 5, 1)
        closed = {"status": Status.CLOSED.value, "resolved_at": ago(days=60)}
        add_ticket(connection, 6, 2, **closed)
        rows = [written(n, 1, ago(hours=n), "invoice", n / 1000, ticket_id=5) for n in range(1, 61)]
        rows += [written(100, 2, ago(hours=1), "invoice", 0, ticket_id=6), written(101, 3, ago(hours=2), "invoice", 0)]
        add_messages(connection, rows)
        correct(connection, rows[0], "praise", NOW)

    await house.database.transaction(write)
    async with house.browser() as browser:
        await log_in(browser, "zhao")
        first = await page(browser)
        third = await page(browser, "/console/readings?days=30&page=3")
    listed = re.findall(r'<li id="message-(\d+)">', first)
    assert listed == ["100", "101", *map(str, range(2, 25))]
    assert 'data-retag="2" data-action="/console/tickets/5/actions" data-intent="invoice"' in first
    assert 'data-retag="100"' not in first
    assert "The ticket is closed" in first
    assert 'data-retag="101"' not in first
    assert "no ticket" in first
    assert 'href="?days=30&amp;page=2#doubtful"' in first
    assert re.findall(r'<li id="message-(\d+)">', third)[:11] == [*map(str, range(50, 61))]
    assert "?days=30&amp;page=4" not in third


@pytest.mark.parametrize("query", ["days=8", "days=-1", "days=", "days=%00", "page=0", "page=41", "page=9999999999999"])
async def test_an_address_that_asks_for_anything_else_gets_the_usual(house: House, query: str) -> None:
    async with house.browser() as browser:
        await log_in(browser, "zhao")
        shown = await page(browser, f"/console/readings?{query}")
    assert 'href="?days=30" aria-current="page"' in shown


async def test_nothing_that_a_customer_or_a_model_wrote_is_markup(house: House) -> None:
    def write(connection: Connection) -> None:
        add_person(connection, 1, "<b>Ann</b>")
        bad = "<script>alert(1)</script>"
        rows = [written(1, 1, ago(hours=1), '"><i>own', 0.01, text=f"{bad} {'x' * 400}", reader=bad)]
        add_messages(connection, rows)
        correct(connection, written(1, 1, ago(hours=1), '"><i>own', text="x", reader=bad), "<u>mine", ago(minutes=1))
        add_messages(connection, [written(2, 1, ago(hours=1), '"><i>own', 0.01, text=f"{bad} {'x' * 400}")])

    await house.database.transaction(write)
    async with house.browser() as browser:
        await log_in(browser, "zhao")
        shown = await page(browser)
    assert "&lt;script&gt;alert(1)&lt;/script&gt; xxx" in shown
    assert "<script>alert" not in shown
    assert not re.search(r"<(i|u|b)>(own|mine|Ann)", shown)
    assert "x" * 281 not in shown
    assert "x…</p>" in shown


async def test_how_shares_are_written(house: House) -> None:
    await house.database.transaction(add_season)
    async with house.browser() as browser:
        await log_in(browser, "zhao")
        english, chinese = await page(browser), await page(browser, language="zh")
    assert "−" in english
    assert "&lt; 0.1%" in english
    assert "已改变" in chinese
    assert "认成了别的" in chinese
