"""The emulator's clock: real time that tests may speed up or push forward."""

import time


class Clock:
    """Unix seconds; `speed` emulated seconds pass in each real one."""

    def __init__(self, *, start: float | None = None, speed: float = 1.0) -> None:
        self._start = time.time() if start is None else start
        self._began = time.monotonic()
        self._speed = speed

    def now(self) -> float:
        return self._start + (time.monotonic() - self._began) * self._speed

    def advance(self, seconds: float) -> None:
        self._start += seconds
