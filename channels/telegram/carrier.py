"""Carries out planned calls, one after the other, so that a message of several parts arrives whole or says why not."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from channels.base import Rejected, RetryLater, Uncertain
from channels.telegram import wire
from channels.telegram.api import Api, Upload
from channels.telegram.calls import Call
from channels.telegram.wire import Posted

PATIENCE = 5
LONGEST_PAUSE = 60.0


class Carrier:
    """`open_file` says where a file of our own store lies."""

    def __init__(
        self,
        api: Api,
        *,
        open_file: Callable[[str], Path],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Hold what the calls need."""
        self._api = api
        self._open_file = open_file
        self._sleep = sleep

    async def perform(self, calls: Sequence[Call]) -> list[Posted]:
        """The messages made, in order. Raises SendError; RetryLater only where nothing was sent."""
        posted: list[Posted] = []
        for call in calls:
            posted += await (self._patiently(call) if posted else self._once(call))
        return posted

    async def _patiently(self, call: Call) -> list[Posted]:
        """A later part: trying the whole message again would repeat the parts that are there."""
        for _ in range(PATIENCE):
            try:
                return await self._once(call)
            except RetryLater as busy:
                await self._sleep(min(busy.after, LONGEST_PAUSE))
        raise Uncertain("only the beginning was sent; Telegram did not take the rest in time")

    async def _once(self, call: Call) -> list[Posted]:
        try:
            return await self._call(call)
        except Rejected:
            if not call.instead:
                raise
        return await self.perform(call.instead)

    async def _call(self, call: Call) -> list[Posted]:
        if not call.carried:
            if call.many:
                return await self._api.call(call.method, call.params, wire.ALBUM)
            return [await self._api.post(call.method, call.params)]
        uploads = [
            Upload(field=file.field, path=self._open_file(file.key), name=file.name, media_type=file.media_type)
            for file in call.carried
        ]
        if call.many:
            return await self._api.upload(call.method, call.params, uploads, wire.ALBUM)
        return [await self._api.upload(call.method, call.params, uploads, wire.POSTED)]
