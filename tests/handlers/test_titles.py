"""Stories of the titles of contacts' threads: state mark, name, #ticket, changed only when different (H4)."""

from datetime import timedelta

from sqlalchemy import select

from desk.commands import Action, Actor, Sender, ThreadLost
from desk.outgoing import Rank, ThreadTitle
from desk.values import replace
from store import deadlines as due_rows
from store.casefile import ThreadState
from store.tables import deadlines, outbox, threads
from tests.handlers.desk_driver import LIN, Desk, when


def _given(desk: Desk) -> list[str]:
    """The titles that a thread was given after it was made, in order."""
    return [content.title for content in desk.seen() if isinstance(content, ThreadTitle)]


async def _called(desk: Desk) -> str:
    return desk.titles[(await desk.thread()).thread]


async def test_h4_a_new_thread_is_called_rightly_at_once(desk: Desk) -> None:
    await desk.write("订单在哪里")
    await desk.until("23 10:02")
    assert (await _called(desk), _given(desk)) == ("🆕 Wang #1", [])
    assert await desk.rows(select(deadlines.c.key).where(deadlines.c.kind == "title")) == []


async def test_h4_the_title_follows_the_tickets_state(desk: Desk) -> None:
    await desk.at("23 10:00").write("订单在哪里")
    await desk.deliver()
    await desk.at("23 10:05").act(LIN, Action.TAKE)
    await desk.until("23 10:06")
    await desk.at("23 10:10").act(LIN, Action.WAITING)
    await desk.until("23 10:11")
    await desk.at("23 10:20").act(LIN, Action.RESOLVE)
    await desk.until("23 10:21")
    assert _given(desk) == ["🟢 Wang #1", "⏳ Wang #1", "✅ Wang #1"]


async def test_h4_no_message_costs_a_title(desk: Desk) -> None:
    await desk.at("23 10:00").write("订单在哪里")
    await desk.deliver()
    await desk.at("23 10:05").reply(LIN, "在路上")
    await desk.until("23 10:06")
    for minute in range(7, 17):
        await desk.at(f"23 10:{minute:02}").write("哪天到")
        await desk.reply(LIN, "明天")
    await desk.until("23 10:20")
    assert _given(desk) == ["🟢 Wang #1"]


async def test_h4_at_most_once_a_minute_and_the_last_state_counts(desk: Desk) -> None:
    await desk.at("23 10:00").write("订单在哪里")
    await desk.deliver()
    await desk.at("23 10:05").act(LIN, Action.TAKE)
    await desk.sweep()
    for seconds, action in ((10, Action.WAITING), (20, Action.RESOLVE), (30, Action.REOPEN), (40, Action.WAITING)):
        desk.now = when("23 10:05") + timedelta(seconds=seconds)
        await desk.act(LIN, action)
        await desk.sweep()
    await desk.until("23 10:10")
    given = [(each.at, each.content) for each in desk.sent if isinstance(each.content, ThreadTitle)]
    assert given == [
        (when("23 10:05"), ThreadTitle(title="🟢 Wang #1")),
        (when("23 10:06"), ThreadTitle(title="⏳ Wang #1")),
    ]


async def test_h4_changes_between_two_ticks_are_one_and_none_where_nothing_differs(desk: Desk) -> None:
    await desk.at("23 10:00").write("订单在哪里")
    await desk.deliver()
    await desk.at("23 10:05").act(LIN, Action.TAKE)
    await desk.act(LIN, Action.RESOLVE)
    await desk.until("23 10:07")
    await desk.act(LIN, Action.REOPEN)
    await desk.act(LIN, Action.RESOLVE)
    await desk.until("23 10:09")
    assert _given(desk) == ["✅ Wang #1"]


async def test_h4_the_next_ticket_of_a_contact_takes_the_title(desk: Desk) -> None:
    await desk.at("23 10:00").write("订单在哪里")
    await desk.act(LIN, Action.RESOLVE)
    await desk.until("26 11:00")
    await desk.write("又坏了")
    await desk.until("26 11:02")
    assert _given(desk) == ["✅ Wang #1", "🆕 Wang #2"]


async def test_h4_a_title_goes_last_and_only_the_newest_counts(desk: Desk) -> None:
    await desk.at("23 10:00").write("订单在哪里")
    await desk.deliver()
    await desk.at("23 10:05").act(LIN, Action.TAKE)
    await desk.until("23 10:06")
    (row,) = await desk.rows(select(outbox.c.rank, outbox.c.replaces).where(outbox.c.kind == "ThreadTitle"))
    assert row["rank"] == Rank.TITLE == max(Rank)
    assert row["replaces"] == f"title:{(await desk.ticket()).contact_id}:agents"


async def test_h4_a_thread_that_is_being_made_is_looked_at_later(desk: Desk) -> None:
    await desk.at("23 10:00").write("订单在哪里")
    await desk.deliver()
    await _set(desk, ThreadState.CREATING)
    await desk.at("23 10:05").act(LIN, Action.TAKE)
    await desk.sweep()
    await _set(desk, ThreadState.OPEN)
    await desk.until("23 10:06")
    assert _given(desk) == ["🟢 Wang #1"]


async def _set(desk: Desk, state: ThreadState) -> None:
    await desk.database.transaction(lambda connection: connection.execute(threads.update().values(state=state.value)))


async def test_h4_a_group_without_topics_has_no_titles(desk: Desk) -> None:
    await desk.at("23 10:00").write("订单在哪里")
    await desk.deliver()
    await desk.at("23 10:05").store(desk.staff(LIN, Action.TAKE))
    await desk.work()
    await _set(desk, ThreadState.NONE)
    await desk.database.transaction(lambda connection: due_rows.sweep(connection, desk.now, 100))
    await desk.work()
    assert await desk.rows(select(outbox.c.id).where(outbox.c.kind == "ThreadTitle")) == []


async def test_h3_h4_a_thread_made_anew_is_titled_again(desk: Desk) -> None:
    await desk.at("23 10:00").write("订单在哪里")
    await desk.deliver()
    await desk.at("23 10:05").act(LIN, Action.TAKE)
    await desk.until("23 10:06")
    await desk.at("23 10:10").act(LIN, Action.RESOLVE)
    contact = (await desk.ticket()).contact_id
    await desk.tell(ThreadLost(contact_id=contact, room="agents", at=desk.now))
    await desk.until("23 10:12")
    await desk.act(LIN, Action.REOPEN)
    await desk.until("23 10:14")
    assert _given(desk)[-1] == "🟢 Wang #1", "though that was its last title before it was lost"


async def test_h4_each_customer_has_a_title_of_their_own(desk: Desk) -> None:
    guests = [Sender(channel="telegram", address=str(7000 + number), name=f"Guest {number}") for number in range(3)]
    for guest in guests:
        await desk.at("23 10:00").write("订单在哪里", by=guest)
    await desk.deliver()
    for number in range(3):
        await desk.act(Actor(name="Lin"), Action.RESOLVE, number + 1)
    await desk.until("23 10:01")
    assert sorted(_given(desk)) == ["✅ Guest 0 #1", "✅ Guest 1 #2", "✅ Guest 2 #3"]


async def test_h4_a_name_that_is_learned_later_stands_in_the_title(desk: Desk) -> None:
    nobody = Sender(channel="webchat", address="w1", name="")
    await desk.at("23 10:00").write("订单在哪里", by=nobody)
    await desk.until("23 10:01")
    await desk.write("哪天到", by=replace(nobody, name="Wang"))
    await desk.until("23 10:02")
    assert _given(desk) == ["🆕 Wang #1"]
