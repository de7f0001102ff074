"""A strict emulator of Telegram's Bot API: the counterpart of the stories, the kill tests and the benchmarks."""

from tests.emulator.clock import Clock
from tests.emulator.emulator import TOKEN, Emulator
from tests.emulator.flood import Flood
from tests.emulator.groups import Group
from tests.emulator.limits import Bucket, Limits, Window
from tests.emulator.people import Customer, Member
from tests.emulator.state import Message, Topic

__all__ = [
    "TOKEN",
    "Bucket",
    "Clock",
    "Customer",
    "Emulator",
    "Flood",
    "Group",
    "Limits",
    "Member",
    "Message",
    "Topic",
    "Window",
]
