"""The API as a part of the web application, under /api/v1."""

import hmac

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from console.api.endpoints import Endpoints
from console.api.openapi import document
from console.api.problems import Wrong, explain
from console.api.routes import Route, paths
from console.ports import Api

PATH = "/api/v1"
DOCUMENT = "/openapi.json"

_CLOSED = "The API is closed: set GUANXI_API_TOKEN and start the program again."
_UNKNOWN = "The header Authorization must be: Bearer, a space, and the token of GUANXI_API_TOKEN."


def add_api(app: web.Application, api: Api) -> None:
    """Put the API under /api/v1 of the application."""
    routes = Endpoints(api=api).routes()
    inner = web.Application(middlewares=[explain, _guarded(api.token)])
    inner.on_response_prepare.append(_add_headers)
    inner.router.add_get(DOCUMENT, _document(routes, api.version), allow_head=False)
    for path, of_path in paths(routes).items():
        resource = inner.router.add_resource(path)
        for route in of_path:
            resource.add_route(route.method, route.serve)
    app.add_subapp(PATH, inner)


async def _add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.setdefault("X-Content-Type-Options", "nosniff")


def bears(request: web.Request, token: str) -> bool:
    """Whether a request shows the token."""
    given = request.headers.get("Authorization", "").encode(errors="replace")
    return hmac.compare_digest(f"Bearer {token}".encode(), given)


def _guarded(token: str | None) -> Middleware:
    @web.middleware
    async def admit(request: web.Request, handler: Handler) -> web.StreamResponse:
        """The document is for everybody, and holds no secret; all else asks for the token."""
        if request.path == f"{PATH}{DOCUMENT}":
            return await handler(request)
        if not token:
            raise Wrong(401, _CLOSED)
        if not bears(request, token):
            raise Wrong(401, _UNKNOWN)
        return await handler(request)

    return admit


def _document(routes: tuple[Route, ...], version: str) -> Handler:
    body = msgspec.json.format(msgspec.json.encode(document(routes, version=version)), indent=2)

    async def show(_request: web.Request) -> web.StreamResponse:
        return web.Response(body=body, content_type="application/json")

    return show
