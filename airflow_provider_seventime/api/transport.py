"""One request, one answer: session, timeouts, TLS and the mapping of every fault.

The only file that imports requests.
"""

from __future__ import annotations

import ssl
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import requests
import urllib3.exceptions
from requests.auth import AuthBase

from airflow_provider_seventime import __version__
from airflow_provider_seventime.api.redaction import redact
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
    "User-Agent": f"airflow-provider-seventime/{__version__}",
}

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
class Answer:
    """What came back; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


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


class Transport:
    """A session with Seven Time.

    :param settings: the connection.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._session = requests.Session()
        self._session.headers.update(HEADERS)
        self._session.auth = ClientSecret(settings.api_key)
        # In clear only to a loopback address means: not by way of a proxy either.
        in_clear = settings.base_url.startswith("http://")
        self._proxies = {"no_proxy": "*"} if in_clear else dict(settings.proxies)

    def send(self, request: Request) -> Answer:
        """Send a request once and return the whole answer, whatever its status.

        :raises TransportError: no answer came.
        :raises ProtocolError: the answer is a redirect, or cannot be unpacked.
        :raises ConfigError: the address or the key cannot be sent.
        """
        settings = self._settings
        try:
            response = self._session.request(
                request.method,
                settings.base_url + request.path,
                params=dict(request.query),
                data=request.body,
                headers={"Content-Type": request.content_type},
                timeout=(settings.connect_timeout_seconds, settings.read_timeout_seconds),
                allow_redirects=False,
                # Given with each request, because requests lets the environment win over what the session has.
                proxies=self._proxies,
                verify=settings.ca_bundle,
            )
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            fault = map_fault(error, request, settings)
            _forget_variables(error)
            raise fault from error
        except OSError as error:
            raise ConfigError(
                f"{request.method} {request.path} cannot be sent, check ca_bundle and REQUESTS_CA_BUNDLE: {error}"
            ) from error
        if response.is_redirect:
            raise self._redirect(request, response.headers["location"])
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status_code, headers, response.content)

    def _redirect(self, request: Request, location: str) -> ProtocolError:
        target = urlsplit(location)
        where = redact(f"{target.scheme}://{target.netloc}" if target.netloc else target.path, [self._settings.api_key])
        error = ProtocolError(
            f"{request.method} {request.path} was redirected to {where}, which is refused "
            f"so that the key stays with {self._settings.base_url}; if that is where the API now lives, set it as host"
        )
        # It will be redirected again.
        error.transient = False
        return error

    def close(self) -> None:
        """Close the connections; the transport may be used again."""
        self._session.close()


def map_fault(error: Exception, request: Request, settings: Settings) -> SevenTimeError:
    """Return this package's error for one of the HTTP library's."""
    method, path = request.method, request.path
    host = urlsplit(settings.base_url).netloc
    if isinstance(error, MISUSE):
        return ConfigError(f"{method} {path} cannot be sent to {host}: check host, proxies and key of the connection")
    if isinstance(error, requests.exceptions.ContentDecodingError):
        return ProtocolError(f"{method} {path}: the answer cannot be unpacked, its encoding is not what it says")
    fault, sent = _fault(error)
    return TransportError(fault, method, path, _detail(fault, host, settings, error), sent=sent)


def _fault(error: Exception) -> tuple[TransportFault, bool]:
    """Return what broke, and whether the request may have reached the API."""
    causes = tuple(_causes(error))
    if isinstance(error, requests.exceptions.ProxyError):
        return "proxy", False
    if isinstance(error, requests.exceptions.SSLError):
        return "tls", not any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes)
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return "connect_timeout", False
    if isinstance(error, requests.exceptions.Timeout):
        return "read_timeout", True
    known: tuple[tuple[type[BaseException], TransportFault, bool], ...] = (
        (urllib3.exceptions.NameResolutionError, "dns", False),
        (urllib3.exceptions.NewConnectionError, "refused", False),
        (urllib3.exceptions.ReadTimeoutError, "read_timeout", True),
    )
    for kind, fault, sent in known:
        if any(isinstance(cause, kind) for cause in causes):
            return fault, sent
    return "reset", True


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and everything that it wraps, in the several ways of the HTTP libraries."""
    waiting: list[BaseException] = [error]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        wrapped = (*one.args, getattr(one, "reason", None), one.__cause__, one.__context__)
        waiting += [inner for inner in wrapped if isinstance(inner, BaseException)]


def _forget_variables(error: BaseException) -> None:
    """Empty the frames that an error went through: they hold the headers, and tracebacks may print variables."""
    for one in _causes(error):
        traceback.clear_frames(one.__traceback__)


def _detail(fault: TransportFault, host: str, settings: Settings, error: BaseException) -> str:
    if fault == "tls":
        reasons = [cause.verify_message for cause in _causes(error) if isinstance(cause, ssl.SSLCertVerificationError)]
        reason = reasons[0] if reasons else "the handshake failed"
        return f"{host} could not prove who it is: {reason}; check host, or ca_bundle where your own authority signs"
    return {
        "dns": f"the name {host} cannot be found; check host and the network",
        "refused": f"{host} refuses connections; check host and port",
        "connect_timeout": f"{host} did not take the connection within {settings.connect_timeout_seconds:g} s",
        "proxy": f"the proxy did not reach {host}; check proxies",
        "read_timeout": f"{host} was silent for {settings.read_timeout_seconds:g} s",
        "reset": f"{host} closed the connection before the answer was whole",
    }[fault]
