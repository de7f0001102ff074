"""The shapes of media on the wire, and the store that hands out file ids."""

from dataclasses import dataclass
from typing import Any

from tests.emulator.errors import bad_request
from tests.emulator.state import Json, StoredFile

MIME_TYPES = {
    "photo": "image/jpeg",
    "voice": "audio/ogg",
    "audio": "audio/mpeg",
    "video": "video/mp4",
    "animation": "video/mp4",
    "sticker": "image/webp",
    "document": "application/octet-stream",
}
DIMENSIONS: dict[str, Json] = {
    "photo": {"width": 1280, "height": 960},
    "video": {"width": 640, "height": 480, "duration": 3},
    "animation": {"width": 320, "height": 240, "duration": 2},
    "voice": {"duration": 2},
    "audio": {"duration": 30},
    "sticker": {"width": 512, "height": 512, "type": "regular", "is_animated": False, "is_video": False},
    "document": {},
}
BIGGEST_DOWNLOAD = 20 * 1024 * 1024
BIGGEST_UPLOAD = 50 * 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Upload:
    """A file of a multipart form."""

    name: str
    mime_type: str
    data: bytes


class Files:
    def __init__(self) -> None:
        self._files: dict[str, StoredFile] = {}
        self._paths: dict[str, StoredFile] = {}

    def store(self, kind: str, upload: Upload, **extra: Any) -> StoredFile:
        """Keep an upload as this kind of medium; `declared_size` in extra plays a file bigger than its bytes."""
        size = extra.pop("declared_size", len(upload.data))
        file_id = f"AgAC{kind}{len(self._files) + 1:06d}"
        identity = {"file_id": file_id, "file_unique_id": f"AQAD{len(self._files) + 1:06d}", "file_size": size}
        named = {"file_name": upload.name, "mime_type": upload.mime_type}
        shape = identity | DIMENSIONS[kind] | ({} if kind in {"photo", "sticker"} else named) | extra
        if kind == "voice":
            shape.pop("file_name")
        stored = StoredFile(
            file_id=file_id, kind=kind, data=upload.data, name=upload.name, mime_type=upload.mime_type,
            declared_size=size, shape=shape,
        )  # fmt: skip
        self._files[file_id] = stored
        self._paths[stored.path] = stored
        return stored

    def known(self, file_id: str, kind: str) -> StoredFile:
        """The file a bot names by id; it must have been sent as the same kind of medium."""
        stored = self._files.get(file_id)
        if stored is None:
            bad_request("wrong file identifier/HTTP URL specified")
        if stored.kind != kind:
            bad_request(f"can't use file of type {stored.kind.capitalize()} as {kind.capitalize()}")
        return stored

    def to_download(self, file_id: str) -> StoredFile:
        stored = self._files.get(file_id)
        if stored is None:
            bad_request("invalid file_id")
        if stored.declared_size > BIGGEST_DOWNLOAD:
            bad_request("file is too big")
        return stored

    def at(self, path: str) -> StoredFile | None:
        return self._paths.get(path)


def content_of(stored: StoredFile) -> Json:
    """The message field for this medium: photos are a list of sizes, animations are documents too."""
    match stored.kind:
        case "photo":
            small = stored.shape | {"file_unique_id": stored.shape["file_unique_id"] + "s", "width": 90, "height": 67}
            return {"photo": [small | {"file_size": min(1200, stored.declared_size)}, stored.shape]}
        case "animation":
            return {"animation": stored.shape, "document": stored.shape}
        case kind:
            return {kind: stored.shape}
