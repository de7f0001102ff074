"""Making a contact's thread exactly once, also when the program died between the call and its commit (H2)."""

from bot.jobs import Job
from channels.base import Rejected, RetryLater, Threaded, ThreadMissing
from store import keepsakes, threads
from store.database import Database

#: A thread that was asked for and never heard of is looked for among so many ids at the most.
_PROBES = 200
#: So many of the chat's newest messages are known by heart for that, and so many ids beyond them may exist.
_RECENT, _AHEAD = 3000, 100
#: Before a search: what people did there while nobody listened is told by then.
_LISTENING = 2.0


class Threads:
    """Opens threads in the channel of the staff's rooms."""

    def __init__(self, database: Database, channel: Threaded) -> None:
        """`channel` has the rooms."""
        self._database = database
        self._channel = channel
        self._no_threads: set[tuple[int, int]] = set()
        self._waited: set[str] = set()

    async def make(self, job: Job) -> int:
        """The thread that the job needs. Raises SendError."""
        chat = int(job.parcel.address.chat)
        if job.may_exist:
            orphan = await self._adopt(job, chat)
            if orphan is not None:
                return orphan
        return await self._channel.open_thread(chat, job.title)

    async def reopen(self, job: Job) -> None:
        """Open the job's closed thread again. Raises SendError."""
        if job.thread is not None and job.thread.thread is not None:
            await self._channel.reopen_thread(int(job.parcel.address.chat), job.thread.thread)

    async def _adopt(self, job: Job, chat: int) -> int | None:
        """A thread that was made and whose id was never kept: recent, no message that we know, and no contact's.

        A thread's id is that of the message that opened it, so only the ids that we cannot explain are tried; giving a
        title succeeds for threads alone. Of many who look at once each finds another: it is reserved first. What
        people make the bot is told of, and not what it made itself: a thread that was told of is left alone.
        """
        if job.lease.lane not in self._waited:
            self._waited.add(job.lease.lane)
            raise RetryLater("a thread is looked for once the news are in", after=_LISTENING)
        for candidate in await self._unexplained(job, chat):
            if (chat, candidate) in self._no_threads or not await self._reserve(job, chat, candidate):
                continue
            try:
                await self._channel.rename_thread(chat, candidate, job.title)
            except (ThreadMissing, Rejected):
                await self._give_back(chat, candidate)
                continue
            return candidate
        return None

    async def _reserve(self, job: Job, chat: int, candidate: int) -> bool:
        """Whether the thread is to be this lane's, whoever else looks for one."""
        name, lane = _reserved(chat, candidate), job.lease.lane
        owner = await self._database.transaction(
            lambda connection: keepsakes.find_or_make(connection, name, lambda: lane)
        )
        return owner == lane

    async def _give_back(self, chat: int, candidate: int) -> None:
        """It is no thread."""
        self._no_threads.add((chat, candidate))
        await self._database.transaction(lambda connection: keepsakes.forget(connection, _reserved(chat, candidate)))

    async def _unexplained(self, job: Job, chat: int) -> list[int]:
        """Ids since the thread was asked for, those that certainly exist first."""
        known = await self._database.read(lambda connection: threads.known_ids(connection, chat, _RECENT))
        owned = await self._database.read(lambda connection: threads.owned(connection, chat))
        asked_after = 0 if job.thread is None else job.thread.probe_after or 0
        # What came before the messages that we know by heart is not to be explained by them.
        oldest = asked_after if len(known) < _RECENT else max(asked_after, min(known))
        newest = max(known | owned, default=0)
        ids = [each for each in range(oldest + 1, newest + _AHEAD) if each not in known and each not in owned]
        heard = await self._database.read(lambda connection: threads.heard_of(connection, chat, ids))
        return [each for each in ids if each not in heard][:_PROBES]


def _reserved(chat: int, candidate: int) -> str:
    return f"thread:{chat}:{candidate}"
