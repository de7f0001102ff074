"""Where a request comes from, as far as it can be counted on: the one place that knows of the proxy in front."""

import re
from ipaddress import AddressValueError, IPv6Address, IPv6Network, ip_address

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

_FORWARDED = "X-Forwarded-For"
_NAMES_OF_HERE = frozenset({"localhost", "127.0.0.1", "[::1]"})
_PORT = re.compile(r":\d+\Z")


def true_remote(*, behind_proxy: bool) -> Middleware:
    """Put the client's address into `request.remote`; an IPv6 one as its /64, of which everybody has all."""

    @web.middleware
    async def place(request: web.Request, handler: Handler) -> web.StreamResponse:
        remote = network(_client(request) if behind_proxy else request.remote or "")
        return await handler(request if remote == request.remote else request.clone(remote=remote))

    return place


def _client(request: web.Request) -> str:
    """The last entry of the last header is the one that our own proxy wrote; those before are the client's word."""
    written = ",".join(request.headers.getall(_FORWARDED, ())).rpartition(",")[2].strip()
    return written or request.remote or ""


def network(address: str) -> str:
    """What one client can be told by."""
    if ":" not in address:
        return address
    try:
        found = IPv6Address(address.strip("[]"))
    except AddressValueError:
        return address
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    if found.is_loopback:
        return str(found)
    return str(IPv6Network((int(found) >> 64 << 64, 64)))


def is_here(request: web.Request) -> bool:
    """Whether a program of this machine asks, and no page of another site in a browser on it."""
    if _FORWARDED in request.headers or _PORT.sub("", request.host) not in _NAMES_OF_HERE:
        return False
    try:
        return ip_address(request.remote or "").is_loopback
    except ValueError:  # a network, or nothing
        return False
