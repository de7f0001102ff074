"""Every table, as the migrations leave it.

Written so that the hot path reads by key: the lanes say what waits and who works on it, a contact is the root of its
conversations, tickets, clocks and threads, due times are rows with an index.
"""

from store.tables.cases import (
    alerts,
    cards,
    clocks,
    contacts,
    conversations,
    corrections,
    events,
    facts,
    message_versions,
    messages,
    nudges,
    surveys,
    threads,
    tickets,
)
from store.tables.house import files, keepsakes, login_failures, presence, sessions, users
from store.tables.naming import metadata
from store.tables.queues import counters, deadlines, inbox, inbox_lanes, links, outbox, outbox_lanes

__all__ = [
    "alerts",
    "cards",
    "clocks",
    "contacts",
    "conversations",
    "corrections",
    "counters",
    "deadlines",
    "events",
    "facts",
    "files",
    "inbox",
    "inbox_lanes",
    "keepsakes",
    "links",
    "login_failures",
    "message_versions",
    "messages",
    "metadata",
    "nudges",
    "outbox",
    "outbox_lanes",
    "presence",
    "sessions",
    "surveys",
    "threads",
    "tickets",
    "users",
]
