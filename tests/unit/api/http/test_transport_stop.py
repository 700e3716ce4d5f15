"""Stop flag and open connections: nothing is sent once the flag is set, and aborting wakes a waiting thread."""

from __future__ import annotations

import socket
import threading
from dataclasses import replace

import pytest

from airflow_provider_seventime.api.http.transport import Request, Transport
from airflow_provider_seventime.api.rate_limit.clock import SendWindow, StopFlag, SystemClock
from airflow_provider_seventime.exceptions import StoppedError, TransportError
from tests.unit.api.conftest import pump

REQUEST = Request("POST", "/api/2/invoices", body=b"{}")
PATIENCE_SECONDS = 10
# The server of the tests closes a silent connection after five seconds.
WAKE_SECONDS = 4


class ScriptedClock(SystemClock):
    """Clock whose times a function gives."""

    def __init__(self, now):
        self._now = now

    def monotonic(self):
        return self._now()


def window(now):
    """A window that ends at ten seconds."""
    return SendWindow(ScriptedClock(now), 10.0)


@pytest.fixture
def stop():
    return StopFlag()


def test_a_stop_while_connecting_sends_nothing(wire, tls, authority, tmp_path, make_settings, stop):
    """The flag is set after the check of the requester: the proxy sets it before it opens the tunnel."""
    received, ended = [], threading.Event()
    target = wire(lambda connection: received.append(connection.recv(1)), tls)

    def tunnel(connection):
        stop.set()
        with socket.create_connection(("127.0.0.1", target.port), timeout=PATIENCE_SECONDS) as other:
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=pump, args=(other, connection))
            back.start()
            pump(connection, other)
            back.join(PATIENCE_SECONDS)
        ended.set()

    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    settings = make_settings(
        f"https://127.0.0.1:{target.port}",
        proxies={"https": f"http://127.0.0.1:{wire(tunnel).port}"},
        ca_bundle=str(tmp_path / "authority.pem"),
    )
    transport = Transport(settings, stop)
    with pytest.raises(StoppedError):
        transport.send(REQUEST)
    transport.close()
    assert ended.wait(PATIENCE_SECONDS)
    assert b"".join(target.heads + received) == b""


def test_a_request_that_is_partly_sent_is_sent_whole(wire, make_settings, stop, http_response):
    def answer(connection):
        stop.set()
        connection.sendall(http_response(b"{}"))

    transport = Transport(make_settings(f"127.0.0.1:{wire(answer).port}"), stop)
    assert transport.send(REQUEST).status == 200
    with pytest.raises(StoppedError):
        transport.send(REQUEST)
    transport.close()


def test_the_last_check_comes_before_the_first_byte(wire, make_settings, stop, http_response):
    checked = []

    def now():
        checked.append(len(server.heads))
        return 11.0

    server = wire(lambda connection: connection.sendall(http_response(b"{}")))
    transport = Transport(make_settings(f"127.0.0.1:{server.port}"), stop)
    with pytest.raises(TransportError) as caught:
        transport.send(replace(REQUEST, send_window=window(now)))
    transport.close()
    assert (caught.value.fault, caught.value.sent) == ("stalled", False)
    assert checked == [0]
    assert b"".join(server.heads) == b""


def test_a_process_that_was_stopped_between_head_and_body_sends_no_body(wire, make_settings, stop, http_response):
    bodies, ended = [], threading.Event()

    def serve(connection):
        bodies.append(connection.recv(10))
        ended.set()

    times = iter([9.0, 9.0, 11.0])
    transport = Transport(make_settings(f"127.0.0.1:{wire(serve).port}"), stop)
    with pytest.raises(TransportError) as caught:
        transport.send(replace(REQUEST, send_window=window(lambda: next(times))))
    transport.close()
    assert (caught.value.fault, caught.value.sent) == ("stalled", False)
    assert ended.wait(PATIENCE_SECONDS)
    assert bodies == [b""]


@pytest.mark.parametrize("secured", [False, True], ids=["http", "https"])
@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 9\r\n\r\n{"])
def test_aborting_wakes_a_thread_that_reads(wire, tls, authority, tmp_path, make_settings, stop, secured, head):
    reading, faults = threading.Event(), []

    def silent(connection):
        connection.sendall(head)
        reading.set()
        while connection.recv(65536):
            pass

    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    port = wire(silent, tls if secured else None).port
    settings = make_settings(
        f"{'https' if secured else 'http'}://127.0.0.1:{port}",
        ca_bundle=str(tmp_path / "authority.pem"),
        read_timeout_seconds=60,
    )
    transport = Transport(settings, stop)

    def send():
        try:
            transport.send(REQUEST)
        except TransportError as error:
            faults.append((error.fault, error.sent))

    thread = threading.Thread(target=send)
    thread.start()
    assert reading.wait(PATIENCE_SECONDS)
    transport.abort()
    thread.join(WAKE_SECONDS)
    assert faults == [("reset", True)]
    transport.close()
