"""What hangs on messages, from wherever it is kept, and never as something that a browser would run."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import quote

from aiohttp import web

from console.ports import Console
from desk.messages import Attachment
from store import casebook

UNKNOWN = "application/octet-stream"
#: What browsers show without running anything in it; everything else is saved to a file.
SHOWN = frozenset(
    {
        "image/jpeg",
        "image/png",
        "image/gif",
        "image/webp",
        "audio/mpeg",
        "audio/mp4",
        "audio/ogg",
        "audio/webm",
        "audio/wav",
        "video/mp4",
        "video/webm",
        "video/ogg",
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Files:
    """Named by message and place, so nothing can be asked for that no message has."""

    console: Console

    async def show(self, request: web.Request) -> web.StreamResponse:
        """One attachment of one message."""
        message, place = int(request.match_info["message"]), int(request.match_info["place"])
        find = partial(casebook.find_attachment, message=message, place=place)
        attachment = await self.console.database.read(find)
        if attachment is None or attachment.file is None:
            raise web.HTTPNotFound
        try:
            opened = await self.console.open_attachment(attachment.file)
        except FileNotFoundError:
            raise web.HTTPNotFound from None
        if isinstance(opened, Path):  # whole, or the part that was asked for: a player asks for parts
            return web.FileResponse(opened, headers=_headers(attachment, attachment.media_type or UNKNOWN))
        media_type = attachment.media_type or opened.media_type or UNKNOWN
        response = web.StreamResponse(headers=_headers(attachment, media_type))
        response.content_length = opened.size
        await response.prepare(request)
        async for chunk in opened.chunks:
            await response.write(chunk)
        return response


def _headers(attachment: Attachment, media_type: str) -> dict[str, str]:
    shown = media_type in SHOWN
    name = quote(attachment.name or attachment.kind.value, safe="")
    return {
        "Content-Type": media_type if shown else UNKNOWN,
        "Content-Disposition": f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{name}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, max-age=3600",
    }
