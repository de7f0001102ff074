"""Making a contact's thread exactly once, also when the program died between the call and its commit (H2)."""

from bot.jobs import Job
from channels.base import Rejected, SendError, Threaded, ThreadMissing
from store import threads
from store.database import Database

#: A thread that was asked for and never heard of is looked for among so many ids at the most, the newest first.
_PROBES = 100
#: So many of the chat's newest messages are known by heart for that, and so many ids beyond them may exist.
_RECENT, _AHEAD = 300, 20


class Threads:
    """Opens threads in the channel of the staff's rooms."""

    def __init__(self, database: Database, channel: Threaded) -> None:
        """`channel` has the rooms."""
        self._database = database
        self._channel = channel

    async def make(self, job: Job) -> int:
        """The thread that the job needs. Raises SendError."""
        chat = int(job.parcel.address.chat)
        channel = self._channel
        if job.may_exist:
            orphan = await self._adopt(channel, chat, job.title)
            if orphan is not None:
                return orphan
        return await channel.open_thread(chat, job.title)

    async def reopen(self, job: Job) -> None:
        """Open the job's closed thread again. Raises SendError."""
        if job.thread is not None and job.thread.thread is not None:
            await self._channel.reopen_thread(int(job.parcel.address.chat), job.thread.thread)

    async def _adopt(self, channel: Threaded, chat: int, title: str) -> int | None:
        """A thread that was made and whose id was never kept: recent, no message that we know, and no contact's.

        A thread's id is that of the message that opened it, so only the ids that we cannot explain are tried; giving a
        title succeeds for threads alone.
        """
        for candidate in await self._unexplained(chat):
            try:
                await channel.rename_thread(chat, candidate, title)
            except (ThreadMissing, Rejected):
                continue
            except SendError:
                return None
            return candidate
        return None

    async def _unexplained(self, chat: int) -> list[int]:
        known = await self._database.read(lambda connection: threads.known_ids(connection, chat, _RECENT))
        owned = await self._database.read(lambda connection: threads.owned(connection, chat))
        newest, oldest = max(known | owned, default=0), min(known, default=0)
        ids = [each for each in range(newest + _AHEAD, oldest, -1) if each not in known and each not in owned]
        return ids[:_PROBES]
