"""Deadline of a whole request: a server that sends a byte at a time never exceeds the read timeout."""

from __future__ import annotations

import itertools
import socket
import threading
import time
from typing import Any

import pytest

from airflow_provider_seventime.api.http.deadlines import DeadlineError, request_deadline, timeout_seconds
from airflow_provider_seventime.api.http.open_sockets import OpenSockets
from airflow_provider_seventime.api.http.transport import Request, Transport
from airflow_provider_seventime.api.rate_limit.clock import StopFlag
from airflow_provider_seventime.exceptions import TransportError

REQUEST = Request("GET", "/api/2/users")
UPLOAD = Request("POST", "/api/2/invoices", body=b"x" * 40_000_000)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
PATIENCE = {"connect_timeout_seconds": 5, "read_timeout_seconds": 5, "request_timeout_seconds": 0.3}
TRICKLES = {
    "status line": (b"", itertools.repeat(b"H")),
    "header": (HEAD + b"X-Padding: ", itertools.repeat(b"x")),
    "headers": (HEAD, (b"X-%d: 1\r\n" % number for number in itertools.count())),
    "go on": (b"", itertools.repeat(b"HTTP/1.1 100 Continue\r\n\r\n")),
    "body": (HEAD + b"Content-Length: 9999\r\n\r\n", itertools.repeat(b" ")),
    "body without length": (HEAD + b"\r\n", itertools.repeat(b" ")),
    "chunks": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", itertools.repeat(b"1\r\n \r\n")),
    "size of a chunk": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", itertools.repeat(b"0")),
    "trailers": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", itertools.repeat(b"X-T: 1\r\n")),
    "body of an error": (b"HTTP/1.1 500 Oh\r\nContent-Length: 9999\r\n\r\n", itertools.repeat(b" ")),
}


def trickle(first: bytes, more):
    """Send the first bytes at once and the others one by one, until the client closes the connection."""

    def served(connection: socket.socket) -> None:
        connection.sendall(first)
        begin = time.monotonic()
        for piece in more:
            connection.sendall(piece)
            if time.monotonic() - begin > 3:
                return
            time.sleep(0.02)

    return served


@pytest.fixture
def trusted(authority, tmp_path):
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(path)
    return {"ca_bundle": str(path)}


@pytest.fixture
def fault_of(make_settings):
    """Return the error of a request that ends at its deadline."""

    def ended(address: str, request: Request = REQUEST, **extra) -> TransportError:
        transport = Transport(make_settings(address, **{**PATIENCE, **extra}), StopFlag())
        begin = time.monotonic()
        with pytest.raises(TransportError) as caught:
            transport.send(request)
        transport.close()
        assert 0.25 < time.monotonic() - begin < 2.5
        return caught.value

    return ended


def assert_is_deadline(error: TransportError, *, sent: bool = True) -> None:
    assert (error.fault, error.sent, error.transient) == ("deadline", sent, True)
    assert error.detail.endswith(
        "did not send the whole response within 0.3 s. Raise request_timeout_seconds if responses may take longer"
    )


@pytest.mark.parametrize("place", TRICKLES)
def test_a_slow_response_ends_at_the_deadline(fault_of, wire, place):
    server = wire(trickle(*TRICKLES[place]))
    assert_is_deadline(fault_of(f"http://127.0.0.1:{server.port}"))


@pytest.mark.parametrize("place", ["header", "body", "chunks"])
def test_a_slow_response_over_tls_ends_at_the_deadline(fault_of, wire, tls, trusted, place):
    server = wire(trickle(*TRICKLES[place]), tls)
    assert_is_deadline(fault_of(f"https://127.0.0.1:{server.port}", **trusted))


def test_no_response_until_the_deadline(fault_of, wire):
    server = wire(lambda connection: connection.recv(1))
    assert_is_deadline(fault_of(f"http://127.0.0.1:{server.port}"))


def test_a_server_that_does_not_read_the_request(fault_of, wire):
    server: Any = wire(lambda connection: server.done.wait(1))
    assert_is_deadline(fault_of(f"http://127.0.0.1:{server.port}", UPLOAD))


@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
def test_a_server_that_reads_the_request_slowly(fault_of, wire, tls, trusted, secure):
    def sips(connection: socket.socket) -> None:
        while not server.done.wait(0.02) and connection.recv(20_000):
            pass

    server = wire(sips, tls if secure else None)
    address = f"{'https' if secure else 'http'}://127.0.0.1:{server.port}"
    assert_is_deadline(fault_of(address, UPLOAD, **trusted))


class TestProxy:
    def test_a_proxy_that_responds_slowly(self, fault_of, wire):
        proxy = wire(trickle(b"HTTP/1.1 200 OK\r\nX-Padding: ", itertools.repeat(b"x")))
        error = fault_of("https://seventime.test", proxies={"https": f"http://127.0.0.1:{proxy.port}"})
        assert_is_deadline(error, sent=False)

    def test_a_slow_response_through_a_proxy(self, fault_of, wire, tls, trusted, proxy):
        server = wire(trickle(*TRICKLES["header"]), tls)
        proxies = {"https": f"http://127.0.0.1:{proxy.port}"}
        assert_is_deadline(fault_of(f"https://127.0.0.1:{server.port}", proxies=proxies, **trusted))
        assert len(server.heads) == len(proxy.heads) == 1


class TestConnecting:
    """Until any of the request is sent, it may be retried, even a POST."""

    @pytest.fixture
    def deaf(self):
        """A port that accepts connections and sends nothing."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            yield f"https://127.0.0.1:{listener.getsockname()[1]}"

    def test_a_handshake_longer_than_the_deadline(self, fault_of, deaf):
        assert_is_deadline(fault_of(deaf), sent=False)

    def test_a_handshake_longer_than_the_connect_timeout(self, fault_of, deaf):
        error = fault_of(deaf, connect_timeout_seconds=0.3, request_timeout_seconds=5)
        assert (error.fault, error.sent) == ("connect_timeout", False)
        assert error.detail.endswith("did not accept the connection within 0.3 s. Check host, port and the network")


def test_a_read_timeout_before_the_deadline_is_a_read_timeout(make_settings, wire):
    server: Any = wire(lambda connection: server.done.wait(1))
    settings = make_settings(f"127.0.0.1:{server.port}", read_timeout_seconds=0.1, request_timeout_seconds=5)
    with pytest.raises(TransportError) as caught:
        Transport(settings, StopFlag()).send(REQUEST)
    server.done.set()
    assert (caught.value.fault, caught.value.sent) == ("read_timeout", True)


def test_each_request_has_a_deadline_of_its_own(make_settings, wire, http_response):
    def slowly(connection: socket.socket) -> None:
        time.sleep(0.2)
        connection.sendall(http_response(b"{}"))

    transport = Transport(make_settings(f"127.0.0.1:{wire(slowly).port}", request_timeout_seconds=0.35), StopFlag())
    assert [transport.send(REQUEST).body for _ in range(3)] == [b"{}"] * 3


class TestTimeoutOfAStep:
    def test_is_its_own_limit_outside_of_a_request(self):
        assert (timeout_seconds(7.0), timeout_seconds(None)) == (7.0, None)

    def test_is_no_more_than_the_request_has_left(self):
        with request_deadline(5.0, OpenSockets(StopFlag())):
            assert timeout_seconds(2.0) == 2.0
            assert 4.9 < timeout_seconds(60.0) <= 5.0
            assert 4.9 < timeout_seconds(None) <= 5.0
        assert timeout_seconds(60.0) == 60.0

    def test_is_an_error_when_no_time_is_left(self):
        with request_deadline(0.0, OpenSockets(StopFlag())), pytest.raises(DeadlineError):
            timeout_seconds(2.0)

    def test_belongs_to_its_thread(self):
        seen = []
        with request_deadline(5.0, OpenSockets(StopFlag())):
            thread = threading.Thread(target=lambda: seen.append(timeout_seconds(60.0)))
            thread.start()
            thread.join()
        assert seen == [60.0]
