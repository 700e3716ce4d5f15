"""Complete lists through the client with prefetched pages, from a server that answers when the test lets it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from airflow_provider_seventime.api.client import SevenTimeClient
from airflow_provider_seventime.api.http.retry import MAX_ATTEMPTS
from airflow_provider_seventime.api.listing.page import MAX_PAGES_AT_ONCE
from airflow_provider_seventime.api.rate_limit.rate import SHARE_OF_LIMIT
from airflow_provider_seventime.exceptions import ServerError
from tests.unit.api.conftest import FakeClock
from tests.unit.api.listing.paged_server import PATIENCE_SECONDS, served

PAGES = 30
# So many may be on their way: requests leave a little slower than the limit allows, and there are none to spare.
ROOM = 4
REQUESTS_PER_SECOND = 100
LATENCY_SECONDS = 2.9 / (REQUESTS_PER_SECOND * SHARE_OF_LIMIT)


class WaitingClock(FakeClock):
    """Clock on which a wait before a retry ends when the test lets it."""

    def __init__(self):
        super().__init__()
        self.go_on = threading.Event()

    def sleep(self, seconds):
        assert seconds < 0.2 or self.go_on.wait(2 * PATIENCE_SECONDS)
        super().sleep(seconds)


@pytest.fixture
def waiting_clock():
    return WaitingClock()


@pytest.fixture
def api(waiting_clock):
    with served(waiting_clock, PAGES, LATENCY_SECONDS) as server:
        yield server


@pytest.fixture
def read(api, waiting_clock, make_settings):
    """Begin to read the list in a thread of its own; what is returned waits for its ids."""
    settings = make_settings(f"127.0.0.1:{api.server_port}", requests_per_second=REQUESTS_PER_SECOND, page_size=1)
    with SevenTimeClient(settings, clock=waiting_clock) as client, ThreadPoolExecutor(1) as threads:

        def begun():
            ids = threads.submit(lambda: [record["_id"] for record in client.list("timeLogs")])
            return lambda: ids.result(PATIENCE_SECONDS)

        yield begun
        waiting_clock.go_on.set()
        for event in api.hold.values():
            event.set()


def page_threads():
    return [thread for thread in threading.enumerate() if thread.name.startswith("seventime-pages")]


def test_pages_that_are_tried_again_do_not_stop_those_behind_them(api, read, waiting_clock):
    """As many fail as may be on their way."""
    api.fails = dict.fromkeys(range(2, 2 + ROOM), 1)
    ids = read()
    api.wait_for(1, PAGES, *range(2, 2 + MAX_PAGES_AT_ONCE))
    waiting_clock.go_on.set()
    assert ids() == api.ids
    api.wait_for(*range(1, PAGES + 1), *range(2, 2 + ROOM))
    assert page_threads() == []


def test_no_more_are_on_their_way_than_the_latency_asks_for(api, read):
    api.hold = {number: threading.Event() for number in range(2, PAGES)}
    ids = read()
    api.wait_for(1, PAGES, *range(2, 2 + ROOM))
    # An answer that is not wanted yet makes room too.
    api.hold[4].set()
    api.wait_for(1, PAGES, *range(2, 3 + ROOM))
    for event in api.hold.values():
        event.set()
    assert ids() == api.ids
    api.wait_for(*range(1, PAGES + 1))


def test_a_page_that_cannot_be_had_ends_the_read_and_what_waits_to_be_tried_again(api, read, waiting_clock):
    api.fails = {2: MAX_ATTEMPTS} | dict.fromkeys(range(3, 2 + ROOM), 1)
    waiting_clock.go_on.set()
    with pytest.raises(ServerError, match=r"^GET /api/2/timeLogs returned 500"):
        read()()
    assert page_threads() == []
    assert api.asked.count(2) == MAX_ATTEMPTS
    assert max(set(api.asked) - {PAGES}) <= 1 + MAX_PAGES_AT_ONCE
