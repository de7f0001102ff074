"""The Bot API over HTTP: one call, one answer, every failure an error of channels.base.

The token is part of every address, so no text of the HTTP library's errors leaves this module.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO, Self, TypeVar

import aiohttp
import msgspec
from yarl import URL

from channels.base import Rejected, RetryLater, Uncertain
from channels.telegram import wire
from channels.telegram.errors import SERVER_PAUSE, refusal
from channels.telegram.lines import CONNECT_TIMEOUT, Broken, Lines, NotConnected, Target, target
from channels.telegram.wire import Answer, Decoder, Posted, User

OFFICIAL = "https://api.telegram.org"
ANSWER_TIMEOUT = 60.0
UPLOAD_TIMEOUT = 600.0
CHUNK = 64 * 1024

T = TypeVar("T")
Params = Mapping[str, object]

_JSON = {"Content-Type": "application/json"}
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, kw_only=True, slots=True)
class Upload:
    """A file of ours that a multipart request carries under the field's name."""

    field: str
    path: Path
    name: str
    media_type: str


class Session:
    """The connections to Telegram: `lines` for calls, `files` for what is large."""

    def __init__(self) -> None:
        """Connect nothing yet; needs a running event loop."""
        self.lines = Lines()
        self.files = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), skip_auto_headers=("User-Agent",))

    async def __aenter__(self) -> Self:
        """Nothing to prepare."""
        return self

    async def __aexit__(self, *_raised: object) -> None:
        """Close everything."""
        await self.close()

    async def close(self) -> None:
        """Close everything."""
        self.lines.close()
        await self.files.close()
        await asyncio.sleep(0)  # an aborted connection is gone in the loop's next turn


def open_session() -> Session:
    """Whoever opens it closes it."""
    return Session()


class Api:
    """One bot at one Bot API server."""

    def __init__(self, session: Session, *, token: str, base_url: str = OFFICIAL) -> None:
        """`token` is BotFather's, "ID:SECRET". Raises ValueError where it cannot be one."""
        number, _, secret = token.partition(":")
        if not number.isdecimal() or not secret:
            raise ValueError("the Telegram token is not of the form NUMBER:SECRET")
        self.bot_id = int(number)
        self._session = session
        self._base = base_url.rstrip("/")
        self._token = token
        self._targets: dict[str, Target] = {}

    async def call(
        self, method: str, params: Params, answer: Decoder[Answer[T]], *, answer_within: float = ANSWER_TIMEOUT
    ) -> T:
        """The result of a method. Raises SendError."""
        try:
            body = await self._session.lines.post(self._target(method), _encode(params), within=answer_within)
        except NotConnected as error:
            raise _unreached(error) from None
        except Broken as error:
            raise _unanswered(error) from None
        return _result(body, answer, names_chat="chat_id" in params)

    async def post(self, method: str, params: Params) -> Posted:
        """A method that makes one message or changes it."""
        return await self.call(method, params, wire.POSTED)

    async def do(self, method: str, params: Params) -> None:
        """A method whose answer says nothing but yes."""
        await self.call(method, params, wire.DONE)

    async def upload(self, method: str, params: Params, uploads: Sequence[Upload], answer: Decoder[Answer[T]]) -> T:
        """A method that carries files, as a multipart form."""
        form = aiohttp.FormData()
        for name, value in params.items():
            form.add_field(name, value if isinstance(value, str) else _encode(value).decode())
        async with AsyncExitStack() as files:
            for upload in uploads:
                opened = files.enter_context(await _opened(upload))
                form.add_field(upload.field, opened, filename=upload.name, content_type=upload.media_type)
            body = await self._upload(method, form)
        return _result(body, answer, names_chat="chat_id" in params)

    async def me(self) -> User:
        """The bot itself: its id and its username."""
        return await self.call("getMe", {}, wire.ME)

    async def download(self, file_id: str) -> AsyncIterator[bytes]:
        """The bytes of a file that Telegram keeps (at most 20 MB there). Raises SendError."""
        stored = await self.call("getFile", {"file_id": file_id}, wire.FILE)
        if stored.file_path is None:
            raise Rejected("Telegram does not hand out this file")
        return self._stream(URL(f"{self._base}/file/bot{self._token}/{stored.file_path}"))

    async def _stream(self, url: URL) -> AsyncIterator[bytes]:
        try:
            async with self._session.files.get(url, timeout=_timeout(ANSWER_TIMEOUT)) as response:
                if response.status != HTTPStatus.OK:
                    raise Rejected(f"Telegram does not hand out this file ({response.status})")
                async for chunk in response.content.iter_chunked(CHUNK):
                    yield chunk
        except (aiohttp.ClientError, TimeoutError) as error:
            raise RetryLater(f"the download broke off ({type(error).__name__})", after=SERVER_PAUSE) from None

    async def _upload(self, method: str, form: aiohttp.FormData) -> bytes:
        try:
            limits = _timeout(UPLOAD_TIMEOUT)
            async with self._session.files.post(self._url(method), data=form, timeout=limits) as response:
                return await response.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise _unreached(type(error).__name__) from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _unanswered(type(error).__name__) from None

    def _url(self, method: str) -> URL:
        return URL(f"{self._base}/bot{self._token}/{method}")

    def _target(self, method: str) -> Target:
        known = self._targets.get(method)
        if known is None:
            known = self._targets[method] = target(self._url(method), _JSON)
        return known


async def _opened(upload: Upload) -> BinaryIO:
    try:
        return await asyncio.to_thread(upload.path.open, "rb")
    except OSError:
        raise Rejected(f"the file {upload.name} is not there any more") from None


def _result(body: bytes, answer: Decoder[Answer[T]], *, names_chat: bool) -> T:
    try:
        told = answer.decode(body)
    except msgspec.DecodeError:
        raise RetryLater("Telegram's answer cannot be read", after=SERVER_PAUSE) from None
    if told.ok and told.result is not None:
        return told.result
    more = told.parameters or wire.Parameters()
    raise refusal(
        told.error_code,
        told.description,
        retry_after=more.retry_after,
        moved_to=more.migrate_to_chat_id,
        names_chat=names_chat,
    )


def _unreached(what: object) -> RetryLater:
    """No connection was made, so nothing can have happened.

    The cause stays out, here and below: its text may hold the address, and the address the token.
    """
    return RetryLater(f"Telegram cannot be reached ({what})", after=SERVER_PAUSE)


def _unanswered(what: object) -> Uncertain:
    """It was sent, and no answer came: who knows."""
    return Uncertain(f"the connection broke before Telegram answered ({what})")


def _timeout(answer_within: float) -> aiohttp.ClientTimeout:
    """Connecting and answering are timed apart, since only the former is surely harmless when it fails."""
    return aiohttp.ClientTimeout(
        total=CONNECT_TIMEOUT + answer_within,
        connect=CONNECT_TIMEOUT,
        sock_connect=CONNECT_TIMEOUT,
        sock_read=answer_within,
    )
