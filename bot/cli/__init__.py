"""The command `guanxi`: commands.py says what can be typed, the other modules do it."""
