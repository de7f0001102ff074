"""Work for a few threads of their own, asked for by many tasks of the event loop at once.

What is asked for waits in one line. A thread that is free takes the oldest of it and what stands behind, up to a share.
With more in line than fits, those who ask wait for room, so a flood takes time and no memory.
"""

import asyncio
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


@dataclass(frozen=True, kw_only=True, slots=True)
class PassLimits:
    """How many threads work, how much one takes at once, how much stands in line at most.

    A share that is not full is worked on after `linger` seconds, in which others may join it.
    """

    threads: int = max(1, min(4, os.cpu_count() or 1))
    share: int = 8
    in_line: int = 256
    linger: float = 0.003


class Passes(Generic[Asked, Answer]):
    """Shares the work out. One event loop at a time may use it."""

    def __init__(
        self, work: Callable[[Sequence[Asked]], Sequence[Answer]], limits: PassLimits, *, waits: bool = True
    ) -> None:
        """`work` answers a share, in order, in a thread. Where a fuller share is no cheaper, it `waits` for nobody."""
        self._work = work
        self._limits = limits
        self._waits = waits and limits.linger > 0
        self._threads = ThreadPoolExecutor(limits.threads, thread_name_prefix="tagger")
        self._idle = limits.threads
        self._line: deque[tuple[Asked, asyncio.Future[Answer]]] = deque()
        self._room = asyncio.Semaphore(limits.in_line)
        self._lingering: asyncio.TimerHandle | None = None

    async def answers(self, asked: Sequence[Asked]) -> list[Answer]:
        """The answers, in order."""
        loop = asyncio.get_running_loop()
        futures: list[asyncio.Future[Answer]] = []
        try:
            for each in asked:
                await self._room.acquire()
                futures.append(loop.create_future())
                self._line.append((each, futures[-1]))
                self._share_out(full_only=True)
            self._soon()
            return await asyncio.gather(*futures)
        finally:
            for future in futures:
                future.cancel()

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _soon(self) -> None:
        if not self._waits:
            self._share_out(full_only=False)
        elif self._line and self._lingering is None:
            self._lingering = asyncio.get_running_loop().call_later(self._limits.linger, self._waited)

    def _waited(self) -> None:
        self._lingering = None
        self._share_out(full_only=False)

    def _share_out(self, *, full_only: bool) -> None:
        full = min(self._limits.share, self._limits.in_line)
        while self._idle and self._line and not (full_only and len(self._line) < full):
            share = list(self._taken())
            if share:
                self._idle -= 1
                texts = [asked for asked, _ in share]
                done = asyncio.get_running_loop().run_in_executor(self._threads, self._work, texts)
                done.add_done_callback(partial(self._done, share))

    def _taken(self) -> Iterator[tuple[Asked, "asyncio.Future[Answer]"]]:
        """The next share; who does not wait any more is left out."""
        for _ in range(min(self._limits.share, len(self._line))):
            asked, future = self._line.popleft()
            self._room.release()
            if not future.done():
                yield asked, future

    def _done(
        self, share: Sequence[tuple[Asked, "asyncio.Future[Answer]"]], done: "asyncio.Future[Sequence[Answer]]"
    ) -> None:
        self._idle += 1
        error = None if done.cancelled() else done.exception()
        answers = done.result() if not done.cancelled() and error is None else ()
        for number, (_, future) in enumerate(share):
            if future.done():
                continue
            if done.cancelled():
                future.cancel()
            elif error is not None:
                future.set_exception(error)
            else:
                future.set_result(answers[number])
        self._share_out(full_only=self._lingering is not None)
