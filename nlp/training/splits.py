"""How the training messages are parted for validation: by scenario, and by author."""

import random
from collections.abc import Callable, Sequence

from nlp.training.messages import Message

VALIDATION_SHARE = 0.05
#: Who wrote counterparts in nearly the same words, each in a scenario of its own: all of theirs is learnt from.
WHOLE = "KL"

Parts = tuple[list[Message], list[Message]]


def by_scenario(messages: Sequence[Message], seed: int) -> Parts:
    """A small part for validation; a scenario stands on one side, so near-twins do too."""
    scenarios = sorted({message.scenario for message in messages if message.author not in WHOLE})
    held = set(random.Random(seed).sample(scenarios, round(len(scenarios) * VALIDATION_SHARE)))  # noqa: S311
    return _parted(messages, lambda message: message.scenario in held)


def without_authors(messages: Sequence[Message], authors: str) -> Parts:
    """All that some authors wrote held back: how the model does on people whom it never read."""
    return _parted(messages, lambda message: message.author in authors)


def _parted(messages: Sequence[Message], held: Callable[[Message], bool]) -> Parts:
    learnt = [message for message in messages if not held(message)]
    return learnt, [message for message in messages if held(message)]
