"""Outages: the port refuses connections for some time."""

import asyncio
import errno
import gc
import http.client
import socket
import ssl
import threading
import time

import pytest
import requests

from airflow_provider_seventime.sandbox.engine import Sandbox
from airflow_provider_seventime.sandbox.faults.outage import Outage
from airflow_provider_seventime.sandbox.http.http_server import HttpServer, bind
from airflow_provider_seventime.sandbox.options import SandboxOptions
from airflow_provider_seventime.sandbox.server import SandboxServer
from tests.unit.sandbox.conftest import TODAY

LONG = 600


def refuse(api, seconds, verify=True, **fault):
    """Begin an outage with a GET of the users."""
    api.server.set_faults([{"kind": "refuse", "seconds": seconds, **fault}])
    with pytest.raises(requests.ConnectionError, match=r"reset|closed"):
        api.send("GET", "/api/2/users/", verify=verify)


def refused(server):
    family = socket.AF_INET6 if ":" in server.host else socket.AF_INET
    with socket.socket(family) as probe:
        return probe.connect_ex((server.host, server.port)) == errno.ECONNREFUSED


def wait_until_listening(server, timeout_seconds=5):
    deadline = time.monotonic() + timeout_seconds
    while refused(server):
        assert time.monotonic() < deadline, "the service does not listen again"
        time.sleep(0.001)


def headers(server):
    return {"Client-Secret": server.api_key, "Accept": "application/json", "Content-Type": "application/json"}


def test_the_request_is_not_processed_and_the_port_refuses_connections(api):
    before = len(api.server.records("customers"))
    api.server.set_faults([{"kind": "refuse", "seconds": 0.4, "method": "POST"}])
    began = time.monotonic()
    with pytest.raises(requests.ConnectionError, match="reset by peer"):
        api.create("customers", name="x")
    with pytest.raises(requests.ConnectionError, match="refused"):
        api.create("customers", name="x")
    with pytest.raises(requests.ConnectionError, match="refused"):
        api.control("GET", "faults")
    wait_until_listening(api.server)
    assert time.monotonic() - began >= 0.4
    assert len(api.server.records("customers")) == before
    assert api.create("customers", name="x").status == 200
    assert [(entry["method"], entry["status"], entry["fault"]) for entry in api.server.journal()] == [
        ("POST", None, "refuse"),
        ("POST", 200, None),
    ]


def test_several_outages_follow_each_other(api):
    for _ in range(3):
        refuse(api, 0.02)
        wait_until_listening(api.server)
        assert api.list("users").status == 200
    assert [entry["fault"] for entry in api.server.journal()] == ["refuse", None] * 3


def test_times_is_the_number_of_outages(api):
    refuse(api, 0.01, times=2)
    wait_until_listening(api.server)
    with pytest.raises(requests.ConnectionError):
        api.list("users")
    wait_until_listening(api.server)
    assert api.list("users").status == 200


def test_an_outage_of_zero_seconds_ends_at_once(api):
    refuse(api, 0)
    wait_until_listening(api.server)
    assert api.list("users").status == 200


def test_idle_connections_are_closed(api):
    with socket.create_connection((api.server.host, api.server.port)) as idle:
        api.list("users")  # so that the server has accepted the first connection
        refuse(api, LONG)
        idle.settimeout(5)
        assert idle.recv(1) == b""


def test_a_running_request_gets_its_response_and_its_connection_closes(api):
    server = api.server
    server.set_faults([{"kind": "delay", "seconds": 0.1, "collection": "customers"}])
    connection = http.client.HTTPConnection(server.host, server.port, timeout=2)  # idle connections are closed after 5
    connection.request("GET", "/api/2/customers/", headers=headers(server))
    while not server.journal():
        time.sleep(0.001)
    refuse(api, LONG)
    assert connection.getresponse().read().startswith(b'{"meta"')
    assert connection.sock.recv(1) == b""
    connection.close()


def test_a_request_on_an_older_connection_is_reset(tls, api_to):
    chain, key, ca = tls
    with SandboxServer(today=TODAY, ssl_certfile=chain, ssl_keyfile=key) as server:
        api = api_to(server)
        with socket.create_connection((server.host, server.port), timeout=5) as early:
            api.send("GET", "/api/2/users/", verify=str(ca))
            refuse(api, LONG, verify=str(ca))
            context = ssl.create_default_context(cafile=ca)
            with context.wrap_socket(early, server_hostname=server.host, suppress_ragged_eofs=False) as late:
                late.sendall(b"GET /_sandbox/clock HTTP/1.1\r\nHost: localhost\r\n\r\n")
                with pytest.raises(OSError, match=r"EOF|reset"):
                    late.recv(1)


@pytest.mark.parametrize("end", ["reset", "clear_faults"])
def test_reset_and_clear_faults_end_an_outage(api, end):
    refuse(api, LONG)
    getattr(api.server, end)()
    assert api.list("users").status == 200


def test_the_methods_of_the_server_work_during_an_outage(api):
    api.create("customers", name="x")
    refuse(api, LONG)
    api.server.advance(60)
    assert api.server.records("customers")[-1]["name"] == "x"
    assert [entry["fault"] for entry in api.server.journal()] == [None, "refuse"]
    assert api.server.load({"customers": [{"name": "y"}]}) == {"customers": 1}


def test_it_stops_during_an_outage(api_to):
    threads = set(threading.enumerate())
    with SandboxServer(today=TODAY) as server:
        refuse(api_to(server), LONG)
        began = time.monotonic()
    assert time.monotonic() - began < 2.0
    assert set(threading.enumerate()) == threads
    with socket.socket() as free:
        free.bind((server.host, server.port))
    server.clear_faults()  # the outage has ended


def test_it_stops_after_an_outage(api_to):
    with SandboxServer(today=TODAY) as server:
        refuse(api_to(server), 0.01)
        wait_until_listening(server)
    assert refused(server)


def test_it_listens_again_with_tls(tls, api_to):
    chain, key, ca = tls
    with SandboxServer(today=TODAY, ssl_certfile=chain, ssl_keyfile=key) as server:
        api = api_to(server)
        refuse(api, LONG, verify=str(ca))
        assert refused(server)
        server.clear_faults()
        assert api.send("GET", "/api/2/users/", verify=str(ca)).status == 200


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")
def test_it_listens_again_on_ipv6(api_to):
    with SandboxServer(today=TODAY, host="::1") as server:
        api = api_to(server)
        refuse(api, LONG)
        assert refused(server)
        server.clear_faults()
        assert api.list("users").status == 200


def test_many_clients_during_many_outages(api):
    api.server.set_faults([{"kind": "refuse", "seconds": 0.005, "times": 20, "probability": 0.5}])
    until = time.monotonic() + 10
    url, statuses = f"{api.server.base_url}/api/2/timeCategories/", []

    def send_requests():
        while api.server.sandbox.faults.pending() and time.monotonic() < until:
            try:
                statuses.append(requests.get(url, headers=headers(api.server), timeout=5).status_code)
            except requests.ConnectionError:
                statuses.append(None)

    clients = [threading.Thread(target=send_requests) for _ in range(3)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    api.server.clear_faults()
    assert [entry["fault"] for entry in api.server.journal()].count("refuse") == 20
    assert set(statuses) == {200, None}
    assert api.list("users").status == 200


@pytest.mark.parametrize("iterations", range(4))
def test_a_connection_accepted_while_the_server_stops_listening_is_closed(iterations):
    """The event loop accepts a connection in several iterations; a server that closes in between leaks it."""
    listener = bind("127.0.0.1", 0)
    port = listener.getsockname()[1]
    http_server = HttpServer(Sandbox(SandboxOptions(today=TODAY)), "127.0.0.1", port, None, None)

    async def scenario():
        serving = asyncio.create_task(http_server.serve(sockets=[listener]))
        async with asyncio.timeout(5):
            while not http_server.started:  # noqa: ASYNC110 - uvicorn has no event for it
                await asyncio.sleep(0.001)
        with socket.create_connection(("127.0.0.1", port)):
            for _ in range(iterations):
                await asyncio.sleep(0)
            (await http_server.stop_listening()).close()
            http_server.should_exit = True
            await serving

    asyncio.run(scenario())
    gc.collect()  # a leaked connection is a ResourceWarning, which is an error


class FakeServer:
    """Server that records when it stops listening and when it listens again."""

    def __init__(self):
        self.calls = []
        self.reserved = socket.socket()
        self.listening = asyncio.Event()

    async def stop_listening(self):
        self.calls.append("stop_listening")
        return self.reserved

    async def listen_again(self, listener):
        assert listener is self.reserved
        self.calls.append("listen_again")
        self.listening.set()


@pytest.fixture
def fake_server():
    fake = FakeServer()
    yield fake
    fake.reserved.close()


def test_a_second_outage_extends_the_first_and_never_shortens_it(fake_server):
    async def scenario():
        outage = Outage(fake_server)
        began = time.monotonic()
        await outage.begin(0.02)
        await outage.begin(0.08)
        await outage.begin(0)
        assert outage.active
        await fake_server.listening.wait()
        return time.monotonic() - began

    assert asyncio.run(scenario()) >= 0.08
    assert fake_server.calls == ["stop_listening", "listen_again"]


def test_a_server_that_stops_does_not_listen_again(fake_server):
    async def scenario():
        outage = Outage(fake_server)
        await outage.begin(LONG)
        await outage.close()
        await outage.begin(LONG)
        return outage.active

    assert asyncio.run(scenario()) is False
    assert fake_server.calls == ["stop_listening"]
    assert fake_server.reserved.fileno() == -1


def test_without_an_outage_there_is_nothing_to_end(fake_server):
    async def scenario():
        outage = Outage(fake_server)
        await outage.end()
        await outage.close()

    asyncio.run(scenario())
    assert fake_server.calls == []
