"""What Prometheus is told, on a real database."""

from datetime import UTC, datetime, timedelta

from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Connection, insert

from bot.metrics import Metrics
from store import figures, inbox
from store.database import Database
from store.tables import clocks, contacts, conversations, tickets

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)


def samples(body: bytes) -> dict[tuple[str, ...], float]:
    """Each sample by its name and its labels' values."""
    families = text_string_to_metric_families(body.decode())
    return {(each.name, *each.labels.values()): each.value for family in families for each in family.samples}


def arrival(number: int, age: timedelta) -> inbox.Arrival:
    return inbox.Arrival(key=f"k{number}", lane="telegram:1", channel="telegram", payload="{}", received_at=NOW - age)


def fill(connection: Connection) -> None:
    """Two rows that wait and one parked; an open ticket overdue since long ago, a resolved one breached an hour ago."""
    rows = [arrival(number, timedelta(seconds=90 - number)) for number in range(3)]
    inbox.add(connection, rows, NOW)
    inbox.park(connection, inbox.waiting(connection, ["telegram:1"], 9)[2].id, "broken", NOW)
    person = {"id": 1, "name": "Li", "language": "zh", "language_chosen": False, "tier": "", "stage": "lead"}
    connection.execute(insert(contacts).values(**person, consent=True, tags=[], created_at=NOW, version=1))
    talk = {"id": 1, "contact_id": 1, "key": "telegram:1", "channel": "telegram", "address": "1", "created_at": NOW}
    connection.execute(insert(conversations).values(**talk, failed_answers=0, negative_streak=0))
    for number, status, breached, ended in (
        (1, "open", NOW - timedelta(days=9), None),
        (2, "resolved", NOW - timedelta(hours=1), NOW),
    ):
        connection.execute(insert(tickets).values(**ticket(number, status)))
        clock = {"ticket": number, "metric": "first_reply", "generation": 1, "body": "{}", "outcome": "breached"}
        connection.execute(insert(clocks).values(**clock, breached_at=breached, ended_at=ended))


def ticket(number: int, status: str) -> dict[str, object]:
    return {
        "number": number,
        "contact_id": 1,
        "conversation_id": 1,
        "status": status,
        "priority": "normal",
        "team": "support",
        "subject": "",
        "intent": "other",
        "created_at": NOW,
        "waits": 0,
        "resolutions": 0,
        "reopen_count": 0,
        "updated_at": NOW,
        "version": 1,
    }


async def test_the_house_in_figures(database: Database) -> None:
    await database.transaction(fill)
    found = samples(Metrics().render(await database.read(lambda connection: figures.collect(connection, NOW))))
    assert found["guanxi_inbox_waiting",] == 2
    assert found["guanxi_inbox_oldest_seconds",] == 90
    assert found["guanxi_inbox_parked",] == 1
    assert found["guanxi_outbox_waiting",] == found["guanxi_outbox_failed",] == 0
    assert (found["guanxi_tickets_open", "open"], found["guanxi_tickets_open", "snoozed"]) == (1, 0)
    assert (found["guanxi_sla_overdue", "first_reply"], found["guanxi_sla_overdue", "resolve"]) == (1, 0)
    assert found["guanxi_sla_breaches_last_day", "first_reply"] == 1


async def test_what_the_process_did(database: Database) -> None:
    metrics = Metrics()
    metrics.handled(0.02, "CustomerWrote")
    metrics.handled(0.2, "CustomerWrote")
    metrics.sent(0.1, "Text", "sent")
    metrics.error("parked")
    found = samples(metrics.render(await database.read(lambda connection: figures.collect(connection, NOW))))
    assert found["guanxi_handled_seconds_count", "CustomerWrote"] == 2
    assert found["guanxi_handled_seconds_bucket", "CustomerWrote", "0.025"] == 1
    assert found["guanxi_sent_seconds_count", "Text", "sent"] == 1
    assert found["guanxi_errors_total", "parked"] == 1


def test_two_of_them_share_nothing() -> None:
    one, two = Metrics(), Metrics()
    one.error("parked")
    nothing = figures.Figures(
        inbox_waiting=0,
        inbox_age=0,
        parked=0,
        outbox_waiting=0,
        outbox_age=0,
        failed=0,
        tickets={},
        breaches={},
        overdue={},
    )
    assert ("guanxi_errors_total", "parked") not in samples(two.render(nothing))
