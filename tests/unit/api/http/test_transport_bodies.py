"""Bodies through a real socket: limited, decompressed, and the connection reused for the next request."""

from __future__ import annotations

import gzip
import itertools
import json
import pickle
import socket
import threading
import tracemalloc
from contextlib import suppress

import pytest

from airflow_provider_seventime.api.http.bodies import MAX_BODY_BYTES, MAX_CHUNK_BYTES, MAX_ERROR_BODY_BYTES
from airflow_provider_seventime.api.http.transport import Request, Transport
from airflow_provider_seventime.api.rate_limit.clock import StopFlag
from airflow_provider_seventime.exceptions import ProtocolError, TransportError

REQUEST = Request("GET", "/api/2/users")
TOO_LARGE = (
    r"^GET /api/2/users: the response is larger than 64 MiB or has more than 500000 objects, which .*\nLower page_size"
)
MEGABYTE = b" " * 1024 * 1024


@pytest.fixture
def transport_to(make_settings, wire):
    # After the servers, so that it hangs up before they wait for that.
    made: list[Transport] = []

    def opened(port: int, **extra) -> Transport:
        extra = {"connect_timeout_seconds": 2, "read_timeout_seconds": 5, **extra}
        made.append(Transport(make_settings(f"127.0.0.1:{port}", **extra), StopFlag()))
        return made[-1]

    yield opened
    for transport in made:
        transport.close()


class Endless:
    """Sends a response without end, and counts the bytes sent."""

    def __init__(self, head: bytes, pieces) -> None:
        self.sent_bytes = 0
        self.hung_up = threading.Event()
        self._head = head
        self._pieces = pieces

    def __call__(self, connection: socket.socket) -> None:
        connection.sendall(self._head)
        try:
            for piece in itertools.islice(self._pieces, 1024):
                connection.sendall(piece)
                self.sent_bytes += len(piece)
        except OSError:
            self.hung_up.set()


def chunks(piece: bytes):
    return itertools.repeat(b"%x\r\n%b\r\n" % (len(piece), piece))


CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("head", "pieces"),
    [(b"\r\n", itertools.repeat(MEGABYTE)), (CHUNKED, chunks(MEGABYTE))],
    ids=["until it closes", "chunked"],
)
def test_a_gigabyte_is_refused_and_the_connection_closed(transport_to, wire, head, pieces):
    server = Endless(b"HTTP/1.1 200 OK\r\n" + head, pieces)
    with pytest.raises(ProtocolError, match=TOO_LARGE) as caught:
        transport_to(wire(server).port).send(REQUEST)
    assert not caught.value.transient
    assert not pickle.loads(pickle.dumps(caught.value)).transient
    assert server.hung_up.wait(5)
    assert server.sent_bytes < MAX_BODY_BYTES + 16 * len(MEGABYTE)


def test_a_content_length_of_a_gigabyte_is_refused_unread(transport_to, wire):
    server = Endless(b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n", itertools.repeat(MEGABYTE))
    with pytest.raises(ProtocolError, match=TOO_LARGE):
        transport_to(wire(server).port).send(REQUEST)
    assert server.hung_up.wait(5)
    assert server.sent_bytes < 16 * len(MEGABYTE)


def test_a_bomb_is_refused_in_bounded_memory(transport_to, serve_response, http_response):
    bomb = gzip.compress(b"\0" * (4 * MAX_BODY_BYTES), compresslevel=9)
    assert len(bomb) < 300_000
    transport = transport_to(serve_response(http_response(bomb, "200 OK", "Content-Encoding: gzip")).port)
    tracemalloc.start()
    try:
        with pytest.raises(ProtocolError, match=TOO_LARGE):
            transport.send(REQUEST)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < 2.5 * MAX_BODY_BYTES


@pytest.mark.parametrize("status", ["400 No", "401 No", "429 No", "500 No", "503 No"])
@pytest.mark.parametrize("announced", [False, True], ids=["open", "announced"])
def test_of_a_huge_error_only_the_beginning_is_read(transport_to, wire, status, announced):
    length = b"Content-Length: 1073741824\r\n\r\n" if announced else b"\r\n"
    server = Endless(f"HTTP/1.1 {status}\r\n".encode() + length, itertools.repeat(MEGABYTE))
    answer = transport_to(wire(server).port).send(REQUEST)
    assert (answer.status, len(answer.body)) == (int(status[:3]), MAX_ERROR_BODY_BYTES)
    assert server.hung_up.wait(5)
    assert server.sent_bytes < 16 * len(MEGABYTE)


def test_a_huge_error_does_not_fill_the_memory(transport_to, wire):
    server = Endless(b"HTTP/1.1 500 No\r\nContent-Length: 1073741824\r\n\r\n", itertools.repeat(MEGABYTE))
    transport = transport_to(wire(server).port)
    assert peak_bytes_of(transport) < MAX_CHUNK_BYTES / 2


def peak_bytes_of(transport: Transport) -> int:
    """Send a request, and return its peak of memory in bytes."""
    tracemalloc.start()
    try:
        transport.send(REQUEST)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("length", [300_000, 900_000])
def test_an_ordinary_page_is_held_once(transport_to, wire, length):
    # Made before anything is counted, because the server's memory is this process's as well.
    page = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (length, b" " * length)

    def served(connection: socket.socket) -> None:
        connection.sendall(page)
        while connection.recv(65536):
            connection.sendall(page)

    transport = transport_to(wire(served).port)
    transport.send(REQUEST)  # what is made for the first request is not counted
    assert peak_bytes_of(transport) < 1.4 * length


class TestWrongContentLength:
    @pytest.mark.parametrize("announced", [12, 70_000, MAX_CHUNK_BYTES, 8 * MAX_CHUNK_BYTES])
    def test_a_body_that_ends_too_early_is_no_response(self, transport_to, serve_response, announced):
        server = serve_response(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n{}" % announced)
        with pytest.raises(TransportError) as caught:
            transport_to(server.port).send(REQUEST)
        assert (caught.value.sent, caught.value.transient) == (True, True)

    @pytest.mark.parametrize("announced", [1, 70_000])
    def test_excess_bytes_are_not_the_response_to_the_next_request(self, transport_to, wire, announced):
        numbers = itertools.count()

        def served(connection: socket.socket) -> None:
            more = b"more"
            while more:
                body = b"%d" % next(numbers)
                head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"
                connection.sendall(head % announced + body.ljust(announced) + head % 1 + b"9")
                more = connection.recv(65536)

        transport = transport_to(wire(served).port)
        assert [int(transport.send(REQUEST).body) for _ in range(3)] == [0, 1, 2]

    @pytest.mark.parametrize("announced", [b"-1", b"many", b"", b"1e3", b"9" * 400], ids=repr)
    def test_an_invalid_length_is_a_response_or_an_error(self, transport_to, serve_response, announced):
        server = serve_response(b"HTTP/1.1 200 OK\r\nContent-Length: %b\r\n\r\n{}" % announced)
        body = b""
        with suppress(ProtocolError, TransportError):
            body = transport_to(server.port).send(REQUEST).body
        assert body in (b"", b"{}")


def test_an_error_whose_body_cannot_be_decompressed_has_its_status(transport_to, serve_response, http_response):
    server = serve_response(http_response(b"no gzip", "429 Too Many Requests", "Content-Encoding: gzip"))
    answer = transport_to(server.port).send(REQUEST)
    assert (answer.status, answer.body) == (429, b"")


def test_a_redirect_is_not_read(transport_to, wire):
    server = Endless(b"HTTP/1.1 302 Found\r\nLocation: /login\r\n\r\n", itertools.repeat(MEGABYTE))
    with pytest.raises(ProtocolError, match="was redirected to /login") as caught:
        transport_to(wire(server).port).send(REQUEST)
    assert caught.value.transient
    assert server.hung_up.wait(5)
    assert server.sent_bytes < 16 * len(MEGABYTE)


def numbered(head: str, body: bytes = b"", *, packed: bool = False):
    """Respond to each request of a connection with its number."""

    def served(connection: socket.socket) -> None:
        for number in itertools.count():
            text = body or json.dumps({"number": number}).encode()
            text = gzip.compress(text) if packed else text
            if "chunked" in head:
                text = b"%x\r\n%b\r\n0\r\n\r\n" % (len(text), text)
            length = "" if "chunked" in head else f"Content-Length: {len(text)}\r\n"
            connection.sendall(f"{head}\r\n{length}\r\n".encode() + text)
            if not connection.recv(65536):
                return

    return served


@pytest.mark.parametrize(
    "answers",
    [
        numbered("HTTP/1.1 200 OK"),
        numbered("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked"),
        numbered("HTTP/1.1 200 OK\r\nContent-Encoding: gzip", packed=True),
        numbered("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked", packed=True),
        numbered("HTTP/1.1 200 OK", b" " * 1_000_000),
        numbered("HTTP/1.1 429 No"),
        numbered("HTTP/1.1 500 No"),
    ],
    ids=["length", "chunked", "gzip", "gzip in chunks", "large", "429", "500"],
)
def test_a_connection_serves_several_requests(transport_to, wire, answers):
    server = wire(answers)
    transport = transport_to(server.port)
    bodies = [transport.send(REQUEST).body for _ in range(5)]
    assert len(server.heads) == 1
    if len(bodies[0]) < 100:
        assert [json.loads(body)["number"] for body in bodies] == [0, 1, 2, 3, 4]


def test_an_early_hint_is_not_the_response_to_the_next_request(transport_to, wire):
    late = threading.Event()

    def hints(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 103 Early Hints\r\n\r\n")
        late.wait(2)
        connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"of": 1}')
        connection.recv(65536)

    server = wire(hints)
    transport = transport_to(server.port)
    assert transport.send(REQUEST).status == 103
    late.set()
    assert transport.send(REQUEST).status == 103
    assert len(server.heads) == 2


@pytest.mark.parametrize("sent", ["POST", "GET"])
def test_contradictory_headers_are_a_malformed_response(transport_to, serve_response, sent):
    server = serve_response(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}")
    with pytest.raises((ProtocolError, TransportError)) as caught:
        transport_to(server.port).send(Request(sent, "/api/2/users", body=b"{}"))
    assert caught.value.transient
    assert getattr(caught.value, "sent", True)
