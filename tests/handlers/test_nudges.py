"""Stories of nudges: the welcome, within consent, quiet hours and caps (J1, J4 to J7)."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from desk.commands import CustomerBlocked
from desk.facts import FactKind
from desk.outgoing import Rank
from desk.values import replace
from store.tables import nudges, outbox
from tests.handlers.desk_driver import ANNA, WANG, Desk, when

WELCOME = "欢迎，Wang！有问题随时问我。"


async def _sent_before(desk: Desk, *ago: timedelta) -> None:
    """Other journeys wrote to Wang so long ago."""
    contact = (await desk.rows(select(outbox.c.contact_id)))[0]["contact_id"]
    rows = [
        {"contact_id": contact, "key": f"other:{n}", "journey": "other", "at": desk.now - each}
        for n, each in enumerate(ago)
    ]
    await desk.database.transaction(lambda connection: connection.execute(insert(nudges), rows))


async def test_j1_a_new_lead_is_welcomed(desk: Desk) -> None:
    await desk.start()
    await desk.until("23 10:01")
    assert desk.heard()[-1] == WELCOME
    assert len(await desk.facts(FactKind.NUDGE_SENT)) == 1


async def test_j1_in_the_customers_language(desk: Desk) -> None:
    await desk.start(by=ANNA)
    await desk.until("23 10:01")
    assert desk.heard(by=ANNA)[-1] == "Welcome, Anna! Ask me anything."


async def test_j4_a_nudge_has_a_key_for_good_and_is_not_sent_again(desk: Desk) -> None:
    await desk.start()
    await desk.until("23 10:01")
    rows = await desk.rows(select(outbox.c.key, outbox.c.again).where(outbox.c.rank == int(Rank.NUDGE)))
    assert [(row["key"].rsplit(":", 2)[0], row["again"]) for row in rows] == [("nudge:welcome", False)]


async def test_j6_what_falls_into_quiet_hours_waits_for_the_morning(desk: Desk) -> None:
    await desk.at("23 22:00").start()
    await desk.until("24 08:59")
    assert WELCOME not in desk.heard()
    await desk.until("24 09:00")
    assert desk.heard()[-1] == WELCOME
    assert [fact.data["until"] for fact in await desk.facts(FactKind.NUDGE_DEFERRED)] == ["2026-11-24T01:00:00+00:00"]


async def test_j6_the_quiet_hours_are_the_customers_own(desk: Desk) -> None:
    """10:00 in Shanghai is 3:00 in Berlin."""
    await desk.start(by=replace(WANG, timezone="Europe/Berlin"))
    await desk.until("23 15:59")
    assert WELCOME not in desk.heard()
    await desk.until("23 16:00")
    assert desk.heard()[-1] == WELCOME


async def test_j6_a_zone_that_is_none_is_the_companys(desk: Desk) -> None:
    await desk.start(by=replace(WANG, timezone="Mars/Olympus"))
    await desk.until("23 10:01")
    assert desk.heard()[-1] == WELCOME


async def test_j6_what_was_deferred_is_asked_again(desk: Desk) -> None:
    await desk.at("23 22:00").start()
    await desk.until("23 22:01")
    await desk.write("/stop")
    await desk.until("24 09:00")
    assert WELCOME not in desk.heard()
    assert [fact.data["reason"] for fact in await desk.facts(FactKind.NUDGE_SKIPPED)] == ["opted_out"]


async def test_j5_the_cap_holds_across_journeys(desk: Desk) -> None:
    """One in a day: the welcome waits until the other nudge is a day old."""
    await desk.start()
    await _sent_before(desk, timedelta(hours=20))
    await desk.until("23 13:59")
    assert WELCOME not in desk.heard()
    await desk.until("23 14:01")
    assert desk.heard()[-1] == WELCOME


async def test_j5_who_loses_for_too_long_is_skipped_with_a_reason(desk: Desk) -> None:
    """Three in a week: the next would be allowed in four days, which is longer than a nudge is worth."""
    await desk.start()
    await _sent_before(desk, timedelta(days=3), timedelta(days=2, hours=12), timedelta(days=2))
    await desk.until("30 10:00")
    assert WELCOME not in desk.heard()
    assert [fact.data["reason"] for fact in await desk.facts(FactKind.NUDGE_SKIPPED)] == ["no_longer_worth_it"]


async def test_j3_not_while_a_ticket_is_open(desk: Desk) -> None:
    await desk.write("订单在哪里")
    await desk.until("23 10:01")
    assert WELCOME not in desk.heard()
    assert [fact.data["reason"] for fact in await desk.facts(FactKind.NUDGE_SKIPPED)] == ["ticket_open"]


async def test_h12_not_to_whoever_blocked_us(desk: Desk) -> None:
    await desk.start()
    await desk.tell(CustomerBlocked(sender=WANG, at=desk.now))
    await desk.until("23 10:01")
    assert [fact.data["reason"] for fact in await desk.facts(FactKind.NUDGE_SKIPPED)] == ["channel_closed"]


@pytest.mark.parametrize("word", ["/stop", "退订"])
async def test_j7_stop_works_at_once_is_confirmed_once_and_start_undoes_it(desk: Desk, word: str) -> None:
    desk.teach("退订", "unsubscribe")
    await desk.start()
    await desk.write(word)
    await desk.write("/stop")
    await desk.until("23 10:01")
    assert desk.heard().count(desk.say("consent.withdrawn")) == 1
    assert WELCOME not in desk.heard()
    await desk.start()
    await desk.deliver()
    assert desk.heard()[-1] == desk.say("consent.given")
    kinds = (FactKind.CONSENT_WITHDRAWN, FactKind.CONSENT_GIVEN)
    assert [(fact.kind, fact.data["channel"]) for fact in await desk.facts(*kinds)] == [
        (kinds[0], "telegram"),
        (kinds[1], "telegram"),
    ]
    assert (await desk.facts(kinds[0]))[0].at == when("23 10:00")


async def test_j7_whoever_opted_out_is_still_served(desk: Desk) -> None:
    await desk.start()
    await desk.write("/stop")
    await desk.write("订单在哪里")
    await desk.deliver()
    assert desk.heard()[-1] == desk.say("ack.open", number=1)
