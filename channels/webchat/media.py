"""Which files are taken and how they are shown: by what their first bytes say, never by what a browser claims.

A file is taken when its name ends in a known way and its content begins as that kind begins. Pages, vector graphics and
programs are in no row of the table, so they are refused. What is not one of four plain image types is never shown in
place, only downloaded.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

#: Bytes from the start that are enough to tell.
HEAD = 512

_NAME_LENGTH = 120
_UNFIT_FOR_NAMES = re.compile(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069/\\:*?\"<>|]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Kind:
    media_type: str
    magic: tuple[bytes, ...] = ()
    offset: int = 0
    inner: bytes = b""

    def fits(self, head: bytes) -> bool:
        if not self.magic:
            return _is_text(head)
        return head.startswith(self.magic, self.offset) and self.inner in head[:16]


_IMAGES = (
    _Kind(media_type="image/jpeg", magic=(b"\xff\xd8\xff",)),
    _Kind(media_type="image/png", magic=(b"\x89PNG\r\n\x1a\n",)),
    _Kind(media_type="image/gif", magic=(b"GIF87a", b"GIF89a")),
    _Kind(media_type="image/webp", magic=(b"RIFF",), inner=b"WEBP"),
)
_JPEG, _PNG, _GIF, _WEBP = _IMAGES

#: The only media types that are ever shown in place.
SHOWN_TYPES = frozenset(kind.media_type for kind in _IMAGES)

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OLE = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",)
_OFFICE = "application/vnd.openxmlformats-officedocument"
_MPEG_AUDIO = (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")

_KINDS: Mapping[str, _Kind] = {
    "jpg": _JPEG,
    "jpeg": _JPEG,
    "png": _PNG,
    "gif": _GIF,
    "webp": _WEBP,
    "heic": _Kind(media_type="image/heic", magic=(b"ftyp",), offset=4),
    "pdf": _Kind(media_type="application/pdf", magic=(b"%PDF-",)),
    "txt": _Kind(media_type="text/plain"),
    "csv": _Kind(media_type="text/csv"),
    "log": _Kind(media_type="text/plain"),
    "doc": _Kind(media_type="application/msword", magic=_OLE),
    "xls": _Kind(media_type="application/vnd.ms-excel", magic=_OLE),
    "ppt": _Kind(media_type="application/vnd.ms-powerpoint", magic=_OLE),
    "docx": _Kind(media_type=f"{_OFFICE}.wordprocessingml.document", magic=_ZIP),
    "xlsx": _Kind(media_type=f"{_OFFICE}.spreadsheetml.sheet", magic=_ZIP),
    "pptx": _Kind(media_type=f"{_OFFICE}.presentationml.presentation", magic=_ZIP),
    "zip": _Kind(media_type="application/zip", magic=_ZIP),
    "mp4": _Kind(media_type="video/mp4", magic=(b"ftyp",), offset=4),
    "mov": _Kind(media_type="video/quicktime", magic=(b"ftyp",), offset=4),
    "webm": _Kind(media_type="video/webm", magic=(b"\x1aE\xdf\xa3",)),
    "mp3": _Kind(media_type="audio/mpeg", magic=_MPEG_AUDIO),
    "m4a": _Kind(media_type="audio/mp4", magic=(b"ftyp",), offset=4),
    "ogg": _Kind(media_type="audio/ogg", magic=(b"OggS",)),
    "wav": _Kind(media_type="audio/wav", magic=(b"RIFF",), inner=b"WAVE"),
}

#: What a file dialogue offers.
ENDINGS = ",".join(f".{ending}" for ending in _KINDS)


def accepted_type(name: str, head: bytes) -> str | None:
    """The media type of a file that is taken, None for one that is refused."""
    kind = _KINDS.get(name.rpartition(".")[2].lower())
    if kind is None or not head:
        return None
    if kind in _IMAGES:  # a picture under another picture's ending is harmless, and phones make them
        return shown_type(head)
    return kind.media_type if kind.fits(head) else None


def shown_type(head: bytes) -> str | None:
    """The type of an image that a page may show in place, None for everything else."""
    return next((kind.media_type for kind in _IMAGES if kind.fits(head)), None)


def plain_name(name: str) -> str:
    """A file's name without folders and signs that a file system or a header trips over; its ending is kept."""
    last = name.replace("\\", "/").rpartition("/")[2]
    stem, dot, ending = _UNFIT_FOR_NAMES.sub("_", last).strip(" .").rpartition(".")
    if not dot:
        stem, ending = ending, ""
    return f"{stem[: _NAME_LENGTH - len(ending[:10]) - 1] or 'file'}{dot}{ending[:10]}"


def _is_text(head: bytes) -> bool:
    return b"\x00" not in head and not head.lstrip().lower().startswith((b"<!doctype", b"<html", b"<svg", b"<script"))
