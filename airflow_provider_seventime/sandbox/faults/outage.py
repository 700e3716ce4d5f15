"""The service is down for a while: its port refuses, and then it listens again."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from typing import Protocol


class Port(Protocol):
    """What can leave its port and come back to it."""

    async def leave_port(self) -> socket.socket:
        """Stop listening, close what is idle, and return a socket that keeps the port and does not listen."""

    async def return_to_port(self, listener: socket.socket) -> None:
        """Listen again."""


class Outage:
    """Takes a server off its port for a while. Everything runs in the server's loop.

    :param server: whose port it is.
    """

    def __init__(self, server: Port) -> None:
        self._server = server
        self._until = 0.0
        self._called_back = asyncio.Event()
        self._over = asyncio.Event()
        self._over.set()
        self._closing = False
        self._return: asyncio.Task[None] | None = None

    @property
    def on(self) -> bool:
        """Whether the service is down: a request that comes by an older connection is not to be answered."""
        return not self._over.is_set()

    async def begin(self, seconds: float) -> None:
        """Leave the port, and come back on its own after so many seconds.

        An outage that is on already lasts until the later of its two ends.
        """
        loop = asyncio.get_running_loop()
        self._until = max(self._until, loop.time() + seconds)
        if self.on or self._closing:
            return
        self._over.clear()
        self._called_back.clear()
        kept = await self._server.leave_port()
        self._return = loop.create_task(self._come_back(kept))

    async def end(self) -> None:
        """Come back now, and return when the port is listened on. Without an outage nothing happens."""
        self._until = 0.0
        self._called_back.set()
        await self._over.wait()

    async def close(self) -> None:
        """End an outage without coming back: the server ends."""
        self._closing = True
        self._called_back.set()
        if self._return is not None:
            await self._return

    async def _come_back(self, kept: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while not self._called_back.is_set() and (left := self._until - loop.time()) > 0:
            with suppress(TimeoutError):  # another order may have made it longer meanwhile
                await asyncio.wait_for(self._called_back.wait(), left)
        if self._closing:
            kept.close()
        else:
            await self._server.return_to_port(kept)
        self._over.set()
