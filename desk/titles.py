"""What the thread of a contact is called: state mark, name, #ticket (H4)."""

from collections.abc import Mapping
from datetime import timedelta

from desk.tickets import Status

#: What a title shows of the ticket's status.
MARKS: Mapping[Status, str] = {
    Status.NEW: "🆕",
    Status.OPEN: "🟢",
    Status.WAITING_ON_CUSTOMER: "⏳",
    Status.ON_HOLD: "⏸",
    Status.SNOOZED: "💤",
    Status.RESOLVED: "✅",
    Status.CLOSED: "✅",
}
#: In UTF-16 units, of which Telegram counts the most.
LONGEST = 128
#: A title is changed at most so often.
PAUSE = timedelta(minutes=1)


def title(name: str, number: int, status: Status) -> str:
    """The title; of a name that is too long the end is left out."""
    mark, case = MARKS[status], f"#{number}"
    room = LONGEST - sum(map(_units, (mark, case))) - 2
    return f"{mark} {_cut(name, room)} {case}"


def _cut(name: str, room: int) -> str:
    while _units(name) > room:
        name = name[:-1]
    return name.rstrip()


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
