"""JSON lines in, JSON lines out, one for each and in the same order.

What has arrived is answered at once, so whoever writes a line and waits for its answer is not kept waiting.
"""

import os
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO, TypeVar

import msgspec

from bot.cli.terminal import WRONG, Stop, progress

T = TypeVar("T")
Answers = Callable[[Sequence[T]], Sequence[object]]

_CHUNK = 1 << 16
_BATCH = 256


def answer(what: str, read: Callable[[bytes], T], answers: Answers[T]) -> None:
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
