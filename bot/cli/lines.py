"""JSON lines in, JSON lines out, one for each and in the same order: `guanxi tag --jsonl`, `guanxi sla due --jsonl`.

What has arrived is answered at once, so whoever writes a line and waits for its answer is not kept waiting.
"""

import asyncio
import os
import stat
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, TypeVar

import msgspec
import typer

from bot.cli.environment import company_file, configuration
from bot.cli.terminal import WRONG, Stop, progress
from desk.hours import NoOpenTime, due_line
from desk.readings import Reading
from nlp.keywords import KeywordTagger
from nlp.knowledge import Pages
from nlp.lexicon import load_lexicon
from nlp.plain import PlainUnderstander
from nlp.understander import Understander

T = TypeVar("T")
Answers = Callable[[Sequence[T]], Sequence[object]]

_CHUNK = 1 << 16
_BATCH = 256


def tag(text: str) -> None:
    """Print the tags of one text."""
    typer.echo(msgspec.json.encode(_tags(_understander(), [text])[0]))


def tag_lines() -> None:
    """Print the tags of each line of stdin: a text, or an object with the key text."""
    understander = _understander()
    _answer("Tagging", _text, lambda texts: _tags(understander, texts))


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

    _answer("Counting open time", answered, lambda answers: answers)


def _understander() -> Understander:
    return PlainUnderstander(KeywordTagger(load_lexicon()), Pages(()))


def _tags(understander: Understander, texts: Sequence[str]) -> list[Reading]:
    return [each.reading for each in asyncio.run(understander.understand(texts))]


def _text(line: bytes) -> str:
    match msgspec.json.decode(line):
        case str(text) | {"text": str(text)}:
            return text
        case _:
            raise ValueError('expected a text, or an object like {"text": "..."}')


def _answer(what: str, read: Callable[[bytes], T], answers: Answers[T]) -> None:
    """Answer stdin, a line that cannot be read by its error; raises Stop at the end where there were any."""
    total, wrong = 0, 0
    with progress(what, _size(sys.stdin.fileno())) as counter:
        for lines in _batches(sys.stdin.buffer):
            found = [_read(line, read) for line in lines if line.strip()]
            values = iter(answers([value for value, error in found if value is not None and error is None]))
            replies = [{"error": error} if error is not None else next(values) for _, error in found]
            sys.stdout.buffer.write(b"".join(msgspec.json.encode(reply) + b"\n" for reply in replies))
            sys.stdout.buffer.flush()
            total += len(found)
            wrong += sum(error is not None for _, error in found)
            counter.advance(sum(len(line) + 1 for line in lines))
    if wrong:
        raise Stop(f"{wrong} of {total} lines could not be read; each was answered by its error", WRONG)


def _read(line: bytes, read: Callable[[bytes], T]) -> tuple[T | None, str | None]:
    try:
        return read(line), None
    except (ValueError, msgspec.MsgspecError) as error:
        return None, str(error)


def _batches(stream: BinaryIO) -> Iterator[list[bytes]]:
    """The lines that are there, as soon as they are, at most so many at once."""
    rest = b""
    while chunk := os.read(stream.fileno(), _CHUNK):
        *lines, rest = (rest + chunk).split(b"\n")
        for first in range(0, len(lines), _BATCH):
            yield lines[first : first + _BATCH]
    if rest:
        yield [rest]


def _size(descriptor: int) -> int | None:
    """How many bytes will come, None where only time tells."""
    found = os.fstat(descriptor)
    return found.st_size if stat.S_ISREG(found.st_mode) else None
