"""The log: one line an event, no secret, nothing that moves a terminal, nothing a customer wrote."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from bot import logs
from bot.settings import LogLevel, LogStyle

TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"


@pytest.fixture(params=LogStyle)
def style(request: pytest.FixtureRequest) -> Iterator[LogStyle]:
    """Each style in turn; the root logger is as before afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield request.param
    root.handlers[:], root.level = handlers, level
    logging.captureWarnings(capture=False)


@pytest.fixture
def log(style: LogStyle) -> io.StringIO:
    """What is logged from now on."""
    stream = io.StringIO()
    logs.configure(style, LogLevel.INFO, ["hunter2"], stream)
    return stream


def raised(error: Exception) -> None:
    try:
        raise error
    except Exception:
        logging.getLogger("bot.worker").exception("a lane failed", extra={"lane": "telegram:1", "row": 5})


def test_an_event_is_a_line_with_its_fields(style: LogStyle, log: io.StringIO) -> None:
    logging.getLogger("bot.worker").info("handled %s", "two", extra={"lane": "telegram:1", "row": 5, "late": None})
    logging.getLogger("bot.worker").debug("not asked for")
    line = log.getvalue()
    assert line.count("\n") == 1
    if style is LogStyle.JSON:
        event = json.loads(line)
        assert event.pop("time").endswith("Z")
        assert event == {
            "level": "info",
            "logger": "bot.worker",
            "event": "handled two",
            "lane": "telegram:1",
            "row": 5,
            "late": None,
        }
    else:
        assert line.endswith("Z INFO bot.worker: handled two lane=telegram:1 row=5 late=None\n".partition("Z")[2])


def test_no_secret_is_logged_wherever_it_stands(log: io.StringIO) -> None:
    logger = logging.getLogger("x")
    logger.info("https://api.telegram.org/bot%s/getMe", TOKEN, extra={"why": f"hunter2 {TOKEN}"})
    raised(ValueError(f"the password hunter2 of {TOKEN}"))
    assert "hunter2" not in log.getvalue()
    assert TOKEN[10:] not in log.getvalue()
    assert log.getvalue().count("***") >= 5


@pytest.mark.parametrize("text", ["two\nlines", "\x1b[2Jgone", "a\u2028b", "\rover", "\u202eright to left"])
def test_what_moves_a_terminal_or_forges_a_line_is_escaped(style: LogStyle, log: io.StringIO, text: str) -> None:
    logging.getLogger("x").info("said %s", text, extra={"why": text})
    line = log.getvalue()
    assert line.count("\n") == 1
    if style is LogStyle.TEXT:
        assert line.rstrip("\n").isprintable()
    else:
        assert json.loads(line)["why"] == text
        assert all(ord(letter) >= 32 for letter in line.rstrip("\n"))


def test_an_error_is_told_without_the_rows_it_quotes(style: LogStyle, log: io.StringIO) -> None:
    raised(RuntimeError("(IntegrityError) duplicate key\nDETAIL: my order 42 is late\n[parameters: ('my order',)]"))
    line = log.getvalue()
    assert line.count("\n") == 1
    assert "my order" not in line
    assert "RuntimeError: (IntegrityError) duplicate key" in line
    assert "raised" in line
    assert "test_logs.py" in line


def test_causes_and_groups_are_told(log: io.StringIO) -> None:
    error = ValueError("outside")
    error.__cause__ = KeyError("inside")
    raised(ExceptionGroup("many", [error, OSError("gone")]))
    assert "many" in log.getvalue()
    assert "ValueError: outside, because of KeyError: 'inside'; OSError: gone" in log.getvalue()


def test_a_long_text_is_cut(log: io.StringIO) -> None:
    logging.getLogger("x").info("x" * 10_000, extra={"why": "y" * 10_000})
    assert len(log.getvalue()) < 5000
