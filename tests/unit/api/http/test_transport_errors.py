"""Mapping of every error of the HTTP libraries, and the destination of the key."""

from __future__ import annotations

import errno
import inspect
import os
import resource
import socket
import ssl
from typing import Any

import pytest
import requests
import urllib3.exceptions

from airflow_provider_seventime import __version__
from airflow_provider_seventime.api.http.transport import Request, Transport
from airflow_provider_seventime.api.rate_limit.clock import StopFlag
from airflow_provider_seventime.exceptions import ConfigError, ProtocolError, SevenTimeError, TransportError

REQUEST = Request("GET", "/api/2/users", {"limit": "1"})


def wrapped(cause: Exception) -> requests.ConnectionError:
    """Wrap an error of urllib3 as requests does."""
    return requests.ConnectionError(urllib3.exceptions.MaxRetryError(None, "/api/2/users", cause))


NOT_VERIFIED = ssl.SSLCertVerificationError(1, "certificate verify failed")
NOT_VERIFIED.verify_message = "certificate has expired"
NO_FILES = OSError(errno.EMFILE, "Too many open files")

FAULTS = {
    "name unknown": (
        wrapped(urllib3.exceptions.NameResolutionError("h", None, socket.gaierror("no such name"))), "dns", False,
    ),
    "refused": (wrapped(urllib3.exceptions.NewConnectionError(None, "refused")), "refused", False),
    "connect timeout": (requests.ConnectTimeout(), "connect_timeout", False),
    "read timeout": (requests.ReadTimeout(), "read_timeout", True),
    "some timeout": (requests.Timeout(), "read_timeout", True),
    "read timeout in the body": (
        requests.ConnectionError(urllib3.exceptions.ReadTimeoutError(None, "/", "slow")), "read_timeout", True,
    ),
    "reset": (
        requests.ConnectionError(urllib3.exceptions.ProtocolError("aborted", ConnectionResetError(104))), "reset", True,
    ),
    "cut chunk": (requests.exceptions.ChunkedEncodingError(), "reset", True),
    "proxy": (requests.exceptions.ProxyError(), "proxy", False),
    "certificate": (
        requests.exceptions.SSLError(
            urllib3.exceptions.MaxRetryError(None, "/", urllib3.exceptions.SSLError(NOT_VERIFIED))
        ),
        "tls", False,
    ),
    "handshake": (requests.exceptions.SSLError("EOF occurred"), "tls", True),
    "no descriptor for a socket": (
        wrapped(urllib3.exceptions.NewConnectionError(None, str(NO_FILES))), "refused", False,
    ),
    "no descriptor for the certificates": (
        requests.exceptions.SSLError(
            urllib3.exceptions.MaxRetryError(None, "/", urllib3.exceptions.SSLError(NO_FILES))
        ),
        "machine", False,
    ),
    "no descriptor at all": (NO_FILES, "machine", False),
    "unknown": (requests.RequestException("something new"), "reset", True),
}  # fmt: skip


@pytest.fixture
def transport(make_settings):
    with_key = Transport(make_settings(password="the-very-secret-key"), StopFlag())
    yield with_key
    with_key.close()


def error_of(transport, api, fault: Exception) -> SevenTimeError:
    api.answers("GET", "users", {"exc": fault})
    with pytest.raises(SevenTimeError) as caught:
        transport.send(REQUEST)
    assert caught.value.__cause__ is fault
    assert "secret" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(("fault", "name", "sent"), FAULTS.values(), ids=FAULTS)
def test_a_fault_of_the_connection_is_named(transport, api, fault, name, sent):
    error = error_of(transport, api, fault)
    assert isinstance(error, TransportError)
    assert (error.fault, error.sent, error.method, error.path) == (name, sent, "GET", "/api/2/users")
    assert "seventime.test" in error.detail
    assert "?" not in str(error)


def test_a_certificate_error_names_its_reason(transport, api):
    error: Any = error_of(transport, api, FAULTS["certificate"][0])
    assert error.detail == (
        "the TLS connection to seventime.test failed: certificate has expired. Check host, or set ca_bundle if your "
        "own authority signs certificates"
    )


ALL_OF_REQUESTS = [
    value
    for value in vars(requests.exceptions).values()
    if inspect.isclass(value) and issubclass(value, requests.RequestException)
]


@pytest.mark.parametrize("kind", ALL_OF_REQUESTS, ids=lambda kind: kind.__name__)
def test_every_error_of_requests_is_mapped(transport, api, kind):
    fault = kind("said", "document", 0) if kind is requests.exceptions.JSONDecodeError else kind("said")
    error = error_of(transport, api, fault)
    assert isinstance(error, TransportError | ProtocolError | ConfigError)


def test_the_list_of_errors_of_requests_is_not_empty():
    assert {requests.ConnectionError, requests.exceptions.InvalidProxyURL, requests.ReadTimeout} < set(ALL_OF_REQUESTS)


@pytest.mark.parametrize(
    "kind",
    ["InvalidURL", "InvalidSchema", "MissingSchema", "InvalidHeader", "InvalidProxyURL"],
)
def test_a_request_that_cannot_be_sent_is_a_wrong_connection(transport, api, kind):
    error = error_of(transport, api, getattr(requests.exceptions, kind)("said"))
    assert str(error) == (
        "GET /api/2/users cannot be sent to seventime.test. Check host, proxies and password of the connection"
    )


@pytest.mark.parametrize(
    "fault", [urllib3.exceptions.LocationParseError("a..b"), urllib3.exceptions.HTTPError("new")], ids=repr
)
def test_errors_of_urllib3_that_requests_does_not_wrap_are_mapped(transport, api, fault):
    error_of(transport, api, fault)


def test_an_impossible_host_name_is_a_wrong_connection(make_settings):
    with pytest.raises(ConfigError, match="cannot be sent to "):
        Transport(make_settings("a..b", connect_timeout_seconds=1), StopFlag()).send(REQUEST)


def test_the_headers_of_a_request(transport, api):
    api.answers("GET", "users", {"content": b"{}"})
    transport.send(REQUEST)
    (request,) = api.requests
    assert request.headers["Client-Secret"] == "the-very-secret-key"
    assert request.headers["Accept"] == request.headers["Content-Type"] == "application/json"
    assert request.headers["User-Agent"] == f"airflow-provider-seventime/{__version__}"
    assert "Authorization" not in request.headers
    assert "secret" not in request.url


def test_a_body_is_sent_unchanged(transport, api):
    api.answers("POST", "invoices", {"content": b"{}"})
    transport.send(Request("POST", "/api/2/invoices", body='{"notes":"Häll 1.10"}'.encode()))
    (request,) = api.requests
    assert request.body == '{"notes":"Häll 1.10"}'.encode()


def test_every_request_has_both_timeouts(make_settings, api):
    api.answers("GET", "users", {"content": b"{}"})
    Transport(make_settings(connect_timeout_seconds=3, read_timeout_seconds=7), StopFlag()).send(REQUEST)
    assert api.requests[0].timeout == (3.0, 7.0)


@pytest.mark.parametrize("status", [200, 204, 400, 429, 500])
def test_a_response_is_returned_whatever_its_status(transport, api, status):
    api.answers("GET", "users", {"status_code": status, "content": b"\xff{", "headers": {"Retry-After": "3"}})
    answer = transport.send(REQUEST)
    assert (answer.status, answer.body, answer.headers["retry-after"]) == (status, b"\xff{", "3")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("https://evil.example/api/2/users?k=1", "https://evil.example"),
        ("/login", "/login"),
        ("https://user:the-very-secret-key@evil.example/", "https://***@evil.example"),
    ],
    ids=["other host", "same host", "key in it"],
)
def test_a_redirect_is_refused_and_the_key_not_sent(transport, api, status, location, shown):
    api.answers("GET", "users", {"status_code": status, "headers": {"Location": location}})
    with pytest.raises(ProtocolError) as caught:
        transport.send(REQUEST)
    assert f"was redirected to {shown}. Redirects are not followed" in str(caught.value)
    assert "the-very-secret-key" not in str(caught.value)
    assert "If the API has moved there, set it as host" in str(caught.value)
    assert caught.value.transient
    assert len(api.requests) == 1


@pytest.mark.parametrize("location", ["http://[", "//[::1", "http://a:b:c", "\xe5", "x" * 10_000], ids=ascii)
def test_a_redirect_to_an_invalid_address_is_refused(transport, api, location):
    api.answers("GET", "users", {"status_code": 302, "headers": {"Location": location}})
    with pytest.raises(ProtocolError, match="was redirected to ") as caught:
        transport.send(REQUEST)
    assert len(str(caught.value)) < 500


def test_no_cookie_is_stored(transport, api):
    api.answers("GET", "users", {"content": b"{}", "headers": {"Set-Cookie": "portal=1; Path=/"}})
    transport.send(REQUEST)
    transport.send(REQUEST)
    assert "Cookie" not in api.requests[1].headers


class TestEnvironment:
    def test_no_netrc_is_read(self, transport, api, tmp_path, monkeypatch):
        netrc = tmp_path / "netrc"
        netrc.write_text("machine seventime.test login user password theirs\n")
        monkeypatch.setenv("NETRC", str(netrc))
        assert requests.utils.get_netrc_auth("https://seventime.test") == ("user", "theirs")
        api.answers("GET", "users", {"content": b"{}"})
        transport.send(REQUEST)
        assert "Authorization" not in api.requests[0].headers

    def test_ca_bundle_takes_precedence_over_the_environment(self, make_settings, api, tmp_path, monkeypatch):
        ours, theirs = tmp_path / "ours.pem", tmp_path / "theirs.pem"
        ours.touch()
        theirs.touch()
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(theirs))
        monkeypatch.setenv("CURL_CA_BUNDLE", str(theirs))
        api.answers("GET", "users", {"content": b"{}"})
        Transport(make_settings(ca_bundle=str(ours)), StopFlag()).send(REQUEST)
        Transport(make_settings(), StopFlag()).send(REQUEST)
        assert [request.verify for request in api.requests] == [str(ours), str(theirs)]

    def test_certificates_are_checked_by_default(self, transport, api, monkeypatch):
        monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
        monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)
        api.answers("GET", "users", {"content": b"{}"})
        transport.send(REQUEST)
        assert api.requests[0].verify is True

    def test_the_proxies_of_the_connection_take_precedence_over_the_environment(self, make_settings, api, monkeypatch):
        monkeypatch.setenv("HTTPS_PROXY", "http://theirs.example:1")
        api.answers("GET", "users", {"content": b"{}"})
        Transport(make_settings(proxies={"https": "http://ours.example:2"}), StopFlag()).send(REQUEST)
        Transport(make_settings(), StopFlag()).send(REQUEST)
        assert [request.proxies["https"] for request in api.requests] == [
            "http://ours.example:2",
            "http://theirs.example:1",
        ]


@pytest.mark.parametrize("spare", range(4))
def test_without_descriptors_a_request_fails_for_now(make_settings, spare):
    transport = Transport(make_settings("https://127.0.0.1:9"), StopFlag())
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(map(int, os.listdir("/proc/self/fd"))) + spare, hard))
    try:
        with pytest.raises(TransportError) as caught:
            transport.send(REQUEST)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert (caught.value.transient, caught.value.sent) == (True, False)
