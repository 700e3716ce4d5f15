"""Fake clock, clients of a mocked API, and small servers that fail in known ways."""

from __future__ import annotations

import socket
import ssl
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests_mock as requests_mock_module
import trustme

from airflow_provider_seventime.api.client import SevenTimeClient
from airflow_provider_seventime.api.settings import Settings, read_settings

BASE_URL = "https://seventime.test"


class FakeClock:
    """A clock on which sleeping takes no time."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now
        self.sleeps: list[float] = []
        self._lock = threading.Lock()

    def monotonic(self) -> float:
        return self.now

    @property
    def pauses(self) -> list[float]:
        """Waits before a retry or a second search, without the short ones for the rate limit."""
        return [seconds for seconds in self.sleeps if seconds >= 0.1]

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.sleeps.append(seconds)
            self.now += seconds


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def make_settings() -> Callable[..., Settings]:
    """Make the settings of a connection; each has a key of its own, and so a rate limit of its own."""

    def made(
        host: str = BASE_URL, *, login: str | None = "user-1", password: str | None = None, **extra: Any
    ) -> Settings:
        extra = {"pacing": "process", "requests_per_second": 10_000, **extra}
        key = password or f"key-{uuid.uuid4().hex}"
        settings, warnings = read_settings(host=host, password=key, login=login, extra=extra)
        assert warnings == []
        return settings

    return made


@pytest.fixture
def make_client(make_settings: Callable[..., Settings], clock: FakeClock) -> Iterator[Callable[..., SevenTimeClient]]:
    """Make a client on the fake clock."""
    with ExitStack() as open_clients:

        def made(host: str = BASE_URL, *, attempts: int = 6, **settings: Any) -> SevenTimeClient:
            client = SevenTimeClient(make_settings(host, **settings), clock=clock, attempts=attempts)
            return open_clients.enter_context(client)

        yield made


@pytest.fixture
def client(make_client: Callable[..., SevenTimeClient]) -> SevenTimeClient:
    return make_client()


class Api:
    """Mocked API: responses by method and path, in order, and the requests received."""

    def __init__(self, mocker: requests_mock_module.Mocker) -> None:
        self._mocker = mocker

    def answers(self, method: str, path: str, *responses: dict[str, Any]) -> None:
        """Respond with these one after the other, and with the last one from then on."""
        self._mocker.register_uri(method, f"{BASE_URL}/api/2/{path}", list(responses))

    @property
    def requests(self) -> list[Any]:
        return list(self._mocker.request_history)

    def bodies(self, method: str) -> list[Any]:
        return [request.json() for request in self.requests if request.method == method]

    def queries(self) -> list[dict[str, str]]:
        # requests-mock converts a query to lower case.
        return [dict(parse_qsl(urlsplit(request.url).query)) for request in self.requests]


@pytest.fixture
def api() -> Iterator[Api]:
    with requests_mock_module.Mocker(case_sensitive=True) as mocker:
        yield Api(mocker)


Serve = Callable[[socket.socket], None]


class WireServer:
    """Server on a loopback port that calls a function with each connection."""

    def __init__(self, serve: Serve, context: ssl.SSLContext | None = None) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._serve = serve
        self._context = context
        self.port = self._listener.getsockname()[1]
        self.heads: list[bytes] = []
        self.done = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                try:
                    self._talk(connection)
                except OSError:
                    continue

    def _talk(self, connection: socket.socket) -> None:
        connection.settimeout(5)
        if self._context is None:
            self.heads.append(read_head(connection))
            self._serve(connection)
            return
        with self._context.wrap_socket(connection, server_side=True) as secured:
            self.heads.append(read_head(secured))
            self._serve(secured)

    def close(self) -> None:
        self.done.set()
        # A blocked accept is woken by shutdown, not by close.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)


def read_head(connection: socket.socket) -> bytes:
    """Read a request up to its blank line. A TLS handshake (RFC 8446, 5.1) has none."""
    head = b""
    while b"\r\n\r\n" not in head and not head.startswith(b"\x16"):
        received = connection.recv(65536)
        if not received:
            break
        head += received
    return head


@pytest.fixture
def wire() -> Iterator[Callable[..., WireServer]]:
    """Start a server that calls a function with each connection."""
    servers: list[WireServer] = []

    def started(serve: Serve, context: ssl.SSLContext | None = None) -> WireServer:
        servers.append(WireServer(serve, context))
        return servers[-1]

    yield started
    for server in servers:
        server.close()


@pytest.fixture
def serve_response(wire: Callable[..., WireServer]) -> Callable[..., WireServer]:
    """Start a server that responds to every request with these bytes and closes."""

    def started(answer: bytes, context: ssl.SSLContext | None = None) -> WireServer:
        return wire(lambda connection: connection.sendall(answer), context)

    return started


@pytest.fixture
def http_response() -> Callable[..., bytes]:
    """Return an HTTP response as bytes."""

    def made(body: bytes = b'{"meta":{"totalResources":3},"data":[]}', status: str = "200 OK", *headers: str) -> bytes:
        lines = [f"HTTP/1.1 {status}", "Content-Type: application/json", "Connection: close", *headers]
        if not any(line.lower().startswith("content-length") for line in headers):
            lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body

    return made


@pytest.fixture
def proxy(wire: Callable[..., WireServer]) -> WireServer:
    """Proxy that opens tunnels to ports of this machine; its ``heads`` are all that it can read."""

    def served(connection: socket.socket) -> None:
        port = int(server.heads[-1].split()[1].rpartition(b":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=5) as target:
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=pump, args=(target, connection))
            back.start()
            pump(connection, target)
            back.join(5)

    server = wire(served)
    return server


def pump(source: socket.socket, sink: socket.socket) -> None:
    """Copy bytes from one socket to another until the source closes."""
    with suppress(OSError):
        while received := source.recv(65536):
            sink.sendall(received)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """Certificate authority that only the tests trust."""
    return trustme.CA()


@pytest.fixture
def tls(authority: trustme.CA) -> ssl.SSLContext:
    """TLS context of a server on this machine."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context
