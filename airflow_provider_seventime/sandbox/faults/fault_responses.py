"""Responses of requests that trigger a fault."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.responses import HTMLResponse, RedirectResponse, Response

from airflow_provider_seventime.sandbox.faults.faults import Fault
from airflow_provider_seventime.sandbox.faults.trickle import TrickledResponse
from airflow_provider_seventime.sandbox.responses import JSON_TYPE, error_response

LOGIN_PAGE = "<!DOCTYPE html><html><head><title>Logga in</title></head><body><h1>Logga in</h1></body></html>"


class InjectedReset(Exception):  # noqa: N818 - a signal to the HTTP layer, not an error
    """Close the connection without a response.

    :param down_seconds: duration of the outage that follows, in real seconds; None: no outage.
    """

    def __init__(self, down_seconds: float | None = None) -> None:
        super().__init__()
        self.down_seconds = down_seconds


async def fault_response(
    fault: Fault, normal: Response | None, pause: Callable[[float], Awaitable[None]]
) -> Response | None:
    """Return the response of a request that triggers a fault.

    :param normal: response without the fault; None: the request has not been processed.
    :param pause: waits the given number of seconds.
    :return: None after a delay before the processing: the caller processes the request and sends its response.
    :raises InjectedReset: the fault closes the connection.
    """
    if fault.kind in ("reset", "refuse"):
        raise InjectedReset(fault.seconds if fault.kind == "refuse" else None)
    if fault.kind == "delay":
        await pause(fault.seconds)
        return normal
    if normal is not None and fault.needs_response:
        return _altered(fault, normal, pause)
    if fault.kind == "html":
        return HTMLResponse(LOGIN_PAGE)
    if fault.kind == "redirect":
        return RedirectResponse(fault.location, 302)
    response = error_response(fault.status, fault.message or f"injected fault: {fault.status}")
    if fault.retry_after is not None:
        response.headers["Retry-After"] = str(fault.retry_after)
    return response


def _altered(fault: Fault, normal: Response, pause: Callable[[float], Awaitable[None]]) -> Response:
    if fault.kind == "cut_json":
        return Response(bytes(normal.body)[: len(normal.body) // 2], normal.status_code, media_type=JSON_TYPE)
    if fault.kind == "trickle":
        return TrickledResponse(normal, fault.seconds, pause, header=fault.header)
    return normal  # stale and moved: the fault is in the records that the response contains
