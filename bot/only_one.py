"""One process on an embedded database: a second one would take the first one's work for left behind."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class AlreadyRunning(RuntimeError):
    """Another process holds the lock."""


@contextmanager
def only_one(lock: Path) -> Iterator[None]:
    """Hold a lock file until the end; the system lets go of it however the process ends. Raises AlreadyRunning."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("a") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(f"{lock}: another Guanxi runs on this database; end it first") from error
        yield
