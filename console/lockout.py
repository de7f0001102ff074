"""How long the door stays shut after wrong passwords."""

from datetime import timedelta

#: So many attempts are free; people mistype. Many of the staff may share one address.
FREE_AT_LOGIN = 5
FREE_AT_ADDRESS = 20

FIRST = timedelta(seconds=30)
LONGEST = timedelta(hours=1)

#: After a day without an attempt the count begins anew.
FORGET_AFTER = timedelta(days=1)


def locked_for(subject: str, count: int) -> timedelta:
    """The pause after the attempt that brought the count here: none, then half a minute, each time twice as long."""
    free = FREE_AT_LOGIN if subject.startswith("login:") else FREE_AT_ADDRESS
    if count < free:
        return timedelta(0)
    doublings: int = 2 ** min(count - free, 10)
    return min(FIRST * doublings, LONGEST)
