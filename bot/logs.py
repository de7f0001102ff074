"""The log: one line an event, for a person or for a machine, with no secret in it and nothing that moves a terminal.

What customers write is logged at the level debug alone. An exception's text may quote what they wrote (a database's
error shows the row), so of each only the first line is kept; where it came from is said by file, line and function.
"""

import logging
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from traceback import extract_tb
from typing import Any, TextIO

import msgspec

from bot.printable import printable
from bot.settings import LogLevel, LogStyle

_TOKEN = re.compile(r"(?<!\d)\d{6,}:[A-Za-z0-9_-]{20,}")
_HIDDEN = "***"
_LONGEST = 2000
_FRAMES = 8
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
#: Libraries that say more than anybody asked.
_TALKATIVE = ("aiogram", "aiohttp", "alembic", "apscheduler", "asyncio")

Scrub = Callable[[str], str]


def configure(style: LogStyle, level: LogLevel, secrets: Iterable[str], stream: TextIO | None = None) -> None:
    """Log to a stream (stderr), and nowhere else. `secrets` never appear, whatever is logged."""
    handler = logging.StreamHandler(stream or sys.stderr)
    scrub = scrubber(secrets)
    handler.setFormatter(JsonLines(scrub) if style is LogStyle.JSON else TextLines(scrub))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))


def scrubber(secrets: Iterable[str]) -> Scrub:
    """What hides these texts, and whatever looks like a bot's token, in a text."""
    known = sorted((re.escape(secret) for secret in set(secrets) if secret), key=len, reverse=True)
    pattern = re.compile("|".join([*known, _TOKEN.pattern]))
    return lambda text: pattern.sub(_HIDDEN, text)


class _Lines(logging.Formatter):
    def __init__(self, scrub: Scrub) -> None:
        super().__init__()
        self._scrub = scrub

    def _fields(self, record: logging.LogRecord) -> dict[str, Any]:
        """What was given by `extra`, then what was raised."""
        fields = {name: self._value(value) for name, value in vars(record).items() if name not in _STANDARD}
        if record.exc_info and record.exc_info[1] is not None:
            fields["error"] = self._value(_said(record.exc_info[1]))
            fields["at"] = _places(record.exc_info[1])
        return fields

    def _value(self, value: Any) -> Any:
        if value is None or isinstance(value, bool | int | float):
            return value
        text = self._scrub(str(value))
        return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


class TextLines(_Lines):
    """`2026-01-05T09:00:00.123Z INFO bot.worker: what happened lane=telegram:1 row=5`."""

    def format(self, record: logging.LogRecord) -> str:
        """The event on one line."""
        fields = "".join(f" {name}={_shown(value)}" for name, value in self._fields(record).items())
        message = printable(self._value(record.getMessage()))
        return f"{_moment(record)} {record.levelname} {record.name}: {message}{fields}"


class JsonLines(_Lines):
    """One JSON object an event: time, level, logger, event, then the fields."""

    def format(self, record: logging.LogRecord) -> str:
        """The event on one line."""
        event: Mapping[str, Any] = {
            "time": _moment(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": self._value(record.getMessage()),
        }
        return msgspec.json.encode({**event, **self._fields(record), **event}).decode()


def _moment(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"


def _shown(value: Any) -> str:
    text = printable(str(value))
    return f'"{text}"' if " " in text or not text else text


def _said(error: BaseException) -> str:
    """The error's kind and first line, and the same of what caused it."""
    lines = str(error).splitlines()
    said = f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if isinstance(error, BaseExceptionGroup):
        return f"{said} [{'; '.join(map(_said, error.exceptions))}]"
    return said if cause is None else f"{said}, because of {_said(cause)}"


def _places(error: BaseException) -> str:
    """Where it was raised, and by whom that was called, innermost first."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    frames = reversed(extract_tb(error.__traceback__))
    places = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
    return " < ".join(places[:_FRAMES])
