"""Our applications served as the program serves them, where a test wants one of them alone."""

from typing import Any

from aiohttp.test_utils import TestServer
from aiohttp.web import BaseRunner


class Server(TestServer):
    """aiohttp's own cancels what answers a browser that has hung up; the program lets it come to its end."""

    async def _make_runner(self, **options: Any) -> BaseRunner:
        return await super()._make_runner(**options | {"handler_cancellation": False})
