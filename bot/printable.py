"""Text of unknown origin, made safe for a line: nothing in it starts a new one or moves a terminal."""


def printable(text: str) -> str:
    """On one line; what is not printable is written as `\\u001b`."""
    return "".join(letter if letter.isprintable() else f"\\u{ord(letter):04x}" for letter in text)
