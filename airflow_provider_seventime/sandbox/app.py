"""The sandbox as an ASGI application: the API, the controls, and connections closed on purpose."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Any

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from airflow_provider_seventime.sandbox.answers import error_answer
from airflow_provider_seventime.sandbox.api import Api, path_of
from airflow_provider_seventime.sandbox.controls import Controls
from airflow_provider_seventime.sandbox.engine import Sandbox
from airflow_provider_seventime.sandbox.fault_answers import ConnectionResetOnPurpose

CONNECTION = "connection"  # where the server leaves a request's transport in the scope's state
RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER with zero seconds: TCP answers with RST instead of FIN


class SandboxApp:
    """An ASGI application over a sandbox.

    :param sandbox: what it serves.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._api = Api(sandbox)
        self._controls = Controls(sandbox)

    def close(self) -> None:
        """Let answers that are being delayed go at once."""
        self._api.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = Request(scope, receive)
        path = path_of(request)
        try:
            if path.startswith("/api/"):
                response = await self._api(request)
            elif path.startswith("/_sandbox"):
                response = await self._controls(request)
            else:
                response = error_answer(404, f"{path}: the API is at /api/, the sandbox's controls are at /_sandbox/")
        except ConnectionResetOnPurpose:
            reset_connection(scope["state"][CONNECTION])
            await receive()  # returns when the connection is gone, so that the server misses no answer
            return
        await response(scope, receive, send)


def reset_connection(transport: asyncio.Transport) -> None:
    """Close a connection so that the other side sees a reset."""
    connection: Any = transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
    transport.abort()
