"""Proxy of a Redis whose clock runs faster: between the machine's Redis and writers whose clock runs as fast."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

# The reply to TIME: seconds and microseconds.
TIME_REPLY = re.compile(rb"\*2\r\n\$10\r\n(\d{10})\r\n\$\d\r\n(\d{1,6})\r\n")
BLOCK = 65_536
MICROSECONDS = 1_000_000


class FastRedis:
    """Proxy, listening while the context lasts.

    :param address: host and port of the Redis.
    :param speed: seconds of its clock per real second.
    """

    def __init__(self, address: tuple[str, int], speed: float) -> None:
        self._address = address
        self._speed = int(speed)
        self._begun = int(time.time()) * MICROSECONDS
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = [self._listener]

    @property
    def port(self) -> int:
        """Port of the proxy."""
        return int(self._listener.getsockname()[1])

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for one in self._sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return  # closed
            redis = socket.create_connection(self._address)
            for one in (client, redis):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._sockets += [client, redis]
            for source, target, change in ((client, redis, bytes), (redis, client, self._hasten)):
                threading.Thread(target=_copy, args=(source, target, change), daemon=True).start()

    def _hasten(self, reply: bytes) -> bytes:
        """Return a reply with the time of the faster clock. Replies to writers are small: each arrives in one piece."""
        return TIME_REPLY.sub(self._faster, reply)

    def _faster(self, reply: re.Match[bytes]) -> bytes:
        real = int(reply[1]) * MICROSECONDS + int(reply[2])
        seconds, microseconds = divmod(self._begun + (real - self._begun) * self._speed, MICROSECONDS)
        return b"*2\r\n$10\r\n%d\r\n$%d\r\n%d\r\n" % (seconds, len(str(microseconds)), microseconds)


def _copy(source: socket.socket, target: socket.socket, change: Callable[[bytes], bytes]) -> None:
    """Send on what arrives, until one side closes."""
    with suppress(OSError):
        while block := source.recv(BLOCK):
            target.sendall(change(block))
    for one in (source, target):
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
