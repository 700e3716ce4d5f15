"""Right answers that come in small pieces."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Awaitable, Callable
from http import HTTPStatus

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from airflow_provider_seventime.sandbox.faults.connection import connection_of, wait_until_gone

FEWEST_PIECES = 20
LONGEST_GAP_SECONDS = 0.1  # so that a time limit between two bytes does not notice


def pieces_of(content: bytes, seconds: float) -> list[bytes]:
    """Cut content into pieces of about the same size: at least 20, and ten for every second; none is empty."""
    wanted = max(FEWEST_PIECES, math.ceil(seconds / LONGEST_GAP_SECONDS))
    count = min(len(content), wanted)
    return [content[len(content) * one // count : len(content) * (one + 1) // count] for one in range(count)]


class TrickledAnswer(Response):
    """An answer whose body comes in small pieces, a pause before each.

    :param answer: what is to be sent.
    :param seconds: how long the whole takes.
    :param pause: waits so many seconds.
    :param header: status line and header trickle too, for half of the time, and the connection is closed behind the
        answer.
    """

    def __init__(
        self, answer: Response, seconds: float, pause: Callable[[float], Awaitable[None]], *, header: bool = False
    ) -> None:
        super().__init__(bytes(answer.body), answer.status_code, answer.headers)
        self._seconds = seconds
        self._pause = pause
        self._header = header

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer."""
        if self._header:
            await self._send_past_the_server(scope, receive)
            return
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async for piece in self._slowly(bytes(self.body), self._seconds):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _slowly(self, content: bytes, seconds: float) -> AsyncIterator[bytes]:
        pieces = pieces_of(content, seconds)
        for piece in pieces:
            await self._pause(seconds / len(pieces))
            yield piece

    async def _send_past_the_server(self, scope: Scope, receive: Receive) -> None:
        """Write the answer to the connection: the server writes a header in one piece."""
        connection = connection_of(scope)
        for part in (self._header_bytes(), bytes(self.body)):
            async for piece in self._slowly(part, self._seconds / 2):
                if not connection.is_closing():
                    connection.write(piece)
        connection.close()
        await wait_until_gone(receive)

    def _header_bytes(self) -> bytes:
        first = f"HTTP/1.1 {self.status_code} {HTTPStatus(self.status_code).phrase}".encode("ascii")
        fields = [name + b": " + value for name, value in (*self.raw_headers, (b"connection", b"close"))]
        return b"\r\n".join([first, *fields, b"", b""])
