"""Open sockets of a transport, which are shut down together when its client is left with an error."""

from __future__ import annotations

import os
import socket
import threading
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary

from airflow_provider_seventime.api.rate_limit.clock import StopFlag
from airflow_provider_seventime.per_process import PerProcess


class OpenSockets:
    """Sockets of a transport. Threads may share it.

    :param stop: flag of the client.
    """

    def __init__(self, stop: StopFlag) -> None:
        self.stop = stop
        self._lock = PerProcess(threading.Lock)
        self._owners: WeakKeyDictionary[Any, int] = WeakKeyDictionary()

    def add(self, sock: Any) -> None:
        """Add a connected socket. It is removed when no connection and no response uses it any more.

        :param sock: a socket, or an object of urllib3 that wraps one as ``socket``.
        """
        with self._lock.value:
            self._owners[sock] = os.getpid()

    def shut_down(self) -> None:
        """Shut down every socket: a thread that waits for a response wakes up. Closing a socket does not wake it.

        A socket that a parent process opened is left alone, because the parent uses the same connection.
        """
        with self._lock.value:
            own = [sock for sock, process_id in self._owners.items() if process_id == os.getpid()]
        for sock in own:
            plain = sock
            while not isinstance(plain, socket.socket):
                plain = plain.socket
            # Not the method of a TLS socket: that ends the encryption while another thread may still write.
            with suppress(OSError):
                socket.socket.shutdown(plain, socket.SHUT_RDWR)
