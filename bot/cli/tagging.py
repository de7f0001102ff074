"""`guanxi tag`: what the tagger reads in a message, or in the stored ones anew."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial

import msgspec
import typer

from bot.cli.databases import on_database
from bot.cli.environment import company_of, moment
from bot.cli.learning import learnt_from
from bot.cli.lines import answer
from bot.cli.terminal import progress
from bot.settings import read_settings
from bot.tagger import open_understander
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
    company = company_of(settings)
    begin = moment(since, company)
    understander = open_understander(settings, company, corrections=learnt_from(settings, company))
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
    company = company_of(settings)
    understander = open_understander(settings, company, corrections=learnt_from(settings, company))
    with asyncio.Runner() as runner:
        yield lambda texts: [each.reading for each in runner.run(understander.understand(texts))]


def _text(line: bytes) -> str:
    match msgspec.json.decode(line):
        case str(text) | {"text": str(text)}:
            return text
        case _:
            raise ValueError('expected a text, or an object like {"text": "..."}')
