"""Threads of their own for what many tasks ask at once."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import pytest

from nlp.passes import Passes, PassLimits


@asynccontextmanager
async def _passes(
    work: Callable[[Sequence[int]], Sequence[int]], *, waits: bool = True, **limits: float
) -> AsyncIterator[Passes[int, int]]:
    passes = Passes(work, PassLimits(**limits), waits=waits)  # type: ignore[arg-type]
    try:
        yield passes
    finally:
        passes.close()


def _doubled(numbers: Sequence[int]) -> list[int]:
    return [2 * number for number in numbers]


@pytest.mark.parametrize("waits", [True, False])
async def test_everybody_gets_their_own_answers_in_order(waits: bool) -> None:  # noqa: FBT001
    async with _passes(_doubled, waits=waits, threads=3, share=4, in_line=10) as passes:
        asked = [list(range(start, start + start % 7)) for start in range(200)]
        assert await asyncio.gather(*map(passes.answers, asked)) == list(map(_doubled, asked))


async def test_calls_of_one_moment_share_a_pass() -> None:
    shares: list[int] = []

    def count(numbers: Sequence[int]) -> Sequence[int]:
        shares.append(len(numbers))
        return numbers

    async with _passes(count, threads=1, share=8, in_line=64) as passes:
        await asyncio.gather(*(passes.answers([number]) for number in range(24)))
    assert shares == [8, 8, 8]


async def test_a_full_line_makes_who_asks_wait() -> None:
    gate = threading.Event()

    def slow(numbers: Sequence[int]) -> Sequence[int]:
        gate.wait(10)
        return numbers

    async with _passes(slow, threads=1, share=1, in_line=4) as passes:
        asking = [asyncio.create_task(passes.answers([number])) for number in range(50)]
        await asyncio.sleep(0.02)
        assert len(passes._line) <= 4
        gate.set()
        assert [await each for each in asking] == [[number] for number in range(50)]


async def test_the_loop_turns_while_500_ask() -> None:
    working = threading.Event()
    turns = 0

    def held(numbers: Sequence[int]) -> Sequence[int]:
        working.wait(10)
        return numbers

    async with _passes(held, threads=2, share=8, in_line=256) as passes:
        asking = asyncio.gather(*(passes.answers([number]) for number in range(500)))
        while turns < 1000:  # no thread has answered anything yet, and the loop goes round and round
            await asyncio.sleep(0)
            turns += 1
        assert not asking.done()
        working.set()
        assert await asking == [[number] for number in range(500)]


async def test_an_error_meets_those_who_shared_the_pass_alone() -> None:
    def picky(numbers: Sequence[int]) -> Sequence[int]:
        if 3 in numbers:
            raise ValueError("three")
        return numbers

    async with _passes(picky, threads=1, share=1, in_line=8) as passes:
        found = await asyncio.gather(*(passes.answers([number]) for number in range(6)), return_exceptions=True)
    assert [str(each) for each in found if isinstance(each, Exception)] == ["three"]
    assert [each for each in found if isinstance(each, list)] == [[0], [1], [2], [4], [5]]


async def test_who_gave_up_is_not_worked_for() -> None:
    gate = threading.Event()
    worked: list[int] = []

    def slow(numbers: Sequence[int]) -> Sequence[int]:
        gate.wait(10)
        worked.extend(numbers)
        return numbers

    async with _passes(slow, threads=1, share=1, in_line=8, waits=False) as passes:
        asking = [asyncio.create_task(passes.answers([number])) for number in range(3)]
        await asyncio.sleep(0.02)
        asking[1].cancel()
        await asyncio.sleep(0)
        gate.set()
        assert [await asking[0], await asking[2]] == [[0], [2]]
    assert worked == [0, 2]
