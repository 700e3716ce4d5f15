"""The service is down for a while: who connects is refused, and then it answers again."""

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
    """Bring the service down with a GET of the users."""
    api.server.set_faults([{"kind": "refuse", "seconds": seconds, **fault}])
    with pytest.raises(requests.ConnectionError, match=r"reset|closed"):
        api.send("GET", "/api/2/users/", verify=verify)


def refused(server):
    family = socket.AF_INET6 if ":" in server.host else socket.AF_INET
    with socket.socket(family) as probe:
        return probe.connect_ex((server.host, server.port)) == errno.ECONNREFUSED


def wait_until_back(server, timeout_seconds=5):
    deadline = time.monotonic() + timeout_seconds
    while refused(server):
        assert time.monotonic() < deadline, "the service did not come back"
        time.sleep(0.001)


def headers(server):
    return {"Client-Secret": server.api_key, "Accept": "application/json", "Content-Type": "application/json"}


def test_the_struck_request_does_no_work_and_the_port_refuses_for_so_long(api):
    there = len(api.server.records("customers"))
    api.server.set_faults([{"kind": "refuse", "seconds": 0.4, "method": "POST"}])
    began = time.monotonic()
    with pytest.raises(requests.ConnectionError, match="reset by peer"):
        api.create("customers", name="x")
    with pytest.raises(requests.ConnectionError, match="refused"):
        api.create("customers", name="x")
    with pytest.raises(requests.ConnectionError, match="refused"):
        api.control("GET", "faults")
    wait_until_back(api.server)
    assert time.monotonic() - began >= 0.4
    assert len(api.server.records("customers")) == there
    assert api.create("customers", name="x").status == 200
    assert [(entry["method"], entry["status"], entry["fault"]) for entry in api.server.journal()] == [
        ("POST", None, "refuse"),
        ("POST", 200, None),
    ]


def test_several_outages_follow_each_other(api):
    for _ in range(3):
        refuse(api, 0.02)
        wait_until_back(api.server)
        assert api.list("users").status == 200
    assert [entry["fault"] for entry in api.server.journal()] == ["refuse", None] * 3


def test_one_order_brings_it_down_as_often_as_it_says(api):
    refuse(api, 0.01, times=2)
    wait_until_back(api.server)
    with pytest.raises(requests.ConnectionError):
        api.list("users")
    wait_until_back(api.server)
    assert api.list("users").status == 200


def test_an_outage_of_no_length_is_a_reset_that_also_closes_the_idle_connections(api):
    refuse(api, 0)
    wait_until_back(api.server)
    assert api.list("users").status == 200


def test_idle_connections_are_closed(api):
    with socket.create_connection((api.server.host, api.server.port)) as idle:
        api.list("users")  # so the server has taken in the one before
        refuse(api, LONG)
        idle.settimeout(5)
        assert idle.recv(1) == b""


def test_what_is_under_way_is_answered_and_its_connection_closed(api):
    server = api.server
    server.set_faults([{"kind": "delay", "seconds": 0.1, "collection": "customers"}])
    connection = http.client.HTTPConnection(server.host, server.port, timeout=2)  # idle ones are closed after 5
    connection.request("GET", "/api/2/customers/", headers=headers(server))
    while not server.journal():
        time.sleep(0.001)
    refuse(api, LONG)
    assert connection.getresponse().read().startswith(b'{"meta"')
    assert connection.sock.recv(1) == b""
    connection.close()


def test_who_connected_before_and_asks_meanwhile_is_cut_off(tls, api_to):
    chain, key, ca = tls
    with SandboxServer(today=TODAY, ssl_certfile=chain, ssl_keyfile=key) as server:
        api = api_to(server)
        with socket.create_connection((server.host, server.port), timeout=5) as early:
            api.send("GET", "/api/2/users/", verify=str(ca))
            refuse(api, LONG, verify=str(ca))
            context = ssl.create_default_context(cafile=ca)
            with context.wrap_socket(early, server_hostname=server.host, suppress_ragged_eofs=False) as late:
                late.sendall(b"GET /_sandbox/clock HTTP/1.1\r\nHost: x\r\n\r\n")
                with pytest.raises(OSError, match=r"EOF|reset"):
                    late.recv(1)


@pytest.mark.parametrize("end", ["reset", "clear_faults"])
def test_going_back_to_calm_ends_an_outage_at_once(api, end):
    refuse(api, LONG)
    getattr(api.server, end)()
    assert api.list("users").status == 200


def test_the_methods_of_the_server_go_on_working(api):
    api.create("customers", name="x")
    refuse(api, LONG)
    api.server.advance(60)
    assert api.server.records("customers")[-1]["name"] == "x"
    assert [entry["fault"] for entry in api.server.journal()] == [None, "refuse"]
    assert api.server.load({"customers": [{"name": "y"}]}) == {"customers": 1}


def test_it_stops_promptly_while_it_is_down(api_to):
    threads = set(threading.enumerate())
    with SandboxServer(today=TODAY) as server:
        refuse(api_to(server), LONG)
        began = time.monotonic()
    assert time.monotonic() - began < 2.0
    assert set(threading.enumerate()) == threads
    with socket.socket() as free:
        free.bind((server.host, server.port))
    server.clear_faults()  # nothing to end any more


def test_it_stops_when_it_has_come_back(api_to):
    with SandboxServer(today=TODAY) as server:
        refuse(api_to(server), 0.01)
        wait_until_back(server)
    assert refused(server)


def test_it_comes_back_with_tls(tls, api_to):
    chain, key, ca = tls
    with SandboxServer(today=TODAY, ssl_certfile=chain, ssl_keyfile=key) as server:
        api = api_to(server)
        refuse(api, LONG, verify=str(ca))
        assert refused(server)
        server.clear_faults()
        assert api.send("GET", "/api/2/users/", verify=str(ca)).status == 200


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")
def test_it_comes_back_on_ipv6(api_to):
    with SandboxServer(today=TODAY, host="::1") as server:
        api = api_to(server)
        refuse(api, LONG)
        assert refused(server)
        server.clear_faults()
        assert api.list("users").status == 200


def test_many_callers_meet_many_outages(api):
    api.server.set_faults([{"kind": "refuse", "seconds": 0.005, "times": 20, "probability": 0.5}])
    until = time.monotonic() + 10
    url, statuses = f"{api.server.base_url}/api/2/timeCategories/", []

    def ask():
        while api.server.sandbox.faults.pending() and time.monotonic() < until:
            try:
                statuses.append(requests.get(url, headers=headers(api.server), timeout=5).status_code)
            except requests.ConnectionError:
                statuses.append(None)

    askers = [threading.Thread(target=ask) for _ in range(3)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    api.server.clear_faults()
    assert [entry["fault"] for entry in api.server.journal()].count("refuse") == 20
    assert set(statuses) == {200, None}
    assert api.list("users").status == 200


@pytest.mark.parametrize("rounds", range(4))
def test_a_connection_accepted_in_the_round_in_which_the_port_is_left_is_not_lost(rounds):
    """A loop takes in a connection over several rounds; a server that is closed between them leaks it."""
    listener = bind("127.0.0.1", 0)
    port = listener.getsockname()[1]
    http_server = HttpServer(Sandbox(SandboxOptions(today=TODAY)), "127.0.0.1", port, None, None)

    async def scenario():
        serving = asyncio.create_task(http_server.serve(sockets=[listener]))
        async with asyncio.timeout(5):
            while not http_server.started:  # noqa: ASYNC110 - uvicorn has no event for it
                await asyncio.sleep(0.001)
        with socket.create_connection(("127.0.0.1", port)):
            for _ in range(rounds):
                await asyncio.sleep(0)
            (await http_server.stop_listening()).close()
            http_server.should_exit = True
            await serving

    asyncio.run(scenario())
    gc.collect()  # what leaked is a ResourceWarning, which is an error


class FakePort:
    """A server that notes when it leaves its port and comes back."""

    def __init__(self):
        self.seen = []
        self.kept = socket.socket()
        self.returned = asyncio.Event()

    async def stop_listening(self):
        self.seen.append("left")
        return self.kept

    async def listen_again(self, listener):
        assert listener is self.kept
        self.seen.append("back")
        self.returned.set()


@pytest.fixture
def port():
    fake = FakePort()
    yield fake
    fake.kept.close()


def test_a_second_order_makes_an_outage_longer_and_never_shorter(port):
    async def scenario():
        outage = Outage(port)
        began = time.monotonic()
        await outage.begin(0.02)
        await outage.begin(0.08)
        await outage.begin(0)
        assert outage.active
        await port.returned.wait()
        return time.monotonic() - began

    assert asyncio.run(scenario()) >= 0.08
    assert port.seen == ["left", "back"]


def test_a_server_that_ends_does_not_come_back(port):
    async def scenario():
        outage = Outage(port)
        await outage.begin(LONG)
        await outage.close()
        await outage.begin(LONG)
        return outage.active

    assert asyncio.run(scenario()) is False
    assert port.seen == ["left"]
    assert port.kept.fileno() == -1


def test_without_an_outage_there_is_nothing_to_end(port):
    async def scenario():
        outage = Outage(port)
        await outage.end()
        await outage.close()

    asyncio.run(scenario())
    assert port.seen == []
