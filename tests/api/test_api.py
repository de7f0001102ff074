"""The API by hand: who may ask, what is told, page by page, and what a POST becomes."""

from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from console.api.endpoints import Endpoints
from console.ports import Api
from desk.commands import Action, Actor, AtTicket, EventRecorded, StaffActed
from desk.readings import Sentiment
from lifecycle.configuration import Configuration
from store.database import Database
from store.listings import Cursor
from tests.api.conftest import api_app
from tests.console.house import Browser, Handled
from tests.console.seed import NOW, SCRIPT
from tests.server import Server

V1 = "/api/v1"
MESSAGES = f"{V1}/tickets/1042/messages"


async def get(client: Browser, path: str, **query: str) -> dict[str, Any]:
    async with client.get(f"{V1}{path}", params=query) as response:
        assert response.status == 200, await response.text()
        assert response.content_type == "application/json"
        answer: dict[str, Any] = await response.json()
        return answer


async def numbers(client: Browser, **query: str) -> set[int]:
    return {ticket["number"] for ticket in (await get(client, "/tickets", **query))["items"]}


@pytest.mark.parametrize("given", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic YTpi"}])
async def test_without_the_token_nothing_is_told(client: Browser, given: dict[str, str]) -> None:
    headers = {"Authorization": ""} | given
    async with client.get(f"{V1}/tickets", headers=headers) as response:
        assert response.status == 401
        assert response.content_type == "application/problem+json"
        assert response.headers["WWW-Authenticate"].startswith("Bearer")
        assert (await response.json())["status"] == 401


async def test_without_a_configured_token_the_api_is_closed(database: Database, company: Configuration) -> None:
    server = Server(api_app(database, company, Handled(), token=None))
    async with TestClient[web.Request, web.Application](server) as client:
        for token in ("Bearer None", "Bearer ", ""):
            async with client.get(f"{V1}/tickets", headers={"Authorization": token}) as response:
                assert response.status == 401
                assert "GUANXI_API_TOKEN" in (await response.json())["detail"]


async def test_the_document_lists_what_is_served(client: Browser, company: Configuration) -> None:
    document = await get(client, "/openapi.json")
    assert document["openapi"].startswith("3.1")
    described = {(method.upper(), path) for path, of in document["paths"].items() for method in of}
    api = Api(database=None, company=lambda: company, submit=Handled(), now=lambda: NOW, token="t", version="1")  # type: ignore[arg-type]
    assert described == {(route.method, route.path) for route in Endpoints(api=api).routes()}
    fields = document["components"]["schemas"]["NewMessage"]["properties"]
    assert set(fields) == {"author", "text", "public"}
    names = [each["name"] for each in document["paths"]["/tickets"]["get"]["parameters"]]
    assert set(names) == {"status", "team", "assignee", "priority", "updated_since", "cursor", "limit"}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"status": "resolved"}, {1041}),
        ({"team": "sales"}, {1044, 1045, 1046, 1047}),
        ({"assignee": "Sun"}, {1044, 1046}),
        ({"priority": "urgent"}, {1043}),
        ({"status": "open", "team": "support"}, {1042}),
        ({"updated_since": "2026-11-20T02:30:00Z"}, {1042, 1047}),
        ({"updated_since": "2026-11-20T10:30:00+08:00"}, {1042, 1047}),
        ({"updated_since": "9999-12-31T23:59:59-10:00"}, set()),
        ({"team": "nobody"}, set()),
    ],
)
async def test_tickets_are_filtered(client: Browser, query: dict[str, str], expected: set[int]) -> None:
    found = await numbers(client, **query)
    assert found >= expected if "updated_since" in query and expected else found == expected


@pytest.mark.parametrize("path", ["/tickets", "/contacts", "/tickets/1042/messages", "/tickets/1042/timeline"])
async def test_the_pages_of_a_list_are_the_list(client: Browser, path: str) -> None:
    whole = (await get(client, path))["items"]
    rows, query = [], {"limit": "2"}
    while True:
        page = await get(client, path, **query)
        assert len(page["items"]) <= 2
        rows += page["items"]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert rows == whole
    assert len(whole) >= 3


async def test_moments_are_utc(client: Browser) -> None:
    ticket = await get(client, "/tickets/1042")
    assert ticket["created_at"] == "2026-11-20T01:48:00Z"
    by_metric = {clock["metric"]: clock for clock in ticket["clocks"]}
    assert by_metric["first_reply"]["outcome"] == "met"
    assert by_metric["next_reply"]["due_at"] == "2026-11-20T02:47:00Z"


async def test_a_case_is_told(client: Browser) -> None:
    messages = (await get(client, "/tickets/1042/messages"))["items"]
    notes = [each for each in messages if not each["public"]]
    assert [note["author_name"] for note in notes] == ["Lin", "Chen"]
    assert messages[5]["reading"] == {
        "intent": "return_refund", "confidence": 0.94, "sentiment": "negative", "urgent": True, "language": "zh-Hans",
    }  # fmt: skip
    assert messages[7]["attachments"] == [
        {"kind": "photo", "name": "leak.jpg", "media_type": "image/png", "size": 2300}
    ]
    facts = (await get(client, "/tickets/1042/timeline"))["items"]
    assert [fact["kind"] for fact in facts] == ["ticket_opened", "handed_over", "ticket_taken"]
    contact = await get(client, "/contacts/10420")
    assert (contact["name"], contact["channels"][0]["username"]) == ("王小雨", "xiaoyu_w")
    assert (await get(client, "/contacts/10410"))["name"] == SCRIPT


async def post(client: Browser, path: str, body: Any, **headers: str) -> tuple[int, dict[str, Any]]:
    async with client.post(path, json=body, headers=headers) as response:
        return response.status, await response.json()


KEY = {"Idempotency-Key": "order-88213"}


@pytest.mark.parametrize("action", [Action.REPLY, Action.NOTE])
async def test_a_message_is_a_command_of_the_named_person(client: Browser, handled: Handled, action: Action) -> None:
    body = {"author": "Lin", "text": " 已退款 ", "public": action is Action.REPLY}
    assert await post(client, MESSAGES, body, **KEY) == (202, {"handled": True})
    assert handled.commands == [
        (
            StaffActed(by=Actor(name="Lin"), action=action, at=NOW, place=AtTicket(number=1042), argument="已退款"),
            "api:1042:order-88213",
            "ticket:1042",
        )
    ]


async def test_what_became_of_a_command_is_told(client: Browser, handled: Handled) -> None:
    handled.refusal = "This ticket is resolved"
    status, told = await post(client, MESSAGES, {"author": "Lin", "text": "x"}, **KEY)
    assert (status, told["detail"], told["title"]) == (409, "This ticket is resolved", "Conflict")
    handled.is_late = True
    assert await post(client, MESSAGES, {"author": "Lin", "text": "x"}, **KEY) == (202, {"handled": False})


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        ({"author": "Lin", "text": "x"}, {}, 422),
        ({"author": "Lin", "text": "x"}, {"Idempotency-Key": "a b"}, 422),
        ({"author": "Nobody", "text": "x"}, KEY, 409),
        ({"author": "Lin", "text": ""}, KEY, 422),
        ({"author": "Lin", "text": " \n"}, KEY, 422),
        ({"author": "Lin", "text": "a\u0000b"}, KEY, 422),
        ({"author": "Lin", "text": "x", "more": 1}, KEY, 422),
        ({"author": "Lin", "text": "x" * 20_001}, KEY, 422),
        ({"author": "Lin", "text": "x" * 70_000}, KEY, 413),
        ([], KEY, 422),
    ],
)
async def test_a_wrong_message_is_refused(
    client: Browser, handled: Handled, body: Any, headers: dict[str, str], status: int
) -> None:
    assert (await post(client, MESSAGES, body, **headers))[0] == status
    assert handled.commands == []


async def test_every_error_is_a_problem(client: Browser) -> None:
    wrong = {"Content-Type": "application/json"} | KEY
    asked: list[tuple[str, str, dict[str, Any], int]] = [
        ("GET", "/nowhere", {}, 404),
        ("GET", "/tickets/9", {}, 404),
        ("GET", "/tickets/0", {}, 404),
        ("GET", "/tickets/x", {}, 404),
        ("GET", "/tickets/99999999999999999999", {}, 404),
        ("GET", "/contacts/9", {}, 404),
        ("GET", "/tickets/9/messages", {}, 404),
        ("DELETE", "/tickets/1042", {}, 405),
        ("GET", "/tickets?limit=0", {}, 422),
        ("GET", "/tickets?limit=2&limit=3", {}, 422),
        ("GET", "/tickets?cursor=x", {}, 422),
        ("GET", "/tickets?updated_since=5", {}, 422),
        ("GET", "/tickets?updated_since=2026-11-20T02:30:00", {}, 422),
        ("GET", "/tickets?colour=red", {}, 422),
        ("GET", "/tickets/1042?colour=red", {}, 422),
        ("POST", "/tickets/1042/messages", {"data": "{", "headers": wrong}, 400),
        ("POST", "/tickets/1042/messages", {"data": b"\xff\xfe", "headers": wrong}, 400),
        ("POST", "/tickets/1042/messages", {"data": "x", "headers": KEY | {"Content-Type": "text/plain"}}, 415),
    ]
    for method, path, more, status in asked:
        async with client.request(method, f"{V1}{path}", **more) as response:
            assert response.status == status, path
            assert response.content_type == "application/problem+json"
            assert (await response.json())["status"] == status
            assert (response.headers.get("Allow") is not None) == (status == 405)


async def test_l4_an_event_carries_its_id(client: Browser, handled: Handled) -> None:
    data: dict[str, str | int | float | bool] = {"amount": 12.5, "vip": True}
    body = {"id": "pay-1", "name": "order_paid", "at": "2026-11-20T10:00:00+08:00", "data": data}
    assert await post(client, f"{V1}/contacts/10420/events", body) == (202, {"handled": True})
    assert (await post(client, f"{V1}/contacts/9/events", body))[0] == 404
    assert (await post(client, f"{V1}/contacts/10420/events", {"id": "a\n", "name": "n"}))[0] == 422
    expected = EventRecorded(
        contact_id=10420, id="pay-1", name="order_paid", at=datetime(2026, 11, 20, 2, tzinfo=UTC),
        data=data,
    )  # fmt: skip
    assert handled.commands == [(expected, "event:pay-1", "contact:10420")]


@pytest.mark.parametrize("text", ["0" * 32, "f" * 32, "7fffffffffffffff" + "f" * 16])
def test_every_cursor_is_a_place(text: str) -> None:
    place = Cursor.of(text)
    assert Cursor.of(str(place)) == place


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, {}),
        (
            {"message": 1042004, "sentiment": "neutral", "urgent": True},
            {"message": 1042004, "sentiment": Sentiment.NEUTRAL, "urgent": True},
        ),
    ],
)
async def test_a_correction_is_a_command_of_the_author(
    client: Browser, handled: Handled, more: dict[str, Any], expected: dict[str, Any]
) -> None:
    body = {"author": "Lin", "intent": "invoice"} | more
    async with client.post(f"{V1}/tickets/1042/corrections", json=body, headers={"Idempotency-Key": "k1"}) as response:
        assert (response.status, await response.json()) == (202, {"handled": True})
    assert handled.commands == [
        (
            StaffActed(
                by=Actor(name="Lin"),
                action=Action.RETAG,
                at=NOW,
                place=AtTicket(number=1042),
                argument="invoice",
                **expected,
            ),
            "api:1042:k1",
            "ticket:1042",
        )
    ]


@pytest.mark.parametrize(
    ("ticket", "body", "status"),
    [
        (1042, {"author": "Nobody", "intent": "invoice"}, 409),
        (1, {"author": "Lin", "intent": "invoice"}, 404),
        (1042, {"author": "Lin"}, 422),
        (1042, {"author": "Lin", "intent": "invoice", "message": 7.5}, 422),
        (1042, {"author": "Lin", "intent": "invoice", "sentiment": "sour"}, 422),
    ],
)
async def test_a_correction_that_cannot_be_is_refused(
    client: Browser, handled: Handled, ticket: int, body: dict[str, Any], status: int
) -> None:
    url = f"{V1}/tickets/{ticket}/corrections"
    async with client.post(url, json=body, headers={"Idempotency-Key": "k1"}) as response:
        assert response.status == status
    assert handled.commands == []
