"""HTTP server of the sandbox: uvicorn with access to its connections, a quick shutdown, and outages.

It relies on internals of uvicorn: ``H11Protocol`` with ``app_state``, ``cycle`` and ``shutdown``, and the attributes
``servers`` and ``server_state.connections`` of ``Server``. ``pyproject.toml`` therefore limits uvicorn's version.
"""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from airflow_provider_seventime.exceptions import ConfigError
from airflow_provider_seventime.sandbox.engine import Sandbox
from airflow_provider_seventime.sandbox.faults.connection import CONNECTION
from airflow_provider_seventime.sandbox.faults.outage import Outage
from airflow_provider_seventime.sandbox.http.app import SandboxApp

GRACE_SECONDS = 1
RETURN_TIMEOUT_SECONDS = 10.0


class _Connection(H11Protocol):
    """HTTP/1.1 protocol that gives the application access to its connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, CONNECTION: transport}

    @property
    def idle(self) -> bool:
        """True if the connection has no request in progress."""
        return self.cycle is None or self.cycle.response_complete


class HttpServer(uvicorn.Server):
    """HTTP server of a sandbox. ``run(sockets=[listener])`` serves until ``should_exit`` is set.

    :param sandbox: the sandbox.
    :param host: address of the listener, needed after an outage.
    :param port: port of the listener, needed after an outage.
    :param ssl_certfile: certificate chain (PEM) for TLS; None: plain HTTP.
    :param ssl_keyfile: private key (PEM); None: ``ssl_certfile`` contains it.
    """

    def __init__(
        self, sandbox: Sandbox, host: str, port: int, ssl_certfile: str | Path | None, ssl_keyfile: str | Path | None
    ) -> None:
        self._address = host, port
        self._outage = Outage(self)
        self._app = SandboxApp(sandbox, self._outage)
        config = uvicorn.Config(
            self._app,
            http=_Connection,
            ws="none",
            loop="asyncio",
            lifespan="off",
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
            ssl_certfile=ssl_certfile,
            ssl_keyfile=ssl_keyfile,
        )
        super().__init__(config)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)

    def end_outage(self) -> None:
        """End an outage, and return when the server listens. Must not be called from the server's own thread."""
        if self._outage.active:
            asyncio.run_coroutine_threadsafe(self._outage.end(), self._loop).result(RETURN_TIMEOUT_SECONDS)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop without waiting for delayed responses or idle connections."""
        self._app.close()
        await self._outage.close()
        # A regular TLS shutdown waits for the client, and an idle client does not respond.
        for connection in self._connections(idle=True):
            connection.transport.abort()
        await super().shutdown(sockets)
        for connection in self._connections():
            connection.transport.abort()
        await asyncio.sleep(0)  # the event loop closes aborted connections in its next iteration

    async def stop_listening(self) -> socket.socket:
        """Stop listening, and close connections: idle ones now, the others after their response.

        :return: a socket that is bound to the port without listening. New connections are refused, and no other process
            can take the port.
        :raises ConfigError: another process took the port in between.
        """
        loop = asyncio.get_running_loop()
        for server in self.servers:
            for listener in server.sockets:
                loop.remove_reader(listener)
        # Connections accepted in this iteration of the loop must reach the server before it is closed.
        await asyncio.sleep(0)
        for server in self.servers:
            server.close()
        reserved = bind(*self._address)
        for connection in self._connections(idle=True):
            connection.transport.abort()
        for connection in self._connections(idle=False):
            connection.shutdown()  # closes it after its response
        return reserved

    async def listen_again(self, listener: socket.socket) -> None:
        """Listen again on the reserved socket."""
        await self.startup(sockets=[listener])

    def _connections(self, *, idle: bool | None = None) -> list[_Connection]:
        """Return the open connections.

        :param idle: only those that are idle, or are not; None: all.
        """
        connections = [one for one in self.server_state.connections if isinstance(one, _Connection)]
        return [one for one in connections if idle is None or one.idle is idle]


def bind(host: str, port: int) -> socket.socket:
    """Return a socket that is bound and does not listen yet.

    :raises ConfigError: the address cannot be used.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With an explicit protocol, asyncio sets TCP_NODELAY, and small responses are sent without delay.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ConfigError(
            f"cannot listen on {host}, port {port}: {error.strerror}. Choose another with --port."
        ) from error
    return listener
