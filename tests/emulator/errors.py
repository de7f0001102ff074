"""The one error of the emulator's methods, in the real API's own words (taken from the public server's source)."""

from typing import NoReturn


class ApiError(Exception):
    """An answer with ok=false; `code` is both the HTTP status and the error_code."""

    def __init__(
        self, code: int, description: str, *, retry_after: int | None = None, migrate_to_chat_id: int | None = None
    ) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after = retry_after
        self.migrate_to_chat_id = migrate_to_chat_id

    def wire(self) -> dict[str, object]:
        answer: dict[str, object] = {"ok": False, "error_code": self.code, "description": self.description}
        if self.retry_after is not None:
            answer["parameters"] = {"retry_after": self.retry_after}
        if self.migrate_to_chat_id is not None:
            answer["parameters"] = {"migrate_to_chat_id": self.migrate_to_chat_id}
        return answer


def bad_request(reason: str) -> NoReturn:
    """Refuse with 400. Words of the client library are lower-cased by the caller, as the real server does."""
    raise ApiError(400, f"Bad Request: {reason}")


def forbidden(reason: str) -> NoReturn:
    raise ApiError(403, f"Forbidden: {reason}")


def too_many_requests(retry_after: int) -> ApiError:
    return ApiError(429, f"Too Many Requests: retry after {retry_after}", retry_after=retry_after)
