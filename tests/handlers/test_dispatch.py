"""Every kind of thing that can fall due has somebody who does it."""

from desk.commands import DueKind
from handlers.dispatch import FALLING_DUE


def test_whatever_falls_due_is_done_by_somebody() -> None:
    assert set(FALLING_DUE) == set(DueKind)
