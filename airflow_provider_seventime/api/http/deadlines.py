"""One request under way: how long the whole of it may take, and whether any of it has left.

A read timeout counts the seconds between two bytes, so a connection that trickles never trips it. Here every read and
write of a socket is given no more time than the whole request has left. Two things have limits of their own: the
operating system's search for a name, and TLS inside of TLS (a proxy that is itself spoken to by https).
"""

from __future__ import annotations

import io
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from typing import Any

# One TLS record holds no more (RFC 8446, 5.1), so that each write of it is one step with one timeout.
PIECE_BYTES = 16_384


class DeadlineError(TimeoutError):
    """The whole request took longer than it may."""


class NotConnectedError(TimeoutError):
    """The connection, with its tunnel and its TLS, did not come about in time: nothing of the request has left."""


@dataclass(slots=True)
class Exchange:
    """A request under way.

    :param ends_at: by when all of its answer must be here, in seconds of the monotonic clock.
    :param sent: some of it may have left.
    """

    ends_at: float
    sent: bool = False


_under_way: ContextVar[Exchange | None] = ContextVar("_under_way", default=None)


@contextmanager
def exchange(seconds: float) -> Iterator[Exchange]:
    """Begin a request; what this thread does on timed connections until the end of the block belongs to it.

    :param seconds: how long it may take in all.
    """
    begun = Exchange(time.monotonic() + seconds)
    token = _under_way.set(begun)
    try:
        yield begun
    finally:
        _under_way.reset(token)


def allowed_seconds(limit_seconds: float | None) -> float | None:
    """Return how long the next step may take: up to its own limit, and no longer than the request has left.

    :param limit_seconds: the step's own limit; None: none.
    :raises DeadlineError: nothing is left.
    """
    begun = _under_way.get()
    if begun is None:
        return limit_seconds
    left_seconds = begun.ends_at - time.monotonic()
    if left_seconds <= 0:
        raise DeadlineError("the request took too long")
    return left_seconds if limit_seconds is None else min(limit_seconds, left_seconds)


@contextmanager
def _in_time(sock: socket.socket, limit_seconds: float | None) -> Iterator[None]:
    """Let one step on a socket take no longer than is allowed."""
    allowed = allowed_seconds(limit_seconds)
    sock.settimeout(allowed)
    try:
        yield
    except TimeoutError as error:
        if allowed == limit_seconds:
            raise
        raise DeadlineError("the request took too long") from error


class TimedReader(io.RawIOBase):
    """Reads from a socket in time.

    :param raw: the socket's own reader.
    :param sock: the socket; its timeout is the limit of each read.
    """

    def __init__(self, raw: io.RawIOBase, sock: socket.socket) -> None:
        self._raw = raw
        self._sock = sock
        self._limit_seconds = sock.gettimeout()

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read what is there into the buffer; return the number of bytes."""
        with _in_time(self._sock, self._limit_seconds):
            return self._raw.readinto(buffer)

    def close(self) -> None:
        """Close the socket's reader: the socket counts them."""
        self._raw.close()
        super().close()


class TimedResponse(HTTPResponse):
    """An answer that is read in time, from its first line on."""

    def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp = io.BufferedReader(TimedReader(self.fp.detach(), sock))

    def begin(self) -> None:
        """Read the head."""
        super().begin()
        # urllib3 logs what it cannot make out of a head, and that may be an echo of the key.
        self.msg.defects.clear()
        self.msg.set_payload("")


class TimedConnection(HTTPConnection):
    """A connection whose every step is taken in time, and that notes when the request begins to leave.

    To be put in front of a connection class of urllib3.
    """

    response_class = TimedResponse
    # http.client has a switch for all connections of a process that prints what is sent, with the key.
    debuglevel = 0
    _connecting = False

    def connect(self) -> None:
        """Connect, through the proxy and with TLS where there are any."""
        self._connecting = True
        try:
            super().connect()
            allowed_seconds(None)
        except TimeoutError as error:
            raise NotConnectedError("no connection in time") from error
        finally:
            self._connecting = False

    def send(self, data: Any) -> None:
        """Send, piece by piece."""
        if self.sock is None and self.auto_open:
            self.connect()
        begun = _under_way.get()
        if begun and not self._connecting:
            begun.sent = True
        pieces = range(0, len(data), PIECE_BYTES) if isinstance(data, bytes) else ()
        for start in pieces:
            with _in_time(self.sock, self.timeout):
                super().send(data[start : start + PIECE_BYTES])
        if not isinstance(data, bytes):
            super().send(data)
        self.sock.settimeout(self.timeout)
