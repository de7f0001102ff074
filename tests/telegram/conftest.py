"""A channel over the emulator, and the recorded updates."""

import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from channels.limits import Budget, Limits
from channels.telegram.api import Api, Session, open_session
from channels.telegram.channel import TelegramChannel
from tests.emulator.emulator import Emulator
from tests.emulator.fixtures import emulator, forum
from tests.emulator.groups import Group

__all__ = ["emulator", "forum"]

PAYLOADS = Path(__file__).parent / "payloads"
FORUM = -1001000000001
PLAIN = -4000001
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def payload(name: str) -> str:
    return (PAYLOADS / f"{name}.json").read_text(encoding="utf-8")


def payload_names() -> list[str]:
    return sorted(path.stem for path in PAYLOADS.glob("*.json"))


class Naps:
    """A sleep that takes no time and is remembered."""

    def __init__(self) -> None:
        self.taken: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)


@pytest.fixture
async def session() -> AsyncIterator[Session]:
    async with open_session() as opened:
        yield opened


@pytest.fixture
def api(session: Session, emulator: Emulator) -> Api:
    return Api(session, token=emulator.token, base_url=emulator.url)


@pytest.fixture
def naps() -> Naps:
    return Naps()


Make = Callable[..., TelegramChannel]


@pytest.fixture
def channel_with(api: Api, tmp_path: Path, naps: Naps) -> Make:
    def make(*, limits: Limits | None = None) -> TelegramChannel:
        return TelegramChannel(
            api,
            username="guanxi_bot",
            rooms={FORUM, PLAIN},
            budget=Budget(limits or Limits(chat=None, group=None, bot=None)),
            open_file=lambda key: tmp_path / key,
            now=lambda: NOW,
            monotonic=time.monotonic,
            sleep=naps,
        )

    return make


@pytest.fixture
def channel(channel_with: Make) -> TelegramChannel:
    return channel_with()


@pytest.fixture
def plain_group(emulator: Emulator) -> Group:
    return emulator.plain_group(chat_id=PLAIN)
