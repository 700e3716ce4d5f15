"""Pages under way together: as many as the latency asks for, in order, and none left behind."""

from __future__ import annotations

import signal
import threading
from collections import Counter
from contextlib import closing

import pytest

from airflow_provider_seventime.api.listing.prefetch import FEW, MOST_IN_FLIGHT, Prefetcher, enough_in_flight

PATIENCE_SECONDS = 20
SHORT_SECONDS, LONG_SECONDS = 0.019, 0.021


@pytest.mark.parametrize(
    ("latency_seconds", "interval_seconds", "enough"),
    [
        (0.4, 0.25, 3),
        (0.1, 0.25, 2),
        (0.0, 0.25, 1),
        (0.2, 0.001, MOST_IN_FLIGHT),
        (60.0, 0.25, MOST_IN_FLIGHT),
        (2.9, 0.25, MOST_IN_FLIGHT),
    ],
)
def test_as_many_as_leave_while_one_is_answered(latency_seconds, interval_seconds, enough):
    assert min(enough_in_flight(latency_seconds, interval_seconds), MOST_IN_FLIGHT) == enough


class RequestCancelled(Exception):  # noqa: N818 - not an error
    """Ends a fetch that nobody waits for."""


class Api:
    """Answers pages when it is told to, fails some once, and knows which are asked for and which have landed."""

    def __init__(self, clock):
        self.clock = clock
        self.latency_seconds = 1.0
        self.seconds = {}
        self.asked = []
        self.landed = []
        self.let_go = []
        self.unwanted = None
        self.threads = set()
        self.changed = threading.Condition()
        self.hold = {}
        self.back_off = {}

    def holds(self, *numbers):
        """Answer these when their event is set."""
        self.hold.update({number: threading.Event() for number in numbers})

    def fails(self, *numbers):
        """Fail these at first, and try them again when their event is set."""
        self.back_off.update({number: threading.Event() for number in numbers})

    def note(self, taken, number):
        with self.changed:
            taken.append(number)
            self.changed.notify_all()

    def wait_for(self, taken, *numbers):
        """Return when just these have been asked for, or have landed."""
        with self.changed:
            self.changed.wait_for(lambda: Counter(taken) >= Counter(numbers), PATIENCE_SECONDS)
            assert sorted(taken) == sorted(numbers)

    def fetch(self, number, wish):
        self.threads.add(threading.current_thread())
        self._attempt(number, wish)
        if number in self.back_off:
            # Outside its lane, as the client waits before it repeats.
            assert self.back_off[number].wait(PATIENCE_SECONDS)
            self._attempt(number, wish)
        if number == 33:
            raise LookupError("page 33")
        self.clock.sleep(self.seconds.get(number, 0.0))
        self.note(self.landed, number)
        return f"page {number}", self.latency_seconds

    def _attempt(self, number, wish):
        self.unwanted = wish.unwanted
        with wish.lane():
            if wish.unwanted is not None and wish.unwanted.is_set():
                self.note(self.let_go, number)
                raise RequestCancelled
            self.note(self.asked, number)
            assert number not in self.hold or self.hold[number].wait(2 * PATIENCE_SECONDS)


@pytest.fixture
def api(clock):
    return Api(clock)


@pytest.fixture
def flights(api, clock):
    flights = Prefetcher(api.fetch, interval_seconds=0.5, monotonic=clock.monotonic)
    yield flights
    for event in [*api.hold.values(), *api.back_off.values()]:
        event.set()
    flights.close()
    assert not any(thread.is_alive() for thread in api.threads - {threading.main_thread(), threading.current_thread()})


def land(flights, *course):
    """Take the first page of a course, with those after it asked for."""
    flights.ask(course)
    return flights.take(course[0])


def land_first(api, flights):
    """Take the first page, for which one has to wait long enough that more at a time are worth it."""
    api.seconds[1] = LONG_SECONDS
    assert land(flights, 1) == "page 1"


def test_the_first_page_is_asked_for_alone_because_no_latency_is_known(api, flights):
    assert land(flights, 1, 2, 3) == "page 1"
    assert api.asked == [1]
    assert api.threads == {threading.current_thread()}


def test_pages_are_asked_for_together_and_come_in_order(api, flights):
    land_first(api, flights)
    api.holds(2)
    flights.ask([2, 3, 4, 5, 6])
    api.wait_for(api.landed, 1, 3, 4, 5, 6)
    api.hold[2].set()
    assert [land(flights, *range(number, 7)) for number in range(2, 7)] == [f"page {n}" for n in range(2, 7)]
    api.wait_for(api.asked, 1, 2, 3, 4, 5, 6)


def test_no_more_are_on_their_way_than_the_latency_asks_for(api, flights):
    land_first(api, flights)  # a second of latency at two a second: three on their way
    api.holds(2, 3, 4, 5, 6)
    flights.ask([2, 3, 4, 5, 6])
    api.wait_for(api.asked, 1, 2, 3, 4)
    api.hold[3].set()
    api.wait_for(api.asked, 1, 2, 3, 4, 5)
    api.hold[2].set()
    assert flights.take(2) == "page 2"
    api.wait_for(api.asked, 1, 2, 3, 4, 5, 6)


def test_an_answer_that_comes_at_once_needs_no_other_under_way(flights, api):
    api.latency_seconds = 0.0
    assert [land(flights, number, number + 1) for number in range(1, 5)] == [f"page {n}" for n in range(1, 5)]
    assert api.threads == {threading.current_thread()}


class TestAPageThatIsTriedAgain:
    def test_does_not_stop_those_behind_it(self, api, flights):
        """All three that may be on their way fail, and wait out the same fault."""
        land_first(api, flights)
        api.fails(2, 3, 4)
        flights.ask(range(2, 40))
        api.wait_for(api.asked, 1, *range(2, 14))
        api.wait_for(api.landed, 1, *range(5, 14))
        for event in api.back_off.values():
            event.set()
        assert [land(flights, *range(number, 14)) for number in range(2, 14)] == [f"page {n}" for n in range(2, 14)]
        api.wait_for(api.asked, 1, *range(2, 14), 2, 3, 4)

    def test_holds_up_what_is_too_far_behind_it(self, api, flights):
        """No more pages are kept than a view asks for together."""
        land_first(api, flights)
        api.fails(2)
        flights.ask(range(2, 40))
        api.wait_for(api.landed, 1, *range(3, 2 + MOST_IN_FLIGHT))


class TestHowManyAreWorthIt:
    @pytest.mark.parametrize(("seconds", "most"), [(0.0, FEW), (SHORT_SECONDS, FEW), (LONG_SECONDS, MOST_IN_FLIGHT)])
    def test_is_few_until_a_page_had_to_be_waited_for(self, api, flights, seconds, most):
        api.seconds[1], api.latency_seconds = seconds, 60.0
        land(flights, 1)
        flights.ask(range(2, 40))
        api.wait_for(api.landed, *range(1, most + 2))
        assert land(flights, *range(2, 40)) == "page 2"
        assert land(flights, *range(3, 40)) == "page 3"
        api.wait_for(api.landed, *range(1, most + 3))

    def test_is_seen_where_a_page_that_is_under_way_is_waited_for(self, api, clock):
        taking = threading.Event()
        flights = Prefetcher(api.fetch, 0.5, lambda: taking.set() or clock.monotonic())
        with closing(flights):
            land(flights, 1)
            taking.clear()
            api.hold[2] = taking
            api.seconds[2] = LONG_SECONDS
            assert land(flights, *range(2, 40)) == "page 2"
            flights.ask(range(3, 40))
            api.wait_for(api.landed, *range(1, 3 + MOST_IN_FLIGHT))


def test_another_course_lets_go_of_what_was_asked_for(api, flights):
    land_first(api, flights)
    api.holds(2, 3, 4)
    flights.ask([2, 3, 4, 5, 6, 7])
    api.wait_for(api.asked, 1, 2, 3, 4)
    assert land(flights, 9) == "page 9"
    # Those that waited for a lane left without one, though all lanes are taken.
    api.wait_for(api.let_go, 5, 6, 7)
    for event in api.hold.values():
        event.set()
    assert land(flights, 2, 3) == "page 2"
    api.wait_for(api.asked, 1, 2, 3, 4, 9, 2, 3)


def test_an_error_comes_when_its_page_is_taken(api, flights):
    land(flights, 31)
    flights.ask([32, 33, 34])
    assert flights.take(32) == "page 32"
    with pytest.raises(LookupError, match="page 33"):
        land(flights, 33, 34)


def test_closing_leaves_nothing_under_way_and_sends_nothing_more(api, clock):
    flights = Prefetcher(api.fetch, 0.5, clock.monotonic)
    land_first(api, flights)
    api.holds(2)
    api.fails(3, 4)
    flights.ask([2, 3, 4, 5, 6, 7])
    api.wait_for(api.landed, 1, 5, 6, 7)
    ends = threading.Thread(target=flights.close)
    ends.start()
    assert api.unwanted.wait(PATIENCE_SECONDS)
    api.hold[2].set()
    for event in api.back_off.values():
        event.set()
    ends.join(PATIENCE_SECONDS)
    api.wait_for(api.let_go, 3, 4)
    api.wait_for(api.asked, 1, 2, 3, 4, 5, 6, 7)
    assert not any(thread.is_alive() for thread in api.threads - {threading.main_thread(), threading.current_thread()})


def interrupted_and_told(wish):
    """Interrupt the main thread; a signal that comes in the instant before Python waits is heard at the next only."""
    signal.pthread_kill(threading.main_thread().ident, signal.SIGALRM)
    return wish.unwanted.wait(PATIENCE_SECONDS / 4)


def test_a_wait_that_is_interrupted_leaves_nothing_under_way(clock):
    """As Airflow interrupts a task whose time is over."""
    taking, told = threading.Event(), []

    def fetch(number, wish):
        if number == 3:
            assert taking.wait(PATIENCE_SECONDS)
            told.append(any(interrupted_and_told(wish) for _ in range(4)))
        return f"page {number}", 1.0

    def interrupt(*_):
        raise TimeoutError("the time is over")

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        with closing(Prefetcher(fetch, 0.5, lambda: taking.set() or clock.monotonic())) as flights:
            land(flights, 1)
            assert land(flights, 2, 3) == "page 2"
            taking.clear()
            with pytest.raises(TimeoutError, match="the time is over"):
                flights.take(3)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert told == [True]
