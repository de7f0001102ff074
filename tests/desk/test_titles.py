"""What threads are called (H4)."""

import pytest

from desk.tickets import Status
from desk.titles import MARKS, title


def test_h4_a_title_has_state_mark_name_and_ticket() -> None:
    assert title("Anna", 7, Status.NEW) == "🆕 Anna #7"
    assert set(MARKS) == set(Status)


@pytest.mark.parametrize("name", ["x" * 300, "😀" * 100, "王" * 300])
def test_h4_a_long_name_is_cut_and_the_ticket_stays(name: str) -> None:
    called = title(name, 1234567, Status.RESOLVED)
    assert len(called.encode("utf-16-le")) // 2 in (127, 128)
    assert called.startswith("✅ ")
    assert called.endswith(" #1234567")
