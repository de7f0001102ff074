"""How long the door stays shut after wrong passwords."""

from datetime import timedelta

#: So many attempts are free; people mistype. Many of the staff may share one address.
FREE_AT_LOGIN = 5
FREE_AT_ADDRESS = 20
FREE_EVERYWHERE = 100

FIRST = timedelta(seconds=30)
LONGEST = timedelta(hours=1)
#: From everywhere together: long enough to make guessing hopeless, short enough not to keep the login's owner out.
LONGEST_EVERYWHERE = timedelta(minutes=1)

#: After a day without an attempt the count begins anew.
FORGET_AFTER = timedelta(days=1)


def locked_for(subject: str, count: int) -> timedelta:
    """The pause after the attempt that brought the count here: none, then half a minute, each time twice as long."""
    free, longest = _measure(subject)
    if count < free:
        return timedelta(0)
    doublings: int = 2 ** min(count - free, 10)
    return min(FIRST * doublings, longest)


def _measure(subject: str) -> tuple[int, timedelta]:
    """How many attempts are free, and the longest pause."""
    match subject.partition(":")[0]:
        case "login":
            return FREE_AT_LOGIN, LONGEST
        case "everywhere":
            return FREE_EVERYWHERE, LONGEST_EVERYWHERE
        case _:
            return FREE_AT_ADDRESS, LONGEST
