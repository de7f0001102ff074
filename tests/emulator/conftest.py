"""The emulator's own tests use its own fixtures."""

from tests.emulator.fixtures import api, emulator, forum

__all__ = ["api", "emulator", "forum"]
