"""The connection below a request, for what HTTP does not do."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Any

from starlette.types import Receive, Scope

CONNECTION = "connection"  # where the server leaves a request's transport in the scope's state
RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER with zero seconds: TCP answers with RST instead of FIN


def connection_of(scope: Scope) -> asyncio.Transport:
    """Return the connection that a request came by."""
    transport: asyncio.Transport = scope["state"][CONNECTION]
    return transport


def reset_connection(transport: asyncio.Transport) -> None:
    """Close a connection so that the other side sees a reset."""
    connection: Any = transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
    transport.abort()


async def wait_until_gone(receive: Receive) -> None:
    """Wait until a connection that was closed is gone, so that the server misses no answer."""
    while (await receive())["type"] != "http.disconnect":
        pass  # what is left of the request's body
