"""What a staff button says when it is pressed, as one short text: the words of Button.action and their reading.

"take:42:7" is action, ticket and the ticket's version that the button was made for; more after it is the argument
("take_and_send:42:7:991"). Without a ticket: "acknowledge:KEY", where the key may hold colons.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from desk.commands import Action

WITHOUT_TICKET = frozenset({Action.ACKNOWLEDGE, Action.ONLINE, Action.AWAY, Action.HELP, Action.WHO})


#: In bytes: what is left for an argument beside an action, a ticket and a version, however long these grow.
_LONGEST = 32


@dataclass(frozen=True, kw_only=True, slots=True)
class Press:
    """A pressed button. `seen` is the ticket's version that the presser looked at (H5)."""

    action: Action
    ticket: int | None = None
    seen: int | None = None
    argument: str = ""


def encode(press: Press) -> str:
    """The text for Button.action; at most 64 bytes if the argument is short."""
    if press.action in WITHOUT_TICKET:
        return f"{press.action}:{press.argument}" if press.argument else f"{press.action}"
    if press.ticket is None:
        raise ValueError(f"{press.action} needs a ticket")
    seen = "" if press.seen is None else press.seen
    tail = f":{press.argument}" if press.argument else ""
    return f"{press.action}:{press.ticket}:{seen}{tail}"


def decode(text: str) -> Press:
    """The press. Raises ValueError for what no button of ours says."""
    name, _, rest = text.partition(":")
    action = Action(name)
    if action in WITHOUT_TICKET:
        return Press(action=action, argument=rest)
    ticket, _, rest = rest.partition(":")
    seen, _, argument = rest.partition(":")
    return Press(action=action, ticket=int(ticket), seen=int(seen) if seen else None, argument=argument)


def named(name: str) -> str:
    """A name as an argument: itself, or what stands for it where it is too long for a button."""
    return name if len(name.encode()) <= _LONGEST else f"#{sha256(name.encode()).hexdigest()[:16]}"


def named_by(argument: str, names: Iterable[str]) -> str | None:
    """Which of these names an argument means; None where it is none of them."""
    return next((name for name in names if argument in (name, named(name))), None)
