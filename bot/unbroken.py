"""Work that is not broken off half-way: between a commit and what follows from it there is no good moment to stop."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")

_PATIENCE = 10.0


async def unbroken(work: Coroutine[Any, Any, Result], patience: float = _PATIENCE) -> Result:
    """What the work returns. Who is cancelled meanwhile ends after the work, waiting so many seconds at the most."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task], timeout=patience)
        task.cancel()
        raise
