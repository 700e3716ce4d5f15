"""Certificates: trusted authorities, and errors for others."""

from __future__ import annotations

import socket
import ssl

import pytest
import trustme

from airflow_provider_seventime.api.http.transport import Request, Transport
from airflow_provider_seventime.api.rate_limit.clock import StopFlag
from airflow_provider_seventime.api.settings import read_settings
from airflow_provider_seventime.exceptions import ConfigError, TransportError

REQUEST = Request("GET", "/api/2/users")


@pytest.fixture
def bundle(authority, tmp_path):
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(path)
    return str(path)


def context_for(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


@pytest.fixture
def send(make_settings):
    def sent(port, **extra):
        extra = {"connect_timeout_seconds": 2, "read_timeout_seconds": 2, **extra}
        transport = Transport(make_settings(f"https://127.0.0.1:{port}", **extra), StopFlag())
        try:
            return transport.send(REQUEST)
        finally:
            transport.close()

    return sent


def tls_fault(send, server, **extra) -> TransportError:
    with pytest.raises(TransportError) as caught:
        send(server.port, **extra)
    assert caught.value.fault == "tls"
    assert not caught.value.transient
    assert server.heads in ([], [b""])
    return caught.value


def test_the_authority_of_ca_bundle_is_trusted(send, serve_response, http_response, authority, bundle):
    server = serve_response(http_response(b"{}"), context_for(authority, "127.0.0.1"))
    assert send(server.port, ca_bundle=bundle).body == b"{}"


def test_an_unknown_authority_is_refused(send, serve_response, http_response, authority):
    server = serve_response(http_response(), context_for(authority, "127.0.0.1"))
    error = tls_fault(send, server)
    assert not error.sent
    assert error.detail.startswith(f"the TLS connection to 127.0.0.1:{server.port} failed: ")
    assert "certificate" in error.detail


def test_a_certificate_of_another_host_is_refused(send, serve_response, http_response, authority, bundle):
    server = serve_response(http_response(), context_for(authority, "app.seventime.test"))
    error = tls_fault(send, server, ca_bundle=bundle)
    assert not error.sent
    assert "IP address mismatch" in error.detail


def test_ca_bundle_takes_precedence_over_the_environment(
    send, serve_response, http_response, authority, bundle, tmp_path, monkeypatch
):
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(other)
    server = serve_response(http_response(b"{}"), context_for(authority, "127.0.0.1"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", bundle)
    assert send(server.port).body == b"{}"
    with pytest.raises(TransportError) as caught:
        send(server.port, ca_bundle=str(other))
    assert caught.value.fault == "tls"


def test_a_server_without_tls(send, serve_response, http_response):
    server = serve_response(http_response())
    with pytest.raises(TransportError) as caught:
        send(server.port)
    assert caught.value.fault == "tls"
    assert "the handshake failed" in caught.value.detail


GONE = r"^GET /api/2/users cannot be sent: .*gone\.pem.*\. Check ca_bundle and REQUESTS_CA_BUNDLE$"


def test_a_missing_ca_bundle_is_a_wrong_connection(make_settings, tmp_path):
    gone = tmp_path / "gone.pem"
    gone.touch()
    transport = Transport(make_settings(ca_bundle=str(gone)), StopFlag())
    gone.unlink()
    with pytest.raises(ConfigError, match=GONE):
        transport.send(REQUEST)


def test_a_missing_bundle_of_the_environment_is_a_wrong_connection(make_settings, tmp_path, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "gone.pem"))
    with pytest.raises(ConfigError, match=GONE):
        Transport(make_settings(), StopFlag()).send(REQUEST)


def test_an_invalid_bundle_is_a_typed_error(send, serve_response, http_response, authority, tmp_path):
    nonsense = tmp_path / "nonsense.pem"
    nonsense.write_text("no certificate")
    server = serve_response(http_response(), context_for(authority, "127.0.0.1"))
    with pytest.raises((ConfigError, TransportError)):
        send(server.port, ca_bundle=str(nonsense))


@pytest.mark.parametrize("name", ["verify", "verify_ssl", "ssl_verify", "insecure", "cert"])
def test_no_extra_switches_certificate_checks_off(serve_response, http_response, authority, name):
    server = serve_response(http_response(), context_for(authority, "127.0.0.1"))
    settings, (warning,) = read_settings(host=f"https://127.0.0.1:{server.port}", password="key", extra={name: False})
    assert warning.startswith(f"unknown extra {name!r} is ignored")
    with pytest.raises(TransportError) as caught:
        Transport(settings, StopFlag()).send(REQUEST)
    assert caught.value.fault == "tls"


def test_a_tls_connection_reset_after_the_request_is_a_reset(send, wire, authority, bundle):
    def breaks(connection: ssl.SSLSocket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{")
        raw = socket.socket(fileno=connection.detach())
        raw.sendall(b"no record of TLS")
        raw.close()

    with pytest.raises(TransportError) as caught:
        send(wire(breaks, context_for(authority, "127.0.0.1")).port, ca_bundle=bundle)
    assert (caught.value.fault, caught.value.sent, caught.value.transient) == ("reset", True, True)
