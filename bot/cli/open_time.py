"""`guanxi sla due`: when so much open time has passed."""

from collections.abc import Mapping
from pathlib import Path

import msgspec
import typer

from bot.cli.environment import company_file, configuration
from bot.cli.lines import answer
from bot.cli.terminal import WRONG, Stop
from desk.hours import NoOpenTime, due_line


def due(calendar: str, start: str, minutes: float, config: Path | None) -> None:
    """Print when so much open time has passed."""
    calendars = configuration(company_file(config)).company.calendars
    try:
        line = due_line(calendars, {"calendar": calendar, "start": start, "minutes": minutes})
    except (ValueError, NoOpenTime) as error:
        raise Stop(str(error), WRONG) from error
    typer.echo(msgspec.json.encode(line))


def due_lines(config: Path | None) -> None:
    """The same for each line of stdin: an object with the keys calendar, start and minutes."""
    calendars = configuration(company_file(config)).company.calendars

    def answered(line: bytes) -> Mapping[str, str]:
        try:
            return due_line(calendars, msgspec.json.decode(line, type=dict[str, object]))
        except NoOpenTime as error:
            raise ValueError(str(error)) from error

    answer("Counting open time", answered, lambda answers: answers)
