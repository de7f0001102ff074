"""The program in processes of its own, as an operator runs it, to be killed at will."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from bot.roles import Role
from tests.emulator import Emulator
from tests.stories.house import DESK

ROOT = Path(__file__).parents[2]


class Program:
    """`guanxi run` with one role, again and again on the same database."""

    def __init__(self, emulator: Emulator, database_url: str, folder: Path, **more: str) -> None:
        self._folder = folder
        self._environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "GUANXI_CONFIG": str(DESK),
            "GUANXI_DATABASE_URL": database_url,
            "GUANXI_FILES": str(folder / "files"),
            "GUANXI_HTTP_PORT": "0",
            "GUANXI_TELEGRAM_TOKEN": emulator.token,
            "GUANXI_TELEGRAM_API_URL": emulator.url,
            "GUANXI_TELEGRAM_CHAT_PER_SECOND": "0",
            "GUANXI_TELEGRAM_GROUP_PER_MINUTE": "0",
            "GUANXI_TELEGRAM_BOT_PER_SECOND": "0",
            "GUANXI_LEASE_SECONDS": "2",
            "GUANXI_NLP_MODEL": "keywords",
            **more,
        }

    @asynccontextmanager
    async def runs(self, role: Role = Role.ALL) -> AsyncIterator[Callable[[], None]]:
        """A process; gives what kills it at once. At the end of the block it is gone, killed or told to end."""
        with (self._folder / f"{role.value}.log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", "run", "--role", role.value,
                cwd=self._folder, env=self._environment, stdout=log, stderr=log,
            )  # fmt: skip
        killed = False

        def kill() -> None:
            nonlocal killed
            killed = True
            process.kill()

        try:
            yield kill
        finally:
            if process.returncode is None and not killed:
                process.terminate()
            code = await asyncio.wait_for(process.wait(), 20)
        if not killed:
            assert code == 0, self.log(role)

    def log(self, role: Role = Role.ALL) -> str:
        """What the processes of a role have said."""
        return (self._folder / f"{role.value}.log").read_text(encoding="utf-8")[-4000:]
