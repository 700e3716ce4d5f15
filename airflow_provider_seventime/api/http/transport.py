"""HTTP transport: sends one request and returns its response, with deadlines, TLS checks and typed errors."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import BinaryIO, cast
from urllib.parse import urlsplit

import requests
import urllib3.exceptions

from airflow_provider_seventime.api.http.bodies import read_body
from airflow_provider_seventime.api.http.deadlines import request_deadline
from airflow_provider_seventime.api.http.open_sockets import OpenSockets
from airflow_provider_seventime.api.http.redaction import Secrets, clear_frames, redact, scrub
from airflow_provider_seventime.api.http.responses import OK
from airflow_provider_seventime.api.http.session import Session
from airflow_provider_seventime.api.http.transport_errors import map_error
from airflow_provider_seventime.api.rate_limit.clock import SendWindow, StopFlag
from airflow_provider_seventime.api.settings import Settings
from airflow_provider_seventime.exceptions import ProtocolError


@dataclass(frozen=True, slots=True)
class Request:
    """HTTP request to the API.

    :param method: HTTP method.
    :param path: path below the base URL, beginning with a slash.
    :param query: query parameters.
    :param body: the body; None: no body.
    :param content_type: media type of the body.
    :param reads_only: True for a POST that changes nothing.
    :param send_window: checked directly before each write of the request, of the head and then of the body. Once it has
        ended, nothing more is sent, so the API does not execute the request. None: no check.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    content_type: str = "application/json"
    reads_only: bool = False
    send_window: SendWindow | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """HTTP response of the API.

    :param status: HTTP status.
    :param headers: header names in lower case.
    :param body: the body, decompressed.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class Transport:
    """HTTP session with Seven Time. Threads may share it. A forked process opens connections of its own.

    :param settings: the connection.
    :param stop: flag of the client. Once it is set, nothing more is sent.
    """

    def __init__(self, settings: Settings, stop: StopFlag) -> None:
        self._settings = settings
        self._sockets = OpenSockets(stop)
        self._sessions = {os.getpid(): Session(settings.api_key)}
        self._secrets = Secrets(settings.api_key)
        # Plain http goes to loopback addresses only, and so past every proxy.
        is_plain = settings.base_url.startswith("http://")
        self._proxies = {"no_proxy": "*"} if is_plain else dict(settings.proxies)

    def send(self, request: Request) -> Response:
        """Send a request once and return the response, whatever its status.

        :return: the response; of an error's body at most the first 64 KiB.
        :raises StoppedError: the client is stopped, and nothing was sent.
        :raises TransportError: no response arrived, or not all of it before the deadline.
        :raises ProtocolError: the response is a redirect, too large, or cannot be decompressed.
        :raises ConfigError: the request cannot be sent as the connection is configured.
        """
        settings = self._settings
        connect_limits = (settings.connect_timeout_seconds, settings.request_timeout_seconds)
        limits = (settings.request_timeout_seconds, self._sockets, request.send_window)
        with request_deadline(*limits) as deadline:
            try:
                with self._session().request(
                    request.method,
                    settings.base_url + request.path,
                    params=dict(request.query),
                    data=request.body,
                    headers={"Content-Type": request.content_type},
                    timeout=(min(connect_limits), settings.read_timeout_seconds),
                    allow_redirects=False,
                    stream=True,
                    # With each request: requests prefers the environment's proxies to those of the session.
                    proxies=self._proxies,
                    verify=settings.ca_bundle,
                ) as response:
                    return self._read(request, response)
            except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
                # In no variable: an error that a frame of its own traceback holds is a reference cycle.
                try:
                    raise map_error(error, request.method, request.path, settings, sent=deadline.sent) from error
                finally:
                    scrub(error, self._secrets)
            except BaseException as error:
                # An interruption, such as Airflow's timeout of a task: its frames hold the request with the key.
                clear_frames(error)
                raise

    def _session(self) -> Session:
        """Return the session of this process. A child that shared its parent's would receive responses of both."""
        process_id = os.getpid()
        if process_id not in self._sessions:
            self._sessions = {process_id: Session(self._settings.api_key)}
        return self._sessions[process_id]

    def _read(self, request: Request, response: requests.Response) -> Response:
        operation, status = f"{request.method} {request.path}", response.status_code
        if response.is_redirect:
            raise self._redirect_error(operation, response.headers["location"])
        headers = {name.lower(): value for name, value in response.headers.items()}
        if status < OK:
            # The final response may still follow. The connection is closed, so that no other request reads it.
            return Response(status, headers, b"")
        body = read_body(
            operation,
            cast("BinaryIO", response.raw),
            status=status,
            encoding=headers.get("content-encoding", ""),
            content_length=getattr(response.raw, "length_remaining", None),
        )
        return Response(status, headers, body)

    def _redirect_error(self, operation: str, location: str) -> ProtocolError:
        try:
            target = urlsplit(location)
            place = f"{target.scheme}://{target.netloc}" if target.netloc else target.path
        except ValueError:
            place = location
        return ProtocolError(
            f"{operation} was redirected to {redact(place, self._secrets)}. Redirects are not followed, because the "
            f"API key goes to {self._settings.base_url} only. If the API has moved there, set it as host"
        )

    def abort(self) -> None:
        """Shut down the connections: a request in flight fails at once, in whatever thread it waits."""
        self._sockets.shut_down()

    def close(self) -> None:
        """Close the connections. A later request opens new ones."""
        self._session().close()
