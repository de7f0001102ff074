"""What a company's own intents are learnt from."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """A message, and the intent that a person says it has."""

    text: str
    intent: str
