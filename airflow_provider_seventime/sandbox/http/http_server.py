"""The sandbox's HTTP server: uvicorn that shows its connections, ends at once, and can leave its port for a while."""

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
    """HTTP/1.1 that tells the application its connection, so that it can be closed without an answer."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, CONNECTION: transport}

    @property
    def idle(self) -> bool:
        """Whether no request is under way."""
        return self.cycle is None or self.cycle.response_complete


class HttpServer(uvicorn.Server):
    """Serves a sandbox; ``run(sockets=[listener])`` does it until ``should_exit``.

    :param sandbox: what is served.
    :param host: address, to come back to after an outage.
    :param port: the same.
    :param ssl_certfile: certificate chain (PEM) to speak TLS with; None: plain HTTP.
    :param ssl_keyfile: its private key; None: it stands in ``ssl_certfile``.
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
        """Begin to listen."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)

    def end_outage(self) -> None:
        """End an outage now; may be called from any thread but the server's own, and returns when it listens."""
        if self._outage.on:
            asyncio.run_coroutine_threadsafe(self._outage.end(), self._loop).result(RETURN_TIMEOUT_SECONDS)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End: answers that wait go at once, and no connection keeps the server."""
        self._app.close()
        await self._outage.close()
        # Closing TLS politely takes the other side's answer, which an idle client does not give.
        for connection in self._connections(idle=True):
            connection.transport.abort()
        await super().shutdown(sockets)
        for connection in self._connections():
            connection.transport.abort()
        await asyncio.sleep(0)  # the aborted connections are closed in the loop's next round

    async def leave_port(self) -> socket.socket:
        """Stop listening, close what is idle, let the rest finish, and return a socket that keeps the port.

        Such a socket is bound and does not listen: who connects is refused, and nobody else gets the port meanwhile.

        :raises ConfigError: the port went to somebody else in the very moment of leaving it.
        """
        loop = asyncio.get_running_loop()
        for server in self.servers:
            for listener in server.sockets:
                loop.remove_reader(listener)
        # A server that is closed cannot take in the connections that were accepted in this very round of the loop.
        await asyncio.sleep(0)
        for server in self.servers:
            server.close()
        kept = bind(*self._address)
        for connection in self._connections(idle=True):
            connection.transport.abort()
        for connection in self._connections(idle=False):
            connection.shutdown()  # closes it behind the answer
        return kept

    async def return_to_port(self, listener: socket.socket) -> None:
        """Listen again, as at the start."""
        await self.startup(sockets=[listener])

    def _connections(self, *, idle: bool | None = None) -> list[_Connection]:
        """Return the open connections; only those that are idle, or are not, if that is given."""
        connections = [one for one in self.server_state.connections if isinstance(one, _Connection)]
        return [one for one in connections if idle is None or one.idle is idle]


def bind(host: str, port: int) -> socket.socket:
    """Return a socket that is bound and not yet listening.

    :raises ConfigError: the address cannot be used.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio sends small answers at once (TCP_NODELAY).
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
