"""Requests through a real proxy: what it can read, and what its faults mean."""

from __future__ import annotations

import base64
import logging
import traceback

import pytest

from airflow_provider_seventime.api.http.transport import Request, Transport
from airflow_provider_seventime.api.rate_limit.clock import StopFlag
from airflow_provider_seventime.exceptions import ConfigError, TransportError

KEY = "the-very-secret-key"
PASSWORD = "proxy/pass-word"
REQUEST = Request("GET", "/api/2/users")
POST = Request("POST", "/api/2/invoices", body=b"{}")


@pytest.fixture
def transport_by(make_settings, authority, tmp_path):
    """Return a transport to a port of this machine through a proxy."""
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(path)

    def made(port: int, proxy: str, **extra) -> Transport:
        address = f"https://127.0.0.1:{port}"
        return Transport(
            make_settings(address, password=KEY, proxies={"https": proxy}, ca_bundle=str(path), **extra), StopFlag()
        )

    return made


def test_https_uses_a_tunnel_in_which_the_proxy_cannot_read_the_key(
    transport_by, serve_response, http_response, tls, proxy
):
    server = serve_response(http_response(b'{"data": []}'), tls)
    answer = transport_by(server.port, f"http://127.0.0.1:{proxy.port}").send(REQUEST)
    assert answer.body == b'{"data": []}'
    (seen_by_server,), (seen_by_proxy,) = server.heads, proxy.heads
    assert f"Client-Secret: {KEY}\r\n".encode() in seen_by_server
    assert seen_by_proxy.startswith(f"CONNECT 127.0.0.1:{server.port} HTTP/1.".encode())
    assert b"Client-Secret" not in seen_by_proxy
    assert KEY.encode() not in seen_by_proxy


def test_the_proxys_password_is_sent_to_the_proxy_only(transport_by, serve_response, http_response, tls, proxy, caplog):
    server = serve_response(http_response(b"{}"), tls)
    with caplog.at_level(logging.DEBUG):
        transport_by(server.port, f"http://user:pass-word@127.0.0.1:{proxy.port}").send(REQUEST)
    expected = base64.b64encode(b"user:pass-word")
    assert b"Proxy-Authorization: Basic " + expected in proxy.heads[0]
    assert b"Proxy-Authorization" not in server.heads[0]
    assert "pass-word" not in caplog.text


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"], ids=["none", "cut"])
def test_a_request_lost_behind_the_proxy_may_have_arrived(transport_by, serve_response, tls, proxy, answer):
    server = serve_response(answer, tls)
    with pytest.raises(TransportError) as caught:
        transport_by(server.port, f"http://127.0.0.1:{proxy.port}").send(POST)
    assert server.heads[0].startswith(b"POST ")
    assert (caught.value.fault, caught.value.sent) == ("reset", True)


@pytest.mark.parametrize("status", ["407 Proxy Authentication Required", "403 Forbidden", "502 Bad Gateway"])
def test_a_tunnel_that_the_proxy_refuses_sends_nothing(transport_by, serve_response, status):
    proxy = serve_response(f"HTTP/1.1 {status}\r\nX-Echo: {KEY}\r\n\r\n{KEY}".encode())
    with pytest.raises(TransportError) as caught:
        transport_by(1, f"http://127.0.0.1:{proxy.port}").send(POST)
    assert (caught.value.fault, caught.value.sent) == ("proxy", False)
    assert KEY not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1:99999", "127.0.0.1:x", "[::1", "", "127.0.0.1:1", "a..b:1"],
    ids=["port too high", "port of letters", "bracket", "no host", "refuses", "no name"],
)
@pytest.mark.parametrize("scheme", ["http", "https", "socks5", "nonsense"])
def test_a_proxys_password_is_shown_nowhere(transport_by, scheme, address, caplog):
    transport = transport_by(1, f"{scheme}://user:{PASSWORD}@{address}", connect_timeout_seconds=1)
    with caplog.at_level(logging.DEBUG), pytest.raises((ConfigError, TransportError)) as caught:
        transport.send(REQUEST)
    shown = "".join(traceback.format_exception(caught.value)) + repr(transport) + repr(vars(transport)["_settings"])
    assert PASSWORD not in shown + caplog.text
    assert "pass-word" not in shown + caplog.text
    assert KEY not in shown


def test_a_password_from_the_environment_is_shown_nowhere(make_settings, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:{PASSWORD}@127.0.0.1:99999")
    with pytest.raises((ConfigError, TransportError)) as caught:
        Transport(make_settings(), StopFlag()).send(REQUEST)
    assert "pass-word" not in "".join(traceback.format_exception(caught.value))
