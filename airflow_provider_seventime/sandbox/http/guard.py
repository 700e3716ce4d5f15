"""Guard of the sandbox: requests of foreign origin and bodies without bound are refused.

A web page that a developer visits can send requests to a server on the developer's machine. Browsers name the page's
origin in such a request, or, after a DNS rebinding, the page's host.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.types import Message, Receive

from airflow_provider_seventime.loopback import is_loopback

# Far above any record or document of the vendor's samples.
MAX_BODY_BYTES = 64 * 1024 * 1024


class BodyTooLargeError(Exception):
    """A body of more than 64 MiB."""


def refusal_of_origin(request: Request) -> str | None:
    """Return the reason to refuse a request for its origin; None: it is accepted.

    A request with an ``Origin`` must come from a page of the sandbox itself. A request to a loopback address must name
    a loopback host, because a rebound name of a web page's host reaches it too.
    """
    host = request.headers.get("host", "")
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc.casefold() != host.casefold():
        return f"Origin {origin!r:.100}: the sandbox accepts no requests of web pages of other origins"
    server, _ = request.scope.get("server") or ("", None)
    if is_loopback(server) and not is_loopback(_name_of(host)):
        return f"Host {host!r:.100}: at a loopback address the sandbox accepts localhost and loopback addresses only"
    return None


def is_too_large(request: Request) -> bool:
    """Return True if the ``Content-Length`` of a request is above 64 MiB."""
    length = request.headers.get("content-length", "")
    return length.isdecimal() and int(length) > MAX_BODY_BYTES


def bounded(receive: Receive) -> Receive:
    """Return a function that receives as another one does, up to 64 MiB of body.

    The returned function raises :class:`BodyTooLargeError` beyond that.
    """
    received_bytes = 0

    async def receive_bounded() -> Message:
        nonlocal received_bytes
        message = await receive()
        received_bytes += len(message.get("body", b""))
        if received_bytes > MAX_BODY_BYTES:
            raise BodyTooLargeError
        return message

    return receive_bounded


def _name_of(host: str) -> str:
    """Return the name in a ``Host`` header, without port and brackets; empty if it is malformed."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
