"""The roles that a process can have: all in one, or each by itself on PostgreSQL."""

from enum import StrEnum


class Role(StrEnum):
    """What a process does."""

    ALL = "all"
    WEB = "web"
    WORKER = "worker"
    SENDER = "sender"
    SCHEDULER = "scheduler"
