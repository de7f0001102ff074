"""A bare client for tests: one POST, the answer as it came."""

from dataclasses import dataclass
from typing import Any

import aiohttp
import msgspec


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """`description` and `parameters` are the error's; `result` the success's."""

    status: int
    result: Any = None
    description: str = ""
    parameters: dict[str, int] | None = None


class Api:
    """Calls methods with JSON bodies; `form` sends a multipart or urlencoded form instead."""

    def __init__(self, base: str, token: str, session: aiohttp.ClientSession) -> None:
        self._base = base
        self._token = token
        self._session = session

    async def __call__(self, method: str, **params: Any) -> Answer:
        return await self._post(method, json=params)

    async def form(self, method: str, data: Any, **query: str) -> Answer:
        return await self._post(method, data=data, params=query)

    async def file(self, path: str) -> bytes:
        async with self._session.get(f"{self._base}/file/bot{self._token}/{path}") as answer:
            return await answer.read()

    async def _post(self, method: str, **how: Any) -> Answer:
        async with self._session.post(f"{self._base}/bot{self._token}/{method}", **how) as answer:
            body = msgspec.json.decode(await answer.read())
        if body["ok"]:
            return Answer(status=answer.status, result=body["result"])
        assert body["error_code"] == answer.status
        parameters = body.get("parameters")
        return Answer(status=answer.status, description=body["description"], parameters=parameters)
