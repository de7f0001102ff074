"""The command `guanxi`, also as `python -m bot`."""

import sys
from types import TracebackType

from bot.cli.commands import guanxi


def main() -> None:
    """Carry out what was typed."""
    with _Told():
        guanxi(prog_name="guanxi")


class _Told:
    """What goes wrong inside ends the program with its lines on stderr; a mistake of ours keeps its traceback."""

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: TracebackType | None) -> None:
        if not isinstance(error, Exception):
            return
        from bot.cli.failures import told
        from bot.cli.terminal import remark

        found = told(error)
        if found is None:
            return
        code, lines = found
        for line in lines:
            remark(line)
        sys.exit(code)


if __name__ == "__main__":
    main()
