"""Who gets in, for how long, and how guessing is met; every time is said."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from console.guard import IDLE, LONGEST, token_hash
from desk.values import replace
from store import users
from store.tables import login_failures, sessions
from tests.console.house import PASSWORD, Browser, House, csrf_of, hidden, log_in


def cookie(browser: Browser, name: str = "guanxi_session") -> str:
    return next((each.value for each in browser.session.cookie_jar if each.key == name), "")


async def is_in(browser: Browser) -> bool:
    async with browser.get("/console", allow_redirects=False) as response:
        return response.status == 200


async def test_a_login_opens_the_page_that_was_asked_for(house: House) -> None:
    async with house.browser() as browser:
        async with browser.get("/console/tickets/1042?queue=mine") as response:
            assert response.url.path == "/console/login"
            going = hidden(await response.text(), "next")
        assert going == "/console/tickets/1042?queue=mine"
        response = await log_in(browser, "lin", next=going)
        assert (response.status, response.headers["Location"]) == (303, going)
        assert await is_in(browser)


async def test_only_the_hash_of_a_token_is_kept(house: House) -> None:
    async with house.browser() as browser:
        response = await log_in(browser, "lin")
        morsel = response.cookies["guanxi_session"]
        assert (morsel["httponly"], morsel["samesite"], morsel["path"]) == (True, "Lax", "/console")
        assert not morsel["secure"]
        kept = await house.database.read(lambda c: c.execute(select(sessions.c.token_hash)).scalars().all())
        assert list(kept) == [token_hash(morsel.value)]
        assert len(morsel.value) >= 43


async def test_cookies_are_secure_where_the_address_is(house: House) -> None:
    async with house.browser(secure_cookies=True) as browser, browser.get("/console/login") as response:
        assert response.cookies["guanxi_before"]["secure"]
        assert "max-age" in response.headers["Strict-Transport-Security"]


@pytest.mark.parametrize(("login", "password"), [("lin", "wrong"), ("nobody", PASSWORD), ("", ""), ("lin", "x" * 5000)])
async def test_a_wrong_login_and_a_wrong_password_look_alike(house: House, login: str, password: str) -> None:
    async with house.browser() as browser:
        response = await log_in(browser, login, password)
        assert response.status == 401
        assert "Login or password is wrong" in await response.text() or "用户名或密码不正确" in await response.text()
        assert not await is_in(browser)


async def test_a_login_from_a_page_of_others_is_refused(house: House) -> None:
    async with house.browser() as browser:
        data = {"login": "lin", "password": PASSWORD, "csrf": "guessed", "next": ""}
        async with browser.post("/console/login", data=data) as response:
            assert response.status == 403
        assert not await is_in(browser)


async def test_a_session_changes_at_login_and_the_old_one_is_dead(house: House) -> None:
    async with house.browser() as browser:
        await log_in(browser, "lin")
        old = cookie(browser)
        async with browser.post("/console/logout", data={"csrf": await csrf_of(browser)}, allow_redirects=False) as out:
            assert out.status == 303
        await log_in(browser, "zhao")
        assert cookie(browser) != old
        browser.session.cookie_jar.clear()
        browser.session.cookie_jar.update_cookies({"guanxi_session": old})
        assert not await is_in(browser)


async def test_a_session_ends_when_nobody_comes(house: House) -> None:
    async with house.browser() as browser:
        await log_in(browser, "lin")
        house.now += IDLE - timedelta(minutes=1)
        assert await is_in(browser)
        house.now += IDLE - timedelta(minutes=1)
        assert await is_in(browser)
        house.now += IDLE + timedelta(minutes=1)
        assert not await is_in(browser)


async def test_a_page_that_keeps_itself_up_to_date_is_nobody(house: House) -> None:
    async with house.browser() as browser:
        await log_in(browser, "lin")
        for hours in (6, 5):
            house.now += timedelta(hours=hours)
            async with browser.get("/console", headers={"Guanxi-Refresh": "key"}) as response:
                status = response.status
        assert status == 401


async def test_a_session_ends_in_any_case(house: House) -> None:
    async with house.browser() as browser:
        await log_in(browser, "lin")
        end = house.now + LONGEST
        while house.now < end:
            assert await is_in(browser)
            house.now += timedelta(hours=8)
        assert not await is_in(browser)


async def test_whoever_left_the_company_is_out_at_once(house: House) -> None:
    async with house.browser() as browser:
        await log_in(browser, "lin")
        company = house.configuration.company
        staff = tuple(member for member in company.staff if member.name != "Lin")
        house.configuration = replace(house.configuration, company=replace(company, staff=staff))
        assert not await is_in(browser)
        assert (await log_in(browser, "lin")).status == 403


async def test_a_new_password_ends_the_sessions_of_the_old_one(house: House) -> None:
    async with house.browser() as browser:
        await log_in(browser, "lin")
        changed = await house.database.transaction(
            lambda c: users.change_password(c, login="lin", password_hash="x", at=house.now)
        )
        unknown = await house.database.transaction(
            lambda c: users.change_password(c, login="nobody", password_hash="x", at=house.now)
        )
        assert (changed, unknown) == (True, False)
        assert not await is_in(browser)


async def test_a_login_can_be_taken_once(house: House) -> None:
    await house.add_user("lin", "Chen")
    user = await house.database.read(lambda c: users.find_user(c, "lin"))
    assert user is not None
    assert user.staff_name == "Lin"
    assert await house.database.read(users.has_users)


async def test_guessing_at_one_login_is_met_with_growing_pauses(house: House) -> None:
    async with house.browser() as browser:
        for _ in range(5):
            assert (await log_in(browser, "lin", "wrong")).status == 401
        locked = await log_in(browser, "lin")
        assert (locked.status, locked.headers["Retry-After"]) == (429, "31")
        house.now += timedelta(seconds=31)
        assert (await log_in(browser, "lin", "wrong")).status == 401
        house.now += timedelta(seconds=31)
        assert (await log_in(browser, "lin")).status == 429
        house.now += timedelta(seconds=31)
        assert (await log_in(browser, "lin")).status == 303


async def test_guesses_at_many_logins_count_for_their_address(house: House) -> None:
    async with house.browser() as browser:
        for number in range(20):
            assert (await log_in(browser, f"nobody{number}", "wrong")).status == 401
        assert (await log_in(browser, "zhao")).status == 429
        house.now += timedelta(minutes=1)
        assert (await log_in(browser, "zhao")).status == 303


async def test_a_login_gives_its_address_back_no_more_than_its_own_attempt(house: House) -> None:
    async with house.browser() as browser:
        for _ in range(3):
            await log_in(browser, "nobody", "wrong")
        await log_in(browser, "lin")
        query = select(login_failures.c["count"]).where(login_failures.c.subject == "address:127.0.0.1")
        assert await house.database.read(lambda c: c.execute(query).scalar_one()) == 3


async def test_attempts_are_forgotten_after_a_day(house: House) -> None:
    async with house.browser() as browser:
        for _ in range(4):
            await log_in(browser, "lin", "wrong")
        house.now += timedelta(days=1, seconds=1)
        assert (await log_in(browser, "lin", "wrong")).status == 401
        assert (await log_in(browser, "lin", "wrong")).status == 401
        rows = await house.database.read(
            lambda c: c.execute(select(func.count()).select_from(login_failures)).scalar_one()
        )
        assert rows == 3


async def test_the_login_page_speaks_the_browsers_language_until_told_otherwise(house: House) -> None:
    async with house.browser() as browser:
        async with browser.get("/console/login", headers={"Accept-Language": "en-GB,en;q=0.9"}) as response:
            assert 'lang="en"' in await response.text()
        async with browser.get("/console/login?language=zh", headers={"Accept-Language": "en"}) as response:
            assert "用户名" in await response.text()
