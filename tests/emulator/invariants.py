"""The promise to check after a flood or a crash: each customer's line stands in one topic, once, in order."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate

from tests.emulator.state import Chat, Message, Topic

Place = tuple[int | None, tuple[int, int]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """Where a customer's lines stand: for each line its places as (thread, position)."""

    customer: Chat
    places: dict[Message, list[Place]]

    @property
    def home(self) -> int | None:
        """The thread that holds the customer's first line."""
        return next((thread for found in self.places.values() for thread, _ in found), None)

    @property
    def doubled(self) -> list[str]:
        return [f"doubled {len(found)} times: {self._said(line)}" for line, found in self.places.items() if found[1:]]

    def faults(self) -> Iterator[str]:
        """Missing, scattered or out of order."""
        threads = {thread for found in self.places.values() for thread, _ in found}
        if len(threads) > 1:
            yield f"scattered over topics {sorted(map(str, threads))}: {self._said(next(iter(self.places)))}"
        for line, found in self.places.items():
            if not found:
                yield f"missing: {self._said(line)}"
        firsts = [found[0][1] for found in self.places.values() if found]
        if firsts != sorted(firsts):
            yield f"out of order: {self._said(next(iter(self.places)))}: {firsts}"

    def _said(self, line: Message) -> str:
        return f"{line.sender.first_name} ({line.chat.id}): {line.text or line.kind}"


class Relayed:
    """What the bot wrote in a room and still stands there, by origin and by text."""

    def __init__(self, room: Chat, counts: Callable[[Message], bool]) -> None:
        self._copies: dict[tuple[int, int], list[Message]] = {}
        self._texts: list[Message] = []
        for message in room.messages.values():
            if not message.from_bot or message.deleted or not counts(message):
                continue
            if message.copied_from is not None:
                self._copies.setdefault(message.copied_from, []).append(message)
            elif message.text:
                self._texts.append(message)
        self._starts = list(accumulate((len(message.text) + 1 for message in self._texts), initial=0))
        self._all = "\0".join(message.text for message in self._texts)

    def standing(self, customer: Chat) -> Standing:
        lines = [message for message in customer.messages.values() if _is_line(message)]
        return Standing(customer=customer, places={line: list(self._places(line)) for line in lines})

    def _places(self, line: Message) -> Iterator[Place]:
        for copy in self._copies.get((line.chat.id, line.id), ()):
            yield _thread(copy), (copy.id, 0)
        if not line.text:
            return
        for at in self._occurrences(line.text):
            number = bisect_right(self._starts, at) - 1
            told = self._texts[number]
            yield _thread(told), (told.id, at - self._starts[number])

    def _occurrences(self, text: str) -> Iterator[int]:
        """Where the text stands as whole words. A pattern would do it too, but hundreds of times slower."""
        at = self._all.find(text)
        while at >= 0:
            around = self._all[at - 1 : at] + self._all[at + len(text) : at + len(text) + 1]
            if not any(beside.isalnum() or beside == "_" for beside in around):
                yield at
            at = self._all.find(text, at + 1)


def plain(message: Message) -> bool:
    """A relayed line has no buttons; cards and questions do."""
    return not message.buttons


def assert_each_once(
    customers: Iterable[Chat],
    room: Chat,
    *,
    repeats_allowed: int = 0,
    extra_topics_allowed: int = 0,
    counts: Callable[[Message], bool] = plain,
) -> None:
    """Each line of each customer (commands aside) stands in one topic of the room, once, in order.

    Lines must differ from one another. `repeats_allowed` is for crashes: at most the calls that were in flight.
    """
    relayed = Relayed(room, counts)
    standings = [relayed.standing(customer) for customer in customers]
    faults = [fault for standing in standings for fault in standing.faults()]
    doubled = [finding for standing in standings for finding in standing.doubled]
    assert not faults, "\n".join([f"{len(faults)} faults", *faults[:20]])
    assert len(doubled) <= repeats_allowed, "\n".join([f"{len(doubled)} doubled", *doubled[:20]])
    extra = extra_topics(standings, room)
    assert len(extra) <= extra_topics_allowed, f"extra topics: {[(topic.thread_id, topic.name) for topic in extra]}"


def extra_topics(standings: Iterable[Standing], room: Chat) -> list[Topic]:
    """Topics still there that are no customer's home: empty ones, second ones."""
    homes = {standing.home for standing in standings}
    return [topic for topic in room.topics.values() if not topic.deleted and topic.thread_id not in homes]


def _thread(message: Message) -> int | None:
    return message.topic.thread_id if message.topic else None


def _is_line(message: Message) -> bool:
    return not message.from_bot and not message.text.startswith("/")
