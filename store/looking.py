"""The questions that only some commands ask while they are decided: each is one statement of the round."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import Connection, Float, Row, case, cast, func, literal, or_, select

from desk.messages import Attachment, Author, Delivery, Message
from desk.readings import Correction, Reading, Sentiment
from desk.sla import Metric
from desk.tickets import Status
from desk.values import replace
from store import corrections
from store.casefile import Alert, KnownThread, NudgeRecord, Presence, SurveyRecord, ThreadState
from store.dialects import among, listed
from store.tables import alerts, events, links, messages, nudges, presence, surveys, threads, tickets
from store.values import is_open

#: What a database's integers hold: a forged button may name more.
_GREATEST = 2**63 - 1


class StoreLook:
    """store.casefile.Look over a connection."""

    def __init__(self, connection: Connection) -> None:
        """Ask within the transaction of this connection."""
        self._connection = connection
        self._messages: dict[int, Message] = {}
        self._staff_messages: dict[int, tuple[int, str]] = {}
        self._fetched: set[int] = set()
        self._presences: dict[str, Presence] | None = None
        self._alerts: dict[str, dict[str, Alert]] = {}
        self._threads: dict[int, dict[str, KnownThread]] = {}

    def prefetch(self, message_ids: Collection[int]) -> None:
        """Fetch messages that a round's commands are about, and where the staff wrote them, in two statements."""
        if not message_ids:
            return
        dialect = self._connection.dialect.name
        values = {"ids": listed(self._connection, message_ids)}
        self._fetched |= set(message_ids)
        for row in self._connection.execute(_by_ids(dialect), values):
            self._messages[row.id] = message_of(row)
        for row in self._connection.execute(_staff_links(dialect), values):
            self._staff_messages[row.message_id] = (int(row.place.removeprefix("telegram:")), row.external_id)

    def prefetch_threads(self, contact_ids: Collection[int]) -> None:
        """Fetch the threads of contacts whose titles a round's commands are about, in one statement."""
        if not contact_ids:
            return
        self._threads |= {contact_id: {} for contact_id in contact_ids}
        rows = self._connection.execute(
            _threads(self._connection.dialect.name), {"ids": listed(self._connection, contact_ids)}
        )
        for room, contact_id, state, title, titled_at in rows:
            thread = KnownThread(state=ThreadState(state), title=title, titled_at=titled_at)
            self._threads[contact_id][room] = thread

    def message(self, message_id: int) -> Message | None:
        """A message by its id."""
        if message_id > _GREATEST:
            return None
        if message_id in self._fetched:
            return self._messages.get(message_id)
        row = self._connection.execute(select(messages).where(messages.c.id == message_id)).one_or_none()
        return None if row is None else message_of(row)

    def message_at(self, place: str, external_id: str) -> Message | None:
        """A message by where it stands outside: our copy there, or the customer's own."""
        linked = select(links.c.message_id).where(links.c.place == place, links.c.external_id == external_id)
        found = self._connection.execute(linked).scalar()
        if found is not None:
            return self.message(found)
        return None

    def customer_message(self, conversation_id: int, external_id: str) -> Message | None:
        """A customer's own message, or the album that has it (by the index on the conversation)."""
        of_conversation = select(messages).where(messages.c.conversation_id == conversation_id).limit(1)
        album = literal(",").concat(messages.c.external_id).concat(",")
        for is_it in (
            messages.c.external_id == external_id,
            album.contains(f",{external_id},", autoescape=True),
        ):
            row = self._connection.execute(of_conversation.where(is_it)).one_or_none()
            if row is not None:
                return message_of(row)
        return None

    def recent_messages(self, conversation_id: int, limit: int) -> Sequence[Message]:
        """The last messages, oldest first (by the index on the conversation)."""
        latest = (
            select(messages)
            .where(messages.c.conversation_id == conversation_id)
            .order_by(messages.c.id.desc())
            .limit(limit)
        )
        return [message_of(row) for row in reversed(self._connection.execute(latest).all())]

    def opening_message(self, ticket: int) -> Message | None:
        """A ticket's first message of the customer's that was read."""
        row = self._connection.execute(corrections.opening_message(ticket)).one_or_none()
        return None if row is None else message_of(row)

    def correction(self, message_id: int) -> Correction | None:
        """What the staff said last of a message."""
        return corrections.of_messages(self._connection, [message_id]).get(message_id)

    def likely_intents(self, read: str) -> Sequence[str]:
        """What the staff made of this reading before, then what tickets were about lately."""
        return corrections.likely_intents(self._connection, read)

    def survey(self, survey_id: int) -> SurveyRecord | None:
        """A survey by its id."""
        if survey_id > _GREATEST:
            return None
        row = self._connection.execute(select(surveys).where(surveys.c.id == survey_id)).one_or_none()
        return None if row is None else SurveyRecord(**row._asdict())

    def surveys_of(self, contact_id: int) -> Sequence[SurveyRecord]:
        """A contact's surveys, newest first."""
        newest = select(surveys).where(surveys.c.contact_id == contact_id).order_by(surveys.c.id.desc()).limit(50)
        return [SurveyRecord(**row._asdict()) for row in self._connection.execute(newest)]

    def alert(self, key: str) -> Alert | None:
        """An alert by its key."""
        row = self._connection.execute(select(alerts).where(alerts.c.key == key)).one_or_none()
        return None if row is None else alert_of(row)

    def alerts_for(self, room: str, since: datetime) -> Sequence[Alert]:
        """What waits for a room, and what it was told lately (by the index on room and moment)."""
        if room not in self._alerts:
            lately = or_(alerts.c.told_at.is_(None), alerts.c.told_at > since)
            query = select(alerts).where(alerts.c.room == room, lately).order_by(alerts.c.at, alerts.c.key)
            self._alerts[room] = {row.key: alert_of(row) for row in self._connection.execute(query)}
        return list(self._alerts[room].values())

    def told_alerts(self, room: str, keys: Collection[str], at: datetime) -> None:
        """They wait no longer."""
        known = self._alerts.setdefault(room, {})
        self._alerts[room] = known | {key: replace(known[key], told_at=at) for key in keys if key in known}

    def presences(self) -> Sequence[Presence]:
        """The staff who said whether they are there, with the open tickets each holds (by the index of the open)."""
        if self._presences is None:
            rows = self._connection.execute(_staff_at_work())
            self._presences = {
                name: Presence(name=name, online=online, since=since, tickets=count, load=load)
                for name, online, since, count, load in rows
            }
        return list(self._presences.values())

    def gave_ticket(self, name: str) -> None:
        """Count it with what is held already."""
        known = None if self._presences is None else self._presences.get(name)
        if self._presences is not None and known is not None:
            self._presences[name] = replace(known, tickets=known.tickets + 1, load=known.load + 1)

    def nudges_since(self, contact_id: int, since: datetime) -> Sequence[NudgeRecord]:
        """A contact's nudges after a moment, oldest first."""
        recent = (
            select(nudges.c.contact_id, nudges.c.key, nudges.c.journey, nudges.c.at)
            .where(nudges.c.contact_id == contact_id, nudges.c.at > since)
            .order_by(nudges.c.at)
        )
        return [NudgeRecord(**row._asdict()) for row in self._connection.execute(recent)]

    def knows_event(self, event_id: str) -> bool:
        """Whether an event of this id is kept."""
        return self._connection.execute(select(events.c.id).where(events.c.id == event_id)).first() is not None

    def thread(self, room: str, contact_id: int) -> KnownThread | None:
        """A contact's thread in a room."""
        if contact_id not in self._threads:
            self.prefetch_threads([contact_id])
        return self._threads[contact_id].get(room)

    def staff_message(self, message_id: int) -> tuple[int, str] | None:
        """Where the staff's own message stands that this one was made from."""
        if message_id not in self._fetched:
            self.prefetch([message_id])
        return self._staff_messages.get(message_id)


@cache
def _staff_at_work() -> Any:
    # What waits on its customer weighs a quarter, what is set aside for a time nothing (R2).
    weight = case(
        (tickets.c.status.in_([Status.WAITING_ON_CUSTOMER.value, Status.ON_HOLD.value]), 0.25),
        (tickets.c.status == Status.SNOOZED.value, 0.0),
        else_=1.0,
    )
    held = (
        select(tickets.c.assignee, func.count().label("held"), func.sum(weight).label("load"))
        .where(is_open(), tickets.c.assignee.is_not(None))
        .group_by(tickets.c.assignee)
        .subquery()
    )
    return (
        select(
            presence.c.name,
            presence.c.online,
            presence.c.since,
            func.coalesce(held.c.held, 0),
            cast(func.coalesce(held.c.load, 0.0), Float),
        )
        .join(held, held.c.assignee == presence.c.name, isouter=True)
        .order_by(presence.c.name)
    )


@cache
def _threads(dialect: str) -> Any:
    # One row for each room in which the contact ever had a case.
    one = select(threads.c.room, threads.c.contact_id, threads.c.state, threads.c.title, threads.c.titled_at)
    return one.where(among(dialect, threads.c.contact_id, "ids", numbers=True))


@cache
def _by_ids(dialect: str) -> Any:
    # By primary key.
    return select(messages).where(among(dialect, messages.c.id, "ids", numbers=True))


@cache
def _staff_links(dialect: str) -> Any:
    # A group's chat id is negative on Telegram; the first link of an agent's message there is their own writing.
    return select(links.c.message_id, links.c.place, links.c.external_id).where(
        among(dialect, links.c.message_id, "ids", numbers=True), links.c.place.like("telegram:-%")
    )


def alert_of(row: Row[Any]) -> Alert:
    """An alert from a row of its table."""
    return Alert(**row._asdict() | {"metric": Metric(row.metric)})


def message_of(row: Row[Any]) -> Message:
    """A message from a row of its table."""
    reading = None
    if row.intent is not None:
        reading = Reading(
            intent=row.intent,
            confidence=row.confidence,
            sentiment=Sentiment(row.sentiment),
            urgent=row.urgent,
            language=row.language,
            reader=row.reader or "",
        )
    return Message(
        id=row.id,
        contact_id=row.contact_id,
        conversation_id=row.conversation_id,
        ticket_id=row.ticket_id,
        author=Author(row.author),
        author_name=row.author_name,
        public=row.public,
        text=row.text,
        attachments=tuple(msgspec.convert(each, Attachment) for each in row.attachments or ()),
        at=row.at,
        delivery=Delivery(row.delivery),
        external_id=row.external_id,
        reply_to=row.reply_to,
        reading=reading,
    )
