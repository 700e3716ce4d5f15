"""Prefetching: as many pages at once as the latency makes useful, in order, and threads that end by themselves."""

from __future__ import annotations

import signal
import threading
from collections import Counter
from contextlib import closing

import pytest

from airflow_provider_seventime.api.listing.page import MAX_PAGES_AT_ONCE
from airflow_provider_seventime.api.listing.prefetch import INITIAL_PAGES_AT_ONCE, Prefetcher, useful_concurrency
from airflow_provider_seventime.api.rate_limit.clock import StopFlag
from airflow_provider_seventime.exceptions import StoppedError

PATIENCE_SECONDS = 20
SHORT_SECONDS, LONG_SECONDS = 0.019, 0.021


@pytest.mark.parametrize(
    ("latency_seconds", "interval_seconds", "enough"),
    [
        (0.4, 0.25, 3),
        (0.1, 0.25, 2),
        (0.0, 0.25, 1),
        (0.2, 0.001, MAX_PAGES_AT_ONCE),
        (60.0, 0.25, MAX_PAGES_AT_ONCE),
        (2.9, 0.25, MAX_PAGES_AT_ONCE),
    ],
)
def test_useful_concurrency_is_the_requests_sent_during_one_response(latency_seconds, interval_seconds, enough):
    assert min(useful_concurrency(latency_seconds, interval_seconds), MAX_PAGES_AT_ONCE) == enough


def time_of(clock, asked):
    """Return the time of a clock as a function that notes that it is called."""

    def time_now():
        asked.set()
        return clock.monotonic()

    return time_now


class RequestCancelled(Exception):  # noqa: N818 - not an error
    """Ends a fetch whose page is not needed any more."""


class Api:
    """API whose responses the test holds back or lets fail once; lists the pages requested and received."""

    def __init__(self, clock):
        self.clock = clock
        self.latency_seconds = 1.0
        self.seconds = {}
        self.requested = []
        self.received = []
        self.cancelled_pages = []
        self.cancelled = None
        self.threads = set()
        self.changed = threading.Condition()
        self.hold = {}
        self.back_off = {}

    def holds(self, *numbers):
        """Answer these pages when their event is set."""
        self.hold.update({number: threading.Event() for number in numbers})

    def fails(self, *numbers):
        """Fail these pages once, and retry them when their event is set."""
        self.back_off.update({number: threading.Event() for number in numbers})

    def threads_end(self):
        """Wait until no thread fetches a page any more."""
        fetching = self.threads - {threading.main_thread(), threading.current_thread()}
        for thread in fetching:
            thread.join(PATIENCE_SECONDS)
        return not any(thread.is_alive() for thread in fetching)

    def note(self, taken, number):
        with self.changed:
            taken.append(number)
            self.changed.notify_all()

    def wait_for(self, taken, *numbers):
        """Return when exactly these pages have been requested, or received."""
        with self.changed:
            self.changed.wait_for(lambda: Counter(taken) >= Counter(numbers), PATIENCE_SECONDS)
            assert sorted(taken) == sorted(numbers)

    def fetch(self, number, request):
        self.threads.add(threading.current_thread())
        self._attempt(number, request)
        if number in self.back_off:
            # Without a slot, as the client waits before a retry.
            assert self.back_off[number].wait(PATIENCE_SECONDS)
            self._attempt(number, request)
        if number == 33:
            raise LookupError("page 33")
        self.clock.sleep(self.seconds.get(number, 0.0))
        self.note(self.received, number)
        return f"page {number}", self.latency_seconds

    def _attempt(self, number, request):
        self.cancelled = request.cancelled
        with request.slot():
            if request.cancelled is not None and request.cancelled.is_set():
                self.note(self.cancelled_pages, number)
                raise RequestCancelled
            self.note(self.requested, number)
            assert number not in self.hold or self.hold[number].wait(2 * PATIENCE_SECONDS)


@pytest.fixture
def api(clock):
    return Api(clock)


@pytest.fixture
def prefetcher(api, clock):
    prefetcher = Prefetcher(api.fetch, 0.5, StopFlag().check, clock.monotonic)
    yield prefetcher
    for event in [*api.hold.values(), *api.back_off.values()]:
        event.set()
    prefetcher.close()
    assert api.threads_end()


def take_first(prefetcher, *numbers):
    """Prefetch pages and take the first of them."""
    prefetcher.prefetch(numbers)
    return prefetcher.take(numbers[0])


def take_slow_page_1(api, prefetcher):
    """Take page 1, after a wait so long that more pages at once are useful."""
    api.seconds[1] = LONG_SECONDS
    assert take_first(prefetcher, 1) == "page 1"


def test_page_1_is_requested_alone_because_no_latency_is_known(api, prefetcher):
    assert take_first(prefetcher, 1, 2, 3) == "page 1"
    assert api.requested == [1]
    assert api.threads == {threading.current_thread()}


def test_pages_are_requested_together_and_come_in_order(api, prefetcher):
    take_slow_page_1(api, prefetcher)
    api.holds(2)
    prefetcher.prefetch([2, 3, 4, 5, 6])
    api.wait_for(api.received, 1, 3, 4, 5, 6)
    api.hold[2].set()
    assert [take_first(prefetcher, *range(number, 7)) for number in range(2, 7)] == [f"page {n}" for n in range(2, 7)]
    api.wait_for(api.requested, 1, 2, 3, 4, 5, 6)


def test_no_more_requests_are_under_way_than_the_latency_makes_useful(api, prefetcher):
    take_slow_page_1(api, prefetcher)  # a latency of one second at two requests a second: three at once
    api.holds(2, 3, 4, 5, 6)
    prefetcher.prefetch([2, 3, 4, 5, 6])
    api.wait_for(api.requested, 1, 2, 3, 4)
    api.hold[3].set()
    api.wait_for(api.requested, 1, 2, 3, 4, 5)
    api.hold[2].set()
    assert prefetcher.take(2) == "page 2"
    api.wait_for(api.requested, 1, 2, 3, 4, 5, 6)


def test_responses_without_latency_need_no_prefetch(prefetcher, api):
    api.latency_seconds = 0.0
    assert [take_first(prefetcher, number, number + 1) for number in range(1, 5)] == [f"page {n}" for n in range(1, 5)]
    assert api.threads == {threading.current_thread()}


class TestAPageThatIsRetried:
    def test_does_not_stop_the_pages_behind_it(self, api, prefetcher):
        """All three requests that may be under way fail, and wait before their retry."""
        take_slow_page_1(api, prefetcher)
        api.fails(2, 3, 4)
        prefetcher.prefetch(range(2, 40))
        api.wait_for(api.requested, 1, *range(2, 14))
        api.wait_for(api.received, 1, *range(5, 14))
        for event in api.back_off.values():
            event.set()
        assert [take_first(prefetcher, *range(number, 14)) for number in range(2, 14)] == [
            f"page {n}" for n in range(2, 14)
        ]
        api.wait_for(api.requested, 1, *range(2, 14), 2, 3, 4)

    def test_stops_the_pages_too_far_behind_it(self, api, prefetcher):
        """No more pages are kept in memory than a reader requests at once."""
        take_slow_page_1(api, prefetcher)
        api.fails(2)
        prefetcher.prefetch(range(2, 40))
        api.wait_for(api.received, 1, *range(3, 2 + MAX_PAGES_AT_ONCE))


class TestPagesAtOnce:
    @pytest.mark.parametrize(
        ("seconds", "most"),
        [(0.0, INITIAL_PAGES_AT_ONCE), (SHORT_SECONDS, INITIAL_PAGES_AT_ONCE), (LONG_SECONDS, MAX_PAGES_AT_ONCE)],
    )
    def test_are_few_until_the_reader_had_to_wait_for_a_page(self, api, prefetcher, seconds, most):
        api.seconds[1], api.latency_seconds = seconds, 60.0
        take_first(prefetcher, 1)
        prefetcher.prefetch(range(2, 40))
        api.wait_for(api.received, *range(1, most + 2))
        assert take_first(prefetcher, *range(2, 40)) == "page 2"
        assert take_first(prefetcher, *range(3, 40)) == "page 3"
        api.wait_for(api.received, *range(1, most + 3))

    def test_are_many_after_a_wait_for_a_prefetched_page(self, api, clock):
        taking = threading.Event()
        prefetcher = Prefetcher(api.fetch, 0.5, StopFlag().check, time_of(clock, taking))
        with closing(prefetcher):
            take_first(prefetcher, 1)
            taking.clear()
            api.hold[2] = taking
            api.seconds[2] = LONG_SECONDS
            assert take_first(prefetcher, *range(2, 40)) == "page 2"
            prefetcher.prefetch(range(3, 40))
            api.wait_for(api.received, *range(1, 3 + MAX_PAGES_AT_ONCE))


def test_going_another_way_cancels_the_prefetched_pages(api, prefetcher):
    take_slow_page_1(api, prefetcher)
    api.holds(2, 3, 4)
    prefetcher.prefetch([2, 3, 4, 5, 6, 7])
    api.wait_for(api.requested, 1, 2, 3, 4)
    assert take_first(prefetcher, 9) == "page 9"
    # The pages that waited for a slot ended without one, though all slots are taken.
    api.wait_for(api.cancelled_pages, 5, 6, 7)
    for event in api.hold.values():
        event.set()
    assert take_first(prefetcher, 2, 3) == "page 2"
    api.wait_for(api.requested, 1, 2, 3, 4, 9, 2, 3)


def test_an_error_comes_when_its_page_is_taken(api, prefetcher):
    take_first(prefetcher, 31)
    prefetcher.prefetch([32, 33, 34])
    assert prefetcher.take(32) == "page 32"
    with pytest.raises(LookupError, match="page 33"):
        take_first(prefetcher, 33, 34)


def test_closing_waits_for_nothing_and_sends_nothing_more(api, prefetcher):
    take_slow_page_1(api, prefetcher)
    api.holds(2)
    api.fails(3, 4)
    prefetcher.prefetch([2, 3, 4, 5, 6, 7])
    api.wait_for(api.received, 1, 5, 6, 7)
    prefetcher.close()
    assert 2 not in api.received
    for event in [*api.hold.values(), *api.back_off.values()]:
        event.set()
    assert api.threads_end()
    api.wait_for(api.cancelled_pages, 3, 4)
    api.wait_for(api.requested, 1, 2, 3, 4, 5, 6, 7)


def test_a_stopped_client_waits_for_no_page(api, clock):
    stop = StopFlag()
    prefetcher = Prefetcher(api.fetch, 0.5, stop.check, clock.monotonic)
    take_slow_page_1(api, prefetcher)
    api.holds(2)
    prefetcher.prefetch([2, 3])
    api.wait_for(api.requested, 1, 2, 3)
    stop.set()
    with pytest.raises(StoppedError):
        prefetcher.take(2)
    api.hold[2].set()
    prefetcher.close()
    assert api.threads_end()


def interrupted_and_cancelled(request):
    """Interrupt the main thread; a signal that comes in the instant before Python waits is heard at the next only."""
    signal.pthread_kill(threading.main_thread().ident, signal.SIGALRM)
    return request.cancelled.wait(PATIENCE_SECONDS / 4)


def test_a_wait_that_is_interrupted_leaves_nothing_under_way(clock):
    """As Airflow interrupts a task whose time is over."""
    armed, taking, ended = threading.Event(), threading.Event(), threading.Event()
    cancelled = []

    def fetch(number, request):
        if number == 3:
            assert taking.wait(PATIENCE_SECONDS)
            cancelled.append(any(interrupted_and_cancelled(request) for _ in range(4)))
            ended.set()
        return f"page {number}", 1.0

    def time_now():
        if armed.is_set():
            taking.set()
        return clock.monotonic()

    def interrupt(*_):
        raise TimeoutError("the time is over")

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        with closing(Prefetcher(fetch, 0.5, StopFlag().check, time_now)) as prefetcher:
            take_first(prefetcher, 1)
            assert take_first(prefetcher, 2, 3) == "page 2"
            armed.set()
            with pytest.raises(TimeoutError, match="the time is over"):
                prefetcher.take(3)
            prefetcher.close()
            assert ended.wait(PATIENCE_SECONDS)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert cancelled == [True]
