"""Files wherever they are kept: in our own store, or on a channel's servers."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from channels.base import Channel, SendError
from desk.messages import Attachment
from store.files import FileStore

_LOCAL = "local"


class Attachments:
    """Opens what messages carry."""

    def __init__(self, files: FileStore, channels: Mapping[str, Channel]) -> None:
        """`channels` by name, which is the scheme of their files."""
        self._files = files
        self._channels = channels

    async def open(self, file: str) -> AsyncIterator[bytes]:
        """The bytes of an Attachment.file. Raises FileNotFoundError where nobody has them (any more)."""
        scheme, _, key = file.partition(":")
        if scheme == _LOCAL:
            return await self._files.read(key)
        channel = self._channels.get(scheme)
        if channel is None:
            raise FileNotFoundError(file)
        try:
            return await channel.fetch(key)
        except SendError as error:
            raise FileNotFoundError(file) from error

    def path(self, file: str) -> Path | None:
        """Where an Attachment.file lies on our own disk, None for a channel's. Raises FileNotFoundError."""
        scheme, _, key = file.partition(":")
        return self._files.path(key) if scheme == _LOCAL else None

    async def open_attachment(self, attachment: Attachment) -> AsyncIterator[bytes]:
        """The bytes of an attachment. Raises FileNotFoundError."""
        if attachment.file is None:
            raise FileNotFoundError(attachment.kind)
        return await self.open(attachment.file)
