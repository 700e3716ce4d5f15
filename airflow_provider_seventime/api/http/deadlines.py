"""Deadline of a whole request, a note whether any of it was sent, and the last check of the stop flag before that.

A read timeout limits the time between two bytes, so a server that sends a byte a second never exceeds it. Here each
read and write of a socket gets at most the time that the whole request has left. Two steps have limits of their own:
the operating system's DNS lookup, and TLS inside TLS (to a proxy that is reached by https).
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

from airflow_provider_seventime.api.http.open_sockets import OpenSockets
from airflow_provider_seventime.api.rate_limit.clock import SendWindow

# Largest TLS record (RFC 8446, 5.1): each write is one record, and so one step with one timeout.
WRITE_BYTES = 16_384


class DeadlineError(TimeoutError):
    """The whole request took longer than its deadline."""


class NotConnectedError(TimeoutError):
    """The connection, with its tunnel and TLS, was not made in time: nothing of the request was sent."""


class StalledError(TimeoutError):
    """The process was stopped before it sent the whole request, for longer than that may wait. A part was not sent."""


class NotSentError(OSError):
    """The client was stopped before it sent the request. Nothing was sent."""


@dataclass(slots=True)
class RequestDeadline:
    """Deadline of a request in progress.

    :param ends_at: latest time of the response's last byte, in seconds of the monotonic clock.
    :param sockets: the open sockets of the client, with its stop flag.
    :param window: checked before each write of the request; None: no check.
    :param sent: True once part of the request may have been sent.
    """

    ends_at: float
    sockets: OpenSockets
    window: SendWindow | None = None
    sent: bool = False


_current: ContextVar[RequestDeadline | None] = ContextVar("_current", default=None)


@contextmanager
def request_deadline(
    seconds: float, sockets: OpenSockets, window: SendWindow | None = None
) -> Iterator[RequestDeadline]:
    """Limit the time of a request: it applies to each connection that this thread uses inside the block.

    :param seconds: time for the whole request.
    :param sockets: receives each socket that is opened; its stop flag is checked before the first byte is sent.
    :param window: checked directly before each write of the request. Once it has ended, nothing more is sent. None: no
        check.
    """
    deadline = RequestDeadline(time.monotonic() + seconds, sockets, window)
    token = _current.set(deadline)
    try:
        yield deadline
    finally:
        _current.reset(token)


def timeout_seconds(limit_seconds: float | None) -> float | None:
    """Return the timeout of the next step: its own limit, or the time that the request has left if that is less.

    :param limit_seconds: the step's own limit; None: no limit.
    :return: seconds; None if there is neither a limit nor a request in progress.
    :raises DeadlineError: no time is left.
    """
    deadline = _current.get()
    if deadline is None:
        return limit_seconds
    left_seconds = deadline.ends_at - time.monotonic()
    if left_seconds <= 0:
        raise DeadlineError("the request took too long")
    return left_seconds if limit_seconds is None else min(limit_seconds, left_seconds)


@contextmanager
def _limited(sock: socket.socket, limit_seconds: float | None) -> Iterator[None]:
    """Set the timeout of one step on a socket, and raise a DeadlineError if the whole request ran out of time."""
    timeout = timeout_seconds(limit_seconds)
    sock.settimeout(timeout)
    try:
        yield
    except TimeoutError as error:
        if timeout == limit_seconds:
            raise
        raise DeadlineError("the request took too long") from error


class DeadlineReader(io.RawIOBase):
    """Reads from a socket until the deadline.

    :param raw: the socket's own reader.
    :param sock: the socket; its timeout is the limit of each read.
    """

    def __init__(self, raw: io.RawIOBase, sock: socket.socket) -> None:
        self._raw = raw
        self._sock = sock
        self._limit_seconds = sock.gettimeout()

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read into the buffer and return the number of bytes."""
        with _limited(self._sock, self._limit_seconds):
            return self._raw.readinto(buffer)

    def close(self) -> None:
        """Close the socket's reader: the socket stays open until each of its readers is closed."""
        self._raw.close()
        super().close()


class DeadlineResponse(HTTPResponse):
    """Response that is read until the deadline, from its first line on."""

    def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp = io.BufferedReader(DeadlineReader(self.fp.detach(), sock))

    def begin(self) -> None:
        """Read the head."""
        super().begin()
        # urllib3 logs malformed lines of a head, and those may repeat the key.
        self.msg.defects.clear()
        self.msg.set_payload("")


class DeadlineConnection(HTTPConnection):
    """Mixin for urllib3's connections: each step ends at the deadline, and ``sent`` is set before the first write."""

    response_class = DeadlineResponse
    # http.client can print whatever any connection of the process sends, with the key: not on these connections.
    debuglevel = 0
    _connecting = False

    def connect(self) -> None:
        """Connect, through the proxy and with TLS where configured."""
        self._connecting = True
        try:
            super().connect()
            timeout_seconds(None)
        except TimeoutError as error:
            raise NotConnectedError("no connection in time") from error
        finally:
            self._connecting = False
        deadline = _current.get()
        if deadline:
            deadline.sockets.add(self.sock)

    def send(self, data: Any) -> None:
        """Send bytes in steps of 16 KiB."""
        if self.sock is None and self.auto_open:
            self.connect()
        deadline = _current.get()
        if deadline and not self._connecting:
            _check_before_first_byte(deadline)
            deadline.sent = True
        starts = range(0, len(data), WRITE_BYTES) if isinstance(data, bytes) else ()
        for start in starts:
            with _limited(self.sock, self.timeout):
                # With each step: the head and the body are sent apart, and the API executes nothing before it has both.
                if deadline:
                    _check_window(deadline)
                super().send(data[start : start + WRITE_BYTES])
        if not isinstance(data, bytes):
            super().send(data)
        self.sock.settimeout(self.timeout)


def _check_before_first_byte(deadline: RequestDeadline) -> None:
    """Raise an error if the request may not be sent any more. A request that is partly sent is sent whole."""
    if deadline.sent:
        return
    if deadline.sockets.stop.is_set:
        raise NotSentError("the client was stopped before the request was sent")
    _check_window(deadline)


def _check_window(deadline: RequestDeadline) -> None:
    if deadline.window is not None and not deadline.window.is_open:
        raise StalledError("the request waited too long before it was sent")
