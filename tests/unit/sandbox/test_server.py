import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
import requests

from airflow_provider_seventime.exceptions import ConfigError
from airflow_provider_seventime.sandbox.server import SandboxServer

TODAY = date(2026, 10, 1)


def test_start_and_stop_are_quick_and_leave_no_thread_or_port():
    threads = set(threading.enumerate())
    with SandboxServer(today=TODAY) as warm_up:
        port = warm_up.port
    began = time.monotonic()
    with SandboxServer(today=TODAY) as server:
        started = time.monotonic() - began
        assert requests.get(f"{server.base_url}/_sandbox/clock", timeout=5).ok
        began = time.monotonic()
    assert started < 1.0
    assert time.monotonic() - began < 1.0
    assert set(threading.enumerate()) == threads
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_it_stops_during_a_delay_and_with_an_open_connection(api_to):
    responses = []
    with SandboxServer(today=TODAY) as server:
        api = api_to(server)
        api.list("users")
        server.set_faults([{"kind": "delay", "seconds": 60, "when": "after"}])
        late = threading.Thread(target=lambda: responses.append(api.list("users").status))
        late.start()
        while len(server.journal()) < 2:
            time.sleep(0.001)
        began = time.monotonic()
    late.join()
    assert time.monotonic() - began < 2.0
    assert responses == [200]


def test_two_sandboxes_are_independent(api_to):
    with SandboxServer(today=TODAY) as one, SandboxServer(today=TODAY) as other:
        assert one.port != other.port
        api_to(one).create("customers", name="x")
        assert (len(one.records("customers")), len(other.records("customers"))) == (13, 12)


def test_records_are_copies(server):
    server.records("customers")[0]["name"] = "changed"
    assert server.records("customers")[0]["name"] != "changed"


def test_writes_from_many_threads_are_stored_with_unique_numbers(server):
    headers = {"Client-Secret": server.api_key, "Accept": "application/json"}

    def create(number):
        record = {"name": f"Kund {number}", "createdByUser": server.acting_user_id}
        return requests.post(f"{server.base_url}/api/2/customers", json=record, headers=headers, timeout=10).json()

    with ThreadPoolExecutor(8) as pool:
        created = list(pool.map(create, range(40)))
    assert sorted(int(one["customerNumber"]) for one in created) == list(range(113, 153))
    ids = [one["_id"] for one in server.records("customers")]
    assert ids == sorted(set(ids))


def test_it_serves_tls(tls, api_to):
    chain, key, ca = tls
    with SandboxServer(today=TODAY, ssl_certfile=chain, ssl_keyfile=key) as server:
        assert server.base_url.startswith("https://127.0.0.1:")
        api = api_to(server)
        assert api.send("GET", "/api/2/users/", verify=str(ca)).status == 200
        with pytest.raises(requests.exceptions.SSLError):
            api.send("GET", "/api/2/users/")
        server.set_faults([{"kind": "reset"}])
        with pytest.raises(requests.ConnectionError):
            api.send("GET", "/api/2/users/", verify=str(ca))
        assert api.send("GET", "/api/2/users/", verify=str(ca)).status == 200


def test_the_message_names_a_used_port():
    with (
        SandboxServer(today=TODAY) as server,
        pytest.raises(ConfigError, match=str(server.port)),
        SandboxServer(today=TODAY, port=server.port),
    ):
        pytest.fail("two sandboxes on one port")


def test_a_stopped_server_has_no_controls():
    server = SandboxServer(today=TODAY)
    with pytest.raises(ConfigError, match="context manager"):
        server.reset()


def test_an_invalid_fault_is_not_set(server):
    with pytest.raises(ValueError, match="kind"):
        server.set_faults([{"kind": "explode"}])
    assert server.sandbox.faults.pending() == []


def test_the_key_is_in_no_repr():
    assert "hush-hush" not in repr(SandboxServer(today=TODAY, api_key="hush-hush").options)
