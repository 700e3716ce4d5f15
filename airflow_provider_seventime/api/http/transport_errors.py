"""Typed errors for the errors of the HTTP libraries."""

from __future__ import annotations

import os
import ssl
from urllib.parse import urlsplit

import requests
import urllib3.exceptions

from airflow_provider_seventime.api.http.deadlines import DeadlineError, NotConnectedError, NotSentError, StalledError
from airflow_provider_seventime.api.http.redaction import error_chain
from airflow_provider_seventime.api.rate_limit.private_folder import PASSING_CODES
from airflow_provider_seventime.api.settings import Settings
from airflow_provider_seventime.exceptions import (
    ConfigError,
    ProtocolError,
    SevenTimeError,
    StoppedError,
    TransportError,
    TransportFault,
)

# Raised for a request that cannot be sent as configured, and for contradictory headers of a response.
INVALID_REQUEST_ERRORS = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidHeader,
    urllib3.exceptions.LocationValueError,
)


def map_error(error: Exception, method: str, path: str, settings: Settings, *, sent: bool = False) -> SevenTimeError:
    """Return this package's error for an error of the HTTP libraries.

    :param error: the libraries' error.
    :param method: HTTP method of the request that failed.
    :param path: its path below the base URL.
    :param settings: the connection.
    :param sent: True if part of the request was sent.
    """
    operation = f"{method} {path}"
    host = urlsplit(settings.base_url).netloc
    if isinstance(error, INVALID_REQUEST_ERRORS):
        if sent:
            return ProtocolError(f"{operation}: the headers of the response contradict each other")
        return ConfigError(f"{operation} cannot be sent to {host}. Check host, proxies and password of the connection")
    if not sent and any(isinstance(cause, NotSentError) for cause in error_chain(error)):
        return StoppedError()
    lack = _lack_of_this_machine(error)
    if lack and not sent:
        detail = f"this machine lacks what a connection to {host} needs ({lack}). Run fewer tasks, or raise its limits"
        return TransportError("machine", method, path, detail, sent=False)
    of_library = isinstance(error, requests.RequestException | urllib3.exceptions.HTTPError)
    if not of_library and not sent:
        return ConfigError(f"{operation} cannot be sent: {error}. Check ca_bundle and REQUESTS_CA_BUNDLE")
    fault, may_be_sent = _classify(error, sent=sent)
    if fault == "connect_timeout" and settings.request_timeout_seconds < settings.connect_timeout_seconds:
        fault = "deadline"
    detail = _detail(fault, host, settings, error)
    # Of a stalled request a part is missing, without which the API does not execute it.
    return TransportError(fault, method, path, detail, sent=(sent and fault != "stalled") or may_be_sent)


def _lack_of_this_machine(error: Exception) -> str | None:
    """Return what this machine has too little of, such as open files; None: the error has another cause.

    Any library on the way may meet it: at the socket, at the certificates, at a file of the name resolution.
    """
    for cause in error_chain(error):
        if isinstance(cause, OSError) and cause.errno in PASSING_CODES:
            return os.strerror(cause.errno)
    return None


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
        "stalled": "this process was stopped for a while before it could send the whole request, so it was not sent",
        "reset": f"{host} closed the connection before the response was complete. Try again later",
    }[fault]
