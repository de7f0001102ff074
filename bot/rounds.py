"""One round: commands of many lanes, their case files loaded together, decided in memory, saved in one commit."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import TypeGuard

from desk.commands import Command, CustomerWrote, DeadlineReached, DeliveryReported, DueKind, StaffWrote
from desk.readings import Understanding
from desk.values import Value, replace
from handlers import customer_messages, dispatch
from handlers.scene import Rules, Scene
from store import inbox, lanes, loading, saving
from store.bulk import gathered
from store.casefile import CaseFile
from store.database import Connection, is_conflict
from store.failures import is_away
from store.inbox import InboxRow
from store.lanes import Lease
from store.loading import Found, Reference
from store.looking import StoreLook
from store.numbers import RoundNumbers
from store.saving import Handing, Posted
from store.tables import inbox_lanes


class ReadRow(Value, frozen=True, kw_only=True):
    """A row of the inbox and what it asks for."""

    row: InboxRow
    commands: tuple[Command, ...]


class LaneWork(Value, frozen=True, kw_only=True):
    """The waiting rows of one lane, in order."""

    lease: Lease
    rows: tuple[ReadRow, ...]

    @property
    def commands(self) -> list[Command]:
        """All that the rows ask for, in order."""
        return [command for read in self.rows for command in read.commands]


class LaneFailed(Exception):
    """A lane's command could not be carried out: the round is undone, and goes on without this lane."""

    def __init__(self, lane: str, cause: Exception) -> None:
        """Keep the lane beside the cause."""
        super().__init__(f"{type(cause).__name__}: {cause}")
        self.lane = lane


class RoundDone(Value, frozen=True, kw_only=True):
    """What a round did that others want to know: what is to be sent, and the chats that moved, (old, new)."""

    posted: Posted
    moves: Sequence[tuple[int, int]]


class Round:
    """The work of one round, ready to run in a transaction (again, after a conflict)."""

    def __init__(
        self,
        works: Sequence[LaneWork],
        understandings: Mapping[str, Understanding],
        *,
        rules: Rules,
        now: datetime,
        next_id: Callable[[], int],
        handing: Handing | None = None,
    ) -> None:
        """`understandings` by text: what the customers' messages were understood to say.

        `handing` is the sender who takes over what is to go out, if one is there.
        """
        self._works = works
        self._understandings = understandings
        self._rules = rules
        self._now = now
        self._next_id = next_id
        self._handing = handing

    def run(self, connection: Connection) -> RoundDone:
        """Load, decide, save; the caller commits. Raises LaneFailed for the first lane that cannot be handled."""
        numbers = RoundNumbers(connection, self._next_id, tickets_at_most=max(1, len(self._works)))
        cabinet, held = self._load(connection, numbers)
        works = [work for work in self._works if work.lease in held]
        answers: dict[int, str] = {}
        for work in works:
            try:
                answers |= self._carry_out(work, cabinet)
            except Exception as error:
                if is_conflict(error) or is_away(error):
                    raise  # a handler's question met it: the lane is not at fault
                raise LaneFailed(work.lease.lane, error) from error
        files = cabinet.files()
        with gathered(connection):
            saving.save(connection, files, self._now)
            numbers.give_back()
            self._finish(connection, works, answers)
            posted = saving.post(connection, files, self._now, self._handing)
        moves = [move for file in files for move in file.effects.moved_chats.items()]
        return RoundDone(posted=posted, moves=moves)

    def _load(self, connection: Connection, numbers: RoundNumbers) -> "tuple[Cabinet, set[Lease]]":
        """The case files, and the leases that are still ours."""
        commands = [command for work in self._works for command in work.commands]
        look = StoreLook(connection)
        look.prefetch([command.message for command in commands if isinstance(command, DeliveryReported)])
        look.prefetch_threads([each.contact_id for each in commands if _is_about_title(each)])
        references = {reference for command in commands if (reference := dispatch.reference_of(command)) is not None}
        settled_after = self._now - self._rules.company.sla.reopen_within
        leases = [work.lease for work in self._works]
        loaded = loading.load(connection, references, leases, numbers=numbers, look=look, settled_after=settled_after)
        return Cabinet(found=loaded.found, known=loaded.files, numbers=numbers, look=look), loaded.held

    def _carry_out(self, work: LaneWork, cabinet: "Cabinet") -> dict[int, str]:
        answers: dict[int, str] = {}
        told = [(read.row.id, command) for read in work.rows for command in read.commands]
        for is_writing, group in groupby(told, key=lambda each: isinstance(each[1], CustomerWrote)):
            steps = list(group)
            if is_writing:
                self._hear([command for _, command in steps if isinstance(command, CustomerWrote)], cabinet)
                continue
            for row, command in _joined(steps):
                answer = self._obey(command, cabinet)
                if answer is not None:
                    answers[row] = answer
        return answers

    def _hear(self, burst: Sequence[CustomerWrote], cabinet: "Cabinet") -> None:
        case, _ = cabinet.open(dispatch.reference_of(burst[0]))
        whole = _albums(burst)
        heard = [(command, self._understandings[command.text]) for command in whole]
        customer_messages.wrote(Scene(case=case, rules=self._rules, now=self._now), heard)

    def _obey(self, command: Command, cabinet: "Cabinet") -> str | None:
        case, found = cabinet.open(dispatch.reference_of(command))
        return dispatch.handle(Scene(case=case, rules=self._rules, now=self._now), command, found)

    def _finish(self, connection: Connection, works: Sequence[LaneWork], answers: dict[int, str]) -> None:
        ids = [read.row.id for work in works for read in work.rows]
        if not ids:
            return
        inbox.finish(connection, ids, self._now)
        if answers:
            inbox.answer(connection, answers)
        lanes.release(connection, inbox_lanes, {work.lease: len(work.rows) for work in works}, self._now)


class Cabinet:
    """The case files of a round: one for each contact, whatever the number of lanes that concern them."""

    def __init__(
        self,
        *,
        found: Mapping[Reference, Found],
        known: dict[int, CaseFile],
        numbers: RoundNumbers,
        look: StoreLook,
    ) -> None:
        """`known` by contact; strangers get a new file at their first word."""
        self._found = found
        self._known = known
        self._numbers = numbers
        self._look = look
        self._strangers: dict[Reference, CaseFile] = {}
        self._nobodys: list[CaseFile] = []

    def open(self, reference: Reference | None) -> tuple[CaseFile, Found | None]:
        """The case file that a command is about."""
        found = None if reference is None else self._found.get(reference)
        if found is not None and found.contact_id in self._known:
            return self._known[found.contact_id], found
        fresh = CaseFile(numbers=self._numbers, look=self._look)
        if reference is None:
            self._nobodys.append(fresh)
            return fresh, None
        return self._strangers.setdefault(reference, fresh), None

    def files(self) -> list[CaseFile]:
        """Every file that was opened or loaded."""
        return [*self._known.values(), *self._strangers.values(), *self._nobodys]


def _is_about_title(command: Command) -> TypeGuard[DeadlineReached]:
    return isinstance(command, DeadlineReached) and command.kind is DueKind.TITLE


def _albums(burst: Sequence[CustomerWrote]) -> list[CustomerWrote]:
    """The parts of an album as one message, with all attachments."""
    whole: list[CustomerWrote] = []
    for command in burst:
        last = whole[-1] if whole else None
        if last is None or command.group is None or last.group != command.group:
            whole.append(command)
            continue
        whole[-1] = replace(
            last,
            text=last.text or command.text,
            attachments=last.attachments + command.attachments,
            external_id=f"{last.external_id},{command.external_id}",
        )
    return whole


def _joined(steps: Sequence[tuple[int, Command]]) -> list[tuple[int, Command]]:
    """The staff's albums as one message each."""
    whole: list[tuple[int, Command]] = []
    for row, command in steps:
        last = whole[-1][1] if whole else None
        if (
            isinstance(last, StaffWrote)
            and isinstance(command, StaffWrote)
            and command.group is not None
            and (last.group, last.by) == (command.group, command.by)
        ):
            joined = replace(last, text=last.text or command.text, attachments=last.attachments + command.attachments)
            whole[-1] = (row, joined)
        else:
            whole.append((row, command))
    return whole
