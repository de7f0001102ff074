"""Stories of the agents' room: who takes a ticket, whose words go out, what becomes of them (R9, H1 to H15)."""

import asyncio

import pytest
from sqlalchemy import select

from desk.commands import (
    Action,
    Actor,
    AtMessage,
    AtThread,
    AtTicket,
    CustomerEdited,
    CustomerReacted,
    StaffActed,
    StaffEdited,
    StaffWrote,
)
from desk.company import Role, StaffMember
from desk.facts import FactKind
from desk.messages import Attachment, AttachmentKind
from desk.outgoing import CustomerEdit, CustomerMessage, Line, Mark, Relay, RelayEdit
from desk.tickets import Status
from desk.values import replace
from handlers.deliveries import FAILED, SENT
from store.database import Database
from store.tables import message_versions, messages
from tests.handlers.desk_driver import ANNA, CHEN, LIN, ROOMS, WANG, ZHAO, Desk, Refusal, shanhai, when

STRANGER = Actor(telegram=404)


async def _open(desk: Desk) -> None:
    await desk.at("23 10:00").write("订单在哪里")
    await desk.deliver()


def _crowd(count: int) -> tuple[StaffMember, ...]:
    return tuple(StaffMember(name=f"Agent {n}", role=Role.AGENT, teams=("support",)) for n in range(count))


def _takes(desk: Desk, count: int) -> list[StaffActed]:
    place = AtTicket(number=1)
    return [StaffActed(by=Actor(name=f"Agent {n}"), action=Action.TAKE, at=desk.now, place=place) for n in range(count)]


async def test_r9_fifty_takes_in_one_lane_give_one_winner(database: Database) -> None:
    desk = Desk(database=database, configuration=shanhai(staff=_crowd(50)))
    await _open(desk)
    answers = await desk.tell(*_takes(desk, 50))
    assert answers[0] is None
    assert answers[1:] == [desk.say("refused.taken", name="Agent 0")] * 49


async def test_r9_fifty_takes_by_ten_workers_give_one_winner(database: Database) -> None:
    """Each in a lane of its own and a round of its own, ten of them at once."""
    desk = Desk(database=database, configuration=shanhai(staff=_crowd(50)))
    await _open(desk)
    keys = await desk.store(*_takes(desk, 50), lanes_apart=True)
    workers = [desk.new_worker(lanes_at_once=1) for _ in range(10)]

    async def work(number: int) -> None:
        while await workers[number].work_once():
            pass

    await asyncio.gather(*[work(number) for number in range(10)])
    answers = [await desk.answer(key) for key in keys]
    winner = (await desk.ticket()).assignee
    assert answers.count(None) == 1
    assert answers.count(desk.say("refused.taken", name=winner)) == 49
    assert len(await desk.facts(FactKind.TICKET_TAKEN)) == 1


async def test_h6_whoever_writes_first_takes_the_ticket_and_is_heard(desk: Desk) -> None:
    await _open(desk)
    assert await desk.reply(LIN, "在路上") is None
    await desk.deliver()
    assert (await desk.ticket()).assignee == "Lin"
    assert desk.heard()[-1] == "在路上"


async def test_h6_another_agents_words_are_a_note_with_three_buttons(desk: Desk) -> None:
    await _open(desk)
    await desk.act(LIN, Action.TAKE)
    await desk.reply(CHEN, "我来看看")
    await desk.deliver()
    line = [each for each in desk.seen() if isinstance(each, Line)][-1]
    assert line.text == desk.say("room.kept_as_note", name="Lin")
    assert [button.label for button in line.buttons[0]] == ["接单并发送", "只发这一条", "留作备注"]
    assert "我来看看" not in desk.heard()


async def _note(desk: Desk) -> None:
    await _open(desk)
    await desk.act(LIN, Action.TAKE)
    await desk.reply(CHEN, "我来看看")
    await desk.deliver()


async def test_h6_take_and_send(desk: Desk) -> None:
    await _note(desk)
    assert await desk.tap(CHEN, desk.button(Action.TAKE_AND_SEND)) == desk.say("room.sent")
    assert (await desk.ticket()).assignee == "Chen"
    assert desk.heard()[-1] == "我来看看"


async def test_h6_send_once_keeps_the_assignee_and_counts_as_the_writers_reply(desk: Desk) -> None:
    await _note(desk)
    await desk.tap(CHEN, desk.button(Action.SEND_NOTE))
    ticket = await desk.ticket()
    assert (ticket.assignee, ticket.answered_by) == ("Lin", "Chen")
    assert await desk.tap(CHEN, desk.button(Action.SEND_NOTE)) == desk.say("refused.sent_already")
    assert desk.heard().count("我来看看") == 1


async def test_h6_a_double_tap_on_send_once_sends_once(desk: Desk) -> None:
    await _note(desk)
    note = desk.button(Action.SEND_NOTE).split(":")[-1]
    tap = StaffActed(by=CHEN, action=Action.SEND_NOTE, at=desk.now, place=AtTicket(number=1), argument=note)
    await desk.tell(tap, tap)
    await desk.deliver()
    assert desk.heard().count("我来看看") == 1


async def test_h6_keep_as_note_sends_nothing(desk: Desk) -> None:
    await _note(desk)
    assert await desk.tap(CHEN, desk.button(Action.KEEP_NOTE)) == desk.say("room.kept")
    assert "我来看看" not in desk.heard()


async def test_h6_a_kept_note_of_a_resolved_ticket_is_not_sent(desk: Desk) -> None:
    await _note(desk)
    button = desk.button(Action.TAKE_AND_SEND)
    await desk.act(LIN, Action.RESOLVE)
    assert await desk.tap(CHEN, button) == desk.say("refused.over", number=1)
    assert "我来看看" not in desk.heard()


async def test_h6_a_note_stays_inside(desk: Desk) -> None:
    await _open(desk)
    await desk.act(LIN, Action.NOTE, argument="老客户，给优惠")
    await desk.deliver()
    assert desk.lines()[-1] == desk.say("room.note", name="Lin", text="老客户，给优惠")
    assert desk.heard() == [desk.say("ack.open", number=1)]
    assert await desk.act(LIN, Action.NOTE, argument=" ") == desk.say("refused.empty_note")


async def test_h8_the_fate_of_a_message_is_shown_on_it(desk: Desk) -> None:
    await _open(desk)
    await desk.reply(LIN, "在路上")
    await desk.deliver()
    mark = [each for each in desk.seen() if isinstance(each, Mark)][-1]
    assert (mark.chat, mark.emoji) == (ROOMS["agents"], SENT)


async def test_h8_a_failure_is_told_with_its_reason(desk: Desk) -> None:
    await _open(desk)
    await desk.reply(LIN, "在路上")
    await desk.deliver(Refusal(reason="file is too big"))
    assert [each.emoji for each in desk.seen() if isinstance(each, Mark)] == [FAILED]
    assert desk.lines()[-1] == desk.say("room.not_delivered", text="在路上", reason="file is too big")
    assert len(await desk.facts(FactKind.DELIVERY_FAILED)) == 1


async def test_h10_a_customers_edit_reaches_the_staff_and_the_old_words_are_kept(desk: Desk) -> None:
    await _open(desk)
    first = (await desk.rows(select(messages.c.external_id).order_by(messages.c.id)))[0]["external_id"]
    await desk.tell(CustomerEdited(sender=WANG, external_id=first, text="订单 123 在哪里", at=desk.now))
    await desk.deliver()
    assert [each.text for each in desk.seen() if isinstance(each, RelayEdit)] == ["订单 123 在哪里"]
    assert await desk.rows(select(message_versions.c.text)) == [{"text": "订单在哪里"}]


async def test_h10_an_edit_in_the_same_round_as_the_message_is_not_lost(desk: Desk) -> None:
    written = desk.message("订单在哪")
    await desk.tell(
        written, CustomerEdited(sender=WANG, external_id=written.external_id, text="订单在哪里", at=desk.now)
    )
    kept = await desk.rows(select(messages.c.text).where(messages.c.author == "customer"))
    assert kept == [{"text": "订单在哪里"}]


async def test_h10_an_edit_after_resolve_is_told(desk: Desk) -> None:
    await _open(desk)
    await desk.act(LIN, Action.RESOLVE)
    first = (await desk.rows(select(messages.c.external_id).order_by(messages.c.id)))[0]["external_id"]
    await desk.tell(CustomerEdited(sender=WANG, external_id=first, text="订单 123", at=desk.now))
    await desk.deliver()
    assert desk.lines()[-1] == desk.say("room.edited_after", name="Wang", text="订单 123")


async def test_h10_an_agents_edit_follows_to_the_customer(desk: Desk) -> None:
    await _open(desk)
    thread = await desk.thread()
    wrote = StaffWrote(by=LIN, place=thread, text="明天道", at=desk.now, chat=thread.chat, external_id="77")
    await desk.tell(wrote)
    await desk.deliver()
    edit = StaffEdited(by=LIN, place=thread, text="明天到", at=desk.now, chat=thread.chat, external_id="77")
    await desk.tell(edit)
    await desk.deliver()
    assert [each.text for each in desk.changed()] == ["明天到"]
    assert await desk.rows(select(message_versions.c.text)) == [{"text": "明天道"}]


async def test_h10_an_agents_edit_in_the_same_round_or_of_an_older_ticket_is_not_lost(desk: Desk) -> None:
    await _open(desk)
    thread = await desk.thread()
    wrote = StaffWrote(by=LIN, place=thread, text="明天道", at=desk.now, chat=thread.chat, external_id="77")
    edit = StaffEdited(by=LIN, place=thread, text="明天到", at=desk.now, chat=thread.chat, external_id="77")
    await desk.tell(wrote, edit)
    await desk.deliver()
    assert [each.text for each in desk.changed()] == ["明天到"]
    await desk.act(LIN, Action.RESOLVE)
    await desk.at("27 10:00").write("又坏了")
    await desk.tell(replace(edit, text="明天下午到", at=desk.now))
    await desk.deliver()
    assert desk.changed()[-1] == CustomerEdit(message=desk.changed()[0].message, text="明天下午到")


async def test_an_edit_in_a_thread_without_a_case_harms_nobody(desk: Desk) -> None:
    place = AtThread(chat=ROOMS["agents"], thread=99)
    edit = StaffEdited(by=LIN, place=place, text="x", at=desk.now, chat=place.chat, external_id="1")
    await desk.tell(edit)
    await desk.tell(replace(edit, by=STRANGER))


@pytest.mark.parametrize("action", [Action.TAKE, Action.RESOLVE, Action.NOTE, Action.WHO, Action.ONLINE])
async def test_h15_whoever_is_not_on_the_staff_is_refused(desk: Desk, action: Action) -> None:
    await _open(desk)
    before = await desk.facts()
    assert await desk.act(STRANGER, action, argument="x") == desk.say("refused.not_staff")
    assert await desk.reply(STRANGER, "hello") == desk.say("refused.not_staff")
    assert await desk.facts() == before
    assert "hello" not in desk.heard()


async def test_h15_only_the_assignee_or_a_supervisor_moves_a_ticket(desk: Desk) -> None:
    await _open(desk)
    await desk.act(LIN, Action.TAKE)
    assert await desk.act(CHEN, Action.RESOLVE) == desk.say("refused.not_yours", name="Lin")
    assert await desk.act(ZHAO, Action.RELEASE) is None
    assert (await desk.ticket()).assignee is None


async def test_h15_every_command_can_be_repeated_without_harm(desk: Desk) -> None:
    await _open(desk)
    for action in (Action.TAKE, Action.WAITING, Action.RESOLVE, Action.REOPEN, Action.RELEASE):
        await desk.act(LIN, action)
        facts = len(await desk.facts())
        await desk.act(LIN, action)
        repeated = (await desk.facts())[facts:]
        assert repeated == [], action


async def test_h5_a_stale_button_says_so_and_refreshes_the_card(desk: Desk) -> None:
    await _open(desk)
    old = desk.button(Action.RESOLVE)
    await desk.act(LIN, Action.TAKE)
    await desk.deliver()
    cards = len(desk.seen())
    assert await desk.tap(LIN, old) == desk.say("refused.stale", number=1)
    assert (await desk.ticket()).status is Status.OPEN
    assert len(desk.seen()) > cards
    assert desk.card().version == (await desk.ticket()).version


async def test_h15_online_away_and_who(desk: Desk) -> None:
    await _open(desk)
    await desk.act(LIN, Action.TAKE)
    for by, action in ((LIN, Action.ONLINE), (CHEN, Action.AWAY)):
        await desk.tell(StaffActed(by=by, action=action, at=desk.now, chat=ROOMS["agents"], external_id="5"))
    await desk.tell(StaffActed(by=ZHAO, action=Action.WHO, at=desk.now, chat=ROOMS["agents"], external_id="6"))
    await desk.tell(StaffActed(by=ZHAO, action=Action.HELP, at=desk.now, chat=ROOMS["agents"], external_id="7"))
    await desk.deliver()
    assert desk.lines()[0] == desk.say("staff.online", name="Lin")
    assert desk.say("staff.line", name="Lin", state="在线", count=1) in desk.lines()[2]
    assert desk.say("staff.line", name="Chen", state="离开", count=0) in desk.lines()[2]
    assert desk.lines()[3] == desk.say("staff.help")


async def test_words_in_the_thread_of_a_case_that_is_long_over_stay_inside(desk: Desk) -> None:
    await _open(desk)
    await desk.act(LIN, Action.RESOLVE)
    await desk.at("29 10:00").reply(LIN, "后来怎么样了")
    await desk.deliver()
    assert desk.lines()[-1] == desk.say("room.kept_after_resolve", number=1)


async def test_a_refusal_in_a_thread_is_told_there(desk: Desk) -> None:
    """Also where the ticket it names cannot be changed any more, and where the message names none."""
    await _open(desk)
    await desk.act(LIN, Action.RESOLVE)
    await desk.at("27 10:00").write("又坏了")
    await desk.deliver()
    await desk.tell(
        StaffActed(
            by=LIN, action=Action.REOPEN, at=desk.now, place=AtTicket(number=1), chat=ROOMS["agents"], external_id="8"
        )
    )  # fmt: skip
    unknown = AtMessage(chat=ROOMS["agents"], message=12345)
    await desk.tell(StaffWrote(by=LIN, place=unknown, text="?", at=desk.now, chat=ROOMS["agents"], external_id="9"))
    await desk.deliver()
    assert desk.lines()[-2:] == [desk.say("refused.too_old", number=1), desk.say("refused.not_found")]


async def test_h1_a_thread_of_one_contact_is_about_their_newest_open_ticket(desk: Desk) -> None:
    await _open(desk)
    await desk.write("My order?", by=ANNA)
    await desk.reply(LIN, "One moment", place=await desk.thread(by=ANNA))
    await desk.deliver()
    assert desk.heard(by=ANNA)[-1] == "One moment"
    assert "One moment" not in desk.heard()


async def test_h7_an_album_of_the_staff_is_one_message(desk: Desk) -> None:
    await _open(desk)
    thread = await desk.thread()
    photos = [Attachment(kind=AttachmentKind.PHOTO, file=f"telegram:{n}") for n in range(2)]
    parts = [
        StaffWrote(
            by=LIN, place=thread, text="看图" if n == 0 else "", at=desk.now, attachments=(photo,), chat=thread.chat,
            external_id=f"9{n}", group="g",
        )
        for n, photo in enumerate(photos)
    ]  # fmt: skip
    await desk.tell(*parts)
    await desk.deliver()
    sent = [each.content for each in desk.sent if isinstance(each.content, CustomerMessage)][-1]
    assert (sent.text, len(sent.attachments)) == ("看图", 2)


async def test_a_reaction_to_an_agents_words_is_shown(desk: Desk) -> None:
    await _open(desk)
    await desk.reply(LIN, "在路上")
    await desk.deliver()
    sent = [each.message for each in desk.sent if isinstance(each.content, CustomerMessage)][-1]
    await desk.tell(CustomerReacted(sender=WANG, external_id=f"c{sent}", emoji="👍", at=when("23 10:09")))
    await desk.deliver()
    assert desk.lines()[-1] == desk.say("room.reacted", name="Wang", emoji="👍", text="在路上")
    assert [each.text for each in desk.seen() if isinstance(each, Relay)] == ["订单在哪里"]
