"""Slow responses."""

import http.client
import socket
import threading
import time

import pytest

from airflow_provider_seventime.sandbox.faults.trickle import split_content
from airflow_provider_seventime.sandbox.server import SandboxServer
from tests.unit.sandbox.conftest import TODAY


@pytest.mark.parametrize(
    ("length", "seconds", "count"),
    [(1000, 0.05, 20), (1000, 10, 100), (7, 1, 7), (20, 0, 20), (0, 1, 0)],
    ids=["short", "ten a second", "less than pieces", "no time", "empty"],
)
def test_content_is_split_into_even_pieces(length, seconds, count):
    content = bytes(number % 256 for number in range(length))
    pieces = split_content(content, seconds)
    assert b"".join(pieces) == content
    assert len(pieces) == count
    assert {len(piece) for piece in pieces} <= {length // max(count, 1), length // max(count, 1) + 1}


@pytest.mark.parametrize("header", [False, True], ids=["body", "header too"])
def test_a_slow_response_is_correct_and_the_request_processed(api, header):
    before = len(api.server.records("customers"))
    api.server.set_faults([{"kind": "trickle", "seconds": 0.1, "header": header, "method": "POST"}])
    began = time.monotonic()
    created = api.create("customers", name="Långsam")
    assert time.monotonic() - began >= 0.1
    assert (created.status, created.body["name"]) == (200, "Långsam")
    assert created.headers["content-type"] == "application/json; charset=utf-8"
    assert len(api.server.records("customers")) == before + 1
    assert api.list("users").status == 200
    entry = api.server.journal()[0]
    assert (entry["status"], entry["fault"]) == (200, "trickle")


def request_users(server):
    """Request the users and return the connection."""
    sock = socket.create_connection((server.host, server.port), timeout=5)
    key = f"Client-Secret: {server.api_key}\r\nAccept: application/json\r\nContent-Type: application/json\r\n"
    sock.sendall(f"GET /api/2/users/ HTTP/1.1\r\nHost: localhost\r\n{key}\r\n".encode())
    return sock


def test_the_header_comes_at_once_and_the_body_slowly(server):
    server.set_faults([{"kind": "trickle", "seconds": 0.4}])
    began = time.monotonic()
    with request_users(server) as sock:
        response = http.client.HTTPResponse(sock)
        response.begin()
        first = response.read1(100_000)
        body = first + response.read()
    assert len(first) < len(body)
    assert body.startswith(b'{"meta"')
    assert time.monotonic() - began >= 0.4


def test_a_slow_header_closes_the_connection_after_the_response(server):
    server.set_faults([{"kind": "trickle", "seconds": 0.4, "header": True, "collection": "users"}])
    with request_users(server) as sock:
        received = [sock.recv(100_000)]
        assert b"\r\n\r\n" not in received[0]
        while received[-1]:
            received.append(sock.recv(100_000))
    header, _, body = b"".join(received).partition(b"\r\n\r\n")
    assert header.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"connection: close" in header
    assert b"date: Thu, 01 Oct 2026 10:00:00 GMT" in header
    assert f"content-length: {len(body)}".encode() in header


def test_a_refusal_can_be_slow(api):
    api.server.set_faults([{"kind": "trickle", "seconds": 0.02, "header": True}])
    assert api.send("GET", "/api/2/users/unknown").status == 404


@pytest.mark.parametrize("header", [False, True], ids=["body", "header too"])
def test_a_client_that_disconnects_has_no_effect_on_others(api, header):
    api.server.set_faults([{"kind": "trickle", "seconds": 0.1, "header": header}])
    with request_users(api.server) as sock:
        sock.recv(1)
    time.sleep(0.15)
    assert api.list("users").status == 200


@pytest.mark.parametrize("header", [False, True], ids=["body", "header too"])
def test_it_stops_during_a_slow_response_and_sends_the_rest_at_once(api_to, header):
    responses = []
    with SandboxServer(today=TODAY) as server:
        api = api_to(server)
        server.set_faults([{"kind": "trickle", "seconds": 600, "header": header}])
        slow = threading.Thread(target=lambda: responses.append(api.list("users")))
        slow.start()
        while not server.journal():
            time.sleep(0.001)
        began = time.monotonic()
    slow.join()
    assert time.monotonic() - began < 2.0
    assert [len(response.body["data"]) for response in responses] == [9]


def test_a_slow_response_over_tls(tls, api_to):
    chain, key, ca = tls
    with SandboxServer(today=TODAY, ssl_certfile=chain, ssl_keyfile=key) as server:
        api = api_to(server)
        server.set_faults([{"kind": "trickle", "seconds": 0.05, "header": True}])
        assert api.send("GET", "/api/2/users/", verify=str(ca)).status == 200
        assert api.send("GET", "/api/2/users/", verify=str(ca)).status == 200
