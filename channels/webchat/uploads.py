"""Files in and files out: what a visitor sends is checked by its content, what is served can only be looked at."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import msgspec
from aiohttp import BodyPartReader, web

from channels.base import SendError
from channels.webchat.channel import conversation_key
from channels.webchat.chat import WebChat
from channels.webchat.media import HEAD, SHOWN_TYPES, accepted_type, plain_name, shown_type
from channels.webchat.visitors import is_same_origin
from desk.messages import Attachment

_CHUNK = 64 * 1024
_LOCAL = "local:"

#: A file is never a page of ours: no script, no frame, no guessing of types, no reading by other sites.
_SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, max-age=86400, immutable",
}


class _TooLarge(Exception):
    """The upload is larger than it may be."""


class _Torn(Exception):
    """The upload ends before its file does."""


async def upload(chat: WebChat, request: web.Request) -> web.Response:
    """Take one file (multipart, part "file") and answer with its key, or with {"error": CODE}."""
    visitor = chat.cookie.visitor(request)
    if visitor is None or not is_same_origin(request, chat.public_url):
        return refused(403, "forbidden")
    owner = conversation_key(visitor)
    if await chat.files.count(owner=owner, since=chat.now() - timedelta(hours=1)) >= chat.limits.files_per_hour:
        return refused(429, "too_many_files")
    try:
        return await _taken(chat, await _file_part(request), owner)
    except _TooLarge:
        return refused(413, "file_size")
    except _Torn:
        return refused(400, "frame")


async def _taken(chat: WebChat, part: BodyPartReader | None, owner: str) -> web.Response:
    if part is None:
        return refused(400, "frame")
    name = plain_name(part.filename or "")
    head = await _head(part)
    if not head:
        return refused(400, "empty_file")
    media_type = accepted_type(name, head)
    if media_type is None:
        return refused(415, "file_type")
    content = _limited(part, head, chat.limits.file_size)
    kept = await chat.files.keep(content, name=name, media_type=media_type, owner=owner, at=chat.now())
    return _described(kept)


async def own_file(chat: WebChat, request: web.Request) -> web.StreamResponse:
    """A file that this visitor uploaded, by its key."""
    visitor = chat.cookie.visitor(request)
    if visitor is None:
        raise web.HTTPNotFound
    attachment = await chat.files.find(request.match_info["key"], owner=conversation_key(visitor))
    return await _served(chat, request, attachment)


async def message_file(chat: WebChat, request: web.Request) -> web.StreamResponse:
    """A file that hangs on a message of this visitor's conversation, wherever its bytes are."""
    visitor = chat.cookie.visitor(request)
    if visitor is None:
        raise web.HTTPNotFound
    entry = await chat.transcript.entry(conversation_key(visitor), int(request.match_info["message"]))
    place = int(request.match_info["place"])
    attachments = () if entry is None else entry.attachments
    return await _served(chat, request, attachments[place] if place < len(attachments) else None)


async def _served(chat: WebChat, request: web.Request, attachment: Attachment | None) -> web.StreamResponse:
    if attachment is None or attachment.file is None:
        raise web.HTTPNotFound
    try:
        if attachment.file.startswith(_LOCAL):
            return await _kept(attachment, chat.files.path(attachment.file.removeprefix(_LOCAL)))
        chunks = await chat.open_attachment(attachment)
        head = await anext(chunks, b"")
    except FileNotFoundError:
        raise web.HTTPNotFound from None
    except SendError:
        raise web.HTTPBadGateway from None
    response = web.StreamResponse(headers=_headers(attachment, shown_type(head)))
    await response.prepare(request)
    await response.write(head)
    async for chunk in chunks:
        await response.write(chunk)
    await response.write_eof()
    return response


async def _kept(attachment: Attachment, path: Path) -> web.StreamResponse:
    """A file of our own store, whole or the part that was asked for: a player asks for parts."""
    head = await asyncio.to_thread(_beginning, path)
    return web.FileResponse(path, headers=_headers(attachment, shown_type(head)))


def _beginning(path: Path) -> bytes:
    with path.open("rb") as source:
        return source.read(HEAD)


def _headers(attachment: Attachment, image_type: str | None) -> dict[str, str]:
    name = plain_name(attachment.name or attachment.kind.value)
    manner = "attachment" if image_type is None else "inline"
    return {
        **_SAFE_HEADERS,
        "Content-Type": image_type or attachment.media_type or "application/octet-stream",
        "Content-Disposition": f"{manner}; filename*=UTF-8''{quote(name, safe='')}",
    }


async def _file_part(request: web.Request) -> BodyPartReader | None:
    if not request.content_type.startswith("multipart/"):
        return None
    try:
        part = await (await request.multipart()).next()
    except ValueError:
        return None
    return part if isinstance(part, BodyPartReader) and part.name == "file" else None


async def _head(part: BodyPartReader) -> bytes:
    head = b""
    while len(head) < HEAD and (chunk := await _chunk(part)):
        head += chunk
    return head


async def _chunk(part: BodyPartReader) -> bytes:
    try:
        return await part.read_chunk(_CHUNK)
    except ValueError:
        raise _Torn from None


async def _limited(part: BodyPartReader, head: bytes, most: int) -> AsyncIterator[bytes]:
    size, chunk = 0, head
    while chunk:
        size += len(chunk)
        if size > most:
            raise _TooLarge
        yield chunk
        chunk = await _chunk(part)


def _described(kept: Attachment) -> web.Response:
    body = {
        "kind": kept.kind.value,
        "key": (kept.file or "").removeprefix(_LOCAL),
        "name": kept.name,
        "size": kept.size,
        "image": kept.media_type in SHOWN_TYPES,
    }
    return web.Response(body=msgspec.json.encode(body), content_type="application/json")


def refused(status: int, code: str) -> web.Response:
    """Why a file was not taken."""
    body = msgspec.json.encode({"error": code})
    return web.Response(status=status, body=body, content_type="application/json")
