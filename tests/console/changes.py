"""What happens at the desk while a page of the console stands, and how a page is watched at it."""

from datetime import timedelta

from playwright.async_api import Page, Response

from desk.values import replace
from store import casebook
from store.saving import save
from tests.console.house import House
from tests.console.seed import NOW, Story


async def change_ticket(house: House, number: int, **values: object) -> None:
    """A ticket changes a minute later, as a handler would have it, and the bell rings."""
    house.now += timedelta(minutes=1)
    case = await house.database.read(lambda connection: casebook.find_case(connection, number))
    assert case is not None
    line = Story(number, case.contact.name)
    line.file.contact, line.file.conversations = None, {}
    line.file.put_ticket(replace(case.ticket, updated_at=house.now, version=case.ticket.version + 1, **values))
    line.file.before.tickets[number] = case.ticket
    await house.database.transaction(lambda connection: save(connection, [line.file], NOW))
    house.bell.ring()


def is_refresh(response: Response) -> bool:
    """The page fetches itself anew."""
    return "guanxi-refresh" in response.request.headers


async def watch_refreshes(page: Page) -> None:
    """Note what the page looks at when it fetches itself: what is replaced is replaced in the same moment."""
    await page.add_init_script(
        """
        window.looked = "";
        const parse = DOMParser.prototype.parseFromString;
        DOMParser.prototype.parseFromString = function (...given) {
            window.looked = given[0];
            return parse.apply(this, given);
        };
        """
    )


async def a_look_at(page: Page, text: str) -> None:
    """Wait until the page has looked at an answer with this in it."""
    await page.wait_for_function("(text) => window.looked.includes(text)", arg=text)
