"""Faults of real sockets: refused, reset, silent, truncated, malformed."""

from __future__ import annotations

import gzip
import socket
import struct
import threading

import pytest

from airflow_provider_seventime.api.http.transport import Request, Transport
from airflow_provider_seventime.api.rate_limit.clock import StopFlag
from airflow_provider_seventime.exceptions import ConfigError, ProtocolError, TransportError

REQUEST = Request("GET", "/api/2/users")
KEY = "the-very-secret-key"


@pytest.fixture
def send(make_settings):
    """Send one request to a port of this machine."""

    def sent(port: int, request: Request = REQUEST, **extra):
        extra = {"connect_timeout_seconds": 2, "read_timeout_seconds": 2, **extra}
        transport = Transport(make_settings(f"127.0.0.1:{port}", password=KEY, **extra), StopFlag())
        try:
            return transport.send(request)
        finally:
            transport.close()

    return sent


def fault_of(send, port: int, **extra) -> TransportError:
    with pytest.raises(TransportError) as caught:
        send(port, **extra)
    assert KEY not in str(caught.value)
    return caught.value


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def test_a_response_is_returned(send, serve_response, http_response):
    server = serve_response(http_response(b'{"data": []}'))
    assert send(server.port).body == b'{"data": []}'
    (head,) = server.heads
    assert head.startswith(b"GET /api/2/users HTTP/1.1\r\n")
    assert f"Client-Secret: {KEY}\r\n".encode() in head


def test_a_port_that_refuses(send):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    error = fault_of(send, port)
    assert (error.fault, error.sent) == ("refused", False)
    assert error.detail == f"127.0.0.1:{port} refuses connections. Check host and port"


def test_an_unknown_host_name(make_settings):
    transport = Transport(make_settings("https://nowhere.invalid", connect_timeout_seconds=2), StopFlag())
    with pytest.raises(TransportError) as caught:
        transport.send(REQUEST)
    assert (caught.value.fault, caught.value.sent) == ("dns", False)
    assert "nowhere.invalid" in caught.value.detail


def test_a_reset_before_the_response(send, wire):
    error = fault_of(send, wire(reset).port)
    assert (error.fault, error.sent) == ("reset", True)


def test_a_connection_closed_without_a_response(send, wire):
    error = fault_of(send, wire(lambda connection: None).port)
    assert (error.fault, error.sent) == ("reset", True)


def test_silence_until_the_read_timeout(send, wire):
    released = threading.Event()
    server = wire(lambda connection: released.wait(5))
    try:
        error = fault_of(send, server.port, read_timeout_seconds=0.05)
    finally:
        released.set()
    assert (error.fault, error.sent) == ("read_timeout", True)
    assert error.detail.startswith(f"127.0.0.1:{server.port} sent nothing for 0.05 s. Raise read_timeout_seconds")


def test_silence_in_the_middle_of_the_body(send, wire, http_response):
    released = threading.Event()

    def half(connection: socket.socket) -> None:
        connection.sendall(http_response(b'{"data": [', "200 OK", "Content-Length: 500"))
        released.wait(5)

    try:
        error = fault_of(send, wire(half).port, read_timeout_seconds=0.05)
    finally:
        released.set()
    assert (error.fault, error.sent) == ("read_timeout", True)


@pytest.mark.parametrize(
    "answer",
    [
        b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"data": [',
        b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"dat',
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
    ],
    ids=["shorter than said", "cut chunk", "no chunk", "not HTTP"],
)
def test_an_incomplete_response(send, serve_response, answer):
    error = fault_of(send, serve_response(answer).port)
    assert (error.fault, error.sent) == ("reset", True)


@pytest.mark.parametrize(
    "body", [b'{"data": []}', gzip.compress(b'{"data": []}')[:-12] + b"\0" * 12], ids=["plain", "broken"]
)
def test_invalid_gzip(send, serve_response, http_response, body):
    server = serve_response(http_response(body, "200 OK", "Content-Encoding: gzip"))
    with pytest.raises(ProtocolError, match="the response cannot be decompressed, it is not valid gzip"):
        send(server.port)


def test_valid_gzip(send, serve_response, http_response):
    server = serve_response(http_response(gzip.compress(b'{"data": []}'), "200 OK", "Content-Encoding: gzip"))
    assert send(server.port).body == b'{"data": []}'


def test_a_redirect_to_another_host_is_refused_and_the_key_not_sent_there(send, serve_response, http_response):
    elsewhere = serve_response(http_response())
    server = serve_response(
        http_response(b"", "307 Temporary Redirect", f"Location: http://127.0.0.1:{elsewhere.port}/x")
    )
    with pytest.raises(
        ProtocolError, match=f"was redirected to http://127.0.0.1:{elsewhere.port}. Redirects are not followed"
    ):
        send(server.port)
    assert len(server.heads) == 1
    assert elsewhere.heads == []


def test_plain_http_to_this_machine_uses_no_proxy(send, serve_response, http_response, monkeypatch):
    proxy, server = serve_response(http_response()), serve_response(http_response())
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
    send(server.port)
    send(server.port, proxies={"http": f"http://127.0.0.1:{proxy.port}"})
    assert proxy.heads == []
    assert len(server.heads) == 2


def test_a_proxy_that_refuses(make_settings):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    proxies = {"https": f"http://user:proxy-password@127.0.0.1:{port}"}
    with pytest.raises(TransportError) as caught:
        Transport(make_settings(proxies=proxies), StopFlag()).send(REQUEST)
    assert (caught.value.fault, caught.value.sent) == ("proxy", False)
    assert caught.value.detail == "the proxy cannot reach seventime.test. Check proxies"
    assert "proxy-password" not in str(caught.value)


def test_a_proxy_never_sees_the_key(make_settings, wire):
    proxy = wire(lambda connection: connection.sendall(b"HTTP/1.1 502 Bad Gateway\r\n\r\n"))
    with pytest.raises(TransportError) as caught:
        Transport(make_settings(password=KEY, proxies={"https": f"http://127.0.0.1:{proxy.port}"}), StopFlag()).send(
            REQUEST
        )
    assert (caught.value.fault, caught.value.sent) == ("proxy", False)
    (head,) = proxy.heads
    assert head.startswith(b"CONNECT seventime.test:443 HTTP/1.")
    assert KEY.encode() not in head


@pytest.mark.parametrize("proxy", ["nonsense://127.0.0.1:1", "http://", "ftp://x"])
def test_an_invalid_proxy_is_a_typed_error(make_settings, proxy):
    with pytest.raises((ConfigError, TransportError)):
        Transport(make_settings(proxies={"https": proxy}, connect_timeout_seconds=1), StopFlag()).send(REQUEST)
