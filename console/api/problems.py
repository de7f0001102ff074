"""Errors as problem+json, every one of them (RFC 9457)."""

from http import HTTPStatus

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler

from console.api.shapes import Problem

MEDIA_TYPE = "application/problem+json"

_DETAILS = {
    404: "There is nothing at this address.",
    405: "This address does not know that method.",
    413: "The body is too large.",
    415: "The body must be application/json.",
}


class Wrong(Exception):
    """The request ends with this status; `detail` says why to whoever wrote the client."""

    def __init__(self, status: int, detail: str) -> None:
        """Keep both."""
        super().__init__(detail)
        self.status = status
        self.detail = detail


def problem(status: int, detail: str) -> web.Response:
    """The answer that says what is wrong."""
    body = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail)
    response = web.Response(status=status, body=msgspec.json.encode(body), content_type=MEDIA_TYPE)
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Bearer realm="guanxi"'
    return response


@web.middleware
async def explain(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Whatever goes wrong is told in the same shape."""
    try:
        return await handler(request)
    except Wrong as wrong:
        return problem(wrong.status, wrong.detail)
    except web.HTTPException as error:
        response = problem(error.status, _DETAILS.get(error.status, error.reason))
        if "Allow" in error.headers:
            response.headers["Allow"] = error.headers["Allow"]
        return response
