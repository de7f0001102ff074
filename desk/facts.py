"""Facts: what happened, in the past tense, as the timeline keeps it for good."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class FactKind(StrEnum):
    """What can happen to a contact or a ticket."""

    CONTACT_CREATED = "contact_created"
    CONVERSATION_STARTED = "conversation_started"
    CONSENT_GIVEN = "consent_given"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    LANGUAGE_CHANGED = "language_changed"
    CHANNEL_BLOCKED = "channel_blocked"
    CHANNEL_UNBLOCKED = "channel_unblocked"
    EVENT_RECORDED = "event_recorded"
    TICKET_OPENED = "ticket_opened"
    HANDED_OVER = "handed_over"
    TICKET_ASSIGNED = "ticket_assigned"
    TICKET_TAKEN = "ticket_taken"
    TICKET_RELEASED = "ticket_released"
    STATUS_CHANGED = "status_changed"
    PRIORITY_CHANGED = "priority_changed"
    TICKET_RESOLVED = "ticket_resolved"
    TICKET_REOPENED = "ticket_reopened"
    COURTESY_IGNORED = "courtesy_ignored"
    REPLY_DELIVERED = "reply_delivered"
    DELIVERY_FAILED = "delivery_failed"
    READING_CORRECTED = "reading_corrected"
    MESSAGE_EDITED = "message_edited"
    MESSAGE_REACTED = "message_reacted"
    ANSWERED_BY_BOT = "answered_by_bot"
    ANSWER_JUDGED = "answer_judged"
    SLA_WARNED = "sla_warned"
    SLA_BREACHED = "sla_breached"
    SLA_REPEATED = "sla_repeated"
    ALERT_ACKNOWLEDGED = "alert_acknowledged"
    SURVEY_SENT = "survey_sent"
    SURVEY_SKIPPED = "survey_skipped"
    SURVEY_ANSWERED = "survey_answered"
    SURVEY_EXPLAINED = "survey_explained"
    SURVEY_WITHDRAWN = "survey_withdrawn"
    NUDGE_SENT = "nudge_sent"
    NUDGE_DEFERRED = "nudge_deferred"
    NUDGE_SKIPPED = "nudge_skipped"


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """One line of the timeline. `by` is a staff member's name, "customer", "bot" or "clock"; `data` is JSON."""

    kind: FactKind
    at: datetime
    contact_id: int
    by: str
    ticket: int | None = None
    data: Mapping[str, object] = field(default_factory=dict)
