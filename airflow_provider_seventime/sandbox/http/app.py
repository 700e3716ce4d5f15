"""ASGI application of the sandbox: the API and the controls."""

from __future__ import annotations

from email.utils import format_datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from airflow_provider_seventime.sandbox.engine import Sandbox
from airflow_provider_seventime.sandbox.faults.connection import connection_of, reset_connection, wait_for_disconnect
from airflow_provider_seventime.sandbox.faults.fault_responses import InjectedReset
from airflow_provider_seventime.sandbox.faults.outage import Outage
from airflow_provider_seventime.sandbox.http.api import Api, path_of
from airflow_provider_seventime.sandbox.http.controls import Controls
from airflow_provider_seventime.sandbox.http.guard import (
    MAX_BODY_BYTES,
    BodyTooLargeError,
    bounded,
    is_too_large,
    refusal_of_origin,
)
from airflow_provider_seventime.sandbox.responses import error_response

TOO_LARGE = f"the body is larger than {MAX_BODY_BYTES // 1024**2} MiB"


class SandboxApp:
    """ASGI application of a sandbox.

    :param sandbox: the sandbox.
    :param outage: outages of the server. A ``refuse`` fault begins one. While it lasts, no request has a response.
    """

    def __init__(self, sandbox: Sandbox, outage: Outage) -> None:
        self._sandbox = sandbox
        self._outage = outage
        self._api = Api(sandbox)
        self._controls = Controls(sandbox)

    def close(self) -> None:
        """End the pauses of delayed and slow responses."""
        self._api.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Process one request."""
        try:
            response = await self._respond(Request(scope, bounded(receive)))
        except BodyTooLargeError:
            response = error_response(413, TOO_LARGE)
        except InjectedReset as reset:
            if reset.down_seconds is not None:
                # Before the reset, so that a client that connects again at once is refused.
                await self._outage.begin(reset.down_seconds)
            reset_connection(connection_of(scope))
            await wait_for_disconnect(receive)
            return
        # On the sandbox's clock, as the times in the records: a client may compare them.
        response.headers["Date"] = format_datetime(self._sandbox.account.now(), usegmt=True)
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        path = path_of(request)
        if self._outage.active:
            raise InjectedReset
        if refusal := refusal_of_origin(request):
            return error_response(403, refusal)
        if is_too_large(request):
            return error_response(413, TOO_LARGE)
        if path.startswith("/api/"):
            return await self._api(request)
        if path.startswith("/_sandbox"):
            return await self._controls(request)
        return error_response(404, f"{path}: the API is at /api/, the sandbox's controls are at /_sandbox/")
