"""What a browser posts: fields first, then files, read as they come and never beyond their limits."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from aiohttp import BodyPartReader, MultipartReader, web

FIELDS_LIMIT = 64 * 1024
FILE_LIMIT = 20 * 1024 * 1024
FILES = 10
#: What each part costs beside its name and text: empty ones are not free.
_PART_COST = 64

_CHUNK = 64 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Upload:
    """A file on its way in; its bytes can be read once."""

    name: str
    media_type: str
    content: AsyncIterator[bytes]


@dataclass(kw_only=True, slots=True)
class Form:
    """The fields before the first file; `uploads()` goes on from there."""

    fields: dict[str, str] = field(default_factory=dict)
    parts: MultipartReader | None = None
    following: BodyPartReader | None = None

    def text(self, name: str) -> str:
        """A field, empty where it is missing."""
        return self.fields.get(name, "")

    async def uploads(self) -> AsyncIterator[Upload]:
        """The files in order; each must be read before the next. An empty choice of a browser is no file."""
        count = 0
        part = self.following
        while part is not None and self.parts is not None:
            if part.filename:
                count += 1
                if count > FILES:
                    raise web.HTTPRequestEntityTooLarge(max_size=FILES, actual_size=count)
                yield Upload(name=_plain(part.filename), media_type=_media_type(part), content=_limited(part))
            after = await self.parts.next()
            part = after if isinstance(after, BodyPartReader) else None


async def open_form(request: web.Request) -> Form:
    """Read the fields of a posted form. Raises 400, 413 and 415."""
    match request.content_type:
        case "application/x-www-form-urlencoded":
            pairs = parse_qsl((await _body(request)).decode(errors="replace"), keep_blank_values=True)
            return Form(fields={name: _plain(value) for name, value in pairs})
        case "multipart/form-data":
            try:
                return await _open_multipart(await request.multipart())
            except ValueError:
                raise web.HTTPBadRequest from None
        case _:
            raise web.HTTPUnsupportedMediaType


async def _body(request: web.Request) -> bytes:
    body = bytearray()
    async for chunk in request.content.iter_chunked(_CHUNK):
        body += chunk
        if len(body) > FIELDS_LIMIT:
            raise web.HTTPRequestEntityTooLarge(max_size=FIELDS_LIMIT, actual_size=len(body))
    return bytes(body)


async def _open_multipart(parts: MultipartReader) -> Form:
    form = Form(parts=parts)
    left = FIELDS_LIMIT
    while isinstance(part := await parts.next(), BodyPartReader):
        if part.filename is not None:
            form.following = part
            break
        name, value = part.name or "", bytearray()
        left -= len(name) + _PART_COST
        while left >= 0 and (chunk := await part.read_chunk(_CHUNK)):
            value += chunk
            left -= len(chunk)
        if left < 0:
            raise web.HTTPRequestEntityTooLarge(max_size=FIELDS_LIMIT, actual_size=FIELDS_LIMIT + 1)
        form.fields[name] = _plain(value.decode(errors="replace"))
    return form


def _plain(text: str) -> str:
    """Without NUL, which PostgreSQL does not keep."""
    return text.replace("\0", "\ufffd")


async def _limited(part: BodyPartReader) -> AsyncIterator[bytes]:
    size = 0
    while chunk := await _chunk(part):
        size += len(chunk)
        if size > FILE_LIMIT:
            raise web.HTTPRequestEntityTooLarge(max_size=FILE_LIMIT, actual_size=size)
        yield bytes(chunk)


async def _chunk(part: BodyPartReader) -> bytes:
    try:
        return await part.read_chunk(_CHUNK)
    except ValueError:  # the body ends before the part does
        raise web.HTTPBadRequest from None


def _media_type(part: BodyPartReader) -> str:
    """The type without its parameters; what is none is bytes."""
    kind, _, rest = part.headers.get("Content-Type", "").partition(";")[0].strip().lower().partition("/")
    good = kind.isascii() and kind.isalpha() and rest and all(letter.isalnum() or letter in ".+-" for letter in rest)
    return f"{kind}/{rest}" if good else "application/octet-stream"
