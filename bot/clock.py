"""The one place that reads the clock; everybody else is handed a moment, or one of these functions."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

#: This moment, aware, in UTC.
Clock = Callable[[], datetime]

#: Seconds that never run backwards, for measuring how long something takes.
Stopwatch = Callable[[], float]


def now() -> datetime:
    """This moment, aware, in UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds since some moment; only differences mean anything."""
    return time.monotonic()
