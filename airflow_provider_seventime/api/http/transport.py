"""One request, one answer: session, timeouts, TLS, bounded bodies and the mapping of every fault.

The only file that imports requests.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from http.cookiejar import DefaultCookiePolicy
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

import requests
import urllib3
import urllib3.exceptions
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from airflow_provider_seventime import __version__
from airflow_provider_seventime.api.http.bodies import piece_bytes, read_body
from airflow_provider_seventime.api.http.deadlines import DeadlineError, NotConnectedError, TimedConnection, exchange
from airflow_provider_seventime.api.http.redaction import Secrets, error_chain, redact, scrub
from airflow_provider_seventime.api.http.responses import OK
from airflow_provider_seventime.api.settings import Settings
from airflow_provider_seventime.exceptions import (
    ConfigError,
    ProtocolError,
    SevenTimeError,
    TransportError,
    TransportFault,
)

HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "gzip",
    "User-Agent": f"airflow-provider-seventime/{__version__}",
}

Manager = TypeVar("Manager", bound=urllib3.PoolManager)

MISUSE = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidHeader,
    urllib3.exceptions.LocationValueError,
)


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent.

    :param method: HTTP method.
    :param path: path below the base URL, beginning with a slash.
    :param query: query parameters.
    :param body: body as bytes; None: none.
    :param content_type: of the body.
    :param reads_only: it changes nothing, though it is a POST.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    content_type: str = "application/json"
    reads_only: bool = False


@dataclass(frozen=True, slots=True)
class Response:
    """What came back; header names are in lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class ClientSecret(AuthBase):
    """Puts the key into the one header where it belongs.

    Being the session's ``auth``, it also keeps requests from looking for credentials in a ``.netrc``.
    """

    def __init__(self, api_key: str) -> None:
        self._api_key = api_key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign the request."""
        request.headers["Client-Secret"] = self._api_key
        return request


class Session(requests.Session):
    """A session that follows no redirect and keeps no cookie: the key alone says who asks."""

    def __init__(self) -> None:
        super().__init__()
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        for scheme in ("http://", "https://"):
            self.mount(scheme, TimedAdapter())

    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002 - the base class's form
        """Return nothing: requests would read all of a redirect's body to see where it leads."""
        return None


class TimedAdapter(HTTPAdapter):
    """Sends over connections that keep to the deadline of the request, with a proxy and without."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Make the pools for direct connections."""
        super().init_poolmanager(*args, **options)
        _time(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **options: Any) -> urllib3.ProxyManager:
        """Return the pools of a proxy."""
        manager: urllib3.ProxyManager = super().proxy_manager_for(*args, **options)
        return _time(manager)


def _time(manager: Manager) -> Manager:
    pools = manager.pool_classes_by_scheme
    manager.pool_classes_by_scheme = {scheme: _timed_pool(pool) for scheme, pool in pools.items()}
    return manager


@cache
def _timed_pool(pool: type[urllib3.HTTPConnectionPool]) -> type[urllib3.HTTPConnectionPool]:
    """Return a class of pools like this one, the manager's own, for a SOCKS proxy has others."""
    connection = pool.ConnectionCls
    if issubclass(connection, TimedConnection):
        return pool
    timed = type(f"Timed{connection.__name__}", (TimedConnection, connection), {})
    return cast("type[urllib3.HTTPConnectionPool]", type(f"Timed{pool.__name__}", (pool,), {"ConnectionCls": timed}))


class Transport:
    """A session with Seven Time.

    :param settings: the connection.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._session = Session()
        self._session.headers.update(HEADERS)
        self._session.auth = ClientSecret(settings.api_key)
        self._secrets = Secrets(settings.api_key)
        # In clear only to a loopback address means: not by way of a proxy either.
        in_clear = settings.base_url.startswith("http://")
        self._proxies = {"no_proxy": "*"} if in_clear else dict(settings.proxies)

    def send(self, request: Request) -> Response:
        """Send a request once and return the whole answer, whatever its status.

        Of the body of an error no more than its beginning is read.

        :raises TransportError: no answer came, or not all of it in time.
        :raises ProtocolError: the answer is a redirect, too large, or cannot be unpacked.
        :raises ConfigError: the address or the key cannot be sent.
        """
        settings = self._settings
        timeouts = (settings.connect_timeout_seconds, settings.request_timeout_seconds)
        with exchange(settings.request_timeout_seconds) as under_way:
            try:
                with self._session.request(
                    request.method,
                    settings.base_url + request.path,
                    params=dict(request.query),
                    data=request.body,
                    headers={"Content-Type": request.content_type},
                    timeout=(min(timeouts), settings.read_timeout_seconds),
                    allow_redirects=False,
                    stream=True,
                    # Given with each request, because requests lets the environment win over what the session has.
                    proxies=self._proxies,
                    verify=settings.ca_bundle,
                ) as response:
                    return self._take(request, response)
            except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
                fault = map_fault(error, request, settings, sent=under_way.sent)
                scrub(error, self._secrets)
                raise fault from error

    def _take(self, request: Request, response: requests.Response) -> Response:
        where, status = f"{request.method} {request.path}", response.status_code
        if response.is_redirect:
            raise self._redirect(where, response.headers["location"])
        headers = {name.lower(): value for name, value in response.headers.items()}
        if status < OK:
            # What was announced so may still come: nobody else must read it as the answer to another request.
            return Response(status, headers, b"")
        announced_bytes = getattr(response.raw, "length_remaining", None)
        body = read_body(
            where,
            status=status,
            encoding=headers.get("content-encoding", ""),
            announced_bytes=announced_bytes,
            pieces=response.raw.stream(piece_bytes(status, announced_bytes), decode_content=False),
        )
        return Response(status, headers, body)

    def _redirect(self, where: str, location: str) -> ProtocolError:
        try:
            target = urlsplit(location)
            place = f"{target.scheme}://{target.netloc}" if target.netloc else target.path
        except ValueError:
            place = location
        return ProtocolError(
            f"{where} was redirected to {redact(place, self._secrets)}, which is refused so that the key stays with "
            f"{self._settings.base_url}; if that is where the API now lives, set it as host"
        )

    def close(self) -> None:
        """Close the connections; the transport may be used again."""
        self._session.close()


def map_fault(error: Exception, request: Request, settings: Settings, *, sent: bool = False) -> SevenTimeError:
    """Return this package's error for one of the HTTP library's.

    :param error: the library's error.
    :param request: what was to be sent.
    :param settings: the connection.
    :param sent: some of the request is known to have left.
    """
    where = f"{request.method} {request.path}"
    host = urlsplit(settings.base_url).netloc
    if isinstance(error, MISUSE):
        if sent:
            return ProtocolError(f"{where} was answered with headers that contradict each other")
        return ConfigError(f"{where} cannot be sent to {host}: check host, proxies and key of the connection")
    of_library = isinstance(error, requests.RequestException | urllib3.exceptions.HTTPError)
    if not of_library and not sent:
        return ConfigError(f"{where} cannot be sent, check ca_bundle and REQUESTS_CA_BUNDLE: {error}")
    fault, may_have_left = _fault(error, sent=sent)
    if fault == "connect_timeout" and settings.request_timeout_seconds < settings.connect_timeout_seconds:
        fault = "deadline"
    detail = _detail(fault, host, settings, error)
    return TransportError(fault, request.method, request.path, detail, sent=sent or may_have_left)


def _fault(error: Exception, *, sent: bool) -> tuple[TransportFault, bool]:
    """Return what broke, and whether the request may have reached the API as far as the kind of error tells."""
    causes = tuple(error_chain(error))
    # urllib3 blames the proxy for whatever breaks after http.client has closed the connection.
    if isinstance(error, requests.exceptions.ProxyError) and not sent:
        return "proxy", False
    if isinstance(error, requests.exceptions.SSLError) and not sent:
        return "tls", not any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes)
    unconnected = any(isinstance(cause, NotConnectedError) for cause in causes)
    known: tuple[tuple[type[BaseException], TransportFault, bool], ...] = (
        (DeadlineError, "deadline", not unconnected),
        (NotConnectedError, "connect_timeout", False),
        (requests.exceptions.ConnectTimeout, "connect_timeout", False),
        (requests.exceptions.Timeout, "read_timeout", True),
        (urllib3.exceptions.NameResolutionError, "dns", False),
        (urllib3.exceptions.NewConnectionError, "refused", False),
        (urllib3.exceptions.ReadTimeoutError, "read_timeout", True),
        (TimeoutError, "read_timeout", True),
    )
    for kind, fault, may_have_left in known:
        if any(isinstance(cause, kind) for cause in causes):
            return fault, may_have_left
    return "reset", True


def _detail(fault: TransportFault, host: str, settings: Settings, error: BaseException) -> str:
    if fault == "tls":
        reasons = [
            cause.verify_message for cause in error_chain(error) if isinstance(cause, ssl.SSLCertVerificationError)
        ]
        reason = reasons[0] if reasons else "the handshake failed"
        return f"{host} could not prove who it is: {reason}; check host, or ca_bundle where your own authority signs"
    return {
        "dns": f"the name {host} cannot be found; check host and the network",
        "refused": f"{host} refuses connections; check host and port",
        "connect_timeout": f"{host} did not take the connection within {settings.connect_timeout_seconds:g} s",
        "proxy": f"the proxy did not reach {host}; check proxies",
        "read_timeout": f"{host} was silent for {settings.read_timeout_seconds:g} s",
        "deadline": f"{host} had not answered in full after {settings.request_timeout_seconds:g} s; raise "
        "request_timeout_seconds where answers may take longer",
        "reset": f"{host} closed the connection before the answer was whole",
    }[fault]
