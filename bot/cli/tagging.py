"""`guanxi tag`: what the tagger reads in a message, or in the stored ones anew."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial

import msgspec
import typer

from bot.cli.databases import on_database
from bot.cli.environment import configuration
from bot.cli.lines import answer
from bot.cli.terminal import UNUSABLE, Stop, progress
from bot.settings import Settings, read_settings
from bot.tagger import open_understander
from desk.company import Company
from desk.readings import Reading
from nlp.understander import Understander
from store.database import Database
from store.readings import count_to_read, keep_readings, to_read

_AT_ONCE = 256


def tag(text: str) -> None:
    """Print the tags of one text."""
    with _reading() as readings:
        typer.echo(msgspec.json.encode(readings([text])[0]))


def tag_lines() -> None:
    """Print the tags of each line of stdin: a text, or an object with the key text."""
    with _reading() as readings:
        answer("Tagging", _text, readings)


def tag_again(since: str) -> None:
    """Read the customers' messages since a moment anew, those that this reader has not read."""
    settings = read_settings()
    company = _company(settings)
    begin = _moment(since, company)
    understander = open_understander(settings, company)
    count = on_database(lambda database: _read_anew(database, understander, begin))
    typer.echo(f"Read anew by {understander.reader}: {count} message{'' if count == 1 else 's'}.")


async def _read_anew(database: Database, understander: Understander, since: datetime) -> int:
    after, count = 0, 0
    waiting = partial(to_read, since=since, reader=understander.reader, count=_AT_ONCE)
    total = await database.read(partial(count_to_read, since=since, reader=understander.reader))
    with progress("Reading", total) as counter:
        while batch := await database.read(partial(waiting, after=after)):
            understood = await understander.understand([written.text for written in batch])
            read = [(written, each.reading) for written, each in zip(batch, understood, strict=True)]
            await database.transaction(partial(keep_readings, read=read))
            after, count = batch[-1].id, count + len(batch)
            counter.advance(len(batch))
    return count


@contextmanager
def _reading() -> Iterator[Callable[[Sequence[str]], list[Reading]]]:
    """Reads texts as the program would, from outside an event loop."""
    settings = read_settings()
    understander = open_understander(settings, _company(settings))
    with asyncio.Runner() as runner:
        yield lambda texts: [each.reading for each in runner.run(understander.understand(texts))]


def _company(settings: Settings) -> Company | None:
    """Whose intents are read beside the built-in ones; nobody's where there is no company's file."""
    return configuration(settings.config).company if settings.config.is_file() else None


def _moment(text: str, company: Company | None) -> datetime:
    """Like 2026-01-05 or 2026-01-05T09:00, by the company's clock where it names no zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Stop(f"{text}: expected a date like 2026-01-05", UNUSABLE) from None
    zone = UTC if company is None else company.timezone
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)).astimezone(UTC)


def _text(line: bytes) -> str:
    match msgspec.json.decode(line):
        case str(text) | {"text": str(text)}:
            return text
        case _:
            raise ValueError('expected a text, or an object like {"text": "..."}')
