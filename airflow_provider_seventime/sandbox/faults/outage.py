"""Outage of the service: the port refuses connections for some time."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from typing import Protocol


class ListeningServer(Protocol):
    """Server that can stop listening and start again."""

    async def stop_listening(self) -> socket.socket:
        """Stop listening, close idle connections, and return a socket that is bound to the port without listening."""

    async def listen_again(self, listener: socket.socket) -> None:
        """Listen again on the socket of ``stop_listening``."""


class Outage:
    """Outages of a server. Everything runs in the server's event loop.

    :param server: the server.
    """

    def __init__(self, server: ListeningServer) -> None:
        self._server = server
        self._until = 0.0
        self._end_requested = asyncio.Event()
        self._over = asyncio.Event()
        self._over.set()
        self._closing = False
        self._end_task: asyncio.Task[None] | None = None

    @property
    def active(self) -> bool:
        """True while the service is down. Requests on open connections then have no response either."""
        return not self._over.is_set()

    async def begin(self, seconds: float) -> None:
        """Begin an outage of so many seconds. During an outage, extend it if the new end is later."""
        loop = asyncio.get_running_loop()
        self._until = max(self._until, loop.time() + seconds)
        if self.active or self._closing:
            return
        self._over.clear()
        self._end_requested.clear()
        reserved = await self._server.stop_listening()
        self._end_task = loop.create_task(self._wait_and_listen(reserved))

    async def end(self) -> None:
        """End the outage now, and return when the server listens. Without an outage nothing happens."""
        self._until = 0.0
        self._end_requested.set()
        await self._over.wait()

    async def close(self) -> None:
        """End the outage without listening again, because the server stops."""
        self._closing = True
        self._end_requested.set()
        if self._end_task is not None:
            await self._end_task

    async def _wait_and_listen(self, reserved: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while not self._end_requested.is_set() and (left := self._until - loop.time()) > 0:
            with suppress(TimeoutError):  # another fault may have extended the outage meanwhile
                await asyncio.wait_for(self._end_requested.wait(), left)
        if self._closing:
            reserved.close()
        else:
            await self._server.listen_again(reserved)
        self._over.set()
