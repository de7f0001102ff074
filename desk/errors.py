"""The desk's errors: a class exists only where a caller acts differently.

DeskError
├── Refused      the command is understood and not allowed now; the person who gave it is told why
└── NotFound     what the command is about does not exist (any more)
"""


class DeskError(Exception):
    """Whatever the desk's rules say no to."""


class Refused(DeskError):
    """The command cannot be carried out now.

    `reason` is a key of the text catalogue, `figures` what its placeholders are filled with.
    """

    def __init__(self, reason: str, **figures: object) -> None:
        """Keep the reason as a catalogue key, so that each reader is told in their own language."""
        super().__init__(reason)
        self.reason = reason
        self.figures = figures


class NotFound(DeskError):
    """The ticket, topic or message that a command names is unknown."""
