"""Stopped clients: each wait and each loop raises a StoppedError, and nothing more is sent."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
import requests_mock as requests_mock_module

from airflow_provider_seventime.api.client import SevenTimeClient
from airflow_provider_seventime.api.writing.lease import WriteLease
from airflow_provider_seventime.api.writing.lookup import LookupKey
from airflow_provider_seventime.api.writing.note_stores import note_store_for
from airflow_provider_seventime.contract.registry import find_collection
from airflow_provider_seventime.exceptions import BatchError, StoppedError
from tests.unit.api.conftest import BASE_URL, FakeClock

INVOICE = {"customer": "c-1", "language": "SV", "invoiceDate": "2026-01-31"}
KEY = LookupKey("notes", "r-1")
LIST = f"{BASE_URL}/api/2/timeLogs"
INVOICES = f"{BASE_URL}/api/2/invoices"


class StoppingClock(FakeClock):
    """Clock that stops a client in a wait of at least so many seconds."""

    def __init__(self) -> None:
        super().__init__()
        self.client: SevenTimeClient | None = None
        self.stops_at_seconds = 0.0

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        if self.client is not None and seconds >= self.stops_at_seconds:
            self.client.stop()


@dataclass
class Scene:
    """A client on a clock that stops it, and the API."""

    client: SevenTimeClient
    clock: StoppingClock
    api: requests_mock_module.Mocker
    posts: list[Any] = field(default_factory=list)

    def stop_in_a_wait_of(self, seconds: float) -> None:
        self.clock.client, self.clock.stops_at_seconds = self.client, seconds

    def other_writer(self) -> WriteLease:
        """Return the lease of another writer with the same reference."""
        store = note_store_for(self.client.settings, self.clock)
        lease = WriteLease(store, find_collection("invoices"), KEY, self.clock)
        lease.read()
        return lease

    def create(self) -> None:
        self.client.create("invoices", INVOICE, "r-1")


@pytest.fixture
def scene(make_settings):
    def made(**settings):
        clock = StoppingClock()
        return Scene(SevenTimeClient(make_settings(**settings), clock=clock), clock, mocker)

    with requests_mock_module.Mocker() as mocker:
        mocker.get(INVOICES, json={"meta": {"totalResources": 0}, "data": []})
        yield made


def wait_for_the_rate_limit(scene):
    scene = scene(requests_per_second=1)
    scene.api.get(LIST, json={"meta": {"totalResources": 0}, "data": []})
    scene.client.count("timeLogs")
    scene.stop_in_a_wait_of(0.5)
    return scene, lambda: scene.client.count("timeLogs"), 1


def wait_before_a_retry(scene):
    scene = scene()
    scene.api.get(LIST, status_code=500)
    scene.stop_in_a_wait_of(0.2)
    return scene, lambda: scene.client.count("timeLogs"), 1


def wait_before_a_retry_of_a_post(scene):
    scene = scene()
    scene.api.post(INVOICES, status_code=429, headers={"Retry-After": "20"})
    scene.stop_in_a_wait_of(10)
    return scene, scene.create, 2


def wait_before_a_search(scene):
    scene = scene()
    scene.api.post(INVOICES, exc=requests.ConnectionError("reset"))
    scene.stop_in_a_wait_of(2)
    return scene, scene.create, 2


def wait_for_the_lease_of_another_writer(scene):
    scene = scene()
    scene.other_writer().claim(0.0)
    scene.stop_in_a_wait_of(1)
    return scene, scene.create, 0


def wait_while_an_earlier_post_may_be_executed(scene):
    scene = scene()
    earlier = scene.other_writer()
    earlier.claim(0.0)
    earlier.release()
    scene.stop_in_a_wait_of(2)
    return scene, scene.create, 1


def next_page_of_a_list(scene):
    scene = scene(page_size=1)

    def page(request, context):
        number = int(re.search(r"page=(\d+)", request.url)[1])
        if number == 5:
            scene.client.stop()
        return {"meta": {"totalResources": 5}, "data": [{"_id": f"t-{number}"}]}

    scene.api.get(LIST, json=page)
    return scene, lambda: list(scene.client.list("timeLogs")), 2


def next_page_of_an_analysis(scene):
    scene = scene()

    def page(request, context):
        scene.client.stop()
        return {"meta": {"hasMore": True, "nextPage": 2}, "data": [{"count": 1}]}

    scene.api.post(f"{BASE_URL}/api/2/analytics/timeLogs", json=page)
    return scene, lambda: list(scene.client.analyse("timeLogs")), 1


def read_before_an_update(scene):
    scene = scene()

    def record(request, context):
        scene.client.stop()
        return {"data": {"_id": "p-1", "name": "A"}}

    scene.api.get(f"{BASE_URL}/api/2/projects/p-1", json=record)
    return scene, lambda: scene.client.update("projects", "p-1", {"name": "B"}), 1


SCENES = [
    wait_for_the_rate_limit,
    wait_before_a_retry,
    wait_before_a_retry_of_a_post,
    wait_before_a_search,
    wait_for_the_lease_of_another_writer,
    wait_while_an_earlier_post_may_be_executed,
    next_page_of_a_list,
    next_page_of_an_analysis,
    read_before_an_update,
]


@pytest.mark.parametrize("make", SCENES, ids=[make.__name__ for make in SCENES])
def test_a_stop_ends(scene, make):
    stopped, act, requests_before = make(scene)
    with pytest.raises(StoppedError) as caught:
        act()
    assert caught.value.transient
    assert len(stopped.api.request_history) == requests_before
    sleeps = len(stopped.clock.sleeps)
    with pytest.raises(StoppedError):
        act()
    assert len(stopped.api.request_history) == requests_before
    assert len(stopped.clock.sleeps) == sleeps


def test_a_batch_ends_between_two_records_and_lists_what_exists(scene):
    stopped = scene()
    client = stopped.client

    def post(request, context):
        stopped.posts.append(request.json())
        if len(stopped.posts) == 2:
            client.stop()
        return {"_id": f"i-{len(stopped.posts)}", **request.json()}

    stopped.api.post(INVOICES, json=post)
    with pytest.raises(BatchError) as caught:
        client.create_each("invoices", [INVOICE] * 5, references=[f"r-{number}" for number in range(5)])
    assert caught.value.transient
    assert caught.value.ids == {0: "i-1", 1: "i-2"}
    assert isinstance(caught.value.failures[2], StoppedError)
    assert caught.value.untried == (3, 4)
    assert len(stopped.posts) == 2


def test_a_record_that_was_not_sent_is_free_for_the_next_try(scene, make_settings):
    stopped = scene()
    stopped.api.post(INVOICES, status_code=429, headers={"Retry-After": "20"})
    stopped.stop_in_a_wait_of(10)
    with pytest.raises(StoppedError):
        stopped.create()
    view = stopped.other_writer().view
    assert (view.held_seconds, view.uncertain_seconds, view.sent) == (0.0, 0.0, False)


class TestLeaving:
    @pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, GeneratorExit, ValueError])
    def test_with_an_error_stops_the_client(self, scene, error):
        client = scene().client
        with pytest.raises(error), client:
            raise error
        with pytest.raises(StoppedError):
            client.count("timeLogs")
        assert client.left_with_error

    def test_without_an_error_leaves_it_usable(self, scene):
        left = scene()
        left.api.get(LIST, json={"meta": {"totalResources": 3}, "data": []})
        with left.client as client:
            assert client.count("timeLogs") == 3
        assert client.count("timeLogs") == 3
        assert not client.left_with_error

    def test_a_stopped_client_is_not_left_with_an_error(self, scene):
        client = scene().client
        client.stop()
        with pytest.raises(StoppedError), client:
            client.count("timeLogs")
        assert not client.left_with_error


def test_leaving_with_an_error_wakes_a_thread_that_waits_for_a_response(wire, make_settings):
    received, ended = threading.Event(), []

    def silent(connection):
        received.set()
        assert connection.recv(1) == b""

    settings = make_settings(f"127.0.0.1:{wire(silent).port}", read_timeout_seconds=60)

    def count(client):
        try:
            client.count("timeLogs")
        except StoppedError as error:
            ended.append(error)

    def interrupted():
        assert received.wait(10)
        raise KeyboardInterrupt

    client = SevenTimeClient(settings)
    thread = threading.Thread(target=count, args=(client,))
    thread.start()
    with pytest.raises(KeyboardInterrupt), client:
        interrupted()
    thread.join(4)  # the server closes a silent connection after five seconds
    assert len(ended) == 1
