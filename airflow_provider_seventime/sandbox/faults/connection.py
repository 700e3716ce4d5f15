"""TCP connection of a request, for faults below HTTP."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Any

from starlette.types import Receive, Scope

CONNECTION = "connection"  # the server puts the transport of a request under this name into the scope's state
RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER with zero seconds: TCP closes with RST instead of FIN


def connection_of(scope: Scope) -> asyncio.Transport:
    """Return the connection of a request."""
    transport: asyncio.Transport = scope["state"][CONNECTION]
    return transport


def reset_connection(transport: asyncio.Transport) -> None:
    """Close a connection with a TCP reset."""
    connection: Any = transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
    transport.abort()


async def wait_for_disconnect(receive: Receive) -> None:
    """Wait until a closed connection has ended. Otherwise the server reports that the response is missing."""
    while (await receive())["type"] != "http.disconnect":
        pass  # skip the rest of the request's body
