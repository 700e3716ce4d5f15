"""HTTP transport: sends one request and returns its response, with deadlines, TLS checks and typed errors.

The only module that imports requests and urllib3.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from http.cookiejar import DefaultCookiePolicy
from typing import Any, BinaryIO, TypeVar, cast
from urllib.parse import urlsplit

import requests
import urllib3
import urllib3.exceptions
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from airflow_provider_seventime import __version__
from airflow_provider_seventime.api.http.bodies import read_body
from airflow_provider_seventime.api.http.deadlines import (
    DeadlineConnection,
    DeadlineError,
    NotConnectedError,
    NotSentError,
    StalledError,
    request_deadline,
)
from airflow_provider_seventime.api.http.open_sockets import OpenSockets
from airflow_provider_seventime.api.http.redaction import Secrets, error_chain, redact, scrub
from airflow_provider_seventime.api.http.responses import OK
from airflow_provider_seventime.api.rate_limit.clock import StopFlag
from airflow_provider_seventime.api.settings import Settings
from airflow_provider_seventime.exceptions import (
    ConfigError,
    ProtocolError,
    SevenTimeError,
    StoppedError,
    TransportError,
    TransportFault,
)

HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "gzip",
    "User-Agent": f"airflow-provider-seventime/{__version__}",
}

Manager = TypeVar("Manager", bound=urllib3.PoolManager)

# Raised for a request that cannot be sent as configured, and for contradictory headers of a response.
INVALID_REQUEST_ERRORS = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidHeader,
    urllib3.exceptions.LocationValueError,
)


@dataclass(frozen=True, slots=True)
class Request:
    """HTTP request to the API.

    :param method: HTTP method.
    :param path: path below the base URL, beginning with a slash.
    :param query: query parameters.
    :param body: the body; None: no body.
    :param content_type: media type of the body.
    :param reads_only: True for a POST that changes nothing.
    :param send_within_seconds: time in which the first byte must be sent, or nothing is; None: no limit.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    content_type: str = "application/json"
    reads_only: bool = False
    send_within_seconds: float | None = None


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


class ClientSecretAuth(AuthBase):
    """Adds the API key to a request, as the header ``Client-Secret``.

    As the session's ``auth`` it also keeps requests from reading credentials from a ``.netrc``.
    """

    def __init__(self, api_key: str) -> None:
        self._api_key = api_key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the header."""
        request.headers["Client-Secret"] = self._api_key
        return request


class Session(requests.Session):
    """Session that follows no redirect and stores no cookie: the API key alone authenticates a request."""

    def __init__(self) -> None:
        super().__init__()
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        for scheme in ("http://", "https://"):
            self.mount(scheme, DeadlineAdapter())

    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002 - signature of the base class
        """Return None: for any other value requests reads the whole body of a redirect."""
        return None


class DeadlineAdapter(HTTPAdapter):
    """Adapter whose connections, direct or through a proxy, keep the deadline of a request."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Create the pools of direct connections."""
        super().init_poolmanager(*args, **options)
        _with_deadlines(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **options: Any) -> urllib3.ProxyManager:
        """Return the pools of a proxy."""
        manager: urllib3.ProxyManager = super().proxy_manager_for(*args, **options)
        return _with_deadlines(manager)


def _with_deadlines(manager: Manager) -> Manager:
    pools = manager.pool_classes_by_scheme
    manager.pool_classes_by_scheme = {scheme: _deadline_pool(pool) for scheme, pool in pools.items()}
    return manager


@cache
def _deadline_pool(pool: type[urllib3.HTTPConnectionPool]) -> type[urllib3.HTTPConnectionPool]:
    """Return a subclass of a pool whose connections keep deadlines. A SOCKS proxy has pool classes of its own."""
    connection = pool.ConnectionCls
    if issubclass(connection, DeadlineConnection):
        return pool
    connection = type(f"Deadline{connection.__name__}", (DeadlineConnection, connection), {})
    name = f"Deadline{pool.__name__}"
    return cast("type[urllib3.HTTPConnectionPool]", type(name, (pool,), {"ConnectionCls": connection}))


class Transport:
    """HTTP session with Seven Time. Threads may share it. A forked process opens connections of its own.

    :param settings: the connection.
    :param stop: flag of the client. Once it is set, nothing more is sent.
    """

    def __init__(self, settings: Settings, stop: StopFlag) -> None:
        self._settings = settings
        self._sockets = OpenSockets(stop)
        self._sessions = {os.getpid(): self._new_session()}
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
        limits = (settings.request_timeout_seconds, self._sockets, request.send_within_seconds)
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
                    raise map_error(error, request, settings, sent=deadline.sent) from error
                finally:
                    scrub(error, self._secrets)

    def _session(self) -> Session:
        """Return the session of this process. A child that shared its parent's would receive responses of both."""
        process_id = os.getpid()
        if process_id not in self._sessions:
            self._sessions = {process_id: self._new_session()}
        return self._sessions[process_id]

    def _new_session(self) -> Session:
        session = Session()
        session.headers.update(HEADERS)
        session.auth = ClientSecretAuth(self._settings.api_key)
        return session

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


def map_error(error: Exception, request: Request, settings: Settings, *, sent: bool = False) -> SevenTimeError:
    """Return this package's error for an error of the HTTP libraries.

    :param error: the libraries' error.
    :param request: the request that failed.
    :param settings: the connection.
    :param sent: True if part of the request was sent.
    """
    operation = f"{request.method} {request.path}"
    host = urlsplit(settings.base_url).netloc
    if isinstance(error, INVALID_REQUEST_ERRORS):
        if sent:
            return ProtocolError(f"{operation}: the headers of the response contradict each other")
        return ConfigError(f"{operation} cannot be sent to {host}. Check host, proxies and password of the connection")
    if not sent and any(isinstance(cause, NotSentError) for cause in error_chain(error)):
        return StoppedError()
    of_library = isinstance(error, requests.RequestException | urllib3.exceptions.HTTPError)
    if not of_library and not sent:
        return ConfigError(f"{operation} cannot be sent: {error}. Check ca_bundle and REQUESTS_CA_BUNDLE")
    fault, may_be_sent = _classify(error, sent=sent)
    if fault == "connect_timeout" and settings.request_timeout_seconds < settings.connect_timeout_seconds:
        fault = "deadline"
    detail = _detail(fault, host, settings, error)
    return TransportError(fault, request.method, request.path, detail, sent=sent or may_be_sent)


def _classify(error: Exception, *, sent: bool) -> tuple[TransportFault, bool]:
    """Return the fault, and True if an error of this kind does not rule out that the request reached the API."""
    causes = tuple(error_chain(error))
    # urllib3 reports whatever fails after http.client has closed the connection as a fault of the proxy.
    if isinstance(error, requests.exceptions.ProxyError) and not sent:
        return "proxy", False
    if isinstance(error, requests.exceptions.SSLError) and not sent:
        return "tls", not any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes)
    unconnected = any(isinstance(cause, NotConnectedError) for cause in causes)
    # The first class that occurs among the causes decides.
    known: tuple[tuple[type[BaseException], TransportFault, bool], ...] = (
        (StalledError, "stalled", False),
        (DeadlineError, "deadline", not unconnected),
        (NotConnectedError, "connect_timeout", False),
        (requests.exceptions.ConnectTimeout, "connect_timeout", False),
        (requests.exceptions.Timeout, "read_timeout", True),
        (urllib3.exceptions.NameResolutionError, "dns", False),
        (urllib3.exceptions.NewConnectionError, "refused", False),
        (urllib3.exceptions.ReadTimeoutError, "read_timeout", True),
        (TimeoutError, "read_timeout", True),
    )
    for kind, fault, may_be_sent in known:
        if any(isinstance(cause, kind) for cause in causes):
            return fault, may_be_sent
    return "reset", True


def _detail(fault: TransportFault, host: str, settings: Settings, error: BaseException) -> str:
    if fault == "tls":
        reasons = [
            cause.verify_message for cause in error_chain(error) if isinstance(cause, ssl.SSLCertVerificationError)
        ]
        reason = reasons[0] if reasons else "the handshake failed"
        return (
            f"the TLS connection to {host} failed: {reason}. Check host, or set ca_bundle if your own authority signs "
            "certificates"
        )
    return {
        "dns": f"the name {host} cannot be resolved. Check host and the network",
        "refused": f"{host} refuses connections. Check host and port",
        "connect_timeout": f"{host} did not accept the connection within {settings.connect_timeout_seconds:g} s. "
        "Check host, port and the network",
        "proxy": f"the proxy cannot reach {host}. Check proxies",
        "read_timeout": f"{host} sent nothing for {settings.read_timeout_seconds:g} s. Raise read_timeout_seconds if "
        "responses may take longer",
        "deadline": f"{host} did not send the whole response within {settings.request_timeout_seconds:g} s. Raise "
        "request_timeout_seconds if responses may take longer",
        "stalled": "this process was stopped for a while before it could send the request, so nothing was sent",
        "reset": f"{host} closed the connection before the response was complete. Try again later",
    }[fault]
