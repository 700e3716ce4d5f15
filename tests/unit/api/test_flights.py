"""Pages under way together: as many as the latency asks for, in order, and none left behind."""

from __future__ import annotations

import threading

import pytest

from airflow_provider_seventime.api.flights import MOST_IN_FLIGHT, Flights, enough_in_flight


@pytest.mark.parametrize(
    ("latency_seconds", "interval_seconds", "enough"),
    [
        (0.4, 0.25, 3),
        (0.1, 0.25, 2),
        (0.0, 0.25, 1),
        (0.2, 0.001, MOST_IN_FLIGHT),
        (60.0, 0.25, MOST_IN_FLIGHT),
        (1.9, 0.25, MOST_IN_FLIGHT),
    ],
)
def test_as_many_as_leave_while_one_is_answered(latency_seconds, interval_seconds, enough):
    assert min(enough_in_flight(latency_seconds, interval_seconds), MOST_IN_FLIGHT) == enough


class Api:
    """Answers pages when it is told to, and knows which are being asked for."""

    def __init__(self, latency_seconds=1.0):
        self.latency_seconds = latency_seconds
        self.asked = []
        self.threads = set()
        self.hold = {}
        self.unwanted = []

    def held(self, number):
        return self.hold.setdefault(number, threading.Event())

    def fetch(self, number, unwanted):
        self.asked.append(number)
        self.threads.add(threading.current_thread())
        if number in self.hold:
            assert self.hold[number].wait(5)
        self.unwanted.append(unwanted is not None and unwanted.is_set())
        if number == 13:
            raise LookupError("page 13")
        return f"page {number}", self.latency_seconds


@pytest.fixture
def api():
    return Api()


@pytest.fixture
def flights(api):
    flights = Flights(api.fetch, interval_seconds=0.5)
    yield flights
    for held in api.hold.values():
        held.set()
    flights.close()
    assert not any(thread.is_alive() for thread in api.threads - {threading.main_thread(), threading.current_thread()})


def land(flights, *course):
    """Take the first page of a course, with those after it asked for."""
    flights.ask(course)
    return flights.take(course[0])


def test_the_first_page_is_asked_for_alone_because_no_latency_is_known(api, flights):
    assert land(flights, 1, 2, 3) == "page 1"
    assert api.asked == [1]
    assert api.threads == {threading.current_thread()}


def test_pages_are_asked_for_together_and_come_in_order(api, flights):
    land(flights, 1)
    api.held(2)
    flights.ask([2, 3, 4, 5, 6])
    api.hold[2].set()
    assert [land(flights, *range(number, 7)) for number in range(2, 7)] == [f"page {n}" for n in range(2, 7)]
    assert sorted(api.asked) == [1, 2, 3, 4, 5, 6]


def test_no_more_are_under_way_than_the_latency_asks_for(api, flights):
    land(flights, 1)  # a second of latency at two a second: three under way
    for number in (2, 3, 4, 5, 6):
        api.held(number)
    flights.ask([2, 3, 4, 5, 6])
    assert len(flights._under_way) == 3
    api.hold[2].set()
    assert flights.take(2) == "page 2"
    assert set(flights._under_way) == {3, 4}


def test_an_answer_that_comes_at_once_needs_no_other_under_way(flights, api):
    api.latency_seconds = 0.0
    assert [land(flights, number, number + 1) for number in range(1, 5)] == [f"page {n}" for n in range(1, 5)]
    assert api.threads == {threading.current_thread()}


def test_another_course_lets_go_of_what_was_asked_for(api, flights):
    land(flights, 1)
    for number in (2, 3, 4):
        api.held(number)
    flights.ask([2, 3, 4])
    assert land(flights, 9) == "page 9"
    for held in api.hold.values():
        held.set()
    assert land(flights, 2) == "page 2"
    flights.close()
    assert any(api.unwanted)


def test_an_error_comes_when_its_page_is_taken(api, flights):
    land(flights, 11)
    flights.ask([12, 13, 14])
    assert flights.take(12) == "page 12"
    with pytest.raises(LookupError, match="page 13"):
        land(flights, 13, 14)


def test_closing_leaves_nothing_under_way(api):
    flights = Flights(api.fetch, interval_seconds=0.1)
    land(flights, 1)
    api.held(3)
    flights.ask([2, 3, 4])
    threading.Timer(0.05, api.hold[3].set).start()
    flights.close()
    assert not any(thread.is_alive() for thread in api.threads - {threading.main_thread()})
