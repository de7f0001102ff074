"""A method's parameters, however they came: JSON, urlencoded, multipart, query string; with the real type rules."""

from typing import Any
from urllib.parse import parse_qsl

import msgspec
from aiohttp import BodyPartReader, web

from tests.emulator.entities import Entities, formatted
from tests.emulator.errors import ApiError, bad_request
from tests.emulator.media import BIGGEST_UPLOAD, Upload
from tests.emulator.state import Json

_decode = msgspec.json.Decoder().decode


class Params:
    """Objects may come as JSON values or as JSON text; numbers and booleans as themselves or as text."""

    def __init__(self, values: dict[str, Any], uploads: dict[str, Upload] | None = None) -> None:
        self.values = values
        self.uploads = uploads or {}

    def __contains__(self, name: str) -> bool:
        value = self.values.get(name)
        return value is not None and value != ""

    def text(self, name: str) -> str:
        value = self.values.get(name)
        if value is None:
            return ""
        return value if isinstance(value, str) else msgspec.json.encode(value).decode()

    def integer(self, name: str, default: int = 0) -> int:
        """What is no number counts as 0, as in the real server."""
        value = self.values.get(name)
        if value is None or value == "":
            return default
        try:
            return int(value)
        except (TypeError, ValueError):
            return 0

    def boolean(self, name: str) -> bool:
        value = self.values.get(name)
        return value is True or str(value).strip().lower() in {"true", "yes", "1"}

    def structure(self, name: str, called: str) -> Any:
        """A JSON value; None where it is absent. `called` is the real server's name for it in errors."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return _decode(value)
        except msgspec.DecodeError:
            bad_request(f"can't parse {called} JSON object")

    def chat_id(self, name: str = "chat_id") -> int:
        if not self.text(name):
            bad_request(f"{name} is empty")
        return self.integer(name)

    def formatted(self, name: str, entities: str) -> tuple[str, Entities]:
        given = self.structure(entities, "entities")
        return formatted(self.text(name), self.text("parse_mode"), given)


async def read_params(request: web.BaseRequest) -> Params:
    """The query string first, the body over it."""
    values: dict[str, Any] = dict(request.query) if request.query_string else {}
    uploads: dict[str, Upload] = {}
    match request.content_type:
        case "application/json":
            values.update(_json_object(await request.read()))
        case "application/x-www-form-urlencoded":
            body = (await request.read()).decode()
            values.update(parse_qsl(body, keep_blank_values=True))
        case "multipart/form-data":
            await _read_multipart(request, values, uploads)
        case _:
            pass
    return Params(values, uploads)


def _json_object(body: bytes) -> Json:
    if not body:
        return {}
    try:
        decoded = _decode(body)
    except msgspec.DecodeError:
        bad_request("can't parse JSON object")
    if not isinstance(decoded, dict):
        bad_request("object expected as JSON body")
    return decoded


async def _read_multipart(request: web.BaseRequest, values: dict[str, Any], uploads: dict[str, Upload]) -> None:
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name is None:
            bad_request("can't parse multipart form")
        data = await part.read(decode=False)
        if part.filename is None:
            values[part.name] = bytes(data).decode()
            continue
        if len(data) > BIGGEST_UPLOAD:
            raise ApiError(413, "Request Entity Too Large")
        mime_type = part.headers.get("Content-Type", "application/octet-stream")
        uploads[part.name] = Upload(name=part.filename, mime_type=mime_type, data=bytes(data))
