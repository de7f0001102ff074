"""What the stories have, for the houses that are to die."""

from tests.stories.conftest import emulator, people

__all__ = ["emulator", "people"]
