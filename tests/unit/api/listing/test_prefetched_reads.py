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
# So many requests may be under way: they are sent a little slower than the limit allows.
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
    """Begin to read the list in a thread; the returned function waits for the ids."""
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
    return [thread for thread in threading.enumerate() if thread.name.startswith("seventime-page-")]


def page_threads_end():
    """Wait until no thread fetches a page any more."""
    for thread in page_threads():
        thread.join(PATIENCE_SECONDS)
    return page_threads() == []


def test_retried_pages_do_not_stop_the_pages_behind_them(api, read, waiting_clock):
    """As many requests fail as may be under way."""
    api.fails = dict.fromkeys(range(2, 2 + ROOM), 1)
    ids = read()
    api.wait_for(1, PAGES, *range(2, 2 + MAX_PAGES_AT_ONCE))
    waiting_clock.go_on.set()
    assert ids() == api.ids
    api.wait_for(*range(1, PAGES + 1), *range(2, 2 + ROOM))
    assert page_threads_end()


def test_no_more_requests_are_under_way_than_the_latency_makes_useful(api, read):
    api.hold = {number: threading.Event() for number in range(2, PAGES)}
    ids = read()
    api.wait_for(1, PAGES, *range(2, 2 + ROOM))
    # A response that is not needed yet frees its slot too.
    api.hold[4].set()
    api.wait_for(1, PAGES, *range(2, 3 + ROOM))
    for event in api.hold.values():
        event.set()
    assert ids() == api.ids
    api.wait_for(*range(1, PAGES + 1))


def test_a_page_that_fails_finally_ends_the_read_and_the_waiting_retries(api, read, waiting_clock):
    api.fails = {2: MAX_ATTEMPTS} | dict.fromkeys(range(3, 2 + ROOM), 1)
    waiting_clock.go_on.set()
    with pytest.raises(ServerError, match=r"^GET /api/2/timeLogs returned 500"):
        read()()
    assert page_threads_end()
    assert api.asked.count(2) == MAX_ATTEMPTS
    assert max(set(api.asked) - {PAGES}) <= 1 + MAX_PAGES_AT_ONCE
