"""Slow responses: correct content that is sent in small pieces."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Awaitable, Callable
from http import HTTPStatus

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from airflow_provider_seventime.sandbox.faults.connection import connection_of, wait_for_disconnect

MIN_PIECES = 20
MAX_GAP_SECONDS = 0.1  # short enough that a read timeout between two bytes does not expire


def split_content(content: bytes, seconds: float) -> list[bytes]:
    """Split content into pieces of about the same size: at least 20, and ten for each second. No piece is empty."""
    target = max(MIN_PIECES, math.ceil(seconds / MAX_GAP_SECONDS))
    count = min(len(content), target)
    return [content[len(content) * i // count : len(content) * (i + 1) // count] for i in range(count)]


class TrickledResponse(Response):
    """Response whose body is sent in small pieces, with a pause before each.

    :param response: the response to send.
    :param seconds: duration of the whole transfer.
    :param pause: waits the given number of seconds.
    :param header: send status line and header in pieces too, for half of the time, and close the connection after the
        response.
    """

    def __init__(
        self, response: Response, seconds: float, pause: Callable[[float], Awaitable[None]], *, header: bool = False
    ) -> None:
        super().__init__(bytes(response.body), response.status_code, response.headers)
        self._seconds = seconds
        self._pause = pause
        self._header = header

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response."""
        if self._header:
            await self._send_header_and_body(scope, receive)
            return
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async for piece in self._pieces(bytes(self.body), self._seconds):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _pieces(self, content: bytes, seconds: float) -> AsyncIterator[bytes]:
        pieces = split_content(content, seconds)
        for piece in pieces:
            await self._pause(seconds / len(pieces))
            yield piece

    async def _send_header_and_body(self, scope: Scope, receive: Receive) -> None:
        """Write to the connection directly, because uvicorn sends a header in one piece."""
        connection = connection_of(scope)
        for part in (self._header_bytes(), bytes(self.body)):
            async for piece in self._pieces(part, self._seconds / 2):
                if not connection.is_closing():
                    connection.write(piece)
        connection.close()
        await wait_for_disconnect(receive)

    def _header_bytes(self) -> bytes:
        status_line = f"HTTP/1.1 {self.status_code} {HTTPStatus(self.status_code).phrase}".encode("ascii")
        fields = [name + b": " + value for name, value in (*self.raw_headers, (b"connection", b"close"))]
        return b"\r\n".join([status_line, *fields, b"", b""])
