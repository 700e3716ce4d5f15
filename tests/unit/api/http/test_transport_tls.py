"""Certificates: whose are taken, and what is said about the others."""

from __future__ import annotations

import socket
import ssl

import pytest
import trustme

from airflow_provider_seventime.api.http.transport import Request, Transport
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
        transport = Transport(make_settings(f"https://127.0.0.1:{port}", **extra))
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


def test_the_authority_of_ca_bundle_is_trusted(send, answering, http_answer, authority, bundle):
    server = answering(http_answer(b"{}"), context_for(authority, "127.0.0.1"))
    assert send(server.port, ca_bundle=bundle).body == b"{}"


def test_an_authority_that_nobody_knows_is_not(send, answering, http_answer, authority):
    server = answering(http_answer(), context_for(authority, "127.0.0.1"))
    error = tls_fault(send, server)
    assert not error.sent
    assert error.detail.startswith(f"the TLS connection to 127.0.0.1:{server.port} failed: ")
    assert "certificate" in error.detail


def test_a_certificate_of_another_host_is_refused(send, answering, http_answer, authority, bundle):
    server = answering(http_answer(), context_for(authority, "app.seventime.test"))
    error = tls_fault(send, server, ca_bundle=bundle)
    assert not error.sent
    assert "IP address mismatch" in error.detail


def test_the_certificates_of_the_environment_do_not_win(
    send, answering, http_answer, authority, bundle, tmp_path, monkeypatch
):
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(other)
    server = answering(http_answer(b"{}"), context_for(authority, "127.0.0.1"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", bundle)
    assert send(server.port).body == b"{}"
    with pytest.raises(TransportError) as caught:
        send(server.port, ca_bundle=str(other))
    assert caught.value.fault == "tls"


def test_a_server_that_speaks_no_tls(send, answering, http_answer):
    server = answering(http_answer())
    with pytest.raises(TransportError) as caught:
        send(server.port)
    assert caught.value.fault == "tls"
    assert "the handshake failed" in caught.value.detail


GONE = r"^GET /api/2/users cannot be sent: .*gone\.pem.*\. Check ca_bundle and REQUESTS_CA_BUNDLE$"


def test_a_ca_bundle_that_went_since_is_a_wrong_connection(make_settings, tmp_path):
    gone = tmp_path / "gone.pem"
    gone.touch()
    transport = Transport(make_settings(ca_bundle=str(gone)))
    gone.unlink()
    with pytest.raises(ConfigError, match=GONE):
        transport.send(REQUEST)


def test_certificates_of_the_environment_that_are_not_there_are_a_wrong_connection(
    make_settings, tmp_path, monkeypatch
):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "gone.pem"))
    with pytest.raises(ConfigError, match=GONE):
        Transport(make_settings()).send(REQUEST)


def test_certificates_that_are_none_are_an_error_of_ours(send, answering, http_answer, authority, tmp_path):
    nonsense = tmp_path / "nonsense.pem"
    nonsense.write_text("no certificate")
    server = answering(http_answer(), context_for(authority, "127.0.0.1"))
    with pytest.raises((ConfigError, TransportError)):
        send(server.port, ca_bundle=str(nonsense))


@pytest.mark.parametrize("name", ["verify", "verify_ssl", "ssl_verify", "insecure", "cert"])
def test_no_extra_switches_the_check_of_certificates_off(answering, http_answer, authority, name):
    server = answering(http_answer(), context_for(authority, "127.0.0.1"))
    settings, (warning,) = read_settings(host=f"https://127.0.0.1:{server.port}", password="key", extra={name: False})
    assert warning.startswith(f"unknown extra {name!r} is ignored")
    with pytest.raises(TransportError) as caught:
        Transport(settings).send(REQUEST)
    assert caught.value.fault == "tls"


def test_a_tls_connection_that_breaks_after_the_request_is_no_fault_of_the_certificate(send, wire, authority, bundle):
    def breaks(connection: ssl.SSLSocket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{")
        raw = socket.socket(fileno=connection.detach())
        raw.sendall(b"no record of TLS")
        raw.close()

    with pytest.raises(TransportError) as caught:
        send(wire(breaks, context_for(authority, "127.0.0.1")).port, ca_bundle=bundle)
    assert (caught.value.fault, caught.value.sent, caught.value.transient) == ("reset", True, True)
