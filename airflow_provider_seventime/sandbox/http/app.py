"""The sandbox as an ASGI application: the API, the controls, and connections closed on purpose."""

from __future__ import annotations

from email.utils import format_datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from airflow_provider_seventime.sandbox.engine import Sandbox
from airflow_provider_seventime.sandbox.faults.connection import connection_of, reset_connection, wait_until_gone
from airflow_provider_seventime.sandbox.faults.fault_responses import ConnectionResetOnPurpose
from airflow_provider_seventime.sandbox.faults.outage import Outage
from airflow_provider_seventime.sandbox.http.api import Api, path_of
from airflow_provider_seventime.sandbox.http.controls import Controls
from airflow_provider_seventime.sandbox.responses import error_answer


class SandboxApp:
    """An ASGI application over a sandbox.

    :param sandbox: what it serves.
    :param outage: begun when a fault wants the service down; nothing is answered while it is on.
    """

    def __init__(self, sandbox: Sandbox, outage: Outage) -> None:
        self._sandbox = sandbox
        self._outage = outage
        self._api = Api(sandbox)
        self._controls = Controls(sandbox)

    def close(self) -> None:
        """Let answers that are being delayed go at once."""
        self._api.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        try:
            response = await self._answer(Request(scope, receive))
        except ConnectionResetOnPurpose as reset:
            if reset.down_seconds is not None:
                await self._outage.begin(reset.down_seconds)  # first, so that who tries again at once is refused
            reset_connection(connection_of(scope))
            await wait_until_gone(receive)
            return
        # By the sandbox's clock, as the instants in the records are: a client may compare them.
        response.headers["Date"] = format_datetime(self._sandbox.now(), usegmt=True)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        path = path_of(request)
        if self._outage.on:
            raise ConnectionResetOnPurpose
        if path.startswith("/api/"):
            return await self._api(request)
        if path.startswith("/_sandbox"):
            return await self._controls(request)
        return error_answer(404, f"{path}: the API is at /api/, the sandbox's controls are at /_sandbox/")
